"""The API's own documentation: one page without a script, made from the OpenAPI document and the table of access.

It works without any other host, under the strictest content security policy: the style is allowed by its hash.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from starlette.responses import HTMLResponse

from dispatcher.security.access import PUBLIC, TABLE

_STYLE = """
:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}
body{max-width:60rem;margin:0 auto;padding:1rem}
h1{margin-bottom:0}h2{margin-top:2.5rem;border-bottom:1px solid;text-transform:capitalize}
summary{cursor:pointer;padding:.35rem 0}code,pre{font:14px/1.45 ui-monospace,monospace}
pre{overflow:auto;padding:.75rem;border:1px solid;border-radius:4px;max-height:24rem}
.method{display:inline-block;min-width:4.5rem;font-weight:700}.who{opacity:.75;margin-left:.5rem}
table{border-collapse:collapse}td,th{text-align:left;padding:.15rem 1rem .15rem 0;vertical-align:top}
""".strip()
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
CONTENT_SECURITY_POLICY = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def reference_page(openapi: Mapping[str, Any]) -> HTMLResponse:
    """The page for an OpenAPI 3.1 document."""
    return HTMLResponse(
        "".join(_page(openapi)),
        headers={"Content-Security-Policy": CONTENT_SECURITY_POLICY, "Cache-Control": "no-cache"},
    )


def _page(openapi: Mapping[str, Any]) -> Iterator[str]:
    info = openapi["info"]
    yield (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{escape(info["title"])}</title>'
        f"<style>{_STYLE}</style></head><body><h1>{escape(info['title'])}</h1>"
        f'<p>Version {escape(info["version"])} · <a href="openapi.json">openapi.json</a></p>'
    )
    yield from _paragraphs(info.get("description", ""))
    by_tag: dict[str, list[str]] = {}
    for path, operations in openapi["paths"].items():
        for method, operation in operations.items():
            tag = (operation.get("tags") or ["other"])[0]
            by_tag.setdefault(tag, []).append("".join(_operation(openapi, method.upper(), path, operation)))
    for tag, operations in by_tag.items():
        yield f"<h2>{escape(tag)}</h2>"
        yield from operations
    yield "</body></html>"


def _operation(openapi: Mapping[str, Any], method: str, path: str, operation: Mapping[str, Any]) -> Iterator[str]:
    yield (
        f'<details><summary><span class="method">{method}</span><code>{escape(path)}</code>'
        f'<span class="who">{escape(_who(method, path))}</span></summary>'
    )
    yield from _paragraphs(operation.get("description", ""))
    if operation.get("parameters"):
        yield "<table><tr><th>parameter</th><th>in</th><th></th></tr>"
        for parameter in operation["parameters"]:
            needed = "required" if parameter.get("required") else "optional"
            words = parameter.get("description") or parameter.get("schema", {}).get("description", "")
            yield (
                f"<tr><td><code>{escape(parameter['name'])}</code></td><td>{escape(parameter['in'])}, {needed}</td>"
                f"<td>{escape(words)}</td></tr>"
            )
        yield "</table>"
    for media in operation.get("requestBody", {}).get("content", {}).values():
        schema = _resolve(openapi, media.get("schema", {}))
        yield from _body(openapi, schema)
    for status, response in operation.get("responses", {}).items():
        yield f"<p><strong>{escape(status)}</strong> {escape(response.get('description', ''))}</p>"
        for media in response.get("content", {}).values():
            if "example" in media:
                yield f"<pre>{escape(json.dumps(media['example'], indent=2))}</pre>"
    yield "</details>"


def _body(openapi: Mapping[str, Any], schema: Mapping[str, Any]) -> Iterator[str]:
    required = set(schema.get("required", ()))
    if schema.get("properties"):
        yield "<table><tr><th>field</th><th></th><th></th></tr>"
        for name, field in schema["properties"].items():
            words = field.get("description") or _resolve(openapi, field).get("description", "")
            yield (
                f"<tr><td><code>{escape(name)}</code></td><td>{'required' if name in required else 'optional'}</td>"
                f"<td>{escape(words)}</td></tr>"
            )
        yield "</table>"
    for example in schema.get("examples", ()):
        yield f"<pre>{escape(json.dumps(example, indent=2))}</pre>"


def _resolve(openapi: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    for choice in schema.get("anyOf", ()):
        if choice.get("type") != "null":
            schema = choice
            break
    if "$ref" not in schema:
        return schema
    found: Mapping[str, Any] = openapi["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]]
    return found


def _who(method: str, path: str) -> str:
    access = TABLE.get((method, path))
    if access is None:
        return "nobody"
    return "open to all" if access is PUBLIC else ", ".join(sorted(role.value for role in access))


def _paragraphs(text: str) -> Iterator[str]:
    for paragraph in text.split("\n\n"):
        if paragraph.strip():
            yield f"<p>{escape(paragraph.strip())}</p>"
