"""An aircraft and a dock that obey, fail or stay silent as a test wants, on a virtual clock; and an agent between them.

The aircraft flies its mission item by item in straight lines, as far as the phase machine can tell the difference.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from contracts.fleet import Aircraft, AircraftType, Dock, Limits, Links
from contracts.orders import FlightOrder, SafetyAction, SafetyOrder
from contracts.position import Place, Waypoint, Weather
from contracts.reports import AgentEvent, CommandSettled, ConditionChanged, PhaseEntered
from contracts.vocabulary import Charger, Condition, Deployment, Lid, Phase
from dock_agent.agent import LOOK_S, DockAgent
from dock_agent.errors import HardwareError
from dock_agent.flight_link import Answer, Command, Reply
from dock_agent.mission import Item, MissionPlan, RawItem
from dock_agent.readings import AircraftReading, DockReading, Ground, Mode, Position
from dock_agent.store import Store
from geo.flight.plan import straight_plan
from geo.flight.position import LocalPlane, distance_m, offset
from kestrel.clock import Clock, VirtualClock

HOME = (52.4081, -1.5106)
GROUND_AMSL_M = 88.0
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
ACK = Answer(Reply.ACKNOWLEDGED)
DENIED = Answer(Reply.DENIED, "COMMAND_DENIED")
SILENCE = Answer(Reply.SILENCE, "no answer")


class FakeAircraft:
    """A `FlightLink` with an aircraft behind it. Faults are switched on by attributes or `failing`."""

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock
        self._last_s = clock.mission_s()
        self.base = AircraftReading(
            identified=True, connected=True, system_id=1, uid="01", tuned=True, armable=True, global_position_ok=True
        )
        self.commands: list[tuple[Command, int | None]] = []
        self.uploads: list[MissionPlan] = []
        self.plan: MissionPlan | None = None
        self.link_loss_s: float | None = None
        self.answers: dict[Command, Answer] = {}
        """What comes back instead of an acknowledgement; the command is then not obeyed."""
        self.ignores: set[Command] = set()
        """Commands that are acknowledged and not obeyed (trap 1)."""
        self.upload_answer = ACK
        self.deaf_s: float | None = None
        """Wall seconds since the link was cut; None while it is heard."""
        self.armed = False
        self.mode = Mode.HOLD
        self.item = 0
        self.stale_item: int | None = None
        """What is read instead of the item, as from a getter that has not been refreshed."""
        self.loiter_s = 0.0
        self.battery = 95.0
        self.drain_percent_s = 0.02
        self.lat_deg, self.lon_deg, self.height_m = *HOME, 0.0
        self.frozen: AircraftReading | None = None

    def fly(self) -> None:
        """Live until now."""
        now_s = self._clock.mission_s()
        while self._last_s < now_s:
            step_s = min(0.1, now_s - self._last_s)
            self._last_s += step_s
            self._step(step_s)

    def _step(self, dt_s: float) -> None:
        if not self.armed:
            return
        self.battery = max(0.0, self.battery - self.drain_percent_s * dt_s)
        if self.plan is None or self.mode not in (Mode.MISSION, Mode.RETURN):
            return
        item = self.plan.items[self.item]
        if item.command not in (Item.WAYPOINT, Item.LOITER_TIME, Item.LAND, Item.TAKEOFF):
            self._next()
            return
        if not self._go(item, dt_s):
            return
        if item.command == Item.LOITER_TIME and self.mode is Mode.MISSION:
            self.loiter_s += dt_s
            if self.loiter_s < item.params[0]:
                return
        if item.command == Item.LAND:
            self.armed, self.mode = False, Mode.HOLD
            return
        self._next()

    def _next(self) -> None:
        assert self.plan is not None
        self.item = min(self.item + 1, len(self.plan.items) - 1)
        self.loiter_s = 0.0

    def _go(self, item: RawItem, dt_s: float) -> bool:
        """Move towards an item; True when there."""
        target = (item.x / 1e7, item.y / 1e7)
        plane = LocalPlane(self.lat_deg, self.lon_deg)
        east_m, north_m = plane.to_local(*target)
        away_m = (east_m**2 + north_m**2) ** 0.5
        reach_m = 15.0 * dt_s
        if away_m <= reach_m:
            self.lat_deg, self.lon_deg = target
        else:
            self.lat_deg, self.lon_deg = plane.to_position(east_m * reach_m / away_m, north_m * reach_m / away_m)
        rise_m = item.z - self.height_m
        rate_m_s = 4.0 if rise_m > 0 else 2.0
        self.height_m += max(-rate_m_s * dt_s, min(rate_m_s * dt_s, rise_m))
        return away_m <= reach_m and abs(item.z - self.height_m) < 0.01

    @property
    def in_air(self) -> bool:
        """Off the ground."""
        return self.height_m > 0.2

    def reading(self) -> AircraftReading:
        self.fly()
        if self.deaf_s is not None:
            assert self.frozen is not None
            age_s = self._clock.wall_s() - self.deaf_s
            return replace(self.frozen, link_age_s=age_s, position_age_s=age_s, connected=age_s < 3.0)
        landing = self.plan is not None and self.item == self.plan.land_item and self.mode is not Mode.HOLD
        ground = Ground.LANDING if landing and self.in_air else Ground.IN_AIR if self.in_air else Ground.ON_GROUND
        return replace(
            self.base,
            link_age_s=0.1,
            armed=self.armed,
            in_air=self.in_air,
            ground=ground,
            mode=self.mode,
            mode_name=self.mode.name,
            mission_item=self.stale_item if self.stale_item is not None else self.item if self.plan else None,
            mission_count=len(self.plan.items) if self.plan is not None else None,
            position=Position(
                lat_deg=self.lat_deg,
                lon_deg=self.lon_deg,
                alt_amsl_m=GROUND_AMSL_M + self.height_m,
                alt_above_home_m=self.height_m,
            ),
            position_age_s=0.1,
            battery_percent=self.battery,
            heading_deg=0.0,
            ground_speed_m_s=0.0,
            climb_m_s=0.0,
        )

    @contextlib.contextmanager
    def link_cut(self) -> Iterator[None]:
        """Nothing is heard and nothing arrives inside the block; the aircraft flies on."""
        self.frozen, self.deaf_s = self.reading(), self._clock.wall_s()
        try:
            yield
        finally:
            self.deaf_s = None

    async def upload(self, plan: MissionPlan) -> Answer:
        await self._clock.sleep_wall(0.05)
        self.uploads.append(plan)
        if self.upload_answer.reply is Reply.ACKNOWLEDGED:
            self.plan, self.item, self.loiter_s = plan, 0, 0.0
        return self.upload_answer

    async def set_link_loss_return(self, seconds: float) -> Answer:
        self.link_loss_s = seconds
        return ACK

    async def command(self, command: Command, *, item: int | None = None) -> Answer:
        self.fly()
        self.commands.append((command, item))
        await self._clock.sleep_wall(0.01)
        if self.deaf_s is not None:
            await self._clock.sleep_wall(2.0)
            return SILENCE
        if command in self.answers:
            return self.answers[command]
        if command not in self.ignores:
            self._obey(command, item)
        return ACK

    def _obey(self, command: Command, item: int | None) -> None:
        match command:
            case Command.ARM:
                self.armed = True
            case Command.DISARM:
                if not self.in_air:
                    self.armed, self.mode = False, Mode.HOLD
            case Command.START:
                self.mode = Mode.MISSION
            case Command.JUMP:
                assert item is not None
                self.item, self.loiter_s = item, 0.0
            case Command.RETURN:
                self.return_by_itself()
            case Command.HOLD:
                self.mode = Mode.HOLD

    def return_by_itself(self) -> None:
        """The autopilot's own return: along the mission's way home."""
        assert self.plan is not None
        self.mode = Mode.RETURN
        self.item = max(self.item, self.plan.home_items[0])


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
        seated = not aircraft.in_air and distance_m(aircraft.lat_deg, aircraft.lon_deg, *HOME) < 1.0
        return DockReading(
            alive=True,
            trouble="",
            lid=self.lid,
            seated=seated,
            charger=Charger.CHARGING if self.charging and seated else Charger.OFF,
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
    events: list[AgentEvent] = field(default_factory=list)
    """Everything said so far, over all boots."""

    @classmethod
    def set_up(cls, folder: Path, *, factor: float = 1.0, dock: Dock = DOCK) -> Bench:
        """A ready dock."""
        clock = VirtualClock(factor=factor)
        aircraft = FakeAircraft(clock=clock)
        hardware = FakeDock(clock=clock, aircraft=aircraft)
        path = folder / "dock-1.sqlite"
        events: list[AgentEvent] = []
        store = Recorder(path=path, boot_id=UUID(int=1), told=events)
        agent = _agent(clock, aircraft, hardware, store, dock)
        return cls(clock, aircraft, hardware, store, agent, path=path, dock=dock, events=events)

    async def restart(self, *, away_s: float = 0.0) -> None:
        """Kill the agent without a word, wait, start it anew on what is on disk."""
        await self.agent.drain()
        self.store.close()
        await self.clock.advance(away_s)
        self.boots += 1
        self.store = Recorder(path=self.path, boot_id=UUID(int=self.boots), told=self.events)
        self.agent = _agent(self.clock, self.aircraft, self.hardware, self.store, self.dock)
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

    def outcomes(self) -> list[tuple[UUID, str]]:
        """How safety orders came out."""
        return [(fact.order_id, str(fact.outcome)) for fact in self.facts(CommandSettled)]

    def given(self) -> list[Command]:
        """The commands given to the aircraft."""
        return [command for command, _ in self.aircraft.commands]


def _agent(clock: Clock, aircraft: FakeAircraft, hardware: FakeDock, store: Store, dock: Dock) -> DockAgent:
    return DockAgent(
        dock=dock,
        aircraft_type=QUAD,
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
