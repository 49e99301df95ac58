"""The application: routes, and around them, from the outside in, envelope, gate and intake."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse
from starlette.routing import WebSocketRoute

from dispatcher.api import (
    airspace,
    alarms,
    assignments,
    commands,
    duty,
    examples,
    exports,
    flights,
    handover,
    health,
    incidents,
    payload,
    policy,
    proposals,
    record,
    terrain,
    traffic,
    watching,
    weather,
)
from dispatcher.api.client import client_router
from dispatcher.api.console import ConsoleFiles, MapSource, console_router
from dispatcher.api.context import Context, deployment_of
from dispatcher.api.counters import Counters
from dispatcher.api.docks import docks_router
from dispatcher.api.envelope import Envelope
from dispatcher.api.gate import Gate
from dispatcher.api.intake import Intake
from dispatcher.api.ports import Desk, Gauges, JournalReader
from dispatcher.api.problems import on_http, on_invalid, on_journal_error, on_refusal
from dispatcher.api.reference import reference_page
from dispatcher.api.video import video_router
from dispatcher.coverage.surveyor import Surveyor
from dispatcher.errors import DispatcherError
from dispatcher.journal.errors import JournalError
from dispatcher.link.pictures import PictureSlots
from dispatcher.live.hub import Hub
from dispatcher.live.ports import NoTelemetry, TelemetrySource
from dispatcher.live.socket import LiveSocket
from dispatcher.security.access import LIVE
from dispatcher.security.person import Person
from dispatcher.security.roles import Role
from dispatcher.security.tokens import Authenticator
from dispatcher.security.watching import Doorkeeper, WatchSessions
from dispatcher.traffic import NoTraffic, TrafficSource
from dispatcher.video import VideoDoor
from geo.terrain.elevation import Elevation
from kestrel.clock import Clock

PREFIX = "/api/v1"
_DESCRIPTION = """
Incidents in, docks ranked, one press, a flight, its record.

Send `Authorization: Bearer <token>` with every request but those that are open to all; never put a token into a URL.
Every answer says which deployment gave it (header Kestrel-Deployment, member `deployment`): live, training, simulation.
Times are RFC 3339 in UTC; mission time may run faster than wall time in a simulation. Places are WGS84 degrees, heights
metres above mean sea level where they say amsl. Errors are Problem Details (RFC 9457).

The live view is a WebSocket at /api/v1/live: send {"type": "auth", "token": ...} as the first frame within 5 s, with
the `epoch` and `seq` of the last frame you have, if any, to resume. A pilot's console then sends {"type": "here"} every
2 to 3 s: when that, or POST /api/v1/duty/heartbeat, has come once, its silence is an alarm.

An officer's device that was given a watch link exchanges it at POST /api/v1/watch for a session of some minutes, and
sends that session's token as any other.
""".strip()


def create_application(
    *,
    desk: Desk,
    journal: JournalReader,
    hub: Hub,
    authenticator: Authenticator,
    clock: Clock,
    version: str = "",
    telemetry: TelemetrySource | None = None,
    gauges: Sequence[Gauges] = (),
    surveyor: Surveyor | None = None,
    ground: Elevation | None = None,
    pictures: PictureSlots | None = None,
    crewed: TrafficSource | None = None,
    video: VideoDoor | None = None,
    console: ConsoleFiles | None = None,
    map_source: MapSource | None = None,
) -> FastAPI:
    """The dispatcher's public API over these parts.

    ``gauges`` give further counters to the metrics; the ``surveyor`` has the coverage, and is run by who made it;
    ``video`` says where video is (None: nowhere); ``console`` is the built web client (what lies in the package when
    left out), ``map_source`` the force's base map.
    """
    sessions = WatchSessions(
        find_link=lambda link_id: desk.state.links.get(link_id), force=lambda: desk.state.force, clock=clock
    )
    authenticator = Doorkeeper(people=authenticator, sessions=sessions)
    context = Context(
        desk=desk,
        journal=journal,
        telemetry=telemetry or NoTelemetry(),
        clock=clock,
        version=version,
        counters=Counters(),
        gauges=(*gauges, hub.gauges),
        terrain=ground,
        pictures=pictures or PictureSlots(),
        traffic=crewed or NoTraffic(),
    )
    application = FastAPI(
        title="Kestrel",
        version=version or "0",
        description=_DESCRIPTION,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        responses={"4XX": examples.PROBLEM},
        exception_handlers={
            DispatcherError: on_refusal,
            JournalError: on_journal_error,
            RequestValidationError: on_invalid,
            HTTPException: on_http,
        },
    )
    application.state.context = context
    routers = [
        incidents.router,
        flights.router,
        commands.router,
        payload.router,
        handover.router,
        alarms.router,
        policy.router,
        proposals.router,
        assignments.router,
        docks_router(surveyor or Surveyor(clock=clock)),
        duty.router,
        airspace.router,
        terrain.router,
        terrain.flights_router,
        weather.router,
        traffic.router,
        record.router,
        watching.incidents_router,
        watching.flights_router,
        exports.router,
        watching.watch_router(sessions),
        video_router(video or VideoDoor()),
        health.router,
        client_router(map_source or MapSource()),
    ]
    for router in (*routers, _reference_router(application, routers)):
        application.include_router(router, prefix=PREFIX)
    application.include_router(console_router(ConsoleFiles() if console is None else console))
    live = LiveSocket(hub=hub, authenticator=authenticator, clock=clock, on_here=_console_of(desk))
    application.router.routes.append(WebSocketRoute(LIVE, endpoint=live, name="live"))
    # The last one added is the outermost.
    application.add_middleware(Intake, context=context)
    application.add_middleware(Gate, context=context, authenticator=authenticator)
    application.add_middleware(Envelope, context=context)
    return application


def _console_of(desk: Desk) -> Callable[[Person], Awaitable[None]]:
    async def heard(person: Person) -> None:
        """The console of a pilot on duty; whoever else says that they are here needs no watching."""
        if person.has_any(frozenset({Role.PILOT})) and person.id in desk.state.pilots:
            await desk.heartbeat(person.id)

    return heard


def _reference_router(application: FastAPI, described: Sequence[APIRouter]) -> APIRouter:
    router = APIRouter(tags=["operation"])

    @router.get("/openapi.json", responses={200: {"description": "OpenAPI 3.1"}})
    async def read_openapi(request: Request) -> JSONResponse:
        """This API, for machines."""
        return JSONResponse({**_openapi(application, described), "x-deployment": deployment_of(request)})

    @router.get("/docs", response_class=HTMLResponse)
    async def read_docs() -> HTMLResponse:
        """This API, for people."""
        return reference_page(_openapi(application, described))

    return router


def _openapi(application: FastAPI, described: Sequence[APIRouter]) -> dict[str, Any]:
    if application.openapi_schema is not None:
        return application.openapi_schema
    document = application.openapi()
    document.setdefault("components", {})["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
    }
    document["security"] = [{"bearer": []}]
    # The generator drops every null, those of the examples too: they are put back as they were written.
    for route in (route for router in described for route in router.routes if isinstance(route, APIRoute)):
        for method in route.methods or ():
            answers = document["paths"][PREFIX + route.path][method.lower()]["responses"]
            for status, written in route.responses.items():
                if "content" in written:
                    answers[str(status)]["content"] = written["content"]
    return document
