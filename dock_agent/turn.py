"""One step of a flight in the making: the flight as it becomes, and what the step asks for, in order.

Effects are values too: the agent puts the facts among them on disk with the flight, and only then carries the rest out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from contracts.reports import (
    AlarmChanged,
    CommandSettled,
    ConditionChanged,
    DockNoted,
    Fact,
    FlightFlown,
    PhaseEntered,
)
from contracts.vocabulary import AlarmKind, Condition, Lid, Outcome, Phase
from dock_agent.flight import Asked, Flight, Seen, since
from dock_agent.flight_link import Command, PayloadAct, Target
from dock_agent.mission import MissionPlan
from dock_agent.readings import Mode
from geo.flight.position import distance_m


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
    """Give the aircraft a command; the answer goes to the task of ``for_order``, or to the flight itself."""

    command: Command
    item: int | None = None
    target: Target | None = None
    for_order: UUID | None = None


@dataclass(frozen=True, slots=True)
class GivePayload:
    """Ask something of the payload for a task (or, without one, for the policy)."""

    act: PayloadAct
    for_order: UUID


@dataclass(frozen=True, slots=True)
class PutOnBoard:
    """Put another plan on board, in the air."""

    plan: MissionPlan
    for_order: UUID


@dataclass(frozen=True, slots=True)
class LookOnBoard:
    """Download what is on board."""

    for_order: UUID


@dataclass(frozen=True, slots=True)
class StopTransfer:
    """Give up the transfer under way: something more urgent has come."""


Effect = Say | MoveLid | Charge | Upload | Give | GivePayload | PutOnBoard | LookOnBoard | StopTransfer

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
        if flight.board_unsure or flight.replanning is not None:
            return None
        return aircraft.mission_item if flight.outbound_seen or flight.resumed else None

    @property
    def homeward(self) -> bool:
        """True when telemetry shows it on its way home: the return mode, or the mission past the watch."""
        if not self.seen.heard:
            return False
        past = self.item is not None and self.item >= self.mission.homeward_from
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
        if self.seen.over_dock is not None:
            return
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

    def settled(self, order_id: UUID, outcome: Outcome, detail: str) -> None:
        """Say how one order came out."""
        flight_id = self.flight.order.flight_id
        self.say(CommandSettled(order_id=order_id, flight_id=flight_id, outcome=outcome, detail=detail[:400]))

    def settle(self, outcome: Outcome, detail: str) -> None:
        """Say how the orders that wait for the return came out."""
        wish = self.flight.home
        if wish is None:
            return
        for order_id in wish.order_ids:
            self.settled(order_id, outcome, detail)
        self.set(home=wish.model_copy(update={"order_ids": ()}))

    def alarm(self, alarm: AlarmKind, active: bool, text: str = "") -> None:
        """Raise an alarm of this flight, or end it."""
        flight_id = self.flight.order.flight_id
        self.say(AlarmChanged(flight_id=flight_id, alarm=alarm, active=active, text=text[:400]))

    def note_fault(self, text: str) -> None:
        """Record a fault of the dock."""
        self.say(DockNoted(severity="fault", text=text[:400]))

    def end(self, phase: Phase, because: str = "") -> None:
        """The flight is over: conditions end, then what was flown, then the phase: a record that has ended is whole."""
        self._settle_all(because)
        for condition in self.flight.conditions:
            self.condition(condition, False)
        if self.flight.lid_alarm:
            self.note_fault(f"the lid is {self.seen.dock.lid}: it did not open for its drone")
            self.alarm(AlarmKind.LID, False, "the flight has ended")
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

    def _settle_all(self, because: str) -> None:
        """What nobody has seen done by now never will be: every order has an outcome."""
        flight, why = self.flight, f"the flight has ended: {because}"
        doing = [*flight.payload, *(one for one in (flight.task, flight.nudging) if one is not None)]
        waiting = [one.order.order_id for one in doing]
        waiting += flight.nudge_ids
        waiting += [flight.replanning.order.order_id] if flight.replanning is not None else []
        waiting += flight.stop.order_ids if flight.stop is not None else ()
        waiting += flight.home.order_ids if flight.home is not None else ()
        for order_id in waiting:
            self.settled(order_id, Outcome.UNKNOWN, why)
        self.set(payload=(), task=None, nudging=None, nudge_ids=(), replanning=None, stop=None, home=None)


def _tenths(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


def _between(start: datetime | None, end: datetime | None) -> float | None:
    return None if start is None or end is None else round(since(start, end), 2)
