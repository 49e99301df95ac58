"""How the policy in force follows from its event."""

from __future__ import annotations

from immutables import Map

from dispatcher import events as ev
from dispatcher.entities import State
from dispatcher.folding.change import Handlers, replace
from dispatcher.policy.stance import PolicyInForce
from dispatcher.record import Recorded


def _loaded(state: State, recorded: Recorded, event: ev.PolicyLoaded) -> State:
    policy = PolicyInForce(
        document=event.document,
        digest=event.digest,
        source=event.source,
        lines=Map(event.lines),
        loaded_at=recorded.mission_time,
    )
    return replace(state, policy=policy)


HANDLERS: Handlers = {ev.PolicyLoaded: _loaded}
