"""Missing flights that may still be in the air: what they were last known to do, and until when.

A flight is missing when nobody knows what became of it, which does not take its aircraft out of the air. Others keep
apart from what it was last known to do until it is found, or until no battery could hold it up any more.

It is found when its agent says so, or when it is seen in its own box. One sign is not enough for that: the box may feel
the aircraft of another, and a drone that answers may lie in a field. Only both together, and the same one, count. How
it came there nobody knows: its dock is held until a person has looked at it (`maintenance.hold_found`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from contracts.fleet import bare_uid
from contracts.reports import DockStatus, Telemetry
from contracts.vocabulary import Phase
from dispatcher.decision.facts import performance_from_fleet
from dispatcher.entities import DockView, Flight, State
from dispatcher.events import BoxEvidence, FlightFound
from geo.flight.energy import longest_s
from geo.flight.position import distance_m


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


FRESH_WALL_S = 10.0
"""Wall seconds that what is heard of a box may be old, to be evidence."""


def seen_at_home(
    state: State,
    *,
    heard: Mapping[str, DockStatus],
    telemetry: Mapping[str, Telemetry],
    now: datetime,
    factor: float,
) -> list[FlightFound]:
    """Missing flights whose aircraft stands in its own box after all, with what shows it.

    However long ago they went missing: one whose battery must be empty takes nothing any more, and is found all the
    same.
    """
    found = []
    for flight in sorted((state.flights[flight_id] for flight_id in state.missing), key=lambda each: each.id.int):
        view, status, values = state.docks.get(flight.dock_id), heard.get(flight.dock_id), telemetry.get(flight.dock_id)
        if view is None or status is None or values is None or view.silent:
            continue
        evidence = _in_its_box(flight, view, status, values, now=now, factor=factor)
        if evidence is not None:
            because = (
                f"it stands in its box: {view.dock.name} feels it, and {evidence.aircraft_uid} answers from there, "
                f"disarmed, {evidence.off_site_m:.0f} m from its site"
            )
            found.append(FlightFound(flight_id=flight.id, phase=Phase.DOCKED, because=because, evidence=evidence))
    return found


def _in_its_box(
    flight: Flight, view: DockView, status: DockStatus, values: Telemetry, *, now: datetime, factor: float
) -> BoxEvidence | None:
    # The dock's and the aircraft's times are of the mission; what the aircraft calls old it measures by the wall.
    fresh = timedelta(seconds=FRESH_WALL_S * factor)
    aircraft, lost_at = view.dock.aircraft, flight.phases[-1].mission_time
    if aircraft.uid is None or aircraft.id != flight.order.aircraft_id:
        return None
    if view.registered_at is None or view.registered_at > flight.ordered_at:
        # Another aircraft may have been put in its place since.
        return None
    if view.active_flight_id is not None:
        # It flies again: its dock is held once that is over.
        return None
    if view.guest_of is not None or view.expected_flight_id is not None or status.receiving_flight_id is not None:
        return None
    felt = (
        status.aircraft_seated is True
        and status.aircraft_connected
        and status.aircraft_uid is not None
        and bare_uid(status.aircraft_uid) == bare_uid(aircraft.uid)
        and status.aircraft_system_id == aircraft.system_id
        and status.flight_id is None
    )
    answers = (
        values.aircraft_id == aircraft.id
        and values.flight_id is None
        and not values.armed
        and not values.in_air
        and max(values.link_age_s, values.position_age_s) <= FRESH_WALL_S
    )
    times = (status.mission_time, values.mission_time)
    if not (felt and answers and all(lost_at < each and now - each <= fresh for each in times)):
        return None
    off_m = distance_m(values.lat_deg, values.lon_deg, view.dock.lat_deg, view.dock.lon_deg)
    if off_m > view.dock.limits.max_site_offset_m:
        return None
    return BoxEvidence(
        status_boot_id=status.boot_id,
        status_counter=status.counter,
        status_at=status.mission_time,
        aircraft_uid=aircraft.uid,
        aircraft_system_id=aircraft.system_id,
        telemetry_at=values.mission_time,
        link_age_s=values.link_age_s,
        position_age_s=values.position_age_s,
        off_site_m=round(off_m, 1),
    )


def last_known(flight: Flight) -> Flight:
    """The flight as it was before it went missing; any other as it is."""
    if flight.phase is not Phase.MISSING:
        return flight
    phases = flight.phases[:-1]
    return replace(flight, phase=phases[-1].phase, phases=phases)
