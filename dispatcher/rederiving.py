"""A recorded decision derived again from its inputs: what ``kestrel explain`` and an exact option on request rest on.

The same inputs, the mission time among them, the zones that were loaded then, and this version's code.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from dispatcher.decision.choice import redecide
from dispatcher.decision.facts import DecisionInputs
from dispatcher.decision.option import Decision
from dispatcher.decision.world import Airspace


class CannotBeDerived(Exception):
    """The record does not hold what is asked for, or needs something beside it."""


def derive(inputs: DecisionInputs, *, loaded: Airspace, exact_for: Collection[str] = ()) -> Decision:
    """The decision that follows from recorded inputs; the ways of the docks ``exact_for`` are looked for as well.

    ``loaded``: the zones and the ground of then. Raises `CannotBeDerived` where they are not those that the inputs
    name, or where a dock was not in the decision; and a `DecisionError`.
    """
    facts = inputs.airspace
    known = {dock.dock_id for dock in inputs.docks}
    for dock_id in exact_for:
        if dock_id not in known:
            raise CannotBeDerived(f"dock {dock_id} was not in this decision")
    if facts is None:
        loaded = Airspace()
    else:
        ground = None if loaded.ground is None else loaded.ground.digest
        if facts.terrain is not None and ground is None:
            raise CannotBeDerived("it was decided over an elevation model, and there is none now")
        if ground != facts.terrain:
            raise CannotBeDerived("it was decided over another elevation model than this one, or over none")
        if loaded.digest != facts.digest:
            raise CannotBeDerived(
                f"it was decided in airspace {facts.digest[:12]} (revision {facts.revision}), "
                f"the record before it holds {loaded.digest[:12]} (revision {loaded.revision})"
            )
    asked = tuple(sorted({*inputs.exact_for, *exact_for}))
    return redecide(replace(inputs, exact_for=asked), airspace=loaded)
