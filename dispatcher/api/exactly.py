"""Options that a decision left as bounds, made exact on request: from what it was made of, not from what is true now.

The decision is read from the journal and derived again, by the same function as ``kestrel explain``, with the ways of
the docks that are asked for. Nothing is decided, so nothing is journalled.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from uuid import UUID

from dispatcher import presentation
from dispatcher.api.context import Context
from dispatcher.decision.errors import DecisionError
from dispatcher.decision.facts import AirspaceFacts, facts_from_json
from dispatcher.decision.option import Decision
from dispatcher.decision.version import VERSION
from dispatcher.decision.world import Airspace, Ground
from dispatcher.errors import Conflict, NotFound
from dispatcher.events import AirspaceLoaded, AirspaceWithdrawn, OptionsDecided, ZoneDrawn
from dispatcher.incidents import incident_of
from dispatcher.presentation import Json
from dispatcher.record import Recorded
from dispatcher.rederiving import CannotBeDerived, derive
from dispatcher.state import State, apply
from dispatcher.worlds import airspace_of

_ZONES_CHANGE = (AirspaceLoaded, ZoneDrawn, AirspaceWithdrawn)


async def made_exact(ctx: Context, incident_id: UUID, decision_id: UUID | None, dock_ids: Collection[str]) -> Json:
    """A decision of this incident (None: its last) as it was, but for these docks: no bounds any more.

    Raises `NotFound` for an incident, a decision or a dock that there is not, and `Conflict` where the record no longer
    holds what it was made of.
    """
    recorded, event = await _decision(ctx, incident_id, decision_id)
    if event.decision_version != VERSION:
        raise Conflict(
            f"the decision was made by version {event.decision_version}, this is {VERSION}: look at the options anew"
        )
    inputs = facts_from_json(event.inputs)
    unknown = sorted(set(dock_ids) - {dock.dock_id for dock in inputs.docks})
    if unknown:
        raise NotFound(f"there is no dock {unknown[0]} in this decision")
    try:
        loaded = await _loaded_then(ctx, recorded.seq, inputs.airspace)
        # Zones may have to be made ready for it: not on the loop.
        again = await asyncio.to_thread(derive, inputs, loaded=loaded, exact_for=dock_ids)
    except (CannotBeDerived, DecisionError) as wrong:
        raise Conflict(f"the decision cannot be derived again: {wrong}: look at the options anew") from wrong
    return presentation.decided(await asyncio.to_thread(_as_decided, event, again), at=recorded.mission_time)


async def _decision(ctx: Context, incident_id: UUID, decision_id: UUID | None) -> tuple[Recorded, OptionsDecided]:
    incident, decisions = incident_of(ctx.desk.state, incident_id), ctx.desk.state.decisions
    if decision_id is not None and decision_id not in incident.decision_ids:
        raise NotFound(f"decision {decision_id} is not among the last ones of this incident")
    wanted = decision_id or (incident.decision_ids[-1] if incident.decision_ids else None)
    view = None if wanted is None else decisions.get(wanted)
    if view is None or view.seq is None:
        raise Conflict("no decision of this incident stands: look at the options first")
    async for recorded in ctx.journal.read(view.seq - 1, limit=1):
        if isinstance(recorded.event, OptionsDecided):
            return recorded, recorded.event
    raise Conflict(f"the journal no longer holds decision {wanted}: look at the options anew")


async def _loaded_then(ctx: Context, seq: int, facts: AirspaceFacts | None) -> Airspace:
    """What was loaded before that event. Zones that have changed since are folded from the journal."""
    ground = None if ctx.terrain is None else Ground(terrain_amsl=ctx.terrain.cleared_amsl_m, digest=ctx.terrain.digest)
    if facts is None:
        return Airspace()
    state = ctx.desk.state
    if state.airspace.revision != facts.revision or state.airspace.digest != facts.digest:
        state = State()
        async for recorded in ctx.journal.read(types=_ZONES_CHANGE):
            if recorded.seq >= seq:
                break
            state = apply(state, recorded)
    return await asyncio.to_thread(airspace_of, state, ground)


def _as_decided(event: OptionsDecided, again: Decision) -> OptionsDecided:
    return event.model_copy(update={"options": again.options_json(), "best_dock_id": again.best_dock_id})
