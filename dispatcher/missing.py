"""Missing flights that may still be in the air: what they were last known to do, and until when.

A flight is missing when nobody knows what became of it, which does not take its aircraft out of the air. Others keep
apart from what it was last known to do until it is found, or until no battery could hold it up any more.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from contracts.vocabulary import Phase
from dispatcher.decision.facts import performance_from_fleet
from dispatcher.entities import DockView, Flight, State
from geo.flight.energy import longest_s


def may_still_fly(state: State, now: datetime | None) -> list[Flight]:
    """Missing flights, of all incidents, whose battery need not be empty, in the order they were ordered.

    ``now`` is mission time; None: not known, and so all of them. One whose dock is not known is left out: nobody can
    say where its heights begin.
    """
    flights = sorted((state.flights[flight_id] for flight_id in state.missing), key=lambda flight: flight.id.int)
    known = ((flight, state.docks.get(flight.dock_id)) for flight in flights)
    return [flight for flight, view in known if view is not None and (now is None or now < empty_at(flight, view))]


def empty_at(flight: Flight, view: DockView) -> datetime:
    """From then on (mission time) the battery of a missing flight from this dock must be empty.

    Counted from when it was first en route, which it says once it has climbed. One that never said so may have taken
    off until it was missing, and is counted from then.
    """
    up = next((entry for entry in flight.phases if entry.phase is Phase.EN_ROUTE), flight.phases[-1])
    performance = performance_from_fleet(aircraft_type=view.aircraft_type, limits=view.dock.limits)
    return up.mission_time + timedelta(seconds=longest_s(performance=performance))


def last_known(flight: Flight) -> Flight:
    """The flight as it was before it went missing; any other as it is."""
    if flight.phase is not Phase.MISSING:
        return flight
    phases = flight.phases[:-1]
    return replace(flight, phase=phases[-1].phase, phases=phases)
