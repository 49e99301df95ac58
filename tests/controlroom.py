"""People at work in a test: a controller and a pilot who use the public API alone."""

from __future__ import annotations

import itertools
import math
import uuid
from datetime import datetime, timedelta
from typing import Any

import httpx

from tests.agentmemory import unacknowledged
from tests.stack import Stack

Json = dict[str, Any]
PHASES = ["ordered", "preparing", "launching", "en_route", "on_scene", "returning", "landing", "docked"]
"""A flight that nothing happens to."""
M_PER_DEG = 111_195.0
SETTLED = timedelta(seconds=1)
"""Wall time in which a dock's hardware is polled and reported after a flight: until then it says what was before."""
FLIGHT_S = 150.0
"""Wall seconds: a generous bound for any flight of these tests at ten times real time."""


def offset(place: tuple[float, float], *, north_m: float, east_m: float) -> tuple[float, float]:
    """A place some metres away."""
    lat, lon = place
    return lat + north_m / M_PER_DEG, lon + east_m / (M_PER_DEG * math.cos(math.radians(lat)))


def metres(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Over ground, on a sphere: good to 0.5 %."""
    north = (other[0] - one[0]) * M_PER_DEG
    east = (other[1] - one[1]) * M_PER_DEG * math.cos(math.radians(one[0]))
    return math.hypot(north, east)


class ControlRoom:
    """Reports, presses, watches."""

    _numbers = itertools.count(1)

    def __init__(self, stack: Stack) -> None:
        self.stack = stack

    async def post(self, path: str, body: Json | None = None, *, role: str = "controller", **headers: str) -> Json:
        """A POST that must be taken."""
        answer = await (await self.stack.api(role)).post(path, json=body or {}, headers=headers)
        assert answer.is_success, f"POST {path}: {answer.status_code} {answer.text}"
        return dict(answer.json())

    async def get(self, path: str, *, role: str = "controller") -> Json:
        """A GET that must be answered."""
        answer = await (await self.stack.api(role)).get(path)
        assert answer.is_success, f"GET {path}: {answer.status_code} {answer.text}"
        return dict(answer.json())

    async def pilots_on_duty(self, *, max_flights: int = 4) -> None:
        """The pilot signs on and accepts every flight beforehand."""
        body = {"action": "sign_on", "accepts": "beforehand", "max_flights": max_flights}
        await self.post("/api/v1/duty", body, role="pilot")

    async def docks_ready(self, *, within_s: float = 60.0) -> None:
        """Wait until each dock could launch, well after its last flight ended: what follows is from rest."""

        async def look() -> bool:
            ended_at: dict[str, datetime] = {}
            for flight in (await self.get("/api/v1/flights?limit=20"))["flights"]:
                last = datetime.fromisoformat(flight["phases"][-1]["mission_time"])
                ended_at[flight["dock_id"]] = max(ended_at.get(flight["dock_id"], last), last)
            return all(_at_rest(dock, ended_at.get(dock["id"])) for dock in (await self.get("/api/v1/docks"))["docks"])

        def _at_rest(dock: Json, ended: datetime | None) -> bool:
            measured = dock["agent"]["measured_at"]
            if measured is None or not dock["agent"]["online"]:
                return False
            settled = ended is None or datetime.fromisoformat(measured) - ended > SETTLED * self.stack.clock.factor
            ready = dock["state"] in ("ready", "charging") and not dock["blockers"]
            return settled and ready and dock["flight_id"] is None

        await self.stack.until(look, within_s=within_s, what="every dock ready")

    def scene(self, dock_id: str, *, north_m: float = 250.0, east_m: float = 150.0) -> tuple[float, float]:
        """A place near a dock."""
        return offset(self.stack.site(dock_id), north_m=north_m, east_m=east_m)

    def report_body(self, place: tuple[float, float], *, watch_s: float | None = 30.0) -> Json:
        """An incident as a control room reports it; each has a reference of its own."""
        return {
            "source": "control-room",
            "reference": f"{uuid.uuid4()}-{next(self._numbers)}",
            "grade": "1",
            "category": "road traffic collision",
            "place": {"lat_deg": place[0], "lon_deg": place[1]},
            "watch_s": watch_s,
        }

    async def report(self, place: tuple[float, float], *, watch_s: float | None = 30.0) -> Json:
        """Take an incident in."""
        return await self.post("/api/v1/incidents", self.report_body(place, watch_s=watch_s))

    async def press(self, shown: Json, *, dock_id: str | None = None, key: str | None = None) -> httpx.Response:
        """Press dispatch with what was on the screen; the answer as it comes."""
        body = {
            "purpose": "overview for the crews",
            "decision_id": shown["decision_id"],
            "incident_revision": shown["incident_revision"],
            "dock_id": dock_id,
        }
        path = f"/api/v1/incidents/{shown['incident_id']}/dispatch"
        headers = {"Idempotency-Key": key or str(uuid.uuid4())}
        return await (await self.stack.api("controller")).post(path, json=body, headers=headers)

    async def send(self, dock_id: str, *, watch_s: float | None = 30.0, **where: float) -> Json:
        """An incident near a dock, and its drone on the way."""
        shown = await self.report(self.scene(dock_id, **where), watch_s=watch_s)
        answer = await self.press(shown, dock_id=dock_id)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def flight(self, flight_id: str) -> Json:
        """A flight as it stands."""
        return await self.get(f"/api/v1/flights/{flight_id}")

    async def until_phase(self, flight_id: str, *phases: str, within_s: float = FLIGHT_S) -> Json:
        """The flight, once it is in one of these phases."""
        last: Json = {}

        async def look() -> Json | None:
            nonlocal last
            last = await self.flight(flight_id)
            assert last["phase"] in phases or not last["ended"], f"ended: {last['phase']}: {last['phases'][-1]}"
            return last if last["phase"] in phases else None

        return await self.stack.until(look, within_s=within_s, what=f"{phases} of {flight_id}")

    async def until_ended(self, flight_id: str, *, within_s: float = FLIGHT_S) -> Json:
        """The flight, once it has ended."""

        async def look() -> Json | None:
            flight = await self.flight(flight_id)
            return flight if flight["ended"] else None

        return await self.stack.until(look, within_s=within_s, what=f"the end of {flight_id}")

    async def events_complete(self, dock_id: str, *, within_s: float = 30.0) -> None:
        """Wait until the agent has nothing left to tell; then what is in the journal must be without a gap."""

        async def look() -> bool:
            return unacknowledged(self.stack, dock_id) == 0

        await self.stack.until(look, within_s=within_s, what=f"all events of {dock_id} acknowledged")
        counters: dict[str, list[int]] = {}
        for entry in await self.stack.journal():
            payload = entry.payload or {}
            if entry.type == "AgentReported" and payload["dock_id"] == dock_id:
                counters.setdefault(payload["boot_id"], []).append(payload["counter"])
        for boot_id, seen in counters.items():
            assert seen == list(range(1, len(seen) + 1)), f"boot {boot_id} has a gap or a repetition: {seen}"

    async def phases_in_journal(self, flight_id: str) -> list[str]:
        """The phases as the agent's own events have them, in the journal's order, from the order on."""
        phases = ["ordered"]
        for entry in await self.stack.journal():
            fact = (entry.payload or {}).get("fact") or {}
            if fact.get("type") == "phase_entered" and fact.get("flight_id") == flight_id:
                phases.append(fact["phase"])
        return phases


def names(flight: Json) -> list[str]:
    """The names of a flight's phases, in their order."""
    return [entry["phase"] for entry in flight["phases"]]
