"""A desk, three docks with their agents, and everything that passes between them, second by second."""

from __future__ import annotations

import contextlib
import math
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, Literal, Protocol
from uuid import UUID

from contracts.fleet import Dock
from contracts.orders import (
    BlockerOrder,
    FlightOrder,
    MaintenanceOrder,
    ReceiveOrder,
    SafetyOrder,
    TaskOrder,
    WithdrawReceiveOrder,
)
from contracts.reports import Telemetry
from contracts.vocabulary import AlarmKind, Deployment
from dispatcher import events as ev
from dispatcher.app import replay
from dispatcher.decision.facts import Policy
from dispatcher.desk import Desk
from dispatcher.entities import Flight, Incident
from dispatcher.journal import Journal
from dispatcher.link.outgoing import outgoing_of
from dispatcher.link.telemetry import TelemetrySlots
from dispatcher.reach import Reach
from dispatcher.record import Draft, Recorded
from dispatcher.requests import IncidentReport, Press
from dispatcher.state import State, apply
from dock_agent.agent import DockAgent
from dock_agent.status import dock_status, telemetry
from dock_agent.store import Store
from kestrel.clock import VirtualClock
from kestrel.identity import uuid7
from tests.desks import QUAD, SITES, dock
from tests.eventlog import MemoryLog
from tests.journals import open_journal
from tests.virtual.drone import Sample, VirtualBox, VirtualDrone

PLATES_AMSL_M = {"cov-1": 90.0, "cov-2": 104.0, "cov-3": 83.0}
"""Docks do not stand at one height: what keeps drones apart must not think so."""
STEP_S = 2.0
IDLE_LOOK_S = 6.0
STATUS_S = 4.0
LOOK_AFTER_S = 4.0
SCENE = (52.4100, -1.5100)


class Log(Protocol):
    """A journal whose events are at hand."""

    records: list[Recorded]

    async def append(self, drafts: Sequence[Draft]) -> list[Recorded]: ...


class KeptJournal:
    """The product's journal in a file, that also keeps what was written at hand."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self.records: list[Recorded] = []

    async def append(self, drafts: Sequence[Draft]) -> list[Recorded]:
        written = await self.journal.append(drafts)
        self.records += written
        return written


class Post:
    """One dock: its drone, its box and its agent."""

    def __init__(self, *, clock: VirtualClock, site: Dock, folder: Path, number: int) -> None:
        self.site = site
        self.drone = VirtualDrone(clock=clock, dock=site, aircraft_type=QUAD)
        self.box = VirtualBox(clock=clock, drone=self.drone)
        self.store = Store(path=folder / f"{site.id}.sqlite", boot_id=UUID(int=0xB0070 + number))
        self.store._db.execute("PRAGMA synchronous=OFF")  # nobody kills this process and reads the file afterwards
        self.agent = DockAgent(
            dock=site,
            aircraft_type=QUAD,
            deployment=Deployment.SIMULATION,
            clock=clock,
            link=self.drone,
            hardware=self.box,
            store=self.store,
        )
        self.silent = False
        """Nothing of what its agent says is heard, and nothing reaches it."""
        self.counter = 0

    def take(self, message: Any, sequence: int) -> None:
        """An order has come."""
        match message:
            case FlightOrder():
                self.agent.take_order(message, sequence=sequence)
            case SafetyOrder():
                self.agent.take_safety(message)
            case TaskOrder():
                self.agent.take_task(message)
            case WithdrawReceiveOrder():
                self.agent.take_withdrawal(message)
            case ReceiveOrder():
                self.agent.take_receive(message)
            case BlockerOrder():
                self.agent.take_blocker(message)
            case MaintenanceOrder():
                self.agent.take_maintenance(message, sequence=sequence)


@dataclass
class City:
    """Use ``async with City.open(...)``."""

    clock: VirtualClock
    log: Log
    desk: Desk
    slots: TelemetrySlots
    posts: dict[str, Post]
    policy: Policy
    ids: Random
    steps: int = 0
    down: bool = False
    """The dispatcher is not there."""

    @classmethod
    @contextlib.asynccontextmanager
    async def open(
        cls,
        folder: Path,
        *,
        pilots: int = 1,
        accepts: Literal["beforehand", "ask"] = "beforehand",
        policy: Policy | None = None,
        docks: Mapping[str, tuple[float, float]] = SITES,
        on_disk: bool = False,
    ) -> AsyncIterator[City]:
        """Everybody is there and ready. ``on_disk``: with a real journal on SQLite, in place of one in memory."""
        clock = VirtualClock()
        slots, policy = TelemetrySlots(), policy or Policy()
        closing = contextlib.AsyncExitStack()
        log: Log = MemoryLog(clock)
        if on_disk:
            log = KeptJournal(await closing.enter_async_context(open_journal(folder / "journal.sqlite", clock=clock)))
        sites = [
            dock(dock_id, number, *place).model_copy(update={"alt_amsl_m": _plate_amsl_m(dock_id, number)})
            for number, (dock_id, place) in enumerate(docks.items(), start=1)
        ]
        posts = {
            site.id: Post(clock=clock, site=site, folder=folder, number=number) for number, site in enumerate(sites)
        }
        ids = Random(11)
        desk = _desk(State(), clock=clock, log=log, slots=slots, policy=policy, ids=ids)
        city = cls(clock=clock, log=log, desk=desk, slots=slots, posts=posts, policy=policy, ids=ids)
        await city.desk.record(
            [
                ev.DispatcherStarted(
                    boot_id=UUID(int=1), deployment=Deployment.SIMULATION, force="test", force_name="Test Police"
                ),
                *(ev.DockRegistered(dock=site, aircraft_type=QUAD) for site in sites),
            ]
        )
        for number in range(1, pilots + 1):
            await city.desk.sign_on(f"pilot-{number}", accepts, 4)
        for post in posts.values():
            post.agent.resume()
        await city.run(10)
        try:
            yield city
        finally:
            for post in posts.values():
                await post.agent.drain()
                post.store.close()
            await closing.aclose()

    async def restart_dispatcher(self, *, away_s: float = 0.0) -> None:
        """A kill -9 of the dispatcher: what it knows afterwards is what its journal holds."""
        desk, self.down = self.desk, True
        await self.run(away_s)
        if isinstance(self.log, KeptJournal):
            state = await replay(self.log.journal)
        else:
            state = State()
            for recorded in self.log.records:
                state = apply(state, recorded)
        assert state == desk.state, "the fold of the journal is what the desk knew"
        self.slots = TelemetrySlots()
        self.desk = _desk(state, clock=self.clock, log=self.log, slots=self.slots, policy=self.policy, ids=self.ids)
        self.down = False

    # --- what people do ---

    async def incident(
        self, *, watch_s: float | None = 5400.0, place: tuple[float, float] = SCENE, grade: str = "immediate"
    ) -> Incident:
        """A siege, for which a long watch is wanted."""
        report = IncidentReport(
            source="cad",
            reference=f"R{len(self.log.records)}",
            grade=grade,
            category="siege",
            summary="",
            place=ev.IncidentPlace(lat_deg=place[0], lon_deg=place[1]),
            watch_s=watch_s,
        )
        incident, _ = await self.desk.report_incident("controller-1", report)
        return incident

    async def press(self, incident: Incident, *, dock_id: str | None = None) -> Flight:
        """Dispatch what the options show as the best, or a named dock."""
        shown = await self.desk.decide("controller-1", incident.id)
        press = Press(
            purpose="see who comes out",
            decision_id=shown.id,
            incident_revision=shown.incident_revision,
            dock_id=dock_id,
            idempotency_key=f"press-{len(self.log.records)}",
        )
        flight, _ = await self.desk.dispatch("controller-1", incident.id, press)
        return flight

    # --- time ---

    async def run(self, seconds: float) -> None:
        """So many mission seconds pass."""
        for _ in range(math.ceil(seconds / STEP_S)):
            await self._step()

    async def until(self, condition: Callable[[], bool], *, within_s: float) -> None:
        """Time passes until something is so."""
        for _ in range(round(within_s / STEP_S)):
            if condition():
                return
            await self._step()
        raise AssertionError(f"not so within {within_s} s")

    async def _step(self) -> None:
        await self.clock.advance(STEP_S)
        self.steps += 1
        for number, post in enumerate(self.posts.values()):
            busy = post.agent.flight is not None
            if busy or (self.steps + number) % round(IDLE_LOOK_S / STEP_S) == 0:
                post.agent.look()
            post.drone.fly()
        if self.down:
            return
        for post in self.posts.values():
            await self._hear(post)
        if self.steps % round(LOOK_AFTER_S / STEP_S) == 0:
            await self.desk.look_after_flights()
            await self.desk.look_after_relays()
            await self.desk.look_after_diversions()
            await self.desk.look_after_turns()
        await self.desk.look_after_nearness()
        self._carry()

    async def _hear(self, post: Post) -> None:
        if post.silent:
            return
        for pending in post.store.pending(limit=40):
            if await self.desk.ingest_event(post.site.id, pending.event):
                post.store.acknowledge(boot_id=pending.event.boot_id, counter=pending.counter)
        if self.steps % round(STATUS_S / STEP_S) == 0:
            await self._hear_status(post)

    async def _hear_status(self, post: Post) -> None:
        standing, now, wall = post.agent.standing, self.clock.mission_now(), self.clock.wall_now()
        post.counter += 1
        status = dock_status(
            standing=standing,
            flight=post.agent.flight,
            boot_id=post.store.boot_id,
            counter=post.counter,
            events_said=post.store.last_counter,
            mission_time=now,
            wall_time=wall,
        )
        view = self.desk.state.docks[post.site.id]
        if view.silent:
            await self.desk.dock_heard(post.site.id)
        await self.desk.ingest_status(post.site.id, status)
        values: Telemetry | None = telemetry(
            aircraft=standing.aircraft,
            standing=standing,
            boot_id=post.store.boot_id,
            counter=post.counter,
            mission_time=now,
        )
        if values is not None:
            self.slots.put(post.site.id, values)

    def _carry(self) -> None:
        """What is not answered yet is said again and again, as the outbox does."""
        for flight in self.desk.state.active_flights():
            for outgoing in outgoing_of(flight, Deployment.SIMULATION):
                post = self.posts[outgoing.dock_id]
                if outgoing.withheld or post.silent or self.clock.mission_now() >= outgoing.expires_at:
                    continue
                post.take(outgoing.message, outgoing.sequence)

    # --- what has happened ---

    @property
    def track(self) -> list[Sample]:
        """Where all drones were, each second."""
        return [sample for post in self.posts.values() for sample in post.drone.trail]

    def flights(self) -> list[Flight]:
        """All flights, in the order they were ordered."""
        return sorted(self.desk.state.flights.values(), key=lambda flight: flight.ordered_at)

    def journal(self, kind: type[Any]) -> list[Any]:
        """All events of a kind."""
        return [record.event for record in self.log.records if isinstance(record.event, kind)]

    def at_s(self, kind: type[Any]) -> list[float]:
        """When the events of a kind came, in mission seconds since the beginning."""
        start = self.clock.mission_now().timestamp() - self.clock.mission_s()
        return [
            record.mission_time.timestamp() - start for record in self.log.records if isinstance(record.event, kind)
        ]

    def alarms(self, kind: AlarmKind = AlarmKind.NO_RELIEF) -> list[ev.AlarmRaised]:
        """The dispatcher's alarms of a kind."""
        return [event for event in self.journal(ev.AlarmRaised) if event.alarm is kind]


def _plate_amsl_m(dock_id: str, number: int) -> float:
    return PLATES_AMSL_M.get(dock_id, 80.0 + (7.0 * number) % 30.0)


def _desk(state: State, *, clock: VirtualClock, log: Log, slots: TelemetrySlots, policy: Policy, ids: Random) -> Desk:
    return Desk(
        journal=log,
        state=state,
        clock=clock,
        policy=policy,
        deployment=Deployment.SIMULATION,
        new_id=lambda: uuid7(clock.mission_now(), random_bits=ids.getrandbits),
        reach=Reach(policy=policy),
        whereabouts=slots,
    )
