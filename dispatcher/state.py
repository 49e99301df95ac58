"""The dispatcher's state as a pure fold of the journal: ``apply(state, recorded) -> state``.

No clock, no I/O, no randomness: the same events give the same state, in the dispatcher, in the live hub, and in a
replay years later. Unknown ids in an event are ignored (the journal is the truth; the fold must never fail on it).
"""

from __future__ import annotations

from dispatcher.entities import State
from dispatcher.folding import (
    airspace,
    alarms,
    authority,
    commands,
    duty,
    fleet,
    flights,
    incidents,
    launches,
    policy,
    relay,
    turns,
    video,
    watching,
    weather,
)
from dispatcher.folding.change import Handlers, replace
from dispatcher.record import Recorded

_HANDLERS: Handlers = {
    **fleet.HANDLERS,
    **incidents.HANDLERS,
    **flights.HANDLERS,
    **commands.HANDLERS,
    **authority.HANDLERS,
    **alarms.HANDLERS,
    **duty.HANDLERS,
    **relay.HANDLERS,
    **policy.HANDLERS,
    **launches.HANDLERS,
    **turns.HANDLERS,
    **airspace.HANDLERS,
    **weather.HANDLERS,
    **watching.HANDLERS,
    **video.HANDLERS,
}


def apply(state: State, recorded: Recorded) -> State:
    """The state after one more event."""
    handler = _HANDLERS.get(type(recorded.event))
    if handler is not None:
        state = handler(state, recorded, recorded.event)
    return replace(state, seq=recorded.seq)


__all__ = ["State", "apply"]
