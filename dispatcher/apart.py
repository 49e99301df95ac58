"""New flights apart from all that fly or are about to: heights for a decision, and a last look at the plan itself.

Pure, from the state. A flight takes what its plan on board takes, for as long as it has not ended; where no height is
free below which it might come down for a crewed aircraft, its ways alone. What somebody flies by hand is not foreseen.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from contracts.position import Waypoint as WireWaypoint
from contracts.vocabulary import DockState
from dispatcher.decision.choice import PlannedFlight
from dispatcher.decision.errors import NotFlyableError
from dispatcher.decision.facts import ApartFacts, DockFacts, IncidentFacts, Policy
from dispatcher.entities import State
from dispatcher.rerouting import on_board
from geo.flight.errors import FlightGeometryError
from geo.flight.plan import Waypoint, watch_place
from geo.flight.position import distance_m
from geo.flight.separation import Free, NoneFree, Volume, find_height, heights_around, in_the_way, lasting

LEAST_HEIGHT_M = 30.0
"""Above the dock; nobody is sent lower to keep apart."""
NEAREST = 32
"""Of a large fleet heights are looked for from so many docks that could go; and from those that are asked for."""


class NoHeightFree(Exception):
    """No height keeps a plan apart from these flights, by callsign."""

    def __init__(self, beside: tuple[str, ...]) -> None:
        super().__init__(f"no height is free on its way and over the scene beside {', '.join(beside)}")
        self.beside = beside


def flying(state: State, *, descending: bool) -> list[Volume]:
    """What flights use that have not ended, in the order of their callsigns.

    ``descending``: down to where each would fly if a crewed aircraft came.
    """
    found = []
    for flight in state.active_flights():
        view = state.docks.get(flight.dock_id)
        if view is None:
            continue
        board = on_board(flight)
        found.append(
            lasting(
                name=flight.callsign,
                home=(board.home.lat_deg, board.home.lon_deg),
                plate_amsl_m=view.dock.alt_amsl_m,
                out=[_point(point) for point in board.route_out],
                back=[_point(point) for point in board.route_home],
                down_to_m=flight.order.avoidance_alt_above_home_m if descending else None,
            )
        )
    return sorted(found, key=lambda volume: volume.name)


def heights_beside(
    state: State, incident: IncidentFacts, docks: Sequence[DockFacts], *, policy: Policy, asked: Collection[str] = ()
) -> tuple[ApartFacts, ...]:
    """For each dock whose drone cannot fly at the policy's heights: the height that is free beside the others.

    By straight ways; `apart_plan` looks at the plan itself. Nothing where nobody flies.
    """
    wide, narrow = flying(state, descending=True), flying(state, descending=False)
    if not wide:
        return ()
    scene = (incident.lat_deg, incident.lon_deg)
    ready = [dock for dock in docks if dock.flight_id is None and dock.state in (None, DockState.READY)]
    nearest = sorted(ready, key=lambda dock: (distance_m(dock.lat_deg, dock.lon_deg, *scene), dock.dock_id))[:NEAREST]
    chosen = {dock.dock_id for dock in nearest} | set(asked)
    facts = []
    for dock in sorted(docks, key=lambda dock: dock.dock_id):
        if dock.dock_id not in chosen:
            continue
        usual = _straight(dock, incident, policy, None)
        if not in_the_way(usual, wide):
            continue
        free = [_free(dock, incident, policy, others) for others in (wide, narrow)]
        height = next((each for each in free if isinstance(each, Free)), None)
        facts.append(
            ApartFacts(
                dock_id=dock.dock_id,
                height_m=None if height is None else round(height.height_m - dock.alt_amsl_m, 1),
                beside=in_the_way(usual, wide),
            )
        )
    return tuple(facts)


def apart_plan(
    state: State, dock: DockFacts, *, plan_at: Callable[[float | None], PlannedFlight], height_m: float | None
) -> PlannedFlight:
    """The plan at this height (None: the policy's) if it keeps apart from all that fly, else at one that does.

    Raises `NoHeightFree` where there is none.
    """
    planned = plan_at(height_m)
    beside: set[str] = set()
    for others in (flying(state, descending=True), flying(state, descending=False)):
        found = in_the_way(_volume(dock, planned), others)
        if not found:
            return planned
        beside.update(found)
        wanted_m = planned.plan.watch_position.alt_above_home_m
        for other_m in heights_around(wanted_m, LEAST_HEIGHT_M, dock.performance.ceiling_agl_m):
            try:
                other = plan_at(other_m)
            except (NotFlyableError, FlightGeometryError):
                continue
            if not in_the_way(_volume(dock, other), others):
                return other
    raise NoHeightFree(tuple(sorted(beside)))


def _free(dock: DockFacts, incident: IncidentFacts, policy: Policy, others: Sequence[Volume]) -> Free | NoneFree:
    return find_height(
        lambda height_m: _straight(dock, incident, policy, height_m - dock.alt_amsl_m),
        wanted_m=dock.alt_amsl_m + policy.scene_alt_m,
        lowest_m=dock.alt_amsl_m + LEAST_HEIGHT_M,
        highest_m=dock.alt_amsl_m + dock.performance.ceiling_agl_m,
        others=others,
        delays_s=(0.0,),
    )


def _straight(dock: DockFacts, incident: IncidentFacts, policy: Policy, height_m: float | None) -> Volume:
    home, most_m = (dock.lat_deg, dock.lon_deg), dock.performance.ceiling_agl_m
    transit_m = min(policy.transit_alt_m if height_m is None else height_m, most_m)
    watch_m = min(policy.scene_alt_m if height_m is None else height_m, most_m)
    spot = watch_place(start=home, scene=(incident.lat_deg, incident.lon_deg), standoff_m=policy.standoff_m)
    there, watch = (
        Waypoint(lat_deg=spot[0], lon_deg=spot[1], alt_above_home_m=alt_m) for alt_m in (transit_m, watch_m)
    )
    over = Waypoint(lat_deg=home[0], lon_deg=home[1], alt_above_home_m=transit_m)
    return lasting(name=dock.dock_id, home=home, plate_amsl_m=dock.alt_amsl_m, out=[there, watch], back=[there, over])


def _volume(dock: DockFacts, planned: PlannedFlight) -> Volume:
    plan = planned.plan
    return lasting(
        name=dock.dock_id, home=plan.home, plate_amsl_m=dock.alt_amsl_m, out=plan.route_out, back=plan.route_home
    )


def _point(point: WireWaypoint) -> Waypoint:
    return Waypoint(lat_deg=point.lat_deg, lon_deg=point.lon_deg, alt_above_home_m=point.alt_above_home_m)
