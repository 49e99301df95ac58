"""One flight as the agent holds it, what the agent sees of the world, and what a step of the flight asks for.

The state is a value: it is written to disk with the events it gave rise to, in one transaction, so that a killed agent
that comes back knows exactly what it has said and done. Durations of flight are kept as moments of mission time,
patience with the link as moments of wall time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from contracts.orders import FlightOrder
from contracts.position import Place
from contracts.reports import (
    CommandSettled,
    ConditionChanged,
    DockNoted,
    Fact,
    FlightFlown,
    PhaseEntered,
)
from contracts.vocabulary import Condition, Lid, Outcome, Phase
from dock_agent.flight_link import Command, Reply
from dock_agent.mission import MissionPlan
from dock_agent.readings import AircraftReading, DockReading, Ground, Mode
from geo.flight.position import distance_m

LINK_LOST_S = 3.0
"""Wall seconds of silence after which the link counts as lost; MAVSDK says the same after 2 to 3 s."""
POSITION_OLD_S = 3.0
"""Wall seconds after which a position is no longer one."""


class Asked(BaseModel):
    """The last command given, when (wall time), and what came back."""

    model_config = ConfigDict(frozen=True)

    command: Command
    at_wall: datetime
    item: int | None = None
    reply: Reply | None = None
    detail: str = ""


class HomeWish(BaseModel):
    """Somebody, or a guard, wants the aircraft home; it stands until telemetry shows that it comes."""

    model_config = ConfigDict(frozen=True)

    because: str
    order_ids: tuple[UUID, ...] = ()
    """The safety orders that wait for an outcome."""
    jumps: int = 0
    returns: int = 0
    given_up: bool = False
    """The outcome has been reported as unknown; the return is asked for again all the same."""


class Flight(BaseModel):
    """The state of the phase machine."""

    model_config = ConfigDict(frozen=True)

    order: FlightOrder
    phase: Phase
    phase_at: datetime
    accepted_at: datetime
    conditions: tuple[Condition, ...] = ()
    resumed: bool = False
    """True after the agent was restarted in this flight, until a phase has been seen with its own eyes."""

    lid_from: datetime
    """Mission time from which the lid's patience counts."""
    lid_asked_wall: datetime | None = None
    uploading: bool = False
    upload_tries: int = 0
    uploaded: bool = False

    asked: Asked | None = None
    arm_tries: int = 0
    start_tries: int = 0
    armed_at: datetime | None = None
    home: HomeWish | None = None
    refusal: str | None = None
    """Set when the launch is being undone on the ground; the flight then ends as refused for this reason."""

    outbound_seen: bool = False
    """True once telemetry has shown a mission item before the watch: until then an item may be the last flight's."""
    airborne_at: datetime | None = None
    scene_at: datetime | None = None
    left_scene_at: datetime | None = None
    distance_m: float = 0.0
    scene_distance_m: float | None = None
    """Flown when it reached the watch position."""
    last_place: Place | None = None
    landed_at: datetime | None = None
    """Mission time since which it has been on the ground with its motors off (or seated without a link)."""
    seated_unheard_at: datetime | None = None
    lost_at: datetime | None = None
    closing: bool = False
    battery_percent: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """The world at one moment: mission and wall time, the aircraft, the dock, and what a guard says."""

    now: datetime
    wall: datetime
    aircraft: AircraftReading
    dock: DockReading
    lid_s: float
    factor: float = 1.0
    """Seconds of mission time in a second of wall time."""
    must_return: str | None = None
    """A guard's reason to come home now, in words."""

    def patience_s(self, *, mission_s: float, wall_s: float) -> float:
        """Mission seconds to wait for something that takes mission time to do, and wall time to be heard of."""
        return max(mission_s, wall_s * self.factor)

    @property
    def heard(self) -> bool:
        """True when the aircraft's link is fresh and is that of our aircraft."""
        return self.aircraft.identified and self.aircraft.link_age_s <= LINK_LOST_S

    @property
    def place(self) -> Place | None:
        """Where the aircraft is, if that is known and fresh."""
        position = self.aircraft.position
        if position is None or self.aircraft.position_age_s > POSITION_OLD_S:
            return None
        return Place(lat_deg=position.lat_deg, lon_deg=position.lon_deg)

    @property
    def flying(self) -> bool:
        """True when telemetry shows it in the air."""
        return self.heard and bool(self.aircraft.in_air) and self.aircraft.armed is not False

    @property
    def on_ground(self) -> bool:
        """True when telemetry shows it on the ground."""
        return self.heard and self.aircraft.ground is Ground.ON_GROUND and self.aircraft.in_air is False

    @property
    def grounded(self) -> bool:
        """True when it stands on the ground with its motors off."""
        return self.on_ground and self.aircraft.armed is False


@dataclass(frozen=True, slots=True)
class Say:
    """Put a fact on record."""

    fact: Fact


@dataclass(frozen=True, slots=True)
class MoveLid:
    """Order the lid open or closed."""

    opened: bool


@dataclass(frozen=True, slots=True)
class Charge:
    """Allow or forbid charging."""

    enabled: bool


@dataclass(frozen=True, slots=True)
class Upload:
    """Put fence and mission on board."""


@dataclass(frozen=True, slots=True)
class Give:
    """Give the aircraft a command."""

    command: Command
    item: int | None = None


Effect = Say | MoveLid | Charge | Upload | Give

HEARING_S = 6.0
"""Wall seconds that news of a lid, a seat or a lift-off may take through polls, links and a busy machine."""
LID_AGAIN_S = 2.0
"""Wall seconds after which a lid that has not obeyed is ordered again."""


@dataclass(slots=True)
class Turn:
    """One step in the making: the flight as it becomes, and the effects in their order."""

    flight: Flight
    seen: Seen
    mission: MissionPlan
    effects: list[Effect] = field(default_factory=list)

    def set(self, **changes: Any) -> None:
        """Change fields of the flight."""
        self.flight = self.flight.model_copy(update=changes)

    def say(self, fact: Fact) -> None:
        """Put a fact on record."""
        self.effects.append(Say(fact))

    def enter(self, phase: Phase, because: str = "") -> None:
        """Enter a phase and say so."""
        position, dock = self.seen.aircraft.position, self.seen.dock
        percent = self.seen.aircraft.battery_percent if self.seen.heard else dock.battery_percent
        self.set(phase=phase, phase_at=self.seen.now)
        self.say(
            PhaseEntered(
                flight_id=self.flight.order.flight_id,
                phase=phase,
                because=because[:400],
                position=self.seen.place,
                alt_above_home_m=position.alt_above_home_m if position and self.seen.place else None,
                battery_percent=percent,
            )
        )

    @property
    def item(self) -> int | None:
        """The mission item being flown, while it is flown; None when that is not known for this flight."""
        aircraft, flight = self.seen.aircraft, self.flight
        if not self.seen.heard or aircraft.mode is not Mode.MISSION:
            return None
        return aircraft.mission_item if flight.outbound_seen or flight.resumed else None

    @property
    def homeward(self) -> bool:
        """True when telemetry shows it on its way home: the return mode, or the mission past the watch."""
        if not self.seen.heard:
            return False
        past = self.item is not None and self.item > self.mission.watch_item
        return past or self.seen.aircraft.mode in (Mode.RETURN, Mode.LAND)

    @property
    def home_m(self) -> float:
        """Metres from home over ground; infinite when the position is unknown."""
        place, home = self.seen.place or self.flight.last_place, self.flight.order.home
        if place is None:
            return float("inf")
        return distance_m(place.lat_deg, place.lon_deg, home.lat_deg, home.lon_deg)

    @property
    def words(self) -> str:
        """The autopilot's last warning, to end a sentence with; empty when there was none."""
        text = self.seen.aircraft.last_text
        return f": {text}" if text else ""

    def give(self, command: Command, *, item: int | None = None) -> None:
        """Give a command; its answer comes back as an input."""
        self.set(asked=Asked(command=command, item=item, at_wall=self.seen.wall))
        self.effects.append(Give(command, item))

    def move_lid(self, *, opened: bool) -> None:
        """Order the lid, and again every 2 s of wall time while it does not obey; nothing when it is there."""
        wanted = (Lid.OPEN, Lid.OPENING) if opened else (Lid.CLOSED, Lid.CLOSING)
        asked = self.flight.lid_asked_wall
        if self.seen.dock.lid in wanted or (asked is not None and since(asked, self.seen.wall) < LID_AGAIN_S):
            return
        self.set(lid_asked_wall=self.seen.wall)
        self.effects.append(MoveLid(opened))

    def condition(self, condition: Condition, active: bool, because: str = "") -> None:
        """Begin or end a condition; nothing when it is so already."""
        held = condition in self.flight.conditions
        if held == active:
            return
        kept = tuple(one for one in self.flight.conditions if one is not condition)
        self.set(conditions=(*kept, condition) if active else kept)
        self.say(
            ConditionChanged(
                flight_id=self.flight.order.flight_id, condition=condition, active=active, because=because[:400]
            )
        )

    def settle(self, outcome: Outcome, detail: str) -> None:
        """Say how the waiting safety orders came out."""
        wish = self.flight.home
        if wish is None:
            return
        for order_id in wish.order_ids:
            self.say(
                CommandSettled(
                    order_id=order_id, flight_id=self.flight.order.flight_id, outcome=outcome, detail=detail[:400]
                )
            )
        self.set(home=wish.model_copy(update={"order_ids": ()}))

    def note_fault(self, text: str) -> None:
        """Record a fault of the dock."""
        self.say(DockNoted(severity="fault", text=text[:400]))

    def end(self, phase: Phase, because: str = "") -> None:
        """The flight is over: conditions end, then what was flown, then the phase: a record that has ended is whole."""
        for condition in self.flight.conditions:
            self.condition(condition, False)
        flight, issued = self.flight, self.flight.order.issued_at
        left = flight.left_scene_at or (self.seen.now if flight.scene_at else None)
        self.say(
            FlightFlown(
                flight_id=flight.order.flight_id,
                time_to_airborne_s=_between(issued, flight.airborne_at),
                time_to_scene_s=_between(issued, flight.scene_at),
                on_scene_s=_between(flight.scene_at, left),
                battery_on_return_percent=flight.battery_percent if flight.airborne_at else None,
                distance_m=_tenths(flight.scene_distance_m),
                whole_distance_m=_tenths(flight.distance_m) if flight.airborne_at else None,
            )
        )
        self.enter(phase, because)


def since(start: datetime, now: datetime) -> float:
    """Seconds from one moment to another of the same clock."""
    return (now - start) / timedelta(seconds=1)


def _tenths(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


def _between(start: datetime | None, end: datetime | None) -> float | None:
    return None if start is None or end is None else round(since(start, end), 2)
