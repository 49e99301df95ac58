"""Who is on duty, from the events."""

from __future__ import annotations

from collections.abc import Callable

from dispatcher import events as ev
from dispatcher.entities import Notice, PilotOnDuty, State
from dispatcher.folding.change import Handlers, replace, without
from dispatcher.record import Recorded

KEPT_NOTICES = 20


def _signed_on(state: State, recorded: Recorded, event: ev.PilotSignedOn) -> State:
    known = state.pilots.get(event.pilot)
    pilot = PilotOnDuty(
        id=event.pilot,
        accepts=event.accepts,
        max_flights=event.max_flights,
        since=recorded.mission_time,
        until=event.until,
        console=event.console,
        silent_since=known.silent_since if known is not None else None,
        notices=known.notices if known is not None else (),
    )
    return replace(state, pilots=state.pilots.set(pilot.id, pilot))


def _signed_off(state: State, _: Recorded, event: ev.PilotSignedOff) -> State:
    return replace(state, pilots=without(state.pilots, event.pilot))


def _silent(state: State, recorded: Recorded, event: ev.PilotSilent) -> State:
    return _change(state, event.pilot, lambda pilot: replace(pilot, silent_since=recorded.mission_time))


def _heard(state: State, _: Recorded, event: ev.PilotHeardAgain) -> State:
    return _change(state, event.pilot, lambda pilot: replace(pilot, silent_since=None))


def _told(state: State, recorded: Recorded, event: ev.PilotTold) -> State:
    notice = Notice(
        id=recorded.id,
        flight_id=event.flight_id,
        by=event.by,
        order_id=event.order_id,
        text=event.text,
        at=recorded.mission_time,
    )
    return _change(state, event.pilot, lambda pilot: replace(pilot, notices=(*pilot.notices, notice)[-KEPT_NOTICES:]))


def _change(state: State, pilot_id: str, change: Callable[[PilotOnDuty], PilotOnDuty]) -> State:
    pilot = state.pilots.get(pilot_id)
    return state if pilot is None else replace(state, pilots=state.pilots.set(pilot_id, change(pilot)))


HANDLERS: Handlers = {
    ev.PilotSilent: _silent,
    ev.PilotHeardAgain: _heard,
    ev.PilotTold: _told,
    ev.PilotSignedOn: _signed_on,
    ev.PilotSignedOff: _signed_off,
}
