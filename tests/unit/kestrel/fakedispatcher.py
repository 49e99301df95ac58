"""A dispatcher's API as far as a controller sees it: a few docks, flights that advance with each look at them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from kestrel.apiclient import ApiClient
from kestrel.clock import Clock

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
WHOLE = ["ordered", "preparing", "launching", "en_route", "on_scene", "returning", "landing", "docked"]
Json = dict[str, Any]


@dataclass
class FakeDispatcher:
    """``docks`` holds the free ones. ``scripts`` are the phases of the coming flights, `WHOLE` when used up."""

    docks: list[str] = field(default_factory=lambda: ["d1"])
    scripts: list[list[str]] = field(default_factory=list)
    stale_answers: int = 0
    unavailable: int = 0
    """So many requests are answered 503."""
    lost: set[str] = field(default_factory=set)
    """The next request of each of these names ("decline") is carried out, and its answer lost."""
    broken: set[str] = field(default_factory=set)
    """Requests of these names are answered 500."""
    incidents: dict[str, Json] = field(default_factory=dict)
    flights: dict[str, Json] = field(default_factory=dict)
    keys: list[str | None] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    _ahead: dict[str, list[str]] = field(default_factory=dict)

    @asynccontextmanager
    async def client(self, clock: Clock) -> AsyncIterator[ApiClient]:
        """A client of it."""
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=self._app()), base_url="http://fake") as http:
            yield ApiClient(http=http, token="any", clock=clock, patience_s=5.0)  # noqa: S106 - it checks none

    def _app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/api/v1/incidents", self._report, methods=["POST"]),
                Route("/api/v1/incidents/{id}/options", self._options),
                Route("/api/v1/incidents/{id}/dispatch", self._dispatch, methods=["POST"]),
                Route("/api/v1/incidents/{id}/decline", self._end, methods=["POST"]),
                Route("/api/v1/incidents/{id}/close", self._end, methods=["POST"]),
                Route("/api/v1/flights/{id}", self._flight),
            ]
        )

    def _note(self, request: Request) -> Response | None:
        self.requests.append(f"{request.method} {request.url.path.removeprefix('/api/v1')}")
        if request.url.path.rsplit("/", 1)[-1] in self.broken:
            return JSONResponse({"title": "broken"}, 500)
        if self.unavailable:
            self.unavailable -= 1
            return JSONResponse({"title": "starting"}, 503)
        return None

    async def _report(self, request: Request) -> Response:
        if (busy := self._note(request)) is not None:
            return busy
        body = await request.json()
        incident_id = f"incident-{body['reference']}"
        self.incidents.setdefault(incident_id, {"id": incident_id, "status": "open"} | body)
        return JSONResponse(self.incidents[incident_id], 201)

    async def _options(self, request: Request) -> Response:
        if (busy := self._note(request)) is not None:
            return busy
        reasons = [] if self.docks else [{"code": "busy", "text": "busy with another flight"}]
        options = [{"dock_id": dock, "eligible": True, "reasons": []} for dock in self.docks]
        options += [] if self.docks else [{"dock_id": "d1", "eligible": False, "reasons": reasons}]
        return JSONResponse(
            {
                "decision_id": f"decision-{len(self.requests)}",
                "incident_revision": 1,
                "decided_at": START.isoformat(),
                "best": self.docks[0] if self.docks else None,
                "options": options,
            }
        )

    async def _dispatch(self, request: Request) -> Response:
        if (busy := self._note(request)) is not None:
            return busy
        self.keys.append(request.headers.get("idempotency-key"))
        if (answered := self._answered(request.path_params["id"])) is not None:
            return answered
        if self.stale_answers:
            self.stale_answers -= 1
            return self._problem("stale-screen", difference={"dock": {"shown": "d1", "now": None}})
        if not self.docks:
            return self._problem("no-eligible-dock", reasons={"d1": [{"code": "busy", "text": "busy"}]})
        return JSONResponse(self.send(request.path_params["id"], purpose=(await request.json())["purpose"]), 201)

    def send(self, incident_id: str, *, purpose: str) -> Json:
        """A flight to the incident, by whom ever."""
        flight_id = f"flight-{len(self.flights) + 1}"
        phases = self.scripts.pop(0) if self.scripts else list(WHOLE)
        self._ahead[flight_id] = phases[1:]
        self.flights[flight_id] = {
            "id": flight_id,
            "incident_id": incident_id,
            "dock_id": self.docks.pop(0),
            "callsign": "K1",
            "phase": phases[0],
            "ended": False,
            "phases": [self._entry(phases[0], 0)],
            "purpose": purpose,
        }
        return self.flights[flight_id]

    def _answered(self, incident_id: str) -> Response | None:
        if self.incidents[incident_id]["status"] != "open":
            return self._problem("incident-not-open")
        out = [one["id"] for one in self.flights.values() if one["incident_id"] == incident_id and not one["ended"]]
        return self._problem("already-dispatched", flight_id=out[0]) if out else None

    async def _flight(self, request: Request) -> Response:
        if (busy := self._note(request)) is not None:
            return busy
        flight = self.flights[request.path_params["id"]]
        ahead = self._ahead[flight["id"]]
        if ahead:
            flight["phase"] = ahead.pop(0)
            flight["phases"].append(self._entry(flight["phase"], len(flight["phases"])))
            flight["ended"] = flight["phase"] in ("docked", "refused", "cancelled", "landed_away", "missing")
            if flight["ended"]:
                self.docks.append(flight["dock_id"])
        return JSONResponse(flight)

    async def _end(self, request: Request) -> Response:
        if (busy := self._note(request)) is not None:
            return busy
        incident, verb = self.incidents[request.path_params["id"]], request.url.path.rsplit("/", 1)[-1]
        if incident["status"] != "open":
            return self._problem("incident-not-open")
        incident |= {"status": verb} | await request.json()
        if verb in self.lost:
            self.lost.remove(verb)
            return JSONResponse({"title": "starting"}, 503)
        return JSONResponse(incident)

    def _entry(self, phase: str, number: int) -> Json:
        moment = (START + timedelta(seconds=10 * number)).isoformat()
        return {"phase": phase, "mission_time": moment, "wall_time": moment, "because": ""}

    def _problem(self, slug: str, **more: Any) -> Response:
        problem = {"type": f"/problems/{slug}", "title": slug, "status": 409, "detail": ""} | more
        return JSONResponse(problem, 409, media_type="application/problem+json")
