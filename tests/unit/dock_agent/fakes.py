"""A dock that obeys, fails or stays silent as a test wants, on a virtual clock, and an agent between it and a drone."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from contracts.fleet import Aircraft, AircraftType, Dock, Limits, Links
from contracts.orders import FlightOrder, SafetyAction, SafetyOrder, TaskOrder
from contracts.position import Place, Waypoint, Weather
from contracts.reports import AgentEvent, AlarmChanged, CommandSettled, ConditionChanged, PhaseEntered
from contracts.tasks import Task
from contracts.vocabulary import AlarmKind, Charger, Condition, Deployment, Lid, Phase
from dock_agent import guards
from dock_agent.agent import LOOK_S, DockAgent
from dock_agent.dock_camera import Picture
from dock_agent.errors import HardwareError
from dock_agent.flight_link import Command
from dock_agent.readings import DockReading
from dock_agent.store import Store
from geo.flight.plan import straight_plan
from geo.flight.position import distance_m, offset
from kestrel.clock import Clock, VirtualClock
from tests.unit.dock_agent.fakeaircraft import GROUND_AMSL_M, HOME, FakeAircraft

CALM = Weather(wind_speed_m_s=3.0, wind_from_deg=240, gust_m_s=4, rain_mm_h=0, temperature_c=11, age_s=0)
QUAD = AircraftType(
    cruise_m_s=15,
    climb_m_s=4,
    descent_m_s=2,
    battery_wh=184,
    hover_power_w=270,
    cruise_power_w=260,
    climb_power_w=420,
    wind_limit_m_s=12,
    gust_limit_m_s=16,
    rain_limit_mm_h=8,
    temperature_min_c=-10,
    temperature_max_c=40,
)
DOCK = Dock(
    id="dock-1",
    name="Test dock",
    lat_deg=HOME[0],
    lon_deg=HOME[1],
    alt_amsl_m=GROUND_AMSL_M,
    lid_s=4.0,
    aircraft=Aircraft(id="k1", callsign="K1", type="quad", system_id=1),
    links=Links(mavlink_url="udpin://127.0.0.1:14540", modbus="127.0.0.1:15020"),
    limits=Limits(),
)


class FakeDock:
    """A `DockHardware`: a lid that takes its time, a seat that feels the aircraft, a charger."""

    def __init__(self, *, clock: Clock, aircraft: FakeAircraft, lid_s: float = 4.0) -> None:
        self._clock, self._aircraft, self._lid_s = clock, aircraft, lid_s
        self._moved_s = clock.mission_s()
        self._from = 0.0
        self.wanted_open = False
        self.charging = False
        self.alive = True
        self.stuck: Lid | None = None
        """The lid reads this, whatever is ordered."""
        self.refuses = False
        self.charger_dead = False
        self.weather: Weather | None = CALM
        self.orders: list[str] = []

    def _travel(self) -> float:
        moved = (self._clock.mission_s() - self._moved_s) / self._lid_s
        return min(1.0, self._from + moved) if self.wanted_open else max(0.0, self._from - moved)

    @property
    def lid(self) -> Lid:
        """Where the lid is."""
        travel = self._travel()
        if self.stuck is not None:
            return self.stuck
        if self.wanted_open:
            return Lid.OPEN if travel >= 1.0 else Lid.OPENING
        return Lid.CLOSED if travel <= 0.0 else Lid.CLOSING

    def reading(self) -> DockReading:
        aircraft = self._aircraft
        aircraft.fly()
        if not self.alive:
            return DockReading(alive=False, trouble="no answer")
        charger = Charger.CHARGING if self.charging else Charger.OFF
        seated = not aircraft.in_air and distance_m(aircraft.lat_deg, aircraft.lon_deg, *HOME) < 1.0
        return DockReading(
            alive=True,
            trouble="",
            lid=self.lid,
            seated=seated,
            charger=Charger.FAULT if self.charger_dead else charger if seated else Charger.OFF,
            battery_percent=aircraft.battery if seated else None,
            weather=self.weather,
        )

    async def command_lid(self, *, opened: bool) -> None:
        self.orders.append("open" if opened else "close")
        if self.refuses:
            raise HardwareError("the dock is not connected")
        if opened != self.wanted_open:
            self._from, self._moved_s, self.wanted_open = self._travel(), self._clock.mission_s(), opened

    async def enable_charger(self, *, enabled: bool) -> None:
        self.orders.append("charge" if enabled else "stop charging")
        self.charging = enabled


class FakeCamera:
    """A `PictureSource`: a new picture each time somebody looks, unless it is frozen or dead."""

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock
        self._picture: Picture | None = None
        self.frozen = False
        self.looks = 0

    def picture(self) -> Picture | None:
        if self._picture is None or not self.frozen:
            self._picture = Picture(image=b"still", kind="image/png", taken_s=self._clock.mission_s() - 0.5)
        return self._picture

    def look_now(self) -> None:
        self.looks += 1


class Recorder(Store):
    """A store that also keeps what was put into its outbox at hand, so that looking at it costs nothing."""

    def __init__(self, *, path: Path, boot_id: UUID, told: list[AgentEvent]) -> None:
        super().__init__(path=path, boot_id=boot_id)
        self._told = told

    def append(self, event: AgentEvent) -> None:
        super().append(event)
        self._told.append(event)


@dataclass
class Bench:
    """An agent between its fakes, on a virtual clock. ``restart`` is a kill -9 and a new process."""

    clock: VirtualClock
    aircraft: FakeAircraft
    hardware: FakeDock
    store: Store
    agent: DockAgent
    path: Path
    dock: Dock
    boots: int = 1
    numbers: int = 0
    deployment: Deployment = Deployment.SIMULATION
    aircraft_type: AircraftType = QUAD
    camera: FakeCamera | None = None
    events: list[AgentEvent] = field(default_factory=list)
    """Everything said so far, over all boots."""

    @classmethod
    def set_up(
        cls,
        folder: Path,
        *,
        factor: float = 1.0,
        dock: Dock = DOCK,
        aircraft_type: AircraftType = QUAD,
        camera: bool = False,
    ) -> Bench:
        """A ready dock."""
        clock = VirtualClock(factor=factor)
        aircraft = FakeAircraft(clock=clock)
        hardware = FakeDock(clock=clock, aircraft=aircraft)
        path = folder / "dock-1.sqlite"
        events: list[AgentEvent] = []
        store = Recorder(path=path, boot_id=UUID(int=1), told=events)
        seen_by = FakeCamera(clock=clock) if camera else None
        agent = _agent(clock, aircraft, hardware, store, dock, aircraft_type, seen_by)
        return cls(
            clock,
            aircraft,
            hardware,
            store,
            agent,
            path=path,
            dock=dock,
            aircraft_type=aircraft_type,
            camera=seen_by,
            events=events,
        )

    async def restart(self, *, away_s: float = 0.0, clock_jumps_s: float = 0.0) -> None:
        """Kill the agent without a word, wait, start it anew on what is on disk; the system's clock may have jumped."""
        await self.agent.drain()
        self.store.close()
        await self.clock.advance(away_s)
        self.clock.jump(clock_jumps_s)
        self.boots += 1
        self.store = Recorder(path=self.path, boot_id=UUID(int=self.boots), told=self.events)
        self.agent = _agent(
            self.clock, self.aircraft, self.hardware, self.store, self.dock, self.aircraft_type, self.camera
        )
        self.agent.resume()

    async def run(self, seconds: float) -> None:
        """Look at the steady pace for wall seconds."""
        for _ in range(round(seconds / LOOK_S)):
            await self.clock.advance(LOOK_S)
            self.agent.look()

    async def until(self, phase: Phase, *, within_s: float = 600.0) -> None:
        """Run until a phase has been entered."""
        for _ in range(round(within_s / (2 * LOOK_S))):
            if phase in self.phases():
                return
            await self.clock.advance(2 * LOOK_S)
            self.agent.look()
        raise AssertionError(f"{phase} was not entered in {within_s} s: {self.phases()}")

    def task(self, order: FlightOrder, task: Task, **changes: Any) -> TaskOrder:
        """Give a task to a flight."""
        self.numbers += 1
        now = self.clock.mission_now()
        fields: dict[str, Any] = {
            "order_id": UUID(int=0x7A510000 + self.numbers),
            "flight_id": order.flight_id,
            "deployment": Deployment.SIMULATION,
            "given_by": "pilot-1",
            "issued_at": now,
            "expires_at": now + timedelta(seconds=60),
            "task": task,
        }
        given = TaskOrder(**{**fields, **changes})
        self.agent.take_task(given)
        return given

    def outcome(self, order: TaskOrder | SafetyOrder) -> str | None:
        """How one order came out; None while it has not."""
        found = [str(fact.outcome) for fact in self.facts(CommandSettled) if fact.order_id == order.order_id]
        assert len(found) <= 1, "an order is settled once"
        return found[0] if found else None

    def detail(self, order: TaskOrder | SafetyOrder) -> str:
        """The words of its outcome."""
        return next(str(fact.detail) for fact in self.facts(CommandSettled) if fact.order_id == order.order_id)

    async def settled(self, order: TaskOrder | SafetyOrder, *, within_s: float = 60.0) -> str:
        """Run until an order has its outcome."""
        for _ in range(round(within_s / LOOK_S)):
            if (outcome := self.outcome(order)) is not None:
                return outcome
            await self.run(LOOK_S)
        raise AssertionError(f"{order} was not settled in {within_s} s")

    def order(self, **changes: Any) -> FlightOrder:
        """A straight flight to a scene 300 m to the north-east."""
        distance = changes.pop("distance_m", 300.0)
        scene = offset(*HOME, bearing_deg=45.0, distance_m=distance)
        plan = straight_plan(home=HOME, scene=scene, transit_alt_m=40.0, scene_alt_m=40.0)
        self.numbers += 1
        now = self.clock.mission_now()
        fields: dict[str, Any] = {
            "order_id": UUID(int=0x0D00 + self.numbers),
            "flight_id": UUID(int=0xF000 + self.numbers),
            "incident_id": UUID(int=0x1C00 + self.numbers),
            "deployment": Deployment.SIMULATION,
            "aircraft_id": "k1",
            "pilot": "pilot-1",
            "purpose": "a test",
            "issued_at": now,
            "expires_at": now + timedelta(seconds=60),
            "home": _place(plan.home),
            "scene": _place(plan.scene),
            "route_out": [_waypoint(point) for point in plan.route_out],
            "route_home": [_waypoint(point) for point in plan.route_home],
            "fence": [_place(vertex) for vertex in plan.fence.vertices],
            "ceiling_above_home_m": 120.0,
            "cruise_speed_m_s": 15.0,
            "watch_s": 20.0,
            "reserve_percent": 20.0,
        }
        return FlightOrder(**{**fields, **changes})

    def fly(self, **changes: Any) -> FlightOrder:
        """Give a flight order."""
        order = self.order(**changes)
        self.agent.take_order(order, sequence=self.numbers)
        return order

    def call(self, order: FlightOrder, action: SafetyAction, **changes: Any) -> SafetyOrder:
        """Give a safety order for a flight."""
        self.numbers += 1
        now = self.clock.mission_now()
        fields: dict[str, Any] = {
            "order_id": UUID(int=0x5AFE0000 + self.numbers),
            "flight_id": order.flight_id,
            "deployment": Deployment.SIMULATION,
            "action": action,
            "issued_at": now,
            "expires_at": now + timedelta(seconds=60),
        }
        safety = SafetyOrder(**{**fields, **changes})
        self.agent.take_safety(safety)
        return safety

    def facts(self, kind: type[Any]) -> list[Any]:
        """All facts of a kind."""
        return [event.fact for event in self.events if isinstance(event.fact, kind)]

    def phases(self) -> list[Phase]:
        """The phases entered, in order."""
        return [fact.phase for fact in self.facts(PhaseEntered)]

    def because(self, phase: Phase) -> str:
        """Why a phase was entered."""
        return next(str(fact.because) for fact in self.facts(PhaseEntered) if fact.phase is phase)

    def conditions(self) -> list[tuple[Condition, bool]]:
        """The conditions' beginnings and ends."""
        return [(fact.condition, fact.active) for fact in self.facts(ConditionChanged)]

    def alarms(self) -> list[tuple[AlarmKind, bool]]:
        """The alarms raised and over, in order."""
        return [(fact.alarm, fact.active) for fact in self.facts(AlarmChanged)]

    def alarm(self, kind: AlarmKind) -> AlarmChanged:
        """The last raising of an alarm."""
        found: list[AlarmChanged] = [fact for fact in self.facts(AlarmChanged) if fact.alarm is kind and fact.active]
        return found[-1]

    def blockers(self) -> list[str]:
        """Why the dock cannot launch now."""
        return guards.blockers(self.agent.standing)

    def outcomes(self) -> list[tuple[UUID, str]]:
        """How safety orders came out."""
        return [(fact.order_id, str(fact.outcome)) for fact in self.facts(CommandSettled)]

    def given(self) -> list[Command]:
        """The commands given to the aircraft."""
        return [command for command, _ in self.aircraft.commands]


def _agent(
    clock: Clock,
    aircraft: FakeAircraft,
    hardware: FakeDock,
    store: Store,
    dock: Dock,
    aircraft_type: AircraftType,
    camera: FakeCamera | None,
) -> DockAgent:
    return DockAgent(
        dock=dock,
        aircraft_type=aircraft_type,
        camera=camera,
        deployment=Deployment.SIMULATION,
        clock=clock,
        link=aircraft,
        hardware=hardware,
        store=store,
    )


def _place(point: tuple[float, float]) -> Place:
    return Place(lat_deg=point[0], lon_deg=point[1])


def _waypoint(point: Any) -> Waypoint:
    return Waypoint(lat_deg=point.lat_deg, lon_deg=point.lon_deg, alt_above_home_m=point.alt_above_home_m)
