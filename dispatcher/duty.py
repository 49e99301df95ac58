"""Signing on and off: no aircraft is armed without a named pilot on duty who answers for it."""

from __future__ import annotations

from typing import Literal

from dispatcher import events as ev
from dispatcher.errors import Conflict
from dispatcher.state import State

DEFAULT_MAX_FLIGHTS = 4
"""Flights in transit or on watch that one pilot may have, where they do not say less."""


def sign_on(state: State, pilot: str, accepts: Literal["beforehand", "ask"], max_flights: int) -> list[ev.Event]:
    """On duty; signing on again changes how flights are accepted and how many."""
    known = state.pilots.get(pilot)
    if known is not None and (known.accepts, known.max_flights) == (accepts, max_flights):
        return []
    return [ev.PilotSignedOn(pilot=pilot, accepts=accepts, max_flights=max_flights)]


def sign_off(state: State, pilot: str) -> list[ev.Event]:
    """Off duty; not with flights in command."""
    if pilot not in state.pilots:
        return []
    flights = [flight for flight in state.active_flights() if flight.pilot == pilot]
    if flights:
        names = ", ".join(flight.callsign for flight in flights)
        raise Conflict(
            f"{pilot} is in command of {names}: bring them home first",
            flights=[str(flight.id) for flight in flights],
        )
    return [ev.PilotSignedOff(pilot=pilot)]
