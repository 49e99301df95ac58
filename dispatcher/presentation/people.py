"""Who is on duty, and what one shift leaves to the next, as they are shown."""

from __future__ import annotations

from dispatcher.entities import (
    Acknowledgement,
    ControllerOnDuty,
    Handover,
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
        "acknowledged": None if entity.acknowledged is None else acknowledgement(entity.acknowledged),
    }


def controller(entity: ControllerOnDuty) -> Json:
    """A controller on duty."""
    return {
        "controller": entity.id,
        "since": instant(entity.since),
        "until": None if entity.until is None else instant(entity.until),
        "acknowledged": None if entity.acknowledged is None else acknowledgement(entity.acknowledged),
    }


def acknowledgement(entity: Acknowledgement) -> Json:
    """What somebody on duty has read. The airspace has another revision now: the restrictions have changed since."""
    return {
        "what": [each.value for each in entity.what],
        "at": instant(entity.at),
        "briefing_seq": entity.seq,
        "airspace_revision": entity.airspace_revision,
    }


def handover(entity: Handover) -> Json:
    """What one shift left to the next."""
    return {
        "id": str(entity.id),
        "by": entity.by,
        "as": entity.role.value,
        "at": instant(entity.at),
        "note": entity.note,
        "flights": [str(each) for each in entity.flights],
        "alarms": [str(each) for each in entity.alarms],
        "docks_unfit": list(entity.docks_unfit),
        "accepted_by": entity.accepted_by,
        "accepted_at": None if entity.accepted_at is None else instant(entity.accepted_at),
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
