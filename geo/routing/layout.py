"""From a route to a flight plan: its waypoints out and home, and a fence that leaves out the zones beside it."""

from __future__ import annotations

from collections.abc import Sequence

from shapely.geometry import Polygon

from geo.flight.errors import InvalidShapeError
from geo.flight.fence import Fence, fence_around
from geo.flight.plan import FlightPlan, Waypoint
from geo.flight.position import LatLon
from geo.routing.fence import fence_along
from geo.routing.prepared import Flags, Prepared


def routed_plan(
    *,
    prepared: Prepared,
    home: LatLon,
    out: Sequence[Waypoint],
    back: Sequence[Waypoint],
    scene: LatLon,
    scene_radius_m: float,
    ceiling_m: float,
    margin_m: float,
    met: Flags | None = None,
) -> FlightPlan:
    """The flight along a route; ``ceiling_m`` above home. Raises `InvalidShapeError` for a route that is none."""
    return FlightPlan(
        home=home,
        scene=scene,
        route_out=tuple(out),
        route_home=tuple(back),
        fence=fence_for(
            prepared=prepared,
            path=(home, *(point.position for point in out)),
            scene=scene,
            scene_radius_m=scene_radius_m,
            margin_m=margin_m,
            met=met,
        ),
        ceiling_above_home_m=ceiling_m,
    )


def fence_for(
    *,
    prepared: Prepared,
    path: Sequence[LatLon],
    margin_m: float,
    scene: LatLon | None = None,
    scene_radius_m: float = 0.0,
    met: Flags | None = None,
) -> Fence:
    """The roomy convex fence where it holds no zone; else one along the path that leaves out the zones beside it.

    Where zones leave no room even for that, the convex one: it is the last of the guards, not the one that keeps a
    flight on its way.
    """
    wide = fence_around(path=path, scene=scene, scene_radius_m=scene_radius_m, margin_m=margin_m)
    lats, lons = [lat for lat, _ in wide.vertices], [lon for _, lon in wide.vertices]
    east, north = prepared.frame.to_local(lats, lons)
    area = Polygon(zip(east.tolist(), north.tolist(), strict=True))
    near = [int(zone) for zone in prepared.tree.query(area) if met is None or met[zone]]
    if not any(prepared.zones[zone].intersects(area) for zone in near):
        return wide
    try:
        return fence_along(
            path=path, margin_m=margin_m, prepared=prepared, scene=scene, scene_radius_m=scene_radius_m, met=met
        )
    except InvalidShapeError:
        return wide
