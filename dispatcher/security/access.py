"""The one table of who may do what. What does not stand here is refused to everybody.

A test walks every route of the application and this table against each other, both ways. What a role then sees of an
entity is `dispatcher.presentation.View`: an officer (and nobody more) gets the occurrence, the flight and the aircraft,
but not docks, commands, orders, decisions, or who else is on duty.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Final

from starlette.routing import compile_path

from dispatcher.security.roles import EVERYONE, Role


class Public(Enum):
    """The mark of the few things that need no token."""

    PUBLIC = "public"


PUBLIC: Final = Public.PUBLIC
Access = frozenset[Role] | Public

WEBSOCKET = "WEBSOCKET"
"""Stands in the method's place; the first frame carries the token, and its roles are checked against the table."""
LIVE = "/api/v1/live"

_CONTROLLER = frozenset({Role.CONTROLLER})
_PILOT = frozenset({Role.PILOT})
_COMMAND = frozenset({Role.CONTROLLER, Role.PILOT})
_FLEET = frozenset({Role.CONTROLLER, Role.PILOT, Role.SUPERVISOR, Role.ENGINEER})
_PAYLOAD = frozenset({Role.CONTROLLER, Role.PILOT, Role.OFFICER, Role.SUPERVISOR})
_AIRSPACE = frozenset({Role.SUPERVISOR, Role.ENGINEER})
_DRAW = frozenset({Role.CONTROLLER, Role.PILOT, Role.SUPERVISOR})
_LIFT = frozenset({Role.CONTROLLER, Role.SUPERVISOR})
_OVERRIDE = frozenset({Role.CONTROLLER, Role.PILOT, Role.SUPERVISOR, Role.ENGINEER})
_RECORD = frozenset({Role.SUPERVISOR, Role.ENGINEER})
_GIVES = frozenset({Role.CONTROLLER, Role.SUPERVISOR})
_SCENE = EVERYONE | {Role.WATCH}
"""With those who look through a link: only where the path names an incident or a flight, which the gate checks."""
_NOTES = _SCENE - {Role.ENGINEER}


PAGES: Final = ("/", "/docks", "/duty", "/flights/{flight_id}")
"""The web client's; each is the same document, and its script reads the path."""
WATCH_PAGES: Final = ("/watch", "/watch/", "/watch/{token}")
"""The officers'; the same. The token comes after a # and is never asked for; a path that holds one is taken too."""
PAGE_FILES: Final = ("/assets/{file}", "/favicon.svg", "/basemap.pmtiles", "/watch/sw.js")


def _posts(prefix: str, access: frozenset[Role], *names: str) -> dict[tuple[str, str], Access]:
    return {("POST", f"{prefix}/{name}"): access for name in names}


TABLE: Mapping[tuple[str, str], Access] = MappingProxyType(
    {
        ("GET", "/api/v1/health"): PUBLIC,
        ("GET", "/api/v1/openapi.json"): PUBLIC,
        ("GET", "/api/v1/docs"): PUBLIC,
        ("GET", "/api/v1/client"): PUBLIC,
        # The console's pages and their files: the same for everybody, and empty until their script has asked the API.
        **dict.fromkeys((("GET", path) for path in (*PAGES, *WATCH_PAGES, *PAGE_FILES)), PUBLIC),
        ("POST", "/api/v1/incidents"): _CONTROLLER,
        ("POST", "/api/v1/incidents/eido"): _CONTROLLER,
        ("GET", "/api/v1/incidents"): EVERYONE,
        ("GET", "/api/v1/incidents/{incident_id}"): _SCENE,
        ("PATCH", "/api/v1/incidents/{incident_id}"): _CONTROLLER,
        ("POST", "/api/v1/incidents/{incident_id}/close"): _CONTROLLER,
        ("POST", "/api/v1/incidents/{incident_id}/merge"): _CONTROLLER,
        ("POST", "/api/v1/incidents/{incident_id}/decline"): _CONTROLLER,
        # Asking decides anew, and that is journalled: for those who may press.
        ("GET", "/api/v1/incidents/{incident_id}/options"): _CONTROLLER,
        ("POST", "/api/v1/incidents/{incident_id}/dispatch"): _CONTROLLER,
        # A look that is not journalled and sends nothing.
        ("GET", "/api/v1/assignments"): _COMMAND | {Role.SUPERVISOR},
        ("POST", "/api/v1/incidents/{incident_id}/links"): _CONTROLLER,
        ("GET", "/api/v1/incidents/{incident_id}/links"): _GIVES,
        ("DELETE", "/api/v1/incidents/{incident_id}/links/{link_id}"): _GIVES,
        ("GET", "/api/v1/incidents/{incident_id}/notes"): _NOTES,
        ("POST", "/api/v1/incidents/{incident_id}/notes"): _NOTES,
        # The link's token in the body is what lets in: a session for one incident.
        ("POST", "/api/v1/watch"): PUBLIC,
        ("POST", "/api/v1/flights/{flight_id}/views"): _SCENE,
        # It leaves the building: for those who answer for it.
        ("GET", "/api/v1/flights/{flight_id}/export"): frozenset({Role.CONTROLLER, Role.PILOT, Role.SUPERVISOR}),
        ("GET", "/api/v1/flights"): EVERYONE,
        ("GET", "/api/v1/flights/{flight_id}"): _SCENE,
        ("GET", "/api/v1/flights/{flight_id}/track"): EVERYONE,
        # What the marks on its picture are drawn with, by whoever sees that picture.
        ("GET", "/api/v1/flights/{flight_id}/ground"): _SCENE,
        ("GET", "/api/v1/flights/{flight_id}/decision"): _FLEET,
        ("POST", "/api/v1/flights/{flight_id}/accept"): _PILOT,
        ("GET", "/api/v1/flights/{flight_id}/commands"): _FLEET,
        # What makes safer is for all who command anything; the desk tells the pilot by whom.
        **_posts("/api/v1/flights/{flight_id}", _COMMAND, "return", "cancel", "hold", "avoid"),
        # Of the pilots only the one in command may: the desk knows who that is.
        **_posts(
            "/api/v1/flights/{flight_id}",
            _PILOT,
            *("resume", "goto", "orbit", "altitude", "nudge", "extend", "retask", "divert", "land", "parachute"),
            *("hand-over", "hand-over/accept", "hand-over/decline", "payload/lend"),
        ),
        # To whom it is lent; without that the desk lets nobody but the pilot in command.
        **_posts(
            "/api/v1/flights/{flight_id}",
            _PAYLOAD,
            *("look-at", "zoom", "sensor", "snapshot", "record", "light", "speaker", "payload/take-back"),
        ),
        ("POST", "/api/v1/incidents/{incident_id}/clear-air"): _COMMAND,
        ("GET", "/api/v1/alarms"): _FLEET,
        ("POST", "/api/v1/alarms/{alarm_id}/acknowledge"): _FLEET,
        # Out of everybody's sight is for those who answer for the room; back into it is for all.
        ("POST", "/api/v1/alarms/{alarm_id}/shelve"): _LIFT,
        ("POST", "/api/v1/alarms/{alarm_id}/unshelve"): _FLEET,
        # A retask is for the pilot in command to accept: the desk knows who that is.
        ("GET", "/api/v1/policy"): _FLEET,
        # Which of these may set a rule aside, the rule itself says.
        ("POST", "/api/v1/incidents/{incident_id}/override"): _OVERRIDE,
        ("GET", "/api/v1/proposals"): _FLEET,
        ("POST", "/api/v1/proposals/{proposal_id}/accept"): _COMMAND,
        ("POST", "/api/v1/proposals/{proposal_id}/dismiss"): _COMMAND,
        # To keep a drone where somebody watches makes safer: for all who command anything.
        ("POST", "/api/v1/proposals/{proposal_id}/cancel"): _COMMAND,
        ("GET", "/api/v1/docks"): _FLEET,
        ("GET", "/api/v1/docks/coverage"): _FLEET,
        ("GET", "/api/v1/docks/{dock_id}/picture"): _FLEET,
        ("GET", "/api/v1/docks/{dock_id}/weather"): _FLEET,
        ("POST", "/api/v1/docks/{dock_id}/blockers"): _COMMAND,
        ("DELETE", "/api/v1/docks/{dock_id}/blockers"): _COMMAND,
        ("DELETE", "/api/v1/docks/{dock_id}/expected"): _COMMAND,
        # Who has opened the box says when it is closed again.
        ("POST", "/api/v1/docks/{dock_id}/hold"): frozenset({Role.ENGINEER}),
        # A pilot lifts the system's own alone; the desk holds against the rest.
        ("DELETE", "/api/v1/docks/{dock_id}/hold"): frozenset({Role.ENGINEER, Role.PILOT}),
        ("GET", "/api/v1/airspace"): _FLEET,
        ("POST", "/api/v1/airspace"): _AIRSPACE,
        ("DELETE", "/api/v1/airspace/{name}"): _AIRSPACE,
        # Closing air makes safer and is for all who command anything; opening it again is not for a pilot alone.
        ("POST", "/api/v1/airspace/zones"): _DRAW,
        ("DELETE", "/api/v1/airspace/zones/{name}"): _LIFT,
        ("GET", "/api/v1/weather"): _FLEET,
        ("GET", "/api/v1/traffic"): _FLEET,
        ("POST", "/api/v1/weather/reports"): frozenset({Role.CONTROLLER, Role.ENGINEER}),
        ("GET", "/api/v1/terrain"): _FLEET,
        ("GET", "/api/v1/terrain/profile"): _FLEET,
        ("GET", "/api/v1/duty"): _FLEET,
        # As what they sign on, the route holds against the token.
        ("POST", "/api/v1/duty"): _COMMAND,
        ("GET", "/api/v1/duty/briefing"): _FLEET,
        ("POST", "/api/v1/duty/handover"): _COMMAND,
        ("POST", "/api/v1/duty/handover/{handover_id}/accept"): _COMMAND,
        ("POST", "/api/v1/duty/heartbeat"): _PILOT,
        ("GET", "/api/v1/journal"): _RECORD,
        ("GET", "/api/v1/journal/verify"): _RECORD,
        ("GET", "/api/v1/metrics"): frozenset({Role.ENGINEER}),
        ("POST", "/api/v1/flights/{flight_id}/video"): _SCENE,
        ("GET", "/api/v1/flights/{flight_id}/video"): _FLEET,
        ("DELETE", "/api/v1/flights/{flight_id}/video/{ticket_id}"): _GIVES,
        ("POST", "/api/v1/video/report"): frozenset({Role.MEDIA}),
        (WEBSOCKET, LIVE): _SCENE,
    }
)
"""(method, path template) -> the roles that may, or `PUBLIC`."""
OF_THE_API: Final = tuple(line for line in TABLE if line[1] not in (*PAGES, *WATCH_PAGES, *PAGE_FILES))
"""The table without the console's pages and their files."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """The line of the table that a request falls under."""

    method: str
    template: str
    access: Access
    parameters: Mapping[str, str]
    """What the path says for each name in the template."""


# Fixed segments come before parameters, as in the routers: /docks/coverage is not a dock called "coverage".
_BY_SPECIFICITY = sorted({template for _, template in TABLE}, key=lambda template: (template.count("{"), template))
_PATTERNS = tuple((compile_path(template)[0], template) for template in _BY_SPECIFICITY)


def entry_of(method: str, path: str) -> Entry | None:
    """The table's line for a request; None where there is none."""
    for pattern, template in _PATTERNS:
        access = TABLE.get((method, template))
        matched = None if access is None else pattern.match(path)
        if access is not None and matched is not None:
            return Entry(method=method, template=template, access=access, parameters=matched.groupdict())
    return None


def methods_of(path: str) -> frozenset[str]:
    """The methods that the table knows for a path; empty for an unknown path."""
    return frozenset(
        method
        for pattern, template in _PATTERNS
        if pattern.match(path)
        for method, known in TABLE
        if known == template and method != WEBSOCKET
    )
