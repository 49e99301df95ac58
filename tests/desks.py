"""A desk on a virtual clock with three docks around Coventry, and short ways to make its docks and agents speak."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from contracts.fleet import Aircraft, AircraftType, Dock, Links
from contracts.position import Place, Weather
from contracts.reports import AgentEvent, DockStatus, Fact, PhaseEntered, Telemetry
from contracts.vocabulary import Charger, Deployment, DockState, Lid, Phase
from dispatcher import events as ev
from dispatcher.decision.facts import Policy
from dispatcher.desk import Desk
from dispatcher.entities import Flight, Incident
from dispatcher.link.telemetry import TelemetrySlots
from dispatcher.policy import FlyingPolicy
from dispatcher.reach import Reach
from dispatcher.requests import IncidentReport, Press
from dispatcher.state import State
from kestrel.clock import VirtualClock
from tests.eventlog import MemoryLog, NumberedIds

QUAD = AircraftType(
    cruise_m_s=15,
    climb_m_s=3,
    descent_m_s=1.5,
    battery_wh=150,
    hover_power_w=200,
    cruise_power_w=190,
    climb_power_w=320,
    wind_limit_m_s=12,
    gust_limit_m_s=16,
    rain_limit_mm_h=8,
    temperature_min_c=-10,
    temperature_max_c=40,
)
SITES = {"cov-1": (52.4068, -1.5197), "cov-2": (52.4300, -1.4900), "cov-3": (52.3850, -1.5600)}
BOOT = UUID(int=0xB007)


def dock(dock_id: str, number: int, lat_deg: float, lon_deg: float) -> Dock:
    """A dock as a fleet file would have it."""
    return Dock(
        id=dock_id,
        name=f"Dock {number}",
        lat_deg=lat_deg,
        lon_deg=lon_deg,
        alt_amsl_m=90,
        aircraft=Aircraft(id=f"k{number}", callsign=f"K{number}", type="quad", system_id=number, uid=f"0x{number:x}"),
        links=Links(mavlink_url=f"udpin://127.0.0.1:{14540 + number}", modbus=f"127.0.0.1:{15020 + number}"),
    )


@dataclass
class Scene:
    """A desk and everything around it."""

    clock: VirtualClock
    log: MemoryLog
    desk: Desk
    reach: Reach
    slots: TelemetrySlots = field(default_factory=TelemetrySlots)
    counters: dict[str, int] = field(default_factory=dict)
    references: int = 0

    @classmethod
    async def open(
        cls,
        *,
        pilots: int = 1,
        ready: bool = True,
        policy: Policy | None = None,
        flying: FlyingPolicy | None = None,
    ) -> Scene:
        """Three docks, all ready, and pilots who accept beforehand."""
        clock = VirtualClock()
        log = MemoryLog(clock)
        policy = policy or Policy(watch_s=300)
        reach = Reach(policy=policy)
        slots = TelemetrySlots()
        desk = Desk(
            journal=log,
            state=State(),
            clock=clock,
            policy=policy,
            deployment=Deployment.SIMULATION,
            new_id=NumberedIds(),
            reach=reach,
            flying=flying,
            whereabouts=slots,
        )
        scene = cls(clock=clock, log=log, desk=desk, reach=reach, slots=slots)
        await desk.record(
            [
                ev.DispatcherStarted(
                    boot_id=BOOT, deployment=Deployment.SIMULATION, force="test", force_name="Test Police"
                ),
                *(
                    ev.DockRegistered(dock=dock(dock_id, number, *site), aircraft_type=QUAD)
                    for number, (dock_id, site) in enumerate(SITES.items(), start=1)
                ),
            ]
        )
        for number in range(1, pilots + 1):
            await desk.sign_on(f"pilot-{number}", "beforehand", 4)
        if ready:
            for dock_id in SITES:
                await scene.status(dock_id)
        return scene

    async def status(self, dock_id: str, **changes: Any) -> None:
        """The dock says that it is ready, but for ``changes``."""
        known = self.desk.state.docks[dock_id].dock
        values: dict[str, Any] = {
            "boot_id": BOOT,
            "counter": 1,
            "deployment": Deployment.SIMULATION,
            "mission_time": self.clock.mission_now(),
            "wall_time": self.clock.wall_now(),
            "state": DockState.READY,
            "flight_id": None,
            "phase": None,
            "lid": Lid.CLOSED,
            "aircraft_seated": True,
            "charger": Charger.FULL,
            "battery_percent": 100.0,
            "weather": Weather(wind_speed_m_s=4, wind_from_deg=240, gust_m_s=7, rain_mm_h=0, temperature_c=11, age_s=1),
            "aircraft_connected": True,
            "aircraft_system_id": known.aircraft.system_id,
            "aircraft_uid": known.aircraft.uid,
            "aircraft_position": Place(lat_deg=known.lat_deg, lon_deg=known.lon_deg),
            "blockers": [],
        }
        await self.desk.ingest_status(dock_id, DockStatus(**(values | changes)))

    async def all_report(self) -> None:
        """Every dock that is not flying says again that it is ready."""
        for dock_id, view in self.desk.state.docks.items():
            if view.active_flight_id is None:
                await self.status(dock_id)

    async def says(self, dock_id: str, fact: Fact, *, counter: int | None = None, boot: UUID = BOOT) -> bool:
        """The dock's agent reports a fact with its next number."""
        if counter is None:
            counter = self.counters.get(dock_id, 0) + 1
            self.counters[dock_id] = counter
        return await self.desk.ingest_event(
            dock_id,
            AgentEvent(
                boot_id=boot,
                counter=counter,
                deployment=Deployment.SIMULATION,
                mission_time=self.clock.mission_now(),
                wall_time=self.clock.wall_now(),
                fact=fact,
            ),
        )

    async def fly(self, flight: Flight, *phases: Phase) -> None:
        """The agent enters these phases, ten seconds apart."""
        for phase in phases:
            await self.clock.advance(10)
            await self.says(flight.dock_id, PhaseEntered(flight_id=flight.id, phase=phase))

    def seen(self, flight: Flight, lat_deg: float, lon_deg: float, **changes: Any) -> None:
        """The flight's aircraft says where it is, at the height of its way unless that changes."""
        alt_m = changes.pop("alt_above_home_m", flight.order.route_out[-1].alt_above_home_m)
        values: dict[str, Any] = {
            "boot_id": BOOT,
            "counter": 1,
            "deployment": Deployment.SIMULATION,
            "mission_time": self.clock.mission_now(),
            "flight_id": flight.id,
            "aircraft_id": flight.order.aircraft_id,
            "lat_deg": lat_deg,
            "lon_deg": lon_deg,
            "alt_amsl_m": self.desk.state.docks[flight.dock_id].dock.alt_amsl_m + alt_m,
            "alt_above_home_m": alt_m,
            "heading_deg": 0,
            "ground_speed_m_s": 0,
            "climb_m_s": 0,
            "battery_percent": 80,
            "armed": True,
            "in_air": True,
            "flight_mode": "MISSION",
            "position_age_s": 0.1,
            "link_age_s": 0.1,
        }
        self.slots.put(flight.dock_id, Telemetry(**(values | changes)))

    async def incident(self, lat_deg: float = 52.4100, lon_deg: float = -1.5100, **changes: Any) -> Incident:
        """A robbery, 800 m from cov-1."""
        self.references += 1
        values: dict[str, Any] = {
            "source": "cad",
            "reference": f"R{self.references}",
            "grade": "immediate",
            "category": "robbery",
            "summary": "",
            "place": ev.IncidentPlace(lat_deg=lat_deg, lon_deg=lon_deg),
        }
        incident, created = await self.desk.report_incident("controller-1", IncidentReport(**(values | changes)))
        assert created
        return incident

    async def press(self, incident: Incident, *, dock_id: str | None = None, key: str = "press-1") -> Flight:
        """Ask for the options and press dispatch on what they show."""
        shown = await self.desk.decide("controller-1", incident.id)
        flight, _ = await self.desk.dispatch(
            "controller-1",
            incident.id,
            Press(
                purpose="see what is there",
                decision_id=shown.id,
                incident_revision=shown.incident_revision,
                dock_id=dock_id,
                idempotency_key=key,
            ),
        )
        return flight

    async def wait(self, seconds: float) -> None:
        """Mission time passes; the docks keep reporting."""
        while seconds > 0:
            step = min(seconds, 2.0)
            await self.clock.advance(step)
            await self.all_report()
            seconds -= step

    def now_plus(self, seconds: float) -> Any:
        """Mission time ``seconds`` from now."""
        return self.clock.mission_now() + timedelta(seconds=seconds)
