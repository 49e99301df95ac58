"""Ways apart from all that fly or are about to: of new flights, and of those in the air that get another way.

Pure, from the state and from where aircraft were last heard. What each flight takes, a missing one too while it may
still fly, is `dispatcher.volumes`; a way is first kept clear of where others would come down to for a crewed aircraft
too, and where that leaves none, of their ways alone. Whoever cannot be kept apart is refused, with the flights in the
way and by how much; hold, return and land never come through here (`dispatcher.nearness` looks at what follows).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import TypeVar

from contracts.orders import FlightOrder
from contracts.position import Waypoint as WireWaypoint
from contracts.tasks import Altitude, Goto, Nudge, Orbit, Resume, Task
from contracts.vocabulary import DockState
from dispatcher.beneath import lower_heights
from dispatcher.decision.choice import PlannedFlight
from dispatcher.decision.errors import NotFlyableError
from dispatcher.decision.facts import ApartFacts, DockFacts, IncidentFacts, Policy, TrafficFacts
from dispatcher.decision.world import World
from dispatcher.entities import Flight, State
from dispatcher.errors import Conflict, DispatcherError, NotApart
from dispatcher.rerouting import on_board
from dispatcher.volumes import UNSEEN, Air, Seen, Sky, flying
from geo.flight.errors import FlightGeometryError
from geo.flight.plan import Waypoint, watch_place
from geo.flight.position import distance_m
from geo.flight.separation import (
    Free,
    Near,
    NoneFree,
    Volume,
    beside,
    find_height,
    floor_above,
    heights_around,
    in_the_way,
    is_apart,
    nearest,
    volume,
)

LEAST_HEIGHT_M = 30.0
"""Above the dock; nobody is sent lower to keep apart."""
MOVES = Goto | Orbit | Altitude | Nudge | Resume
"""Tasks by hand, and the one that ends them. To come down for a crewed aircraft (`Avoid`) is never held up."""
Moved = TypeVar("Moved", bound=Task)
NEAREST = 32
"""Of a large fleet heights are looked for from so many docks that could go; and from those that are asked for."""


class NoHeightFree(Exception):
    """No height keeps a plan apart from these flights: at the height that was wanted, or at all others."""

    def __init__(self, near: Sequence[Near]) -> None:
        super().__init__(f"no height is free on its way and over the scene beside {', '.join(map(str, near))}")
        self.beside = tuple(each.name for each in near)


def heights_beside(
    state: State,
    incident: IncidentFacts,
    docks: Sequence[DockFacts],
    *,
    policy: Policy,
    sky: Sky = UNSEEN,
    asked: Collection[str] = (),
    traffic: TrafficFacts | None = None,
    world: World,
) -> tuple[ApartFacts, ...]:
    """For each dock whose drone cannot fly at the policy's heights: the height that is free beside the others, and
    lower where that keeps it clear of a crewed aircraft.

    By straight ways; `apart_plan` looks at the plan itself. Nothing where nobody flies.
    """
    wide, narrow = (flying(state, descending=each, sky=sky) for each in (True, False))
    if not wide and (traffic is None or not traffic.aircraft):
        return ()
    scene = (incident.lat_deg, incident.lon_deg)
    ready = [dock for dock in docks if dock.flight_id is None and dock.state in (None, DockState.READY)]
    soonest = sorted(ready, key=lambda dock: (distance_m(dock.lat_deg, dock.lon_deg, *scene), dock.dock_id))[:NEAREST]
    chosen = {dock.dock_id for dock in soonest} | set(asked)
    facts = []
    for dock in sorted(docks, key=lambda dock: dock.dock_id):
        if dock.dock_id not in chosen:
            continue
        usual = _straight(dock, incident, policy, None)
        if not in_the_way(usual, wide):
            continue
        free = (_free(dock, incident, policy, beside(usual, others)) for others in (wide, narrow))
        height = next((each for each in free if isinstance(each, Free)), None)
        facts.append(
            ApartFacts(
                dock_id=dock.dock_id,
                height_m=None if height is None else round(height.height_m - dock.alt_amsl_m, 1),
                beside=in_the_way(usual, wide),
            )
        )

    def clear(dock: DockFacts, height_m: float) -> bool:
        return not in_the_way(_straight(dock, incident, policy, height_m), wide)

    return lower_heights(
        facts, incident, ready, policy=policy, traffic=traffic, world=world, clear=clear, least_m=LEAST_HEIGHT_M
    )


def apart_plan(
    state: State,
    dock: DockFacts,
    *,
    plan_at: Callable[[float | None], PlannedFlight],
    height_m: float | None,
    sky: Sky = UNSEEN,
) -> PlannedFlight:
    """The plan at this height (None: the policy's) if it keeps apart from all that fly, else at one that does.

    Raises `NoHeightFree` where there is none.
    """
    planned = plan_at(height_m)
    near: dict[str, Near] = {}
    for descending in (True, False):
        others = flying(state, descending=descending, sky=sky)
        found = nearest(_volume(dock, planned), others)
        if not found:
            return planned
        near.update({each.name: each for each in found})
        wanted_m = planned.plan.watch_position.alt_above_home_m
        for other_m in heights_around(wanted_m, LEAST_HEIGHT_M, dock.performance.ceiling_agl_m):
            try:
                other = plan_at(other_m)
            except (NotFlyableError, FlightGeometryError):
                continue
            if not in_the_way(_volume(dock, other), others):
                return other
    raise NoHeightFree([near[name] for name in sorted(near)])


def above_others(state: State, order: FlightOrder, dock: DockFacts, *, sky: Sky = UNSEEN) -> FlightOrder:
    """The order, its drone coming down for a crewed aircraft no further than to above those that fly below it."""
    ways = volume(
        name=dock.dock_id,
        home=(order.home.lat_deg, order.home.lon_deg),
        plate_amsl_m=dock.alt_amsl_m,
        out=[_point(point) for point in order.route_out],
        back=[_point(point) for point in order.route_home],
    )
    floor_m = floor_above(ways, flying(state, descending=False, sky=sky)) - dock.alt_amsl_m
    if floor_m <= order.avoidance_alt_above_home_m:
        return order
    return order.model_copy(update={"avoidance_alt_above_home_m": round(floor_m, 1)})


def apart_task(
    state: State,
    flight: Flight,
    *,
    lay_at: Callable[[float | None], Moved],
    heights_m: Sequence[float],
    sky: Sky,
) -> Moved:
    """The task as laid at the flight's own heights (None) if it keeps apart from all others, else at one of these.

    Whoever is too near somebody already may move away: of that flight only where the task leads counts. Raises
    `Conflict` that names who is in the way, and by how much; and, where others fly, where it is not known from where
    the task would begin.
    """
    laid = lay_at(None)
    narrow = flying(state, descending=False, sky=sky, but=flight)
    view = state.docks.get(flight.dock_id)
    if not narrow or view is None:
        return laid
    seen = sky.of(flight)
    if seen is None:
        raise Conflict(f"where {flight.callsign} is now is not known: nobody can say whom it would come near")
    plate_m = view.dock.alt_amsl_m
    near: dict[str, Near] = {}
    for descending in (True, False):
        air = Air(flight=flight, plate_amsl_m=plate_m, descending=descending)
        others = flying(state, descending=True, sky=sky, but=flight) if descending else narrow
        if is_apart(air.task(laid, seen), others):
            return laid
        already = in_the_way(air.standing(seen), others)
        found = _met(air, laid, seen, others, already)
        if not found:
            return laid
        near.update({each.name: each for each in found})
        for height_m in heights_m:
            try:
                other = lay_at(height_m)
            except DispatcherError:
                continue
            if is_apart(air.task(other, seen), others) or (already and not _met(air, other, seen, others, already)):
                return other
    raise not_apart(f"{flight.callsign}: no {laid.type.replace('_', ' ')} there", near.values())


def not_apart(what: str, near: Iterable[Near]) -> NotApart:
    """The refusal of ``what``, in words and in figures."""
    known = sorted(near, key=lambda each: each.name)
    return NotApart(
        f"{what}: it would come near {', '.join(map(str, known))}",
        near=[
            {"callsign": each.name, "beside_m": round(each.beside_m, 1), "above_m": round(each.above_m, 1)}
            for each in known
        ],
    )


def heights_for(flight: Flight) -> list[float]:
    """The heights that a flight in the air is tried at, the nearest to its own first; above home."""
    own_m = on_board(flight).route_out[-1].alt_above_home_m
    return heights_around(own_m, LEAST_HEIGHT_M, flight.order.ceiling_above_home_m)


def _met(air: Air, task: Task, seen: Seen, others: Sequence[Volume], already: Sequence[str]) -> tuple[Near, ...]:
    """``already``: those that it is too near where it is."""
    found = nearest(air.task(task, seen), others)
    if not found or not already:
        return found
    away = {each.name for each in nearest(air.there(task, seen), others)}
    return tuple(each for each in found if each.name not in already or each.name in away)


def _free(dock: DockFacts, incident: IncidentFacts, policy: Policy, others: Sequence[Volume]) -> Free | NoneFree:
    """``others``: at least those beside its straight way, which is over the same ground at every height."""
    return find_height(
        lambda height_m: _straight(dock, incident, policy, height_m - dock.alt_amsl_m),
        wanted_m=dock.alt_amsl_m + policy.scene_alt_m,
        lowest_m=dock.alt_amsl_m + LEAST_HEIGHT_M,
        highest_m=dock.alt_amsl_m + dock.performance.ceiling_agl_m,
        others=others,
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
    return volume(name=dock.dock_id, home=home, plate_amsl_m=dock.alt_amsl_m, out=[there, watch], back=[there, over])


def _volume(dock: DockFacts, planned: PlannedFlight) -> Volume:
    plan = planned.plan
    return volume(
        name=dock.dock_id, home=plan.home, plate_amsl_m=dock.alt_amsl_m, out=plan.route_out, back=plan.route_home
    )


def _point(point: WireWaypoint) -> Waypoint:
    return Waypoint(lat_deg=point.lat_deg, lon_deg=point.lon_deg, alt_above_home_m=point.alt_above_home_m)
