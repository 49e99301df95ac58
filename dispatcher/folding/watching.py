"""How links and notes follow from their events."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from dispatcher import events as ev
from dispatcher.entities import Note, State, WatchLink
from dispatcher.folding.change import Handlers, change_incident, replace
from dispatcher.record import SYSTEM, Recorded

KEPT_NOTES = 50
"""Of each incident, the latest; older ones are in the journal."""


def incident_merged(state: State, incident_id: UUID, into: UUID) -> State:
    """What opened the one opens the other: it is the same occurrence. The lines that were written go with it."""
    incident, other = state.incidents.get(incident_id), state.incidents.get(into)
    if incident is None or other is None:
        return state
    for link_id in incident.link_ids:
        state = _change(state, link_id, lambda link: replace(link, incident_id=into))
    notes = sorted((*other.notes, *incident.notes), key=lambda note: (note.at, note.id.int))[-KEPT_NOTES:]
    links = (*other.link_ids, *incident.link_ids)
    state = change_incident(state, incident_id, lambda known: replace(known, link_ids=()))
    return change_incident(state, into, lambda known: replace(known, notes=tuple(notes), link_ids=links))


def _given(state: State, recorded: Recorded, event: ev.WatchLinkGiven) -> State:
    link = WatchLink(
        id=event.link_id,
        incident_id=event.incident_id,
        given_to=event.given_to,
        reason=event.reason,
        given_by=recorded.actor,
        given_at=recorded.mission_time,
        expires_wall_time=event.expires_wall_time,
        token_sha256=event.token_sha256,
    )
    state = replace(
        state, links=state.links.set(link.id, link), link_tokens=state.link_tokens.set(link.token_sha256, link.id)
    )
    return change_incident(
        state, event.incident_id, lambda incident: replace(incident, link_ids=(*incident.link_ids, link.id))
    )


def _bound(state: State, recorded: Recorded, event: ev.WatchLinkBound) -> State:
    return _change(
        state,
        event.link_id,
        lambda link: replace(link, device_sha256=event.device_sha256, bound_at=recorded.mission_time),
    )


def _opened(state: State, recorded: Recorded, event: ev.WatchLinkOpened) -> State:
    return _change(state, event.link_id, lambda link: replace(link, opened_wall_time=recorded.wall_time))


def _declined(state: State, recorded: Recorded, event: ev.WatchLinkDeclined) -> State:
    link = state.links.get(event.link_id)
    if link is None:
        return state
    state = _change(
        state,
        event.link_id,
        lambda known: replace(
            known, declined=(*known.declined, event.device_sha256), declined_at=recorded.mission_time
        ),
    )
    told = Note(
        id=recorded.id,
        origin="system",
        by=SYSTEM,
        by_name=SYSTEM,
        text=f"another device has tried to open the link that was given to {link.given_to}, and was refused",
        at=recorded.mission_time,
        wall_time=recorded.wall_time,
        link_id=link.id,
    )
    return _add_note(state, link.incident_id, told)


def _revoked(state: State, recorded: Recorded, event: ev.WatchLinkRevoked) -> State:
    return _change(
        state,
        event.link_id,
        lambda link: replace(
            link, revoked_at=recorded.mission_time, revoked_by=recorded.actor, revoked_because=event.because
        ),
    )


def _noted(state: State, recorded: Recorded, event: ev.NoteMade) -> State:
    note = Note(
        id=event.note_id,
        origin=event.origin,
        by=recorded.actor,
        by_name=event.by_name,
        text=event.text,
        at=recorded.mission_time,
        wall_time=recorded.wall_time,
        link_id=event.link_id,
        idempotency_key=event.idempotency_key,
    )
    return _add_note(state, event.incident_id, note)


def _add_note(state: State, incident_id: UUID, note: Note) -> State:
    return change_incident(
        state, incident_id, lambda incident: replace(incident, notes=(*incident.notes, note)[-KEPT_NOTES:])
    )


def _change(state: State, link_id: UUID, change: Callable[[WatchLink], WatchLink]) -> State:
    link = state.links.get(link_id)
    return state if link is None else replace(state, links=state.links.set(link_id, change(link)))


HANDLERS: Handlers = {
    ev.WatchLinkGiven: _given,
    ev.WatchLinkBound: _bound,
    ev.WatchLinkOpened: _opened,
    ev.WatchLinkDeclined: _declined,
    ev.WatchLinkRevoked: _revoked,
    ev.NoteMade: _noted,
}
