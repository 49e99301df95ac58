"""The fields of a pydantic model as rows of a table: types and limits from its JSON schema, words from docstrings."""

from __future__ import annotations

import ast
import inspect
import json
import textwrap
from collections.abc import Container, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from pydantic import BaseModel

from contracts.topics import IDENTIFIER_PATTERN
from docs.inserts import cell

UNITS = (
    ("_percent_per_min", "% a minute"),
    ("_m_s2", "m/s²"),
    ("_mm_h", "mm/h"),
    ("_m_s", "m/s"),
    ("_m2", "m²"),
    ("alt_amsl_m", "m above mean sea level"),
    ("alt_above_home_m", "m above the landing plate"),
    ("_above_home_m", "m above the landing plate"),
    ("lat_deg", "degrees, WGS84"),
    ("lon_deg", "degrees, WGS84"),
    ("_from_deg", "degrees, true, where it comes from"),
    ("_deg", "degrees, true"),
    ("_percent", "%"),
    ("_wh", "Wh"),
    ("_kg", "kg"),
    ("_w", "W"),
    ("_m", "m"),
    ("_s", "s"),
    ("_c", "°C"),
)
"""What the end of a name says, the longest first."""
PATTERNS = {
    IDENTIFIER_PATTERN: "identifier: `a-z`, `0-9`, `-`, at most 48",
    r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,39}$": "name: letters, digits, `_.-`, at most 40",
    r"^(udpin|udpout|tcpout|serial)://.+$": "`udpin://`, `udpout://`, `tcpout://` or `serial://` and an address",
    r"^[^:\s]+:[0-9]{1,5}$": "`HOST:PORT`",
}
"""Regular expressions in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One field."""

    name: str
    kind: str
    unit: str
    default: str
    says: str


def unit_of(name: str) -> str:
    """The unit that a field's name states; empty for one without."""
    return next((unit for end, unit in UNITS if name.endswith(end) or name == end), "")


def rows_of(model: type[BaseModel], words: Mapping[str, str] | None = None) -> list[Row]:
    """The fields of ``model`` in their order; ``words`` explain those whose source does not."""
    schema = model.model_json_schema(by_alias=True)
    definitions: Mapping[str, Any] = schema.get("$defs", {})
    needed = set(schema.get("required", ()))
    said = {**(words or {}), **docstrings_of(model)}
    rows = []
    for name, field in schema.get("properties", {}).items():
        rows.append(
            Row(
                name=name,
                kind=kind_of(field, definitions),
                unit=unit_of(name),
                default="required" if name in needed else _default(field),
                says=said.get(name) or str(field.get("description", "")),
            )
        )
    return rows


def docstrings_of(model: type[BaseModel]) -> dict[str, str]:
    """Field name to the docstring that stands under it, inherited fields included."""
    said: dict[str, str] = {}
    for kind in reversed(model.__mro__):
        if not issubclass(kind, BaseModel) or kind is BaseModel:
            continue
        (tree,) = ast.parse(textwrap.dedent(inspect.getsource(kind))).body
        body = tree.body if isinstance(tree, ast.ClassDef) else []
        for node, after in pairwise(body):
            named = isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
            if named and isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant):
                said[ast.unparse(node.target)] = str(after.value.value)  # type: ignore[attr-defined]
    return said


def kind_of(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> str:
    """A JSON schema in a few words, such as "number, > 0, ≤ 40" or "list of Waypoint, 1 to 200"."""
    if "$ref" in schema:
        name = str(schema["$ref"]).rsplit("/", 1)[-1]
        known = definitions.get(name, {})
        return kind_of(known, definitions) if "enum" in known else f"[{name}](#{name.lower()})"
    if "anyOf" in schema:
        kinds = [kind_of(choice, definitions) for choice in schema["anyOf"] if choice.get("type") != "null"]
        null = " or null" if any(choice.get("type") == "null" for choice in schema["anyOf"]) else ""
        return " or ".join(dict.fromkeys(kinds)) + null
    if "oneOf" in schema:
        return "one of " + ", ".join(kind_of(choice, definitions) for choice in schema["oneOf"])
    if "const" in schema:
        return f"`{schema['const']}`"
    if "enum" in schema:
        return "one of " + ", ".join(f"`{value}`" for value in schema["enum"])
    match schema.get("type"):
        case "array":
            sizes = _range(schema.get("minItems"), schema.get("maxItems"))
            return f"list of {kind_of(schema.get('items', {}), definitions)}{', ' + sizes if sizes else ''}"
        case "object" if isinstance(schema.get("additionalProperties"), Mapping):
            return f"map of names to {kind_of(schema['additionalProperties'], definitions)}"
        case "string":
            return _text(schema)
        case "number" | "integer" as kind:
            return ", ".join(["number" if kind == "number" else "whole number", *_limits(schema)])
        case "boolean":
            return "true or false"
        case other:
            return str(other or "any value")


def table(model: type[BaseModel], words: Mapping[str, str] | None = None, *, without: Container[str] = ()) -> str:
    """The rows as a Markdown table, with a column of units where a field has one; ``without`` leaves fields out."""
    rows = [row for row in rows_of(model, words) if row.name not in without]
    units = any(row.unit for row in rows)
    lines = ["| field | value | unit | default | what it is |" if units else "| field | value | default | what it is |"]
    lines.append("|---|---|---|---|---|" if units else "|---|---|---|---|")
    for row in rows:
        unit = f" {row.unit} |" if units else ""
        lines.append(f"| `{row.name}` | {cell(row.kind)} |{unit} {row.default} | {cell(row.says)} |")
    return "\n".join(lines)


def _text(schema: Mapping[str, Any]) -> str:
    match schema.get("format"):
        case "uuid":
            return "UUID"
        case "date-time":
            return "time, RFC 3339"
        case "path":
            return "path"
    if schema.get("pattern"):
        return PATTERNS.get(str(schema["pattern"])) or f"text like `{schema['pattern']}`"
    sizes = _range(schema.get("minLength"), schema.get("maxLength"))
    return f"text, {sizes} characters" if sizes else "text"


def _limits(schema: Mapping[str, Any]) -> list[str]:
    signs = {"exclusiveMinimum": ">", "minimum": "≥", "exclusiveMaximum": "<", "maximum": "≤"}
    return [f"{sign} {_number(schema[name])}" for name, sign in signs.items() if name in schema]


def _number(value: float) -> str:
    return f"{value:g}" if abs(value) < 1e6 else str(value)


def _range(least: int | None, most: int | None) -> str:
    if least is not None and most is not None:
        return f"{least} to {most}"
    return f"at least {least}" if least else f"at most {most}" if most is not None else ""


def _default(field: Mapping[str, Any]) -> str:
    if "default" not in field:
        return "see there"
    value = field["default"]
    if isinstance(value, dict):
        return "each its own"
    return "null" if value is None else f"`{json.dumps(value)}`"
