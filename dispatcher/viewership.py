"""Who may watch what, and what follows from the media process's reports. Pure: state and request in, events out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

from contracts.video import VideoFlight, VideoOrders, VideoReport
from contracts.vocabulary import Deployment
from dispatcher import events as ev
from dispatcher.entities import Flight, State
from dispatcher.errors import Forbidden, NotFound
from dispatcher.identifiers import NewId
from dispatcher.watching import refusal_of

OPENS_WITHIN = timedelta(minutes=5)
LASTS_AT_MOST = timedelta(hours=12)
MEDIA_SILENT_S = 15.0
"""Wall seconds without a report after which nobody is known to watch."""
_ON = "on"


def give_ticket(
    state: State,
    flight_id: UUID,
    viewer: str,
    reason: ev.ViewReason,
    *,
    live_only: bool,
    person_until: datetime,
    link_id: UUID | None,
    wall_now: datetime,
    new_id: NewId,
) -> ev.VideoTicketGiven:
    """A ticket for a flight; for one that is over only who may play recordings gets one.

    Raises:
        NotFound: there is no such flight.
        Forbidden: it is over, and this person sees flights only while they last.
    """
    flight = _flight(state, flight_id)
    if flight.ended and live_only:
        raise Forbidden("the flight is over: recordings are for the control room")
    link = None if link_id is None else state.links.get(link_id)
    # A session of a link is short and renewed; the link itself says how long it opens anything.
    lasts_until = min(person_until if link is None else link.expires_wall_time, wall_now + LASTS_AT_MOST)
    return ev.VideoTicketGiven(
        flight_id=flight_id,
        ticket_id=new_id(),
        viewer=viewer if link is None else link.given_to,
        reason=reason,
        opens_until=min(wall_now + OPENS_WITHIN, lasts_until),
        lasts_until=lasts_until,
        link_id=link_id,
    )


def withdraw_ticket(state: State, flight_id: UUID, ticket_id: UUID, because: str) -> list[ev.Event]:
    """No more by this ticket; again is once. Raises `NotFound`."""
    ticket = _flight(state, flight_id).video.tickets.get(ticket_id)
    if ticket is None:
        raise NotFound(f"there is no ticket {ticket_id} for this flight")
    if ticket.withdrawn:
        return []
    return [ev.VideoTicketWithdrawn(flight_id=flight_id, ticket_id=ticket_id, because=because)]


def follow_report(state: State, report: VideoReport) -> list[ev.Event]:
    """What a report says that is not known yet; what is for unknown flights is passed over."""
    events: list[ev.Event] = []
    now = {session.session_id: session for session in report.watching}
    for session_id, flight_id in state.watched.items():
        if session_id not in now:
            events.append(ev.VideoWatchEnded(flight_id=flight_id, session_id=session_id, because="left"))
    for session in now.values():
        flight = state.flights.get(session.flight_id)
        if flight is None or session.session_id in state.watched or session.ticket_id not in flight.video.tickets:
            continue
        events.append(
            ev.VideoWatchBegan(
                flight_id=flight.id,
                ticket_id=session.ticket_id,
                session_id=session.session_id,
                via=session.via,
                since=session.since,
            )
        )
    for part in report.parts:
        flight = state.flights.get(part.flight_id)
        known = None if flight is None else flight.video.part(part.part)
        if flight is None or (known is not None and (known.complete or not part.complete)):
            continue
        kind = ev.VideoRecordingEnded if part.complete else ev.VideoRecordingBegan
        events.append(kind(flight_id=flight.id, part=part))
    for exception in report.exceptions:
        flight = state.flights.get(exception.flight_id)
        if flight is not None and all(each.id != exception.id for each in flight.video.exceptions):
            events.append(ev.VideoRecordingExcepted(flight_id=flight.id, exception=exception))
    return events


def nobody_watches(state: State) -> list[ev.Event]:
    """The media process is silent: it is not known that anybody watches."""
    because = "the media process is silent"
    return [
        ev.VideoWatchEnded(flight_id=flight_id, session_id=session_id, because=because)
        for session_id, flight_id in state.watched.items()
    ]


def orders(state: State, *, deployment: Deployment, wall_now: datetime) -> VideoOrders:
    """What is on: of each aircraft the newest flight that has not ended."""
    newest = {flight.order.aircraft_id: flight for flight in state.active_flights()}
    return VideoOrders(
        deployment=deployment,
        flights=[
            VideoFlight(
                flight_id=flight.id,
                dock_id=flight.dock_id,
                aircraft_id=flight.order.aircraft_id,
                callsign=flight.callsign,
                recording=flight.payload.get("recording") == _ON,
            )
            for flight in newest.values()
        ],
        withdrawn=[*_withdrawn(state, wall_now)],
    )


def _withdrawn(state: State, wall_now: datetime) -> Iterator[UUID]:
    """Tickets that are good no more: themselves withdrawn, or come through a link that opens nothing any more."""
    yield from (ticket_id for ticket_id, until in state.withdrawn_tickets.items() if until > wall_now)
    for flight in state.active_flights():
        for ticket in flight.video.tickets.values():
            link = None if ticket.link_id is None else state.links.get(ticket.link_id)
            if link is not None and ticket.lasts_until > wall_now and refusal_of(link, wall_now) is not None:
                yield ticket.id


def _flight(state: State, flight_id: UUID) -> Flight:
    flight = state.flights.get(flight_id)
    if flight is None:
        raise NotFound(f"there is no flight {flight_id}")
    return flight
