"""How alarms follow from events: raised by agents or by the dispatcher, over, acknowledged by name."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from contracts.reports import AlarmChanged
from contracts.vocabulary import AlarmKind
from dispatcher import events as ev
from dispatcher.entities import Alarm, Shelf, State
from dispatcher.folding.change import Handlers, change_dock, change_flight, replace, without
from dispatcher.record import Recorded

KEPT_ALARMS = 64
"""Of each flight and dock; those that are over go first."""

_FIGURE = re.compile(r"(?<![\w-])[+-]?\d+(?:[.,]\d+)*(?![\w-])")

Change = Callable[[tuple[Alarm, ...]], tuple[Alarm, ...]]


def alarm_reported(state: State, recorded: Recorded, fact: AlarmChanged, dock_id: str, at: datetime) -> State:
    """An agent's alarm of its dock or of its flight."""
    if not fact.active:
        return end_alarms(state, fact.flight_id, dock_id, at, fact.alarm)
    alarm = Alarm(
        id=recorded.id,
        kind=fact.alarm,
        flight_id=fact.flight_id,
        dock_id=dock_id,
        raised_at=at,
        text=fact.text,
        bearing_deg=fact.bearing_deg,
        above_m=fact.above_m,
        distance_m=fact.distance_m,
        in_s=fact.in_s,
        changed_at=at,
    )
    return raise_alarm(state, alarm)


def end_alarms(
    state: State, flight_id: UUID | None, dock_id: str | None, at: datetime, kind: AlarmKind | None = None
) -> State:
    """The alarms of that kind (None: all) are over."""

    owner = state.docks.get(dock_id or "") if flight_id is None else state.flights.get(flight_id)
    if owner is None or not any(alarm.active and kind in (None, alarm.kind) for alarm in owner.alarms):
        return state

    def change(alarms: tuple[Alarm, ...]) -> tuple[Alarm, ...]:
        return tuple(
            replace(alarm, ended_at=at) if alarm.active and kind in (None, alarm.kind) else alarm for alarm in alarms
        )

    return _change(state, flight_id, dock_id, change)


def _raised(state: State, recorded: Recorded, event: ev.AlarmRaised) -> State:
    at = recorded.mission_time
    return raise_alarm(
        state,
        Alarm(
            id=recorded.id,
            kind=event.alarm,
            flight_id=event.flight_id,
            dock_id=event.dock_id,
            raised_at=at,
            text=event.text,
            changed_at=at,
        ),
    )


def _ended(state: State, recorded: Recorded, event: ev.AlarmEnded) -> State:
    return end_alarms(state, event.flight_id, event.dock_id, recorded.mission_time, event.alarm)


def _acknowledged(state: State, recorded: Recorded, event: ev.AlarmAcknowledged) -> State:
    def change(alarms: tuple[Alarm, ...]) -> tuple[Alarm, ...]:
        return tuple(
            replace(alarm, acknowledged_by=recorded.actor, acknowledged_at=recorded.mission_time)
            if alarm.id == event.alarm_id
            else alarm
            for alarm in alarms
        )

    return _change(state, event.flight_id, event.dock_id, change)


def _shelved(state: State, recorded: Recorded, event: ev.AlarmShelved) -> State:
    shelf = Shelf(by=recorded.actor, at=recorded.mission_time, until=event.until, because=event.because)
    return _on_shelf(state, event.alarm_id, event.flight_id, event.dock_id, shelf)


def _unshelved(state: State, _: Recorded, event: ev.AlarmUnshelved) -> State:
    return _on_shelf(state, event.alarm_id, event.flight_id, event.dock_id, None)


def _on_shelf(state: State, alarm_id: UUID, flight_id: UUID | None, dock_id: str | None, shelf: Shelf | None) -> State:
    def change(alarms: tuple[Alarm, ...]) -> tuple[Alarm, ...]:
        return tuple(replace(alarm, shelf=shelf) if alarm.id == alarm_id else alarm for alarm in alarms)

    return _change(state, flight_id, dock_id, change)


def raise_alarm(state: State, alarm: Alarm) -> State:
    """A new one; while it lasts the same one with new words, and whoever acknowledged it need not do so again.

    It stays on its shelf while it says the same with other figures: what a person shelved is that condition, and
    another of the same kind (unknown weather that turns out to be over the limit) is in sight again.
    """

    def change(alarms: tuple[Alarm, ...]) -> tuple[Alarm, ...]:
        lasting = next((each for each in alarms if each.active and each.kind is alarm.kind), None)
        if lasting is None:
            return _kept((*alarms, alarm))
        renewed = replace(
            alarm,
            id=lasting.id,
            raised_at=lasting.raised_at,
            acknowledged_by=lasting.acknowledged_by,
            acknowledged_at=lasting.acknowledged_at,
            shelf=lasting.shelf if condition_of(alarm.text) == condition_of(lasting.text) else None,
        )
        return tuple(renewed if each is lasting else each for each in alarms)

    return _change(state, alarm.flight_id, alarm.dock_id, change)


def condition_of(text: str) -> str:
    """An alarm's words without their figures; a number that belongs to a name (``cov-1``) stays."""
    return _FIGURE.sub("#", text)


def _kept(alarms: tuple[Alarm, ...]) -> tuple[Alarm, ...]:
    if len(alarms) <= KEPT_ALARMS:
        return alarms
    over = next((each for each in alarms if not each.active), alarms[0])
    return tuple(each for each in alarms if each is not over)


def _change(state: State, flight_id: UUID | None, dock_id: str | None, change: Change) -> State:
    owner = state.docks.get(dock_id or "") if flight_id is None else state.flights.get(flight_id)
    if owner is None:
        return state
    changed = change(owner.alarms)
    if flight_id is not None:
        state = change_flight(state, flight_id, lambda flight: replace(flight, alarms=changed))
    elif dock_id is not None:
        state = change_dock(state, dock_id, lambda view: replace(view, alarms=changed))
    home: UUID | str = dock_id or "" if flight_id is None else flight_id
    known = state.open_alarms
    for alarm in {*owner.alarms, *changed}:
        now = next((each for each in changed if each.id == alarm.id), None)
        is_open = now is not None and (now.active or now.acknowledged_by is None)
        known = known.set(alarm.id, home) if is_open else without(known, alarm.id)
    return replace(state, open_alarms=known)


HANDLERS: Handlers = {
    ev.AlarmRaised: _raised,
    ev.AlarmEnded: _ended,
    ev.AlarmAcknowledged: _acknowledged,
    ev.AlarmShelved: _shelved,
    ev.AlarmUnshelved: _unshelved,
}
