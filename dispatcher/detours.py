"""The rest of a flight around zones: from where it is to another scene or another home, and the fence along it all.

The counterpart of `geo.flight.replan`, whose ways are straight. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from dispatcher.decision.facts import Policy
from dispatcher.decision.reason import Reason
from dispatcher.decision.ways import Start, Way, find_way, find_way_to, heights_of
from dispatcher.decision.world import World
from geo.flight.errors import FlightGeometryError
from geo.flight.fence import Fence, fence_around
from geo.flight.performance import Performance
from geo.flight.plan import Waypoint
from geo.flight.position import LatLon
from geo.flight.replan import Replan
from geo.flight.wind import Wind
from geo.routing.layout import fence_for

_DECIMALS = 7


class NoWayThere(FlightGeometryError):
    """Zones, ground or wind leave no way; says which."""

    def __init__(self, reasons: Sequence[Reason]) -> None:
        super().__init__("; ".join(reason.text for reason in reasons))
        self.reasons = tuple(reasons)


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a flight in the air must find its way through, and with what."""

    world: World
    plate_amsl_m: float
    """The landing plate that it took off from: all its heights are above that."""
    performance: Performance
    wind: Wind
    """Where it flies."""


def routed_to_scene(
    around: Surroundings,
    *,
    present: Waypoint,
    home: LatLon,
    scene: LatLon,
    scene_radius_m: float,
    transit_m: float,
    watch_m: float,
    on_board: Sequence[LatLon],
    policy: Policy,
) -> Replan:
    """From here to where another scene is watched from, and home from there. Raises `NoWayThere`."""
    start = _start(around, present, transit_m=transit_m, watch_m=watch_m)
    there = _found(find_way(start, scene=scene, policy=policy, world=around.world))
    at_home = replace(start, place=home, airborne_m=None)
    back = _found(find_way_to(at_home, place=there.out[-1].position, policy=policy, world=around.world))
    path = [present.position, *(point.position for point in (*there.out, *back.back)), *reversed(on_board)]
    return Replan(
        scene=scene,
        home=home,
        landing_above_home_m=0.0,
        route_out=there.out,
        route_home=back.back,
        fence=_fence(around, start, path, scene=scene, scene_radius_m=scene_radius_m, policy=policy),
    )


def routed_to_home(
    around: Surroundings, *, straight: Replan, present: Waypoint, on_board: Sequence[LatLon], policy: Policy
) -> Replan:
    """The way to another home where the straight one is ``straight``, which gives the heights. Raises `NoWayThere`."""
    level_m, arrival_m = straight.route_out[0].alt_above_home_m, straight.route_home[-1].alt_above_home_m
    start = _start(around, present, transit_m=level_m, watch_m=arrival_m)
    way = _found(find_way_to(start, place=straight.home, policy=policy, world=around.world))
    if way.straight:
        out, back = straight.route_out, straight.route_home
    else:
        out, back = way.out[:1], way.out[1:] or way.out
    path = [present.position, *(point.position for point in (*out, *back)), *reversed(on_board)]
    fence = _fence(around, start, path, scene=None, scene_radius_m=0.0, policy=policy)
    return replace(straight, route_out=out, route_home=back, fence=fence)


def _start(around: Surroundings, present: Waypoint, *, transit_m: float, watch_m: float) -> Start:
    return Start(
        place=(round(present.lat_deg, _DECIMALS), round(present.lon_deg, _DECIMALS)),
        plate_amsl_m=around.plate_amsl_m,
        performance=around.performance,
        wind=around.wind,
        transit_m=transit_m,
        watch_m=watch_m,
        airborne_m=present.alt_above_home_m,
    )


def _found(way: Way | tuple[Reason, ...]) -> Way:
    if isinstance(way, Way):
        return way
    raise NoWayThere(way)


def _fence(
    around: Surroundings,
    start: Start,
    path: Sequence[LatLon],
    *,
    scene: LatLon | None,
    scene_radius_m: float,
    policy: Policy,
) -> Fence:
    """Holds the new ways and the one that is on board until then."""
    margin_m = policy.fence_margin_m
    prepared = around.world.seen_from(start.place, start.plate_amsl_m) if around.world.ready else None
    if prepared is None:
        return fence_around(path=path, scene=scene, scene_radius_m=scene_radius_m, margin_m=margin_m)
    heights = heights_of(start, policy, terrain=prepared.terrain is not None)
    highest_m = max(start.transit_m, start.watch_m, start.airborne_m or 0.0)
    return fence_for(
        prepared=prepared,
        path=path,
        margin_m=margin_m,
        scene=scene,
        scene_radius_m=scene_radius_m,
        met=prepared.met_between(heights, 0.0, highest_m),
    )
