"""One day, event by event: calls come, drones fly, charge and are free again; a policy says who goes where.

The clock jumps from event to event, so that a day takes as long as its decisions. Every policy has the same aircraft,
chargers, pilots and gates: the dispatcher's own gates are asked of a docked drone, and a drone goes nowhere from where
the energy would not bring it home above the reserve after the least watch. A move that breaks this ends the day
(`ForbiddenMove`): no policy can win by what is not allowed.

A drone serves one call, for as long as is wanted there or its charge allows, and flies home. Nobody turns a drone that
has been sent: the bound (`tests.bench.cityday.bound`) is of such days, and what turning gains beside is not counted.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import partial
from itertools import count
from typing import Protocol

from contracts.vocabulary import DockState, Lid
from dispatcher.decision.facts import DockFacts, WeatherFacts
from dispatcher.decision.facts import Policy as Gates
from dispatcher.decision.gates import reasons_against
from tests.bench.cityday.calls import Call
from tests.bench.cityday.errors import ForbiddenMove
from tests.bench.cityday.physics import Physics, Point

_DUST_WH = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What is the same for everybody."""

    pilots: int = 3
    flights_each: int = 4
    """A flight is in a pilot's command from the order until it is docked."""
    min_launch_percent: float = 60.0
    min_watch_s: float = 60.0
    give_up_s: float = 1800.0
    """A call to which no drone is on its way so long after it came is missed."""


class Doing(Enum):
    """What a drone does."""

    DOCKED = "docked"
    OUTWARD = "outward"
    """From the order until it is on scene."""
    ON_SCENE = "on_scene"
    HOMEWARD = "homeward"
    """Until it stands on its plate."""


@dataclass(slots=True, kw_only=True)
class Drone:
    """One drone. ``wh`` is what it had at ``since_s`` in its dock, or has when it is done with what it does."""

    number: int
    wh: float
    since_s: float = 0.0
    doing: Doing = Doing.DOCKED
    call: int | None = None
    until_s: float = 0.0
    """When it is on scene, the watch is over, or it is docked."""
    out_since_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Move:
    """A docked drone takes off to a call."""

    drone: int
    call: int


class Policy(Protocol):
    """Looks at a day whenever something has happened, and says what is to be done now."""

    def moves(self, day: Day) -> Sequence[Move]:
        """In their order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a day: one entry a call."""

    response_s: tuple[float, ...]
    """From the call until somebody is on scene; infinite: missed."""
    watched: float
    """Share of the wanted service that was given."""
    drone_hours: float
    """In the air or on the way there, from order to docked."""


@dataclass
class Day:
    """``Day(...).run(policy)``."""

    calls: Sequence[Call]
    places: Sequence[Point]
    """Of the calls."""
    docks: Sequence[Point]
    physics: Physics
    rules: Rules = field(default_factory=Rules)
    gates: Gates = field(default_factory=Gates)
    now_s: float = 0.0

    def __post_init__(self) -> None:
        full_wh = self.physics.aircraft.battery_wh
        self.drones = [Drone(number=number, wh=full_wh) for number in range(len(self.docks))]
        self.waiting: set[int] = set()
        """Calls that came and to which nobody is on the way."""
        self.on_scene_s: dict[int, float] = {}
        self.missed: set[int] = set()
        self._watched_s = self._out_s = 0.0
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._ids = count()
        self._legs: dict[tuple[int, int], tuple[float, float, float]] = {}

    # What a policy may ask --------------------------------------------------------------------------------------------

    def flight_of(self, drone: int, call: int) -> tuple[float, float, float]:
        """From its dock to a call: seconds from order to scene; Wh there; Wh home from there and down."""
        known = self._legs.get((drone, call))
        if known is None:
            physics, dock, scene = self.physics, self.docks[drone], self.places[call]
            out = physics.leg(dock, scene, short_m=physics.standoff_m)
            seconds = physics.airborne_s + physics.climb.seconds + out.seconds
            home = physics.leg(physics.watch_place(dock, scene), dock)
            known = (seconds, physics.climb.energy_wh + out.energy_wh, home.energy_wh + physics.landing.energy_wh)
            self._legs[drone, call] = known
        return known

    def home_s(self, drone: int, call: int) -> float:
        """From the scene until it stands on its plate."""
        physics, dock = self.physics, self.docks[drone]
        return physics.leg(physics.watch_place(dock, self.places[call]), dock).seconds + physics.landing.seconds

    def needed_wh(self, drone: int, call: int) -> float:
        """What it must have at take-off for this call: there, the least watch, home, and the reserve."""
        _, out_wh, home_wh = self.flight_of(drone, call)
        return out_wh + self._least_wh + home_wh

    def launch_wh(self, drone: int, call: int) -> float:
        """What it must have in its dock: also what a launch needs at least."""
        return max(self.needed_wh(drone, call), self.gate_wh)

    def reachable(self, drone: int, call: int) -> bool:
        """With a full battery."""
        return self.launch_wh(drone, call) <= self.physics.aircraft.battery_wh

    def charge_wh(self, drone: Drone) -> float:
        """Of a docked drone, now."""
        return self.physics.charged_wh(drone.wh, self.now_s - drone.since_s)

    def fit(self, drone: Drone) -> bool:
        """The dispatcher's own gates let it go now."""
        if drone.doing is not Doing.DOCKED:
            return False
        return next(reasons_against(self._facts(drone), self.gates, deployment="simulation"), None) is None

    def may_launch(self, drone: Drone, call: int) -> bool:
        """It may go to this call now: gates, energy; a pilot is asked for apart."""
        return self.charge_wh(drone) >= self.needed_wh(drone.number, call) - _DUST_WH and self.fit(drone)

    def pilots_free(self) -> int:
        """So many more flights may be in somebody's command."""
        out = sum(drone.doing is not Doing.DOCKED for drone in self.drones)
        return self.rules.pilots * self.rules.flights_each - out

    # The day ----------------------------------------------------------------------------------------------------------

    def run(self, policy: Policy) -> Outcome:
        """From the first call until everybody is home."""
        for call in self.calls:
            self._at(call.at_s, partial(self._called, call.number))
        while self._events:
            self.now_s = self._events[0][0]
            while self._events and self._events[0][0] == self.now_s:
                heapq.heappop(self._events)[2]()
            for move in policy.moves(self):
                self._launch(move)
        calls = self.calls
        wanted_s = sum(call.service_s for call in calls if call.number in self.on_scene_s)
        return Outcome(
            response_s=tuple(self.on_scene_s.get(call.number, math.inf) - call.at_s for call in calls),
            watched=self._watched_s / wanted_s if wanted_s else 1.0,
            drone_hours=self._out_s / 3600,
        )

    @property
    def _least_wh(self) -> float:
        return self.rules.min_watch_s * self.physics.hang_w / 3600 + self.physics.reserve_wh

    @property
    def gate_wh(self) -> float:
        """No drone takes off with less."""
        return self.rules.min_launch_percent / 100 * self.physics.aircraft.battery_wh

    def _facts(self, drone: Drone) -> DockFacts:
        wind = self.physics.wind
        charge_percent = (self.charge_wh(drone) + _DUST_WH) / self.physics.aircraft.battery_wh * 100
        return DockFacts(
            dock_id=str(drone.number),
            lat_deg=0.0,
            lon_deg=0.0,
            alt_amsl_m=0.0,
            aircraft_id=str(drone.number),
            performance=self.physics.aircraft,
            min_launch_charge_percent=self.rules.min_launch_percent,
            deployment="simulation",
            agent_online=True,
            heartbeat_age_s=0.0,
            state=DockState.READY if charge_percent >= 100 else DockState.CHARGING,
            charge_percent=min(charge_percent, 100.0),
            charge_age_s=0.0,
            lid=Lid.CLOSED,
            seated=True,
            weather=WeatherFacts(
                wind_speed_m_s=wind.speed_m_s,
                wind_from_deg=wind.from_deg,
                gust_m_s=wind.speed_m_s,
                rain_mm_h=0.0,
                temperature_c=15.0,
                age_s=0.0,
            ),
        )

    def _at(self, time_s: float, what: Callable[[], None]) -> None:
        heapq.heappush(self._events, (time_s, next(self._ids), what))

    def _called(self, call: int) -> None:
        self.waiting.add(call)
        self._at(self.now_s + self.rules.give_up_s, partial(self._give_up, call))

    def _give_up(self, call: int) -> None:
        if call in self.waiting:
            self.waiting.discard(call)
            self.missed.add(call)

    def _launch(self, move: Move) -> None:
        drone, call = self.drones[move.drone], move.call
        if call not in self.waiting:
            raise ForbiddenMove(f"call {call} does not wait")
        if not self.may_launch(drone, call) or self.pilots_free() < 1:
            raise ForbiddenMove(f"drone {drone.number} may not go to call {call}")
        self.waiting.discard(call)
        seconds, out_wh, _ = self.flight_of(drone.number, call)
        drone.wh = self.charge_wh(drone) - out_wh
        drone.doing, drone.call, drone.out_since_s = Doing.OUTWARD, call, self.now_s
        drone.until_s = self.now_s + seconds
        self._at(drone.until_s, partial(self._arrived, drone, call))

    def _arrived(self, drone: Drone, call: int) -> None:
        self.on_scene_s[call] = self.now_s
        physics = self.physics
        _, _, home_wh = self.flight_of(drone.number, call)
        spare_wh = drone.wh - home_wh - physics.reserve_wh
        watch_s = min(self.calls[call].service_s, spare_wh / physics.hang_w * 3600)
        self._watched_s += watch_s
        drone.wh -= watch_s * physics.hang_w / 3600
        drone.doing, drone.until_s = Doing.ON_SCENE, self.now_s + watch_s
        self._at(drone.until_s, partial(self._leave, drone, call))

    def _leave(self, drone: Drone, call: int) -> None:
        drone.doing, drone.call = Doing.HOMEWARD, None
        drone.wh -= self.flight_of(drone.number, call)[2]
        drone.until_s = self.now_s + self.home_s(drone.number, call)
        self._at(drone.until_s, partial(self._docked, drone))

    def _docked(self, drone: Drone) -> None:
        self._out_s += self.now_s - drone.out_since_s
        drone.doing, drone.since_s = Doing.DOCKED, self.now_s
        for wh in sorted({self.gate_wh, *self._wanted_wh(drone)}):
            if wh > drone.wh:
                # A policy is asked again when there is something new to say: charged enough for a call that waits.
                self._at(self.now_s + self.physics.charging_s(drone.wh, wh), _nothing)

    def _wanted_wh(self, drone: Drone) -> set[float]:
        full_wh = self.physics.aircraft.battery_wh
        return {wh for call in self.waiting if (wh := self.launch_wh(drone.number, call)) <= full_wh}


def _nothing() -> None:
    """Time to look again."""
