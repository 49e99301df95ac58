"""What every route works with, and how it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, cast

from fastapi import Depends
from starlette.requests import Request
from starlette.responses import JSONResponse

from dispatcher.api.counters import Counters
from dispatcher.api.ports import Desk, Gauges, JournalReader
from dispatcher.link.pictures import PictureSlots
from dispatcher.live.ports import TelemetrySource
from dispatcher.security.person import Person
from dispatcher.traffic import NoTraffic, TrafficSource
from geo.terrain.elevation import Elevation
from kestrel.clock import Clock

PERSON = "kestrel.person"
"""Key of the scope under which the gate leaves whom it let in."""
GEOJSON = "application/geo+json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """The application's parts; made once by `create_application`."""

    desk: Desk
    journal: JournalReader
    telemetry: TelemetrySource
    clock: Clock
    version: str
    counters: Counters
    gauges: tuple[Gauges, ...]
    terrain: Elevation | None = None
    pictures: PictureSlots = field(default_factory=PictureSlots)
    traffic: TrafficSource = field(default_factory=NoTraffic)

    @property
    def deployment(self) -> str:
        """The label that every answer carries."""
        label = self.desk.state.deployment
        return "unknown" if label is None else label.value

    def answer(self, content: Mapping[str, Any], *, status: int = 200, media_type: str | None = None) -> JSONResponse:
        """A JSON object with the deployment in it."""
        return JSONResponse({"deployment": self.deployment, **content}, status_code=status, media_type=media_type)


def context_of(request: Request) -> Context:
    """The context of the application that got the request."""
    return cast("Context", request.app.state.context)


def person_of(request: Request) -> Person:
    """Whom the gate let in. There is nobody only where the table says PUBLIC."""
    return cast("Person", request.scope[PERSON])


def deployment_of(request: Request) -> str:
    """The label for an answer to this request."""
    return context_of(request).deployment


Ctx = Annotated[Context, Depends(context_of)]
Who = Annotated[Person, Depends(person_of)]
