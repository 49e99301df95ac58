"""How a flight's video comes to be what it is."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from dispatcher import events as ev
from dispatcher.entities import FlightVideo, State, VideoTicket, VideoViewer
from dispatcher.folding.change import Handlers, change_flight, replace
from dispatcher.record import Recorded


def _given(state: State, _: Recorded, event: ev.VideoTicketGiven) -> State:
    ticket = VideoTicket(
        id=event.ticket_id,
        viewer=event.viewer,
        reason=event.reason,
        lasts_until=event.lasts_until,
        link_id=event.link_id,
    )
    return _change(state, event.flight_id, lambda video: replace(video, tickets=video.tickets.set(ticket.id, ticket)))


def _withdrawn(state: State, _: Recorded, event: ev.VideoTicketWithdrawn) -> State:
    def change(video: FlightVideo) -> FlightVideo:
        ticket = video.tickets.get(event.ticket_id)
        if ticket is None:
            return video
        return replace(video, tickets=video.tickets.set(ticket.id, replace(ticket, withdrawn=True)))

    flight = state.flights.get(event.flight_id)
    ticket = None if flight is None else flight.video.tickets.get(event.ticket_id)
    if ticket is not None:
        state = replace(state, withdrawn_tickets=state.withdrawn_tickets.set(ticket.id, ticket.lasts_until))
    return _change(state, event.flight_id, change)


def _began(state: State, _: Recorded, event: ev.VideoWatchBegan) -> State:
    viewer = VideoViewer(session_id=event.session_id, ticket_id=event.ticket_id, via=event.via, since=event.since)
    state = replace(state, watched=state.watched.set(event.session_id, event.flight_id))
    return _change(state, event.flight_id, lambda video: replace(video, viewers=(*video.viewers, viewer)))


def _ended(state: State, _: Recorded, event: ev.VideoWatchEnded) -> State:
    if event.session_id in state.watched:
        state = replace(state, watched=state.watched.delete(event.session_id))

    def change(video: FlightVideo) -> FlightVideo:
        left = tuple(viewer for viewer in video.viewers if viewer.session_id != event.session_id)
        return replace(video, viewers=left)

    return _change(state, event.flight_id, change)


def _part(state: State, _: Recorded, event: ev.VideoRecordingBegan | ev.VideoRecordingEnded) -> State:
    def change(video: FlightVideo) -> FlightVideo:
        others = [part for part in video.parts if part.part != event.part.part]
        return replace(video, parts=tuple(sorted((*others, event.part), key=lambda part: part.part)))

    return _change(state, event.flight_id, change)


def _excepted(state: State, _: Recorded, event: ev.VideoRecordingExcepted) -> State:
    return _change(
        state, event.flight_id, lambda video: replace(video, exceptions=(*video.exceptions, event.exception))
    )


def _change(state: State, flight_id: UUID, change: Callable[[FlightVideo], FlightVideo]) -> State:
    return change_flight(state, flight_id, lambda flight: replace(flight, video=change(flight.video)))


HANDLERS: Handlers = {
    ev.VideoTicketGiven: _given,
    ev.VideoTicketWithdrawn: _withdrawn,
    ev.VideoWatchBegan: _began,
    ev.VideoWatchEnded: _ended,
    ev.VideoRecordingBegan: _part,
    ev.VideoRecordingEnded: _part,
    ev.VideoRecordingExcepted: _excepted,
}
