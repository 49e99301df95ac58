"""Who relieves a flight on scene: the dock, the height of its drone, and when it is ordered; or why nobody can.

Pure: from a need, as `dispatcher.relay` finds it, and a decision on all docks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from contracts.orders import FlightOrder
from contracts.vocabulary import Phase
from dispatcher.decision.facts import DockFacts, HeightFacts, Policy, ReliefFacts
from dispatcher.decision.option import Decision, Option
from dispatcher.entities import Flight, Incident, State
from dispatcher.flights import PILOT_ANSWERS_WITHIN
from dispatcher.relay import LEAST_REST, MARGIN, Need, chain_of
from dispatcher.rerouting import on_board
from geo.flight.layers import SEPARATION_M, Taken, free_height_m
from geo.flight.plan import watch_place

LEAST_HEIGHT_M = 30.0
"""Above the dock; no relief flies lower."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The dock that would relieve, and when it is ordered; or the reasons of all."""

    option: Option | None
    order_at: datetime | None
    reasons: Mapping[str, Sequence[str]]


def choose(need: Need, decision: Decision, now: datetime, *, exact_alone: bool = False) -> Choice:
    """The dock that can watch longest among those that come in time, then the one that is there soonest."""
    asking = timedelta(0) if decision.pilot_accepts_beforehand else PILOT_ANSWERS_WITHIN
    there = max(need.leaves_at, now)
    useful: list[tuple[bool, float, float, str, Option]] = []
    for option in decision.options:
        if not option.eligible or option.dock_id in need.tried or (exact_alone and option.bound):
            continue
        if option.time_to_scene_s is None or option.watch_s is None:
            continue
        if option.time_to_scene_s + LEAST_REST.total_seconds() > need.watch_s:
            continue
        arrival = now + timedelta(seconds=option.time_to_scene_s)
        if arrival + timedelta(seconds=option.watch_s) <= there:
            continue
        in_time = arrival + asking <= there
        watched_s = option.watch_s if in_time else 0.0
        useful.append((not in_time, -watched_s, option.time_to_scene_s, option.dock_id, option))
    if decision.blockers or need.unsafe is not None or not useful:
        return Choice(option=None, order_at=None, reasons=_reasons(need, decision))
    option = min(useful, key=lambda each: each[:4])[-1]
    lead = timedelta(seconds=option.time_to_scene_s or 0.0) + MARGIN + asking
    return Choice(option=option, order_at=need.leaves_at - lead, reasons={})


def heights(
    state: State, incident: Incident, *, flight_id: UUID, docks: Sequence[DockFacts], policy: Policy
) -> ReliefFacts:
    """For every dock the height at which its drone would keep clear of all that fly for the incident.

    Clear also of where they would come down to if a crewed aircraft came; where that leaves no height, of their ways.
    """
    flights = chain_of(state, incident)
    wide, narrow = (_taken_by(state, flights, descending=descending) for descending in (True, False))
    return ReliefFacts(
        flight_id=str(flight_id),
        heights=tuple(
            HeightFacts(
                dock_id=dock.dock_id,
                height_m=_height_m(incident, dock, wide, policy) or _height_m(incident, dock, narrow, policy),
            )
            for dock in sorted(docks, key=lambda dock: dock.dock_id)
        ),
    )


def above_others(state: State, order: FlightOrder, incident: Incident, *, plate_m: float) -> FlightOrder:
    """The order, so that its drone comes down for a crewed aircraft no further than to above those that fly below it.

    ``plate_m``: its landing plate, AMSL.
    """
    height_m = plate_m + min(point.alt_above_home_m for point in (*order.route_out, *order.route_home))
    floors = [
        each.highest_m + SEPARATION_M - plate_m
        for each in _taken_by(state, chain_of(state, incident), descending=False)
        if each.highest_m < height_m
    ]
    floor_m = max([order.avoidance_alt_above_home_m, *floors])
    return order.model_copy(update={"avoidance_alt_above_home_m": round(floor_m, 1)})


def alarm_text(need: Need, choice: Choice, now: datetime) -> str:
    """What the person who answers for the incident is told when nobody can relieve a flight."""
    left_s = (need.leaves_at - now).total_seconds()
    when = f"leaves the scene at {need.leaves_at:%H:%M:%S} UTC" if left_s > 0 else "is not on scene any more"
    reasons = "; ".join(f"{dock_id}: {texts[0] if texts else 'no'}" for dock_id, texts in choice.reasons.items())
    minutes = f", in {left_s / 60:.0f} min" if left_s > 0 else ""
    return f"{need.flight.callsign} {when}{minutes}, and no drone can relieve it. {reasons}"[:400]


def _reasons(need: Need, decision: Decision) -> dict[str, list[str]]:
    if need.unsafe is not None:
        return {"all docks": [need.unsafe]}
    if decision.blockers:
        return {"incident": [blocker.text for blocker in decision.blockers]}
    reasons: dict[str, list[str]] = {}
    for option in decision.options:
        if option.dock_id == need.flight.dock_id and not option.eligible:
            continue
        if option.dock_id in need.tried:
            reasons[option.dock_id] = [need.tried[option.dock_id]]
        elif option.eligible:
            reasons[option.dock_id] = ["could not be there early enough, or long enough, to be of use"]
        else:
            reasons[option.dock_id] = [reason.text for reason in option.reasons]
    return reasons


def _taken_by(state: State, flights: Sequence[Flight], *, descending: bool) -> list[Taken]:
    found = (_taken(state, flight, descending=descending) for flight in flights)
    return [each for each in found if each is not None]


def _taken(state: State, flight: Flight, *, descending: bool) -> Taken | None:
    """The heights that a flight uses; None for one that is in its box.

    ``descending``: down to where it would fly if a crewed aircraft came.
    """
    view = state.docks.get(flight.dock_id)
    if view is None or (flight.ended and flight.phase is not Phase.MISSING):
        return None
    board, plate_m = on_board(flight), view.dock.alt_amsl_m
    used_m = [plate_m + point.alt_above_home_m for point in (*board.route_out, *board.route_home)]
    if descending:
        used_m.append(min(*used_m, plate_m + flight.order.avoidance_alt_above_home_m))
    return Taken(
        lowest_m=min(used_m),
        highest_m=max(used_m),
        home=(board.home.lat_deg, board.home.lon_deg),
        watch=(board.route_out[-1].lat_deg, board.route_out[-1].lon_deg),
    )


def _height_m(incident: Incident, dock: DockFacts, taken: Sequence[Taken], policy: Policy) -> float | None:
    home = (dock.lat_deg, dock.lon_deg)
    scene = (incident.place.lat_deg, incident.place.lon_deg)
    watch = watch_place(start=home, scene=scene, standoff_m=policy.standoff_m)
    height_m = free_height_m(
        wanted_m=dock.alt_amsl_m + policy.scene_alt_m,
        lowest_m=dock.alt_amsl_m + LEAST_HEIGHT_M,
        highest_m=dock.alt_amsl_m + dock.performance.ceiling_agl_m,
        taken=[each.seen_from(home=home, watch=watch) for each in taken],
    )
    return None if height_m is None else round(height_m - dock.alt_amsl_m, 1)
