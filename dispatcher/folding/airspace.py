"""Which zones are in force, from the events."""

from __future__ import annotations

from dispatcher import events as ev
from dispatcher.entities import Airspace, AirspaceDocument, State
from dispatcher.folding.change import Handlers, replace
from dispatcher.record import Recorded


def _loaded(state: State, recorded: Recorded, event: ev.AirspaceLoaded) -> State:
    return _with(
        state,
        AirspaceDocument(
            name=event.name,
            format=event.format,
            origin=event.origin,
            texts=event.zones,
            features=event.features,
            findings=event.findings,
            findings_left_out=event.findings_left_out,
            source_sha256=event.source_sha256,
            loaded_by=recorded.actor,
            loaded_at=recorded.mission_time,
            revision=state.airspace.revision + 1,
        ),
    )


def _drawn(state: State, recorded: Recorded, event: ev.ZoneDrawn) -> State:
    return _with(
        state,
        AirspaceDocument(
            name=event.name,
            format="drawn",
            origin="drawn",
            texts=(event.zone,),
            features=1,
            findings=event.findings,
            loaded_by=recorded.actor,
            loaded_at=recorded.mission_time,
            revision=state.airspace.revision + 1,
            reason=event.reason,
            start=event.start,
            end=event.end,
        ),
    )


def _withdrawn(state: State, _: Recorded, event: ev.AirspaceWithdrawn) -> State:
    known = state.airspace
    if event.name not in known.documents:
        return state
    # Made anew, not replaced: what an airspace has worked out of its documents must not go over to the next one.
    return replace(state, airspace=Airspace(revision=known.revision + 1, documents=known.documents.delete(event.name)))


def _with(state: State, document: AirspaceDocument) -> State:
    documents = state.airspace.documents.set(document.name, document)
    return replace(state, airspace=Airspace(revision=document.revision, documents=documents))


HANDLERS: Handlers = {
    ev.AirspaceLoaded: _loaded,
    ev.ZoneDrawn: _drawn,
    ev.AirspaceWithdrawn: _withdrawn,
}
