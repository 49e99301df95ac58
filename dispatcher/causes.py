"""Alarms by their cause, as a person can answer them: what is one cause is one line, with what is to be done about it.

After EEMUA 191 (alarm systems): each needs an action and names it, there are three priorities, and a flood (50 docks
that lose their link at once) is one line that lists them, not fifty. Pure: the open alarms in, the causes out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from uuid import UUID

from contracts.vocabulary import AlarmKind
from dispatcher.entities import Alarm, Shelf, State

TOGETHER = timedelta(seconds=60)
"""Mission time: alarms of one kind that come no further apart than this are of one cause."""
NAMED = 8
"""Docks and callsigns that a line names; the others are counted."""


@dataclass(frozen=True, slots=True)
class Rule:
    """How urgent a kind is (1: now, 2: soon, 3: when there is time), what is to be done, and how several are told."""

    priority: int
    action: str
    several: str


RULES: Mapping[AlarmKind, Rule] = MappingProxyType(
    {
        AlarmKind.TRAFFIC: Rule(1, "let it get down, or hold it", "crewed aircraft near {n} flights"),
        AlarmKind.TOO_NEAR: Rule(1, "move one away, hold the other", "{n} flights are not kept apart"),
        AlarmKind.MOTOR: Rule(1, "land it where nobody is", "{n} drones have a motor fault"),
        AlarmKind.ENERGY: Rule(1, "return it now", "{n} drones run short of charge"),
        AlarmKind.PARACHUTE: Rule(1, "clear the ground below", "{n} parachutes"),
        AlarmKind.POSITION: Rule(1, "hold it and watch its picture", "{n} drones do not know their position"),
        AlarmKind.CORRIDOR: Rule(1, "return it", "{n} drones are outside their cleared way"),
        AlarmKind.AIRCRAFT: Rule(1, "look at its picture, then return it", "{n} drones do not do what they were told"),
        AlarmKind.PILOT_SILENT: Rule(1, "another pilot takes the flights", "the pilots of {n} flights are silent"),
        AlarmKind.WEATHER: Rule(2, "return it before it gets worse", "weather over the limit at {n} places"),
        AlarmKind.NO_RELIEF: Rule(2, "find another dock, or tell the scene", "{n} flights cannot be relieved"),
        AlarmKind.TRAFFIC_UNKNOWN: Rule(2, "watch the sky, or return it", "{n} flights cannot see other aircraft"),
        AlarmKind.LID: Rule(2, "send an engineer to the dock", "the lids of {n} docks"),
        AlarmKind.DOCK_SILENT: Rule(2, "ask the site; send from another dock", "{n} docks are not heard"),
        AlarmKind.CHARGER: Rule(3, "send an engineer to the dock", "the chargers of {n} docks"),
    }
)
BROKER_ACTION = "tell the engineer on call: the broker or the network; flights complete what they were ordered"
"""When no dock is heard at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """One line for the person on duty."""

    id: UUID
    """Of its first alarm: it stays while more of the same come, and when it comes again before it was seen."""
    kind: AlarmKind
    priority: int
    text: str
    action: str
    alarms: tuple[Alarm, ...]
    """The first raised first."""
    aloft: bool = False
    """True while one of them is of a flight that is in the air."""
    came: int = 1
    """How often it has come, as far as that is not over and seen."""
    last_came_at: datetime
    """When it came the last time."""

    @property
    def active(self) -> bool:
        """True while any of it lasts."""
        return any(alarm.active for alarm in self.alarms)

    @property
    def acknowledged(self) -> bool:
        """True once somebody has seen every one of them."""
        return all(alarm.acknowledged_by is not None for alarm in self.alarms)

    @property
    def raised_at(self) -> datetime:
        """When it began: the last time that it came."""
        return self.last_came_at

    @property
    def may_be_shelved(self) -> bool:
        """False for what is about the safety of a flight, and for all of a flight in the air: that stays until it is
        over and seen.
        """
        return self.priority > 1 and not self.aloft

    @property
    def shelf(self) -> Shelf | None:
        """The shelf that is over first; None unless all that lasts is shelved, and always for a flight's safety."""
        if not self.may_be_shelved:
            return None
        shelves = [alarm.shelf for alarm in self.alarms if alarm.active or alarm.acknowledged_by is None]
        put = [shelf for shelf in shelves if shelf is not None]
        return min(put, key=lambda each: each.until) if put and len(put) == len(shelves) else None


def causes_of(state: State) -> list[Cause]:
    """All that last or that nobody has acknowledged: what lasts first, of that the unseen, by priority, the newest."""
    known = (state.alarm(alarm_id) for alarm_id in state.open_alarms)
    groups = _groups(alarm for alarm in known if alarm is not None)
    found = [_cause(state, comings) for comings in _recurring(groups)]
    return sorted(
        found,
        key=lambda each: (
            not each.active,
            each.acknowledged,
            each.priority,
            -each.raised_at.timestamp(),
            each.id.int,
        ),
    )


def _groups(alarms: Iterable[Alarm]) -> Iterator[Sequence[Alarm]]:
    by_kind: dict[AlarmKind, list[Alarm]] = {}
    for alarm in sorted(alarms, key=lambda each: (each.raised_at, each.id.int)):
        by_kind.setdefault(alarm.kind, []).append(alarm)
    for kind, of_kind in by_kind.items():
        if kind is AlarmKind.TRAFFIC:
            # Where an aircraft comes from is another thing for every flight.
            yield from ([alarm] for alarm in of_kind)
            continue
        group: list[Alarm] = []
        for alarm in of_kind:
            if group and alarm.raised_at - group[-1].raised_at > TOGETHER:
                yield group
                group = []
            group.append(alarm)
        yield group


def _recurring(groups: Iterable[Sequence[Alarm]]) -> list[list[Sequence[Alarm]]]:
    """What comes again where it was before (the same kind, a flight or dock in common) is the same cause, come again.

    A crewed aircraft near a flight is another one as long as the one before still is.
    """
    causes: list[list[Sequence[Alarm]]] = []
    # By what it is about, the first cause that is joined by what comes again there: it stays one look per alarm.
    first_about: dict[tuple[AlarmKind, UUID | str], int] = {}
    for group in sorted(groups, key=lambda each: (each[0].raised_at, each[0].id.int)):
        kind = group[0].kind
        places = {(kind, _about(alarm)) for alarm in group}
        cause = min((first_about[place] for place in places if place in first_about), default=len(causes))
        if cause == len(causes):
            causes.append([])
        causes[cause].append(group)
        if kind is AlarmKind.TRAFFIC and any(alarm.active for alarm in group):
            # As long as it lasts nothing joins it.
            for place in places:
                first_about.pop(place, None)
        else:
            first_about.update(dict.fromkeys(places, cause))
    return causes


def _about(alarm: Alarm) -> UUID | str:
    return alarm.flight_id or alarm.dock_id or ""


def _cause(state: State, comings: Sequence[Sequence[Alarm]]) -> Cause:
    group = [alarm for coming in comings for alarm in coming]
    first = group[0]
    rule = RULES[first.kind]
    priority, action = rule.priority, rule.action
    if first.kind is AlarmKind.DOCK_SILENT:
        docks = (state.docks.get(alarm.dock_id or "") for alarm in group if alarm.active)
        silent = [view for view in docks if view is not None]
        if any(view.active_flight_id is not None for view in silent):
            priority = 1
        if len(silent) > 1 and all(view.silent for view in state.docks.values()):
            priority, action = 1, BROKER_ACTION
    # What lasts is told, by name and always in the same order; where all is over, what was.
    told = [alarm for alarm in group if alarm.active] or group
    text = told[-1].text
    names = sorted({_name(state, alarm) for alarm in told})
    if len(names) > 1:
        more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
        text = f"{rule.several.format(n=len(names))}: {', '.join(names[:NAMED])}{more}"
    return Cause(
        id=first.id,
        kind=first.kind,
        priority=priority,
        text=text,
        action=action,
        alarms=tuple(group),
        aloft=any(_is_aloft(state, alarm) for alarm in group),
        came=len(comings),
        last_came_at=comings[-1][0].raised_at,
    )


def _is_aloft(state: State, alarm: Alarm) -> bool:
    flight = None if alarm.flight_id is None else state.flights.get(alarm.flight_id)
    return flight is not None and flight.phase.is_airborne


def _name(state: State, alarm: Alarm) -> str:
    flight = None if alarm.flight_id is None else state.flights.get(alarm.flight_id)
    if flight is not None:
        return flight.callsign
    view = state.docks.get(alarm.dock_id or "")
    return view.dock.name if view is not None else alarm.dock_id or "somewhere"
