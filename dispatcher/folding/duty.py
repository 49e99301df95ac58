"""Who is on duty, from the events."""

from __future__ import annotations

from dispatcher import events as ev
from dispatcher.entities import PilotOnDuty, State
from dispatcher.folding.change import Handlers, replace, without
from dispatcher.record import Recorded


def _signed_on(state: State, recorded: Recorded, event: ev.PilotSignedOn) -> State:
    pilot = PilotOnDuty(
        id=event.pilot,
        accepts=event.accepts,
        max_flights=event.max_flights,
        since=recorded.mission_time,
        until=event.until,
    )
    return replace(state, pilots=state.pilots.set(pilot.id, pilot))


def _signed_off(state: State, _: Recorded, event: ev.PilotSignedOff) -> State:
    return replace(state, pilots=without(state.pilots, event.pilot))


HANDLERS: Handlers = {
    ev.PilotSignedOn: _signed_on,
    ev.PilotSignedOff: _signed_off,
}
