"""How command of a flight, and of its payload, goes from person to person."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from dispatcher import events as ev
from dispatcher.entities import Flight, HandOver, State
from dispatcher.folding.change import Handlers, change_flight, replace
from dispatcher.record import Recorded


def _offered(state: State, recorded: Recorded, event: ev.HandOverOffered) -> State:
    offer = HandOver(
        id=event.offer_id,
        giver=event.giver,
        to=event.to,
        offered_at=recorded.mission_time,
        offered_by=recorded.actor,
        expires_at=event.expires_at,
        because=event.because,
    )
    return change_flight(state, event.flight_id, lambda flight: replace(flight, hand_over=offer))


def _accepted(state: State, _: Recorded, event: ev.HandOverAccepted) -> State:
    return _answered(
        state, event.flight_id, event.offer_id, lambda flight: replace(flight, hand_over=None, pilot=event.pilot)
    )


def _ended(state: State, _: Recorded, event: ev.HandOverEnded) -> State:
    return _answered(state, event.flight_id, event.offer_id, lambda flight: replace(flight, hand_over=None))


def _answered(state: State, flight_id: UUID, offer_id: UUID, change: Callable[[Flight], Flight]) -> State:
    def if_open(flight: Flight) -> Flight:
        return change(flight) if flight.hand_over is not None and flight.hand_over.id == offer_id else flight

    return change_flight(state, flight_id, if_open)


def _lent(state: State, _: Recorded, event: ev.PayloadLent) -> State:
    return change_flight(state, event.flight_id, lambda flight: replace(flight, payload_with=event.to))


def _taken_back(state: State, _: Recorded, event: ev.PayloadTakenBack) -> State:
    return change_flight(state, event.flight_id, lambda flight: replace(flight, payload_with=None))


HANDLERS: Handlers = {
    ev.HandOverOffered: _offered,
    ev.HandOverAccepted: _accepted,
    ev.HandOverEnded: _ended,
    ev.PayloadLent: _lent,
    ev.PayloadTakenBack: _taken_back,
}
