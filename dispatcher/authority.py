"""Who commands a flight, and who its payload: pure functions from the state and a wish to the events that follow.

Command goes from one pilot to another by offer, acceptance and read-back; the giver keeps it until the acceptance. A
pilot whose console falls silent keeps it too, but everybody else on duty is offered their flights, and after the
policy's times each is held, then called home. That is another thing than an aircraft's lost link, and is named so.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from contracts.orders import SafetyAction
from contracts.vocabulary import AlarmKind, Phase
from dispatcher import events as ev
from dispatcher.entities import Flight, HandOver, PilotOnDuty, State
from dispatcher.errors import Conflict, FlightEnded, Forbidden, NotFound, StaleScreen
from dispatcher.flights import flight_of
from dispatcher.identifiers import NewId
from dispatcher.policy import FlyingPolicy
from dispatcher.record import SYSTEM

_GOES_OUT = frozenset({Phase.LAUNCHING, Phase.EN_ROUTE, Phase.ON_SCENE})
"""Where a silent pilot's flight is held: one that comes home already is left to come home."""


def offer(
    state: State, flight_id: UUID, actor: str, to: str | None, *, because: str, until: datetime, new_id: NewId
) -> list[ev.Event]:
    """The pilot in command offers it to a named pilot on duty, or to all; a new offer takes the old one's place."""
    flight = _unfinished(state, flight_id)
    if actor != flight.pilot:
        raise Forbidden(f"{flight.pilot} is in command of {flight.callsign}: only they can hand it over")
    if to == actor:
        raise Conflict(f"{actor} is in command of {flight.callsign} already: name another pilot")
    if to is not None and to not in state.pilots:
        raise Conflict(f"{to} is not on duty: a flight is handed to a pilot on duty")
    if to is None and all(pilot == actor for pilot in state.pilots):
        raise Conflict("no other pilot is on duty")
    offered = ev.HandOverOffered(
        flight_id=flight_id, offer_id=new_id(), giver=actor, to=to, expires_at=until, because=because
    )
    text = f"{actor} offers you the command of {flight.callsign} ({flight.phase}): {because}"
    events: list[ev.Event] = [*_withdrawn(flight, "another offer takes its place"), offered]
    return events + [
        ev.PilotTold(pilot=pilot, flight_id=flight_id, by=actor, order_id=None, text=text[:400])
        for pilot in ([to] if to is not None else sorted(set(state.pilots) - {actor}))
    ]


def accept(
    state: State, flight_id: UUID, actor: str, read_back: ev.ReadBack, *, policy: FlyingPolicy, now: datetime
) -> list[ev.Event]:
    """The acceptance, with what the taker sees read back: when that is not so, the taker looks again first."""
    flight = _unfinished(state, flight_id)
    if flight.pilot == actor and flight.hand_over is None:
        return []
    open_offer = _offer_for(flight, actor)
    taker = state.pilots.get(actor)
    if taker is None:
        raise Conflict(f"{actor} is not on duty: sign on first")
    if taker.until is not None and now >= taker.until:
        raise Conflict(f"the duty of {actor} is over: sign on again first")
    difference = {
        name: {"shown": shown, "now": is_now}
        for name, shown, is_now in (
            ("callsign", read_back.callsign, flight.callsign),
            ("phase", read_back.phase.value, flight.phase.value),
        )
        if shown != is_now
    }
    if difference:
        raise StaleScreen("what was read back is not so: look again", difference=difference)
    full = has_no_room(state, taker, flight, policy)
    if full is not None:
        raise Conflict(full)
    events: list[ev.Event] = [
        ev.HandOverAccepted(flight_id=flight_id, offer_id=open_offer.id, pilot=actor, read_back=read_back)
    ]
    if _is_raised(flight):
        events.append(ev.AlarmEnded(alarm=AlarmKind.PILOT_SILENT, flight_id=flight_id))
    text = f"{actor} has taken the command of {flight.callsign}"
    events.append(ev.PilotTold(pilot=flight.pilot, flight_id=flight_id, by=actor, order_id=None, text=text))
    return events


def decline(state: State, flight_id: UUID, actor: str, because: str) -> list[ev.Event]:
    """The named pilot says no, or the giver takes the offer back; command stays where it is."""
    flight = _unfinished(state, flight_id)
    known = flight.hand_over
    if known is None:
        raise NotFound(f"{flight.callsign} is not offered to anybody")
    if actor == known.giver or actor == flight.pilot:
        if known.offered_by == SYSTEM:
            raise Conflict(f"{flight.callsign} is offered because the console of {flight.pilot} was silent")
        return [ev.HandOverEnded(flight_id=flight_id, offer_id=known.id, how="withdrawn", because=because)]
    if actor != known.to:
        raise Forbidden(f"{flight.callsign} is offered to {known.to or 'all'}: there is nothing for {actor} to decline")
    text = f"{actor} has declined {flight.callsign}: {because}"
    return [
        ev.HandOverEnded(flight_id=flight_id, offer_id=known.id, how="declined", because=because),
        ev.PilotTold(pilot=flight.pilot, flight_id=flight_id, by=actor, order_id=None, text=text[:400]),
    ]


def expire_offers(state: State, *, now: datetime) -> list[ev.Event]:
    """Offers that nobody has answered in time."""
    return [
        ev.HandOverEnded(
            flight_id=flight.id, offer_id=flight.hand_over.id, how="expired", because="nobody answered in time"
        )
        for flight in state.active_flights()
        if flight.hand_over is not None
        and flight.hand_over.expires_at is not None
        and now >= flight.hand_over.expires_at
    ]


def has_no_room(state: State, pilot: PilotOnDuty, flight: Flight, policy: FlyingPolicy) -> str | None:
    """Why a pilot cannot take this flight as it flies now; None when they can."""
    if flight.in_hand:
        in_hand = state.flights_in_hand(pilot.id)
        if len(in_hand) >= policy.flights_in_hand:
            names = ", ".join(each.callsign for each in in_hand)
            return f"{pilot.id} flies {names} by hand already (limit {policy.flights_in_hand}): resume it first"
        return None
    watched, limit = state.flights_watched(pilot.id), watch_limit(pilot, policy)
    if len(watched) >= limit:
        return f"{pilot.id} has {len(watched)} flights in transit or on watch already (limit {limit})"
    return None


def watch_limit(pilot: PilotOnDuty, policy: FlyingPolicy) -> int:
    """Flights in transit or on watch that a pilot may have: the policy's, or fewer if they said so.

    Where no console is watched and all is accepted beforehand nobody sits there: as many as were declared.
    """
    automatic = pilot.accepts == "beforehand" and not pilot.console
    return pilot.max_flights if automatic else min(pilot.max_flights, policy.flights_watched)


# --- the payload ---


def lend(state: State, flight_id: UUID, actor: str, to: str) -> list[ev.Event]:
    """Camera, light and speaker go to a named person; the flight stays its pilot's."""
    flight = _unfinished(state, flight_id)
    if actor != flight.pilot:
        raise Forbidden(f"{flight.pilot} is in command of {flight.callsign}: only they can lend its payload")
    if to == flight.pilot:
        return take_back(state, flight_id, actor)
    if flight.payload_with == to:
        return []
    return [ev.PayloadLent(flight_id=flight_id, to=to)]


def take_back(state: State, flight_id: UUID, actor: str) -> list[ev.Event]:
    """The pilot has it again; whoever had it may give it back themselves."""
    flight = _unfinished(state, flight_id)
    if actor not in (flight.pilot, flight.payload_with):
        raise Forbidden(f"{flight.pilot} is in command of {flight.callsign}: only they can take its payload back")
    if flight.payload_with is None:
        return []
    return [ev.PayloadTakenBack(flight_id=flight_id, lent_to=flight.payload_with)]


# --- silent consoles ---


def silent(state: State, pilot: str, silent_s: float, *, new_id: NewId) -> list[ev.Event]:
    """An alarm for each of the pilot's flights, and an offer of each to all others on duty."""
    events: list[ev.Event] = [ev.PilotSilent(pilot=pilot, silent_s=round(silent_s, 1))]
    return events + [event for flight in _flights_of(state, pilot) for event in _offered_to_all(state, flight, new_id)]


def heard_again(state: State, pilot: str) -> list[ev.Event]:
    """The alarms are over, and what nobody has taken is not offered any longer."""
    events: list[ev.Event] = [ev.PilotHeardAgain(pilot=pilot)]
    for flight in _flights_of(state, pilot):
        if flight.hand_over is not None and flight.hand_over.offered_by == SYSTEM:
            events += _withdrawn(flight, f"the console of {pilot} is heard again")
        if _is_raised(flight):
            events.append(ev.AlarmEnded(alarm=AlarmKind.PILOT_SILENT, flight_id=flight.id))
    return events


def look_after_silent(
    state: State, *, policy: FlyingPolicy, now: datetime, new_id: NewId
) -> tuple[list[ev.Event], list[tuple[Flight, SafetyAction, str]]]:
    """What follows from silence that lasts: alarms and offers of flights that came since, and holds and returns due."""
    events: list[ev.Event] = []
    due: list[tuple[Flight, SafetyAction, str]] = []
    for flight in state.active_flights():
        pilot = state.pilots.get(flight.pilot)
        if pilot is None or pilot.silent_since is None:
            continue
        if not _is_raised(flight):
            events += _offered_to_all(state, flight, new_id)
        action = _due(flight, max(pilot.silent_since, flight.ordered_at), policy, now)
        if action is not None:
            silent_s = (now - pilot.silent_since).total_seconds()
            due.append((flight, action, f"the console of {flight.pilot} has been silent for {silent_s:.0f} s"))
    return events, due


def _due(flight: Flight, since: datetime, policy: FlyingPolicy, now: datetime) -> SafetyAction | None:
    if flight.phase not in _GOES_OUT:
        return None
    given = {command.action for command in flight.commands if command.issued_at >= since and command.actor == SYSTEM}
    if SafetyAction.RETURN in given:
        return None
    if now >= since + timedelta(seconds=policy.silent_hold_s + policy.silent_return_s):
        return SafetyAction.RETURN
    if now >= since + timedelta(seconds=policy.silent_hold_s) and SafetyAction.HOLD not in given:
        return SafetyAction.HOLD
    return None


def _offered_to_all(state: State, flight: Flight, new_id: NewId) -> list[ev.Event]:
    others = sorted(set(state.pilots) - {flight.pilot})
    because = f"the console of {flight.pilot} is silent"
    what = f"take {flight.callsign} over" if others else "sign on and take it over"
    alarm = ev.AlarmRaised(
        alarm=AlarmKind.PILOT_SILENT,
        flight_id=flight.id,
        text=f"{because} (not the link of {flight.callsign}): {what}",
    )
    offered = ev.HandOverOffered(
        flight_id=flight.id, offer_id=new_id(), giver=flight.pilot, to=None, expires_at=None, because=because
    )
    return [
        *_withdrawn(flight, because),
        alarm,
        offered,
        *(
            ev.PilotTold(pilot=pilot, flight_id=flight.id, by=SYSTEM, order_id=None, text=f"{because}: {what}")
            for pilot in others
        ),
    ]


def _withdrawn(flight: Flight, because: str) -> list[ev.Event]:
    if flight.hand_over is None:
        return []
    return [ev.HandOverEnded(flight_id=flight.id, offer_id=flight.hand_over.id, how="withdrawn", because=because)]


def _offer_for(flight: Flight, actor: str) -> HandOver:
    known = flight.hand_over
    if known is None or known.giver == actor:
        raise Conflict(f"{flight.callsign} is not offered: {flight.pilot} is in command")
    if known.to not in (None, actor):
        raise Forbidden(f"{flight.callsign} is offered to {known.to}: only they can accept it")
    return known


def _unfinished(state: State, flight_id: UUID) -> Flight:
    flight = flight_of(state, flight_id)
    if flight.ended:
        raise FlightEnded(f"the flight has ended: {flight.phase}", phase=flight.phase.value)
    return flight


def _flights_of(state: State, pilot: str) -> Iterable[Flight]:
    return [flight for flight in state.active_flights() if flight.pilot == pilot]


def _is_raised(flight: Flight) -> bool:
    return any(alarm.active and alarm.kind is AlarmKind.PILOT_SILENT for alarm in flight.alarms)
