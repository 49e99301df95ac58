"""Signing on and off: no aircraft is armed without a named pilot on duty who answers for it."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from dispatcher import events as ev
from dispatcher.authority import heard_again
from dispatcher.errors import Conflict
from dispatcher.state import State

DEFAULT_MAX_FLIGHTS = 4
"""Flights in transit or on watch that one pilot may have, where they do not say less."""


def sign_on(
    state: State,
    pilot: str,
    accepts: Literal["beforehand", "ask"],
    max_flights: int,
    until: datetime | None,
    console: bool | None = None,
) -> list[ev.Event]:
    """On duty until then; signing on again changes how flights are accepted, how many, and for how long."""
    known = state.pilots.get(pilot)
    if console is None:
        console = known is not None and known.console
    same = (accepts, max_flights, until, console)
    if known is not None and (known.accepts, known.max_flights, known.until, known.console) == same:
        return heard_again(state, pilot) if known.silent_since is not None else []
    signed_on = ev.PilotSignedOn(pilot=pilot, accepts=accepts, max_flights=max_flights, until=until, console=console)
    silent = known is not None and known.silent_since is not None
    return [signed_on, *(heard_again(state, pilot) if silent else [])]


def end_shifts(state: State, *, now: datetime) -> list[ev.Event]:
    """Duty that is over and has no flight left. Until its last flight is home a pilot stays in command of it."""
    return [
        ev.PilotSignedOff(pilot=pilot.id)
        for pilot in state.pilots.values()
        if pilot.until is not None and now >= pilot.until and state.flights_of_pilot(pilot.id) == 0
    ]


def sign_off(state: State, pilot: str) -> list[ev.Event]:
    """Off duty; not with flights in command."""
    if pilot not in state.pilots:
        return []
    flights = [flight for flight in state.active_flights() if flight.pilot == pilot]
    if flights:
        names = ", ".join(flight.callsign for flight in flights)
        raise Conflict(
            f"{pilot} is in command of {names}: hand them over or bring them home first",
            flights=[str(flight.id) for flight in flights],
        )
    return [ev.PilotSignedOff(pilot=pilot)]
