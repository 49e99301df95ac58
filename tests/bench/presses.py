"""Presses of the dispatch button through the public API, and when their orders did what, from the public journal.

What an agent reports carries the wall time of its own clock; agent and bench run on one machine and read one clock, and
a step of that clock meanwhile is noticed.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from contracts.vocabulary import DockState, Phase
from kestrel.apiclient import ApiClient, Json
from kestrel.clock import SystemClock
from kestrel.tokens import Role
from tests.bench.errors import MeasurementFailed
from tests.bench.stack import Stack, docks_ready

PILOT = "pilot-1"
PAGE = 500
POLL_S = 0.25
"""What is measured comes from the journal: looking oftener would only be a load."""
PATIENCE_S = 600.0
STEP_S = 0.002
"""More than this between wall and monotonic clock from begin to end is a step, not slewing."""
SCENE_NORTH_DEG = 0.0015
"""The scene lies some 170 m north of the dock that is to fly: it is soon home again."""
CAN_LAUNCH = frozenset({DockState.READY, DockState.CHARGING})


@dataclass(frozen=True, slots=True, kw_only=True)
class Pressed:
    """One press: ``at`` is wall time just before the request left."""

    flight_id: str
    dock_id: str
    at: datetime


@dataclass(slots=True)
class History:
    """Wall times of what followed, by flight."""

    decided_at: dict[str, datetime] = field(default_factory=dict)
    """The decision is made and is about to be synced to the disk: the dispatcher's clock."""
    accepted_at: dict[str, datetime] = field(default_factory=dict)
    """The agent had verified, checked and persisted the order: the agent's clock."""
    airborne_at: dict[str, datetime] = field(default_factory=dict)
    """The agent's telemetry showed the drone off the ground: the agent's clock."""

    def note(self, event: Json) -> None:
        """One event as the public journal shows it."""
        payload = event["payload"]
        if event["type"] == "FlightOrdered":
            self.decided_at[payload["flight_id"]] = datetime.fromisoformat(event["wall_time"])
        elif event["type"] == "AgentReported":
            fact, at = payload["fact"], datetime.fromisoformat(payload["agent_wall_time"])
            if fact["type"] == "order_accepted":
                self.accepted_at[fact["flight_id"]] = at
            elif fact["type"] == "phase_entered" and fact["phase"] == Phase.EN_ROUTE:
                self.airborne_at[fact["flight_id"]] = at


@dataclass(slots=True, kw_only=True)
class Button:
    """Who presses, and where what comes of it is read."""

    stack: Stack
    controller: ApiClient
    supervisor: ApiClient
    clock: SystemClock
    references: itertools.count[int]
    read_up_to: int = 0

    async def press(self, dock_id: str) -> Pressed:
        """A new incident near the dock, its options, and the press: the dock is named."""
        site = self.stack.plan.fleet.dock(dock_id)
        incident = await self.controller.post(
            "/api/v1/incidents",
            {
                "source": "bench",
                "reference": f"B{next(self.references)}",
                "grade": "1",
                "category": "road traffic collision",
                "summary": "two cars, one on its side",
                "place": {"lat_deg": site.lat_deg + SCENE_NORTH_DEG, "lon_deg": site.lon_deg},
                "watch_s": 60.0,
            },
        )
        options = await self.controller.get(f"/api/v1/incidents/{incident['id']}/options")
        body = {
            "purpose": "overview for the crews",
            "decision_id": options["decision_id"],
            "incident_revision": options["incident_revision"],
            "dock_id": dock_id,
        }
        at = self.clock.wall_now()
        path = f"/api/v1/incidents/{incident['id']}/dispatch"
        flight = await self.controller.post(path, body, idempotency_key=str(incident["id"]))
        return Pressed(flight_id=str(flight["id"]), dock_id=dock_id, at=at)

    async def until(self, pressed: Pressed, reached: Callable[[Json], bool], what: str) -> Json:
        """Wait until the flight is so, or its end; raises `MeasurementFailed` when it takes too long."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                while True:
                    flight = await self.controller.get(f"/api/v1/flights/{pressed.flight_id}")
                    if reached(flight) or flight["ended"]:
                        return flight
                    await asyncio.sleep(POLL_S)
        except TimeoutError:
            raise MeasurementFailed(f"{pressed.dock_id}: not {what} after {PATIENCE_S:.0f} s") from None

    async def until_ready(self, dock_id: str) -> None:
        """Wait until the dock could launch again; raises `MeasurementFailed`."""
        blockers: object = None
        try:
            async with asyncio.timeout(PATIENCE_S):
                while True:
                    docks = (await self.controller.get("/api/v1/docks"))["docks"]
                    dock = next(dock for dock in docks if dock["id"] == dock_id)
                    if _can_launch(dock):
                        return
                    blockers = (dock["state"], dock["blockers"])
                    await asyncio.sleep(POLL_S)
        except TimeoutError:
            raise MeasurementFailed(f"{dock_id} not ready again after {PATIENCE_S:.0f} s: {blockers}") from None

    async def history(self) -> History:
        """What the journal holds since the last time that one asked."""
        history = History()
        while True:
            page = await self.supervisor.get("/api/v1/journal", after=self.read_up_to, limit=PAGE)
            for event in page["events"]:
                self.read_up_to = event["seq"]
                history.note(event)
            if page["next"] is None:
                return history


def _can_launch(dock: Json) -> bool:
    return bool(
        dock["agent"]["online"] and dock["state"] in CAN_LAUNCH and not dock["blockers"] and dock["flight_id"] is None
    )


@contextlib.asynccontextmanager
async def button_of(stack: Stack) -> AsyncIterator[Button]:
    """A running stack's button, with all docks ready and a pilot on duty who accepts beforehand."""
    offset_s = time.time() - time.monotonic()
    clock = SystemClock()
    async with (
        stack.client("controller-1", Role.CONTROLLER) as controller,
        stack.client(PILOT, Role.PILOT) as pilot,
        stack.client("supervisor-1", Role.SUPERVISOR) as supervisor,
    ):
        flights = len(stack.plan.fleet.docks)
        await pilot.post("/api/v1/duty", {"action": "sign_on", "accepts": "beforehand", "max_flights": flights})
        await docks_ready(controller)
        yield Button(
            stack=stack, controller=controller, supervisor=supervisor, clock=clock, references=itertools.count(1)
        )
    if abs(time.time() - time.monotonic() - offset_s) > STEP_S:
        raise MeasurementFailed("the system's clock was set while it was measured")


def delays_s(pressed: list[Pressed], then: Mapping[str, datetime]) -> list[float]:
    """Seconds from each press to what followed; raises `MeasurementFailed` when it followed for not all of them."""
    if absent := [f"{each.flight_id} ({each.dock_id})" for each in pressed if each.flight_id not in then]:
        raise MeasurementFailed(f"{len(absent)} of {len(pressed)} presses came to nothing: {', '.join(absent[:5])}")
    return [(then[each.flight_id] - each.at).total_seconds() for each in pressed]
