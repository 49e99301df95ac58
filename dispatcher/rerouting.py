"""New ways for a flight that is in the air: to another scene (retask), or home to another dock (divert).

Pure: from the flight, where it is now and the policy to the task that its agent is given, and what that takes. A flight
keeps the heights that it was ordered with, unless others are in the way there (`dispatcher.apart`). Whoever gives the
task asks what it costs first, and refuses what it cannot pay (`affordable`).
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from contracts.fleet import Dock
from contracts.orders import FlightOrder
from contracts.position import Place, Waypoint
from contracts.reports import PlanChanged
from contracts.tasks import Divert, Retask
from contracts.vocabulary import PHASE_ORDER, Phase
from dispatcher.decision.facts import Policy
from dispatcher.detours import NoWayThere, Surroundings, routed_to_home, routed_to_scene
from dispatcher.entities import Flight
from dispatcher.errors import Conflict, FlightEnded, Invalid
from dispatcher.events import IncidentPlace
from geo.flight import plan as flight_plan
from geo.flight.energy import FlightEstimate, Infeasible
from geo.flight.errors import FlightGeometryError
from geo.flight.fence import Fence
from geo.flight.performance import Performance
from geo.flight.position import LatLon, distance_m
from geo.flight.replan import LEAST_OVER_PLATE_M, Replan, estimate_replan, replan_to_home, replan_to_scene
from geo.flight.wind import CALM, Wind


def on_board(flight: Flight) -> FlightOrder | PlanChanged:
    """The plan that is flown: the newest that its agent has confirmed, else the order's."""
    return flight.plan or flight.order


def lay_retask(
    *,
    flight: Flight,
    present: Waypoint,
    scene: IncidentPlace,
    policy: Policy,
    watch_s: float,
    max_range_m: float | None = None,
    around: Surroundings | None = None,
    height_m: float | None = None,
    incident_id: UUID | None = None,
) -> Retask:
    """The way from here to another scene, and home from there. ``max_range_m``: the dock's limit, from home.
    ``around``: what is kept out of; None: nothing. ``height_m``: above home, in the place of the flight's own.
    ``incident_id``: another incident that it is for from now on, for which a flight on its way home may be sent out
    again; None: the same.

    Raises `FlightEnded` or `Conflict` when the flight cannot have it any more, `Invalid` for a scene that is too far
    away or a way that cannot be laid.
    """
    if flight.ended:
        raise FlightEnded(f"the flight has ended: {flight.phase}", phase=flight.phase.value)
    if PHASE_ORDER[flight.phase] >= PHASE_ORDER[Phase.RETURNING if incident_id is None else Phase.LANDING]:
        raise Conflict(f"{flight.callsign} is on its way home: dispatch another one")
    if PHASE_ORDER[flight.phase] < PHASE_ORDER[Phase.EN_ROUTE]:
        raise Conflict(f"{flight.callsign} is not on its way yet ({flight.phase}): wait until it is, or cancel it")
    board = on_board(flight)
    home = _place(board.home)
    radius_m = min(scene.radius_m, policy.fence_scene_radius_m)
    transit_m = board.route_out[0].alt_above_home_m if height_m is None else height_m
    watch_m = board.route_out[-1].alt_above_home_m if height_m is None else height_m
    try:
        if around is None or around.world.plain:
            replan = replan_to_scene(
                present=_point(present),
                home=home,
                scene=(scene.lat_deg, scene.lon_deg),
                scene_radius_m=radius_m,
                transit_alt_m=transit_m,
                scene_alt_m=watch_m,
                standoff_m=policy.standoff_m,
                ceiling_m=flight.order.ceiling_above_home_m,
                margin_m=policy.fence_margin_m,
                on_board=_way_home(board),
            )
        else:
            replan = routed_to_scene(
                around,
                present=_point(present),
                home=home,
                scene=(scene.lat_deg, scene.lon_deg),
                scene_radius_m=radius_m,
                transit_m=transit_m,
                watch_m=watch_m,
                on_board=_way_home(board),
                policy=policy,
            )
    except NoWayThere as none:
        raise Invalid(f"{flight.callsign} cannot be sent there: {none}") from none
    except FlightGeometryError as error:
        raise Invalid(f"there is no way for {flight.callsign} to that place: {error}") from error
    away_m = distance_m(*home, *replan.route_out[-1].position)
    if max_range_m is not None and away_m > max_range_m:
        raise Invalid(
            f"the scene is {away_m:.0f} m from {flight.callsign}'s dock, whose limit is {max_range_m:.0f} m: "
            "dispatch from another dock"
        )
    return Retask(
        scene=_to_place(replan.scene),
        route_out=_waypoints(replan.route_out),
        route_home=_waypoints(replan.route_home),
        fence=[_to_place(vertex) for vertex in replan.fence.vertices],
        watch_s=watch_s,
        incident_id=incident_id,
    )


def lay_divert(
    *,
    flight: Flight,
    present: Waypoint,
    dock: Dock,
    home: Dock,
    policy: Policy,
    around: Surroundings | None = None,
    height_m: float | None = None,
) -> Divert:
    """The way from here to another dock's landing plate. ``home``: the dock that it took off from; ``around``: what is
    kept out of, None: nothing; ``height_m``: above home, in the place of the height that it comes home at.

    Raises `FlightEnded`, `Conflict` when it is not in the air or ``dock`` is its home already, and `Invalid` when the
    plate lies too high to be flown to under the ceiling.
    """
    if flight.ended:
        raise FlightEnded(f"the flight has ended: {flight.phase}", phase=flight.phase.value)
    if not flight.phase.is_airborne:
        raise Conflict(f"{flight.callsign} is not in the air yet ({flight.phase}): cancel it")
    board = on_board(flight)
    place = (dock.lat_deg, dock.lon_deg)
    if distance_m(*_place(board.home), *place) < 1.0:
        raise Conflict(f"{flight.callsign} comes home to {dock.id} already")
    try:
        replan = replan_to_home(
            present=_point(present),
            home=place,
            landing_above_home_m=dock.alt_amsl_m - home.alt_amsl_m,
            scene=_place(board.scene),
            transit_alt_m=board.route_home[-1].alt_above_home_m if height_m is None else height_m,
            over_plate_m=policy.transit_alt_m if height_m is None else LEAST_OVER_PLATE_M,
            ceiling_m=flight.order.ceiling_above_home_m,
            ceiling_over_plate_m=dock.limits.ceiling_above_home_m,
            margin_m=policy.fence_margin_m,
            on_board=_way_home(board),
        )
        if around is not None and not around.world.plain:
            replan = routed_to_home(
                around, straight=replan, present=_point(present), on_board=_way_home(board), policy=policy
            )
    except NoWayThere as none:
        raise Invalid(f"{flight.callsign} cannot go to {dock.id}: {none}") from none
    except FlightGeometryError as error:
        raise Invalid(f"{flight.callsign} cannot go to {dock.id}: {error}") from error
    return Divert(
        scene=_to_place(replan.scene),
        route_out=_waypoints(replan.route_out),
        route_home=_waypoints(replan.route_home),
        fence=[_to_place(vertex) for vertex in replan.fence.vertices],
        dock_id=dock.id,
        home=_to_place(place),
        landing_above_home_m=replan.landing_above_home_m,
    )


def cost(
    *,
    task: Retask | Divert,
    flight: Flight,
    present: Waypoint,
    performance: Performance,
    charge_percent: float,
    wind: Wind = CALM,
) -> FlightEstimate:
    """Time and energy of the rest of the flight with this task, from now on; the reserve is the order's."""
    if isinstance(task, Divert):
        home, landing_m = _place(task.home), task.landing_above_home_m
    else:
        home, landing_m = _place(on_board(flight).home), 0.0
    replan = Replan(
        scene=_place(task.scene),
        home=home,
        landing_above_home_m=landing_m,
        route_out=tuple(_point(point) for point in task.route_out),
        route_home=tuple(_point(point) for point in task.route_home),
        fence=Fence(vertices=tuple(_place(vertex) for vertex in task.fence)),
    )
    return estimate_replan(
        replan=replan,
        present=_point(present),
        performance=performance,
        watch_s=task.watch_s if isinstance(task, Retask) else 0.0,
        charge_percent=charge_percent,
        reserve_percent=flight.order.reserve_percent,
        wind=wind,
    )


def affordable(
    *,
    task: Retask | Divert,
    flight: Flight,
    present: Waypoint,
    performance: Performance,
    charge_percent: float,
    wind: Wind,
    otherwise: str,
    least_watch_s: float = 0.0,
) -> FlightEstimate:
    """What the rest of the flight then takes; raises `Conflict`, ``otherwise`` and why, where the charge is too low."""
    estimate = cost(
        task=task,
        flight=flight,
        present=present,
        performance=performance,
        charge_percent=charge_percent,
        wind=wind,
    )
    dear = too_dear(estimate, least_watch_s=least_watch_s)
    if dear is not None:
        raise Conflict(f"{otherwise}: {dear}")
    return estimate


def too_dear(estimate: FlightEstimate, *, least_watch_s: float = 0.0) -> str | None:
    """Why the task that costs this cannot be given, in words; None when it can."""
    if estimate.infeasible is Infeasible.WIND_BEATS_AIRCRAFT:
        return "the wind leaves no speed on the way there or home"
    if estimate.infeasible is Infeasible.ENERGY:
        return (
            f"charge {estimate.battery_at_start_percent:.0f} % does not reach there and home: "
            f"{-estimate.spare_wh:.1f} Wh are missing above the reserve"
        )
    if estimate.watch_possible_s < least_watch_s:
        return (
            f"the charge leaves {estimate.watch_possible_s:.0f} s on scene, at least {least_watch_s:.0f} s are wanted"
        )
    return None


def _way_home(board: FlightOrder | PlanChanged) -> Sequence[LatLon]:
    return (_place(board.route_out[-1]), *(_place(point) for point in board.route_home))


def _place(place: Place) -> LatLon:
    return place.lat_deg, place.lon_deg


def _to_place(place: LatLon) -> Place:
    return Place(lat_deg=place[0], lon_deg=place[1])


def _point(point: Waypoint) -> flight_plan.Waypoint:
    return flight_plan.Waypoint(lat_deg=point.lat_deg, lon_deg=point.lon_deg, alt_above_home_m=point.alt_above_home_m)


def _waypoints(points: Sequence[flight_plan.Waypoint]) -> list[Waypoint]:
    return [
        Waypoint(lat_deg=point.lat_deg, lon_deg=point.lon_deg, alt_above_home_m=point.alt_above_home_m)
        for point in points
    ]
