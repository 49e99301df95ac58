"""Writes the parts of docs/reference/api.md that follow from the application itself: `make docs`.

Routes, bodies and answers from its OpenAPI document, roles from the table of access, problems from the errors' classes.
What OpenAPI does not say, which conflicts a route may answer with, stands here in `CONFLICTS`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any, cast

from fastapi import FastAPI
from fastapi.routing import APIRoute

from dispatcher import errors
from dispatcher.api import intake
from dispatcher.api.application import create_application
from dispatcher.api.document import NotJson
from dispatcher.api.gate import TokenInUrl
from dispatcher.errors import DispatcherError
from dispatcher.live.hub import Hub
from dispatcher.live.ports import NoTelemetry
from dispatcher.live.protocol import CloseCode
from dispatcher.security.access import LIVE, PUBLIC, TABLE, WEBSOCKET
from dispatcher.security.errors import KeysUnavailable, NotAuthenticated
from dispatcher.security.roles import EVERYONE, Role
from dispatcher.state import State
from docs.fields import kind_of
from docs.format_reference import member_docstrings
from docs.inserts import Sections, cell, write
from kestrel.clock import SystemClock

_I = "/api/v1/incidents/{incident_id}"
_F = "/api/v1/flights/{flight_id}"
CONFLICTS: Mapping[tuple[str, str], tuple[type[DispatcherError], ...]] = {
    ("POST", "/api/v1/incidents"): (errors.ReferenceConflict,),
    ("POST", "/api/v1/incidents/eido"): (errors.ReferenceConflict,),
    ("PATCH", _I): (errors.IncidentNotOpen, errors.StaleScreen),
    ("POST", f"{_I}/close"): (errors.IncidentNotOpen,),
    ("POST", f"{_I}/merge"): (errors.IncidentNotOpen,),
    ("POST", f"{_I}/decline"): (errors.IncidentNotOpen, errors.Conflict),
    ("POST", f"{_I}/dispatch"): (
        errors.IncidentNotOpen,
        errors.AlreadyDispatched,
        errors.StaleScreen,
        errors.NoEligibleDock,
        errors.DockNotEligible,
    ),
    ("POST", f"{_F}/accept"): (errors.Forbidden, errors.FlightEnded),
    **{("POST", f"{_F}/{name}"): (errors.FlightEnded,) for name in ("return", "cancel", "hold")},
    **{
        ("POST", f"{_F}/{name}"): (errors.FlightEnded, errors.Conflict)
        for name in (
            *(
                "land",
                "parachute",
                "resume",
                "goto",
                "orbit",
                "altitude",
                "nudge",
                "extend",
                "retask",
                "divert",
                "avoid",
            ),
            *("look-at", "zoom", "sensor", "snapshot", "record", "light", "speaker", "hand-over", "hand-over/decline"),
        )
    },
    ("POST", f"{_F}/hand-over/accept"): (errors.FlightEnded, errors.Conflict, errors.StaleScreen),
    **{("POST", f"{_F}/payload/{name}"): (errors.FlightEnded,) for name in ("lend", "take-back")},
    ("POST", f"{_I}/clear-air"): (errors.Conflict,),
    ("DELETE", "/api/v1/docks/{dock_id}/blockers"): (errors.Conflict,),
    ("POST", "/api/v1/duty/heartbeat"): (errors.Conflict,),
    ("POST", "/api/v1/proposals/{proposal_id}/accept"): (
        errors.AlreadyAnswered,
        errors.Conflict,
        errors.PolicyForbids,
        errors.DockNotEligible,
    ),
    ("POST", "/api/v1/proposals/{proposal_id}/dismiss"): (errors.AlreadyAnswered, errors.Conflict),
    ("POST", "/api/v1/proposals/{proposal_id}/cancel"): (errors.AlreadyAnswered, errors.Conflict),
    ("POST", "/api/v1/duty"): (errors.Conflict,),
    ("POST", f"{_I}/links"): (errors.IncidentNotOpen, errors.Conflict),
    ("POST", f"{_I}/notes"): (errors.Conflict, errors.TooMany),
    ("POST", "/api/v1/watch"): (errors.LinkUnknown, errors.LinkElsewhere, errors.LinkExpired, errors.LinkRevoked),
}
"""Besides what any route may answer with."""
GENERAL: tuple[type[DispatcherError], ...] = (
    NotJson,
    TokenInUrl,
    NotAuthenticated,
    errors.Forbidden,
    errors.NotFound,
    intake.TooSlow,
    intake.TooLarge,
    intake.NotJsonType,
    errors.Invalid,
    KeysUnavailable,
)
OTHERS = (
    (400, "idempotency-key", "A press needs an Idempotency-Key of its own", "The header is missing or too long."),
    (405, "method-not-allowed", "Not with this method", "`Allow` says which ones."),
    (500, "internal", "Something went wrong on our side", "The occurrence's id is in the log with the rest."),
    (
        503,
        "journal-unavailable",
        "The journal does not take events at the moment",
        "Nothing was recorded and nothing was sent. `Retry-After` says when to try again.",
    ),
)
"""Problems that the HTTP layer makes without a class of their own; a test looks for each in the source."""
CLOSINGS = {
    CloseCode.PROTOCOL: "bring the client up to the protocol",
    CloseCode.NOT_AUTHENTICATED: "get a token and connect again, with `epoch` and `seq`",
    CloseCode.FORBIDDEN: "do not try again with this person",
    CloseCode.LINK_OVER: "ask the control room for a new link",
    CloseCode.TOO_SLOW: "connect again with `epoch` and `seq`",
    CloseCode.TRY_LATER: "connect again with back-off",
}


@cache
def application() -> FastAPI:
    """An application that is described and never asked."""
    clock = SystemClock(epoch=0.0)
    nobody = cast("Any", None)
    hub = Hub(journal=nobody, state=State(), telemetry=NoTelemetry(), clock=clock, epoch="")
    return create_application(desk=nobody, journal=nobody, hub=hub, authenticator=nobody, clock=clock)


def overview() -> str:
    """One line a route."""
    lines = ["| route | for | what |", "|---|---|---|"]
    for method, path, operation in _operations():
        said = cell(operation.get("description", "").split("\n\n")[0])
        lines.append(f"| [`{method} {path}`](#{_anchor(method, path)}) | {_who(method, path)} | {said} |")
    lines.append(
        f"| [`WS {LIVE}`](#the-live-socket) | {_who(WEBSOCKET, LIVE)} | What is there now, and what changes. |"
    )
    return "\n".join(lines)


def routes() -> str:
    """Every route with all that there is to it."""
    shown: dict[str, str] = {}
    return "\n\n".join("\n\n".join(_route(*each, shown)) for each in _operations())


def problems() -> str:
    """Every type of problem."""
    lines = ["| status | type | title | when, and what it carries |", "|---|---|---|---|"]
    for status, slug, title, says in _problem_rows():
        lines.append(f"| {status} | `/problems/{slug}` | {title} | {cell(says)} |")
    return "\n".join(lines)


def problem_slugs() -> list[str]:
    """The last part of each problem's type."""
    return [slug for _, slug, _, _ in _problem_rows()]


def _problem_rows() -> list[tuple[int, str, str, str]]:
    kinds = dict.fromkeys((*GENERAL, *(kind for found in CONFLICTS.values() for kind in found)))
    rows = [(kind.status, kind.slug, kind.title, _said(kind)) for kind in kinds]
    return sorted((*rows, *OTHERS))


def close_codes() -> str:
    """Why the live socket is closed."""
    lines = ["| code | why | what the client does |", "|---|---|---|"]
    said = member_docstrings(CloseCode)
    return "\n".join(lines + [f"| {code.value} | {cell(said[code.name])} | {CLOSINGS[code]} |" for code in CloseCode])


def roles() -> str:
    """Who there is."""
    lines = ["| role | who |", "|---|---|"]
    words = member_docstrings(Role)
    return "\n".join(lines + [f"| `{role.value}` | {cell(words[role.name])} |" for role in Role])


def _operations() -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    for path, operations in application().openapi()["paths"].items():
        for method, operation in operations.items():
            yield method.upper(), path, operation


def _route(method: str, path: str, operation: Mapping[str, Any], shown: dict[str, str]) -> Iterator[str]:
    yield f"### {method} {path}"
    yield f"For: {_who(method, path)}."
    yield operation.get("description", "").replace("``", "`")
    if operation.get("parameters"):
        yield _parameters(operation["parameters"])
    for media in operation.get("requestBody", {}).get("content", {}).values():
        yield from _body(media.get("schema", {}))
    yield from _answers(method, path, operation.get("responses", {}), shown)
    conflicts = CONFLICTS.get((method, path), ())
    if conflicts:
        yield "Problems of its own: " + ", ".join(f"{kind.status} `{kind.slug}`" for kind in conflicts) + "."


def _parameters(parameters: list[Mapping[str, Any]]) -> str:
    lines = ["| parameter | in | value | what it is |", "|---|---|---|---|"]
    for parameter in parameters:
        schema = parameter.get("schema", {})
        needed = "required" if parameter.get("required") else "optional"
        default = f", default `{json.dumps(schema['default'])}`" if schema.get("default") is not None else ""
        words = cell(parameter.get("description", ""))
        kind = kind_of(schema, _schemas()).removesuffix(" or null")
        lines.append(f"| `{parameter['name']}` | {parameter['in']}, {needed} | {cell(kind)}{default} | {words} |")
    return "\n".join(lines)


def _schemas() -> Mapping[str, Any]:
    schemas: Mapping[str, Any] = application().openapi()["components"]["schemas"]
    return schemas


def _body(schema: Mapping[str, Any]) -> Iterator[str]:
    known = _schemas()
    for name in _references(schema):
        model = known[name]
        yield f"Body ({model.get('description', '').rstrip('.').lower()}):"
        yield _fields(model, known)
        for inner in dict.fromkeys(name for field in model["properties"].values() for name in _references(field)):
            if "properties" not in known[inner]:
                continue
            yield f"`{inner}` is"
            yield _fields(known[inner], known)
        for example in model.get("examples", ()):
            yield _code(example)


def _fields(model: Mapping[str, Any], known: Mapping[str, Any]) -> str:
    lines = ["| field | value | | what it is |", "|---|---|---|---|"]
    for name, field in model["properties"].items():
        needed = "required" if name in model.get("required", ()) else "optional"
        words = cell(_description(field))
        kind = kind_of(field, known)
        for inner in _references(field):
            values = " or ".join(f"`{value}`" for value in known[inner].get("enum", ()))
            kind = kind.replace(f"[{inner}](#{inner.lower()})", values or f"`{inner}`")
        lines.append(f"| `{name}` | {cell(kind)} | {needed} | {words} |")
    return "\n".join(lines)


def _description(field: Mapping[str, Any]) -> str:
    inner = (choice.get("description", "") for choice in field.get("anyOf", ()))
    return str(field.get("description") or next((words for words in inner if words), ""))


def _answers(method: str, path: str, responses: Mapping[str, Any], shown: dict[str, str]) -> Iterator[str]:
    for status, answer in sorted(responses.items()):
        if status in {"4XX", "422"}:
            continue
        yield f"**{status}** {answer.get('description', '')}."
        for media_type in answer.get("content", {}):
            example = _example(method, path, status, media_type)
            if example is None:
                continue
            code = _code(example)
            if code in shown:
                yield f"As for [`{shown[code]}`](#{_anchor(*shown[code].split())})."
                continue
            shown[code] = f"{method} {path}"
            if media_type != "application/json":
                yield f"`{media_type}`"
            yield code


def _example(method: str, path: str, status: str, media_type: str) -> Any:
    """As the route has it: in the document FastAPI leaves out every member that is null."""
    for template, route in _routes(application().routes):
        if template == path and method in (route.methods or ()):
            content = route.responses.get(int(status), {}).get("content", {})
            return content.get(media_type, {}).get("example")
    return None


def _routes(routes: Iterable[Any], prefix: str = "") -> Iterator[tuple[str, APIRoute]]:
    """Every route with its whole path, those of included routers too."""
    for route in routes:
        if hasattr(route, "original_router"):
            yield from _routes(route.original_router.routes, prefix + route.include_context.prefix)
        elif isinstance(route, APIRoute):
            yield prefix + route.path, route


def _code(value: Any) -> str:
    return f"```json\n{json.dumps(value, indent=2, ensure_ascii=False)}\n```"


def _references(schema: Mapping[str, Any]) -> list[str]:
    found = [schema, *schema.get("anyOf", ())]
    return [str(part["$ref"]).rsplit("/", 1)[-1] for part in found if "$ref" in part]


def _who(method: str, path: str) -> str:
    access = TABLE[method, path]
    if access is PUBLIC:
        return "everybody, without a token"
    if access >= EVERYONE:
        return "every role" if Role.WATCH not in access else "every role, and through a link"
    return ", ".join(role.value for role in Role if role in access)


def _anchor(method: str, path: str) -> str:
    return f"{method} {path}".lower().replace(" ", "-").translate({ord(letter): None for letter in "/{}."})


def _said(kind: type[DispatcherError]) -> str:
    return (
        (kind.__doc__ or "")
        .strip()
        .replace('``extra["errors"]`` is', "`errors` is")
        .replace('extra["', "")
        .replace('"]', "")
    )


PAGES: Mapping[str, Sections] = {
    "api.md": {
        "roles": roles,
        "overview": overview,
        "routes": routes,
        "problems": problems,
        "close codes": close_codes,
    }
}


if __name__ == "__main__":
    write(PAGES)
