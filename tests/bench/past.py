"""A force's past for the journal of a bench: real events, decided by a real desk, from agents who follow a script.

Nothing is invented that the desk would not write: incidents are decided, ordered, flown and closed, so the sizes and
the mix of the events are those of a day's work.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from contracts.fleet import Fleet
from contracts.position import Place, Weather
from contracts.reports import (
    AgentEvent,
    DockStatus,
    Fact,
    FlightFlown,
    OrderAccepted,
    PhaseEntered,
    TrackPoint,
    TrackRecorded,
)
from contracts.vocabulary import Charger, DockState, Lid, Phase
from dispatcher import events as ev
from dispatcher.decision.facts import Policy
from dispatcher.desk import Desk
from dispatcher.entities import Flight, Incident
from dispatcher.journal import Journal
from dispatcher.reach import Reach
from dispatcher.record import Draft
from dispatcher.requests import IncidentReport, Press
from dispatcher.state import State
from kestrel.clock import VirtualClock
from kestrel.identity import uuid7
from tests.eventlog import MemoryLog

BATCH = 200
"""Events in one transaction of the journal that is prepared."""
SPREAD_DEG = 0.03
"""Incidents lie so far around a dock."""
PHASES = (Phase.PREPARING, Phase.LAUNCHING, Phase.EN_ROUTE, Phase.ON_SCENE, Phase.RETURNING, Phase.LANDING)
TRACK_POINTS = 20
TRACK_EACH_S = 5.0
PILOT = "pilot-1"
CONTROLLER = "controller-1"


class Past:
    """Incidents one after the other, on a virtual clock, each flown by the dock that the desk chose."""

    def __init__(self, *, fleet: Fleet, end: datetime, lasting: timedelta, seed: int = 20) -> None:
        self.clock = VirtualClock(start=end - lasting)
        self.log = MemoryLog(self.clock)
        self._fleet = fleet
        self._rng = random.Random(seed)
        self._boot_id = self.new_id()
        self._counters: dict[str, int] = {}
        self._incidents = 0
        policy = Policy(watch_s=60.0)
        self.reach = Reach(policy=policy)
        self.desk = Desk(
            journal=self.log,
            state=State(),
            clock=self.clock,
            policy=policy,
            deployment=fleet.deployment,
            new_id=self.new_id,
            reach=self.reach,
        )

    async def begin(self) -> None:
        """The dispatcher starts, the docks are registered and ready, a pilot signs on."""
        fleet = self._fleet
        await self.desk.record(
            [
                ev.DispatcherStarted(
                    boot_id=self._boot_id, deployment=fleet.deployment, force=fleet.force, force_name=fleet.name
                ),
                *(ev.DockRegistered(dock=dock, aircraft_type=fleet.type_of(dock)) for dock in fleet.docks),
            ]
        )
        await self.desk.sign_on(PILOT, "beforehand", len(fleet.docks))
        for dock in fleet.docks:
            await self._status(dock.id)

    async def fly_one(self) -> Flight:
        """One incident from its report to its close."""
        incident = await self._incident()
        flight = await self._dispatch(incident)
        for phase in PHASES:
            await self._enter(flight, phase)
            if phase in (Phase.EN_ROUTE, Phase.ON_SCENE, Phase.RETURNING):
                await self._track(flight)
        await self._says(
            flight.dock_id,
            FlightFlown(
                flight_id=flight.id,
                time_to_airborne_s=11.2,
                time_to_scene_s=74.0,
                on_scene_s=60.0,
                battery_on_return_percent=81.5,
                distance_m=2140.0,
            ),
        )
        await self._enter(flight, Phase.DOCKED)
        await self.desk.close_incident(CONTROLLER, incident.id, "overview given, crews on scene")
        for dock in self._fleet.docks:
            await self._status(dock.id)
        return flight

    async def begin_flight(self) -> Flight:
        """One incident whose drone is on its way."""
        flight = await self._dispatch(await self._incident())
        for phase in PHASES[:3]:
            await self._enter(flight, phase)
        return flight

    def drafts(self) -> list[Draft]:
        """Everything that happened, to be appended to a journal."""
        return [Draft(stream=record.stream, event=record.event, actor=record.actor) for record in self.log.records]

    def new_id(self) -> UUID:
        """A UUIDv7 of the virtual clock."""
        return uuid7(self.clock.mission_now(), random_bits=self._rng.getrandbits)

    async def _incident(self) -> Incident:
        self._incidents += 1
        await self.clock.advance(30.0)
        for dock in self._fleet.docks:
            await self._status(dock.id)
        near = self._rng.choice(self._fleet.docks)
        incident, _ = await self.desk.report_incident(
            CONTROLLER,
            IncidentReport(
                source="bench",
                reference=f"B{self._incidents}",
                grade="1",
                category="road traffic collision",
                summary="two cars, one on its side; the carriageway is blocked in both directions",
                place=ev.IncidentPlace(
                    lat_deg=near.lat_deg + self._rng.uniform(-SPREAD_DEG, SPREAD_DEG) / 4,
                    lon_deg=near.lon_deg + self._rng.uniform(-SPREAD_DEG, SPREAD_DEG) / 4,
                ),
            ),
        )
        return incident

    async def _dispatch(self, incident: Incident) -> Flight:
        shown = await self.desk.decide(CONTROLLER, incident.id)
        flight, _ = await self.desk.dispatch(
            CONTROLLER,
            incident.id,
            Press(
                purpose="overview for the crews",
                decision_id=shown.id,
                incident_revision=shown.incident_revision,
                dock_id=None,
                idempotency_key=str(self.new_id()),
            ),
        )
        await self._says(flight.dock_id, OrderAccepted(order_id=flight.order.order_id, flight_id=flight.id))
        return flight

    async def _enter(self, flight: Flight, phase: Phase) -> None:
        await self.clock.advance(10.0)
        await self._says(flight.dock_id, PhaseEntered(flight_id=flight.id, phase=phase, because="as ordered"))

    async def _track(self, flight: Flight) -> None:
        dock = self._fleet.dock(flight.dock_id)
        began = self.clock.mission_now()
        points = [
            TrackPoint(
                t=began + timedelta(seconds=TRACK_EACH_S * number),
                lat_deg=dock.lat_deg + number * 0.0002,
                lon_deg=dock.lon_deg + number * 0.0003,
                alt_amsl_m=dock.alt_amsl_m + 60.0,
                alt_above_home_m=60.0,
                battery_percent=95.0 - number * 0.4,
            )
            for number in range(TRACK_POINTS)
        ]
        for first in range(0, TRACK_POINTS, 4):
            await self._says(flight.dock_id, TrackRecorded(flight_id=flight.id, points=points[first : first + 4]))

    async def _says(self, dock_id: str, fact: Fact) -> None:
        self._counters[dock_id] = self._counters.get(dock_id, 0) + 1
        await self.desk.ingest_event(
            dock_id,
            AgentEvent(
                boot_id=self._boot_id,
                counter=self._counters[dock_id],
                deployment=self._fleet.deployment,
                mission_time=self.clock.mission_now(),
                wall_time=self.clock.wall_now(),
                fact=fact,
            ),
        )

    async def _status(self, dock_id: str) -> None:
        dock = self._fleet.dock(dock_id)
        flight_id = self.desk.state.docks[dock_id].active_flight_id
        await self.desk.ingest_status(
            dock_id,
            DockStatus(
                boot_id=self._boot_id,
                counter=1,
                deployment=self._fleet.deployment,
                mission_time=self.clock.mission_now(),
                wall_time=self.clock.wall_now(),
                state=DockState.READY if flight_id is None else DockState.FLYING,
                flight_id=flight_id,
                phase=None if flight_id is None else Phase.EN_ROUTE,
                lid=Lid.CLOSED,
                aircraft_seated=flight_id is None,
                charger=Charger.FULL,
                battery_percent=100.0,
                weather=Weather(
                    wind_speed_m_s=4.0,
                    wind_from_deg=240.0,
                    gust_m_s=7.0,
                    rain_mm_h=0.0,
                    temperature_c=11.0 + self._rng.random() * 2,
                    age_s=1.0,
                ),
                aircraft_connected=True,
                aircraft_system_id=dock.aircraft.system_id,
                aircraft_uid=dock.aircraft.uid,
                aircraft_position=Place(lat_deg=dock.lat_deg, lon_deg=dock.lon_deg),
                blockers=[],
            ),
        )


async def lived_through(fleet: Fleet, *, events: int) -> list[Draft]:
    """Exactly ``events`` events of a force's work that ends now, cut where they are full."""
    # A flight makes some 30 events and takes a little over two minutes of the virtual clock.
    past = Past(fleet=fleet, end=datetime.now(UTC), lasting=timedelta(seconds=events * 10.0))
    await past.begin()
    while len(past.log.records) < events:
        await past.fly_one()
    return past.drafts()[:events]


async def write_journal(url: str, *, fleet: Fleet, drafts: Sequence[Draft]) -> None:
    """A journal at ``url`` that holds ``drafts``, hashed and chained as the dispatcher does it."""
    lasting_s = 3600.0
    clock = VirtualClock(start=datetime.now(UTC) - timedelta(seconds=lasting_s))
    async with Journal.open(url=url, force=fleet.force, clock=clock) as journal:
        for first in range(0, len(drafts), BATCH):
            await journal.append(drafts[first : first + BATCH])
            await clock.advance(lasting_s * BATCH / (len(drafts) + BATCH))
