"""Pilots on duty as they are shown."""

from __future__ import annotations

from dispatcher.entities import (
    Notice,
    PilotOnDuty,
    State,
)
from dispatcher.presentation.view import Json, instant, text


def pilot(entity: PilotOnDuty, state: State) -> Json:
    """A pilot on duty, the flights in their command, and what they were told of them."""
    in_hand = [str(flight.id) for flight in state.flights_in_hand(entity.id)]
    watched = [str(flight.id) for flight in state.flights_watched(entity.id)]
    return {
        "pilot": entity.id,
        "accepts": entity.accepts,
        "max_flights": entity.max_flights,
        "flights": len(in_hand) + len(watched),
        "in_hand": in_hand,
        "watched": watched,
        "since": instant(entity.since),
        "until": None if entity.until is None else instant(entity.until),
        "console": entity.console,
        "silent_since": None if entity.silent_since is None else instant(entity.silent_since),
        "notices": [notice(each) for each in entity.notices],
    }


def notice(entity: Notice) -> Json:
    """What a pilot was told of something that somebody else did."""
    return {
        "id": str(entity.id),
        "flight_id": str(entity.flight_id),
        "by": entity.by,
        "command_id": text(entity.order_id),
        "text": entity.text,
        "at": instant(entity.at),
    }
