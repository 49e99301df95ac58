"""Links to one incident, notes, and looking at flights: pure functions from the state and a request to the events.

A link names whom it was given to, expires, can be withdrawn, and belongs to the first device that opens it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from dispatcher import events as ev
from dispatcher.entities import Flight, Incident, IncidentStatus, Note, WatchLink
from dispatcher.errors import (
    Conflict,
    DispatcherError,
    LinkElsewhere,
    LinkExpired,
    LinkRevoked,
    LinkUnknown,
    NotFound,
    TooMany,
)
from dispatcher.incidents import incident_of, open_incident_of
from dispatcher.state import State

LONGEST = timedelta(hours=12)
"""A shift: nobody's link outlives it."""
MOST_LINKS = 50
"""Of one incident, that open something at a time."""
OPENED_AGAIN_AFTER = timedelta(minutes=15)
"""A device that comes back sooner has never been away, as far as the journal is concerned."""
DECLINED_KEPT = 5
"""Other devices of one link that the control room is told of one by one; those that follow are refused all the same."""
NOTES_AT_ONCE = 20
NOTES_WITHIN = timedelta(minutes=1)
"""Of wall time: nobody in the field has more to say, and a page gone wrong shall not fill the journal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What follows when somebody opens a link: events, and the refusal or none."""

    link: WatchLink | None
    events: Sequence[ev.Event] = ()
    refusal: DispatcherError | None = None


def give_link(
    state: State,
    incident_id: UUID,
    *,
    link_id: UUID,
    given_to: str,
    reason: ev.ViewReason,
    lasts: timedelta,
    token_sha256: str,
    wall_now: datetime,
) -> list[ev.Event]:
    """A new link to an open incident."""
    incident = open_incident_of(state, incident_id)
    alive = sum(1 for link in links_of(state, incident) if state_of(link, wall_now) in ("given", "bound"))
    if alive >= MOST_LINKS:
        raise Conflict(f"{alive} links open this incident already: revoke those that nobody needs")
    return [
        ev.WatchLinkGiven(
            incident_id=incident_id,
            link_id=link_id,
            given_to=given_to,
            reason=reason,
            token_sha256=token_sha256,
            expires_wall_time=wall_now + min(lasts, LONGEST),
        )
    ]


def open_link(state: State, token_sha256: str, device_sha256: str, *, wall_now: datetime) -> Opening:
    """Somebody opens a link on a device. A second device is refused, and the control room told."""
    link_id = state.link_tokens.get(token_sha256)
    link = None if link_id is None else state.links.get(link_id)
    if link is None:
        return Opening(
            link=None,
            refusal=LinkUnknown("Kestrel has not given out this link: ask the control room for a new one"),
        )
    refusal = refusal_of(link, wall_now)
    if refusal is not None:
        return Opening(link=link, refusal=refusal)
    if link.device_sha256 is None:
        bound = ev.WatchLinkBound(incident_id=link.incident_id, link_id=link.id, device_sha256=device_sha256)
        return Opening(link=link, events=[bound, _opened(link)])
    if link.device_sha256 != device_sha256:
        refusal = LinkElsewhere(
            "this link belongs to the device that opened it first: ask the control room for one of your own"
        )
        new = device_sha256 not in link.declined and len(link.declined) < DECLINED_KEPT
        declined = ev.WatchLinkDeclined(incident_id=link.incident_id, link_id=link.id, device_sha256=device_sha256)
        return Opening(link=link, events=[declined] if new else [], refusal=refusal)
    last = link.opened_wall_time
    again = last is None or wall_now - last >= OPENED_AGAIN_AFTER
    return Opening(link=link, events=[_opened(link)] if again else [])


def revoke_link(state: State, incident_id: UUID, link_id: UUID, because: str) -> list[ev.Event]:
    """It opens nothing from now on; twice is once."""
    link = state.links.get(link_id)
    if link is None or link.incident_id != incident_of(state, incident_id).id:
        raise NotFound(f"incident {incident_id} has no link {link_id}")
    if link.revoked:
        return []
    return [ev.WatchLinkRevoked(incident_id=incident_id, link_id=link_id, because=because)]


def make_note(
    state: State,
    incident_id: UUID,
    actor: str,
    *,
    note_id: UUID,
    origin: Literal["field", "control"],
    by_name: str,
    text: str,
    link_id: UUID | None,
    idempotency_key: str | None,
    wall_now: datetime,
) -> tuple[Note | None, list[ev.Event]]:
    """A line on an incident, also while the drone is still on its way home from one that is closed. With the note that
    this very press made before, if it did.
    """
    incident = incident_of(state, incident_id)
    if incident.status is IncidentStatus.MERGED:
        raise Conflict(f"the incident has become part of {incident.merged_into}", incident_id=str(incident.merged_into))
    own = [note for note in incident.notes if note.by == actor]
    if idempotency_key is not None:
        before = next((note for note in own if note.idempotency_key == idempotency_key), None)
        if before is not None:
            return before, []
    if sum(1 for note in own if wall_now - note.wall_time < NOTES_WITHIN) >= NOTES_AT_ONCE:
        raise TooMany(f"{NOTES_AT_ONCE} notes within a minute: wait a little, or call the control room")
    noted = ev.NoteMade(
        incident_id=incident_id,
        note_id=note_id,
        origin=origin,
        by_name=by_name,
        text=text,
        link_id=link_id,
        idempotency_key=idempotency_key,
    )
    return None, [noted]


def flight_of(state: State, flight_id: UUID) -> Flight:
    """The flight, or `NotFound`."""
    flight = state.flights.get(flight_id)
    if flight is None:
        raise NotFound(f"there is no flight {flight_id}")
    return flight


def links_of(state: State, incident: Incident) -> list[WatchLink]:
    """All links of an incident, in the order they were given."""
    return [link for link_id in incident.link_ids if (link := state.links.get(link_id)) is not None]


def state_of(link: WatchLink, wall_now: datetime) -> Literal["given", "bound", "expired", "revoked"]:
    """Where a link is in its life."""
    if link.revoked:
        return "revoked"
    if wall_now >= link.expires_wall_time:
        return "expired"
    return "given" if link.device_sha256 is None else "bound"


def refusal_of(link: WatchLink, wall_now: datetime) -> DispatcherError | None:
    """Why a link opens nothing any more; None while it does."""
    known = state_of(link, wall_now)
    if known == "revoked":
        return LinkRevoked("the control room has withdrawn this link: ask it for a new one if you still need to see")
    if known == "expired":
        return LinkExpired("this link has expired: ask the control room for a new one")
    return None


def _opened(link: WatchLink) -> ev.WatchLinkOpened:
    return ev.WatchLinkOpened(incident_id=link.incident_id, link_id=link.id)
