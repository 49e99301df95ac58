"""The fence of a bent way: an area around the path that leaves out the zones beside it.

`geo.flight.fence.fence_around` is convex, which is right for a straight way and wrong for one around a zone: the zone
would be inside. A fence is one simple polygon, so a zone that would be a hole in it is opened to the outside, on a side
where the path is not. Zones that the path goes under or over cannot be left out on the ground; they stay inside.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from shapely.geometry import LineString, MultiLineString, Point, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.ops import nearest_points

from geo.flight.errors import InvalidShapeError
from geo.flight.fence import MAX_VERTICES, Fence
from geo.flight.position import LatLon
from geo.routing.prepared import Flags, Prepared

_DECIMALS = 7
_SHARES = (1.0, 0.7, 0.5, 0.35, 0.25, 0.15)
"""Of the margin: tried one after the other where zones leave no room for all of it."""
_ROUGHNESS = (0.02, 0.05, 0.1, 0.2, 0.3)
"""Of the margin: how much a fence may be simplified, tried in this order until it has few enough corners."""
_ROOM = 0.4
"""Of the margin tried: what every point of the path keeps from the fence at least, zones or not."""
_SLIT_M = 2.0


def fence_along(
    *,
    path: Sequence[LatLon],
    margin_m: float,
    prepared: Prepared,
    scene: LatLon | None = None,
    scene_radius_m: float = 0.0,
    met: Flags | None = None,
) -> Fence:
    """A simple polygon of at most 60 corners that holds a path with a margin and no zone that the path does not cross.

    ``met``, shape (zones,): which zones count; those far above or below the flight need not. None: all.

    The margin gives way beside zones that are nearer, down to 6 % of it all around where nothing better is possible; so
    does the scene's circle. Raises `InvalidShapeError` where not even that can be drawn.
    """
    if not path or not margin_m > 0:
        raise InvalidShapeError("a fence along a path needs a point at least, and a margin above 0 m")
    places = _local(prepared, path)
    line: BaseGeometry = LineString(places) if len(set(places)) > 1 else Point(places[0])
    beside = _beside(prepared, line, met, reach_m=2 * margin_m + scene_radius_m)
    for share in _SHARES:
        wanted_m = share * margin_m
        for roughness in _ROUGHNESS:
            tolerance_m = roughness * wanted_m
            held: BaseGeometry = line.buffer(wanted_m + tolerance_m, quad_segs=3)
            if scene is not None:
                circle = Point(_local(prepared, [scene])[0])
                held = held.union(circle.buffer(max(scene_radius_m, 0.0) * share + wanted_m, quad_segs=4))
            area = _without(held, beside.buffer(tolerance_m + 0.05, join_style="mitre"), line)
            if area is None:
                break
            fence = _drawn(prepared, area.simplify(tolerance_m))
            if fence is not None and _holds(prepared, fence, line, beside, room_m=_ROOM * wanted_m):
                return fence
    raise InvalidShapeError("zones leave no room for a fence around the path")


def _local(prepared: Prepared, path: Sequence[LatLon]) -> list[tuple[float, float]]:
    lats, lons = np.array(path, dtype=np.float64).T
    east, north = prepared.frame.to_local(lats, lons)
    return [(float(e), float(n)) for e, n in zip(east, north, strict=True)]


def _beside(prepared: Prepared, line: BaseGeometry, met: Flags | None, *, reach_m: float) -> BaseGeometry:
    """Zones near a path that it does not cross, as one area."""
    found = np.sort(prepared.tree.query(line.buffer(reach_m))).tolist()
    near = [prepared.zones[index] for index in found if met is None or met[index]]
    near = [zone for zone in near if zone.distance(line) <= reach_m]
    return shapely.union_all([zone for zone in near if not zone.intersects(line)])


def _without(held: BaseGeometry, zones: BaseGeometry, line: BaseGeometry) -> Polygon | None:
    """One polygon without holes that holds the line and none of the zones; None where zones come too near."""
    left = held.difference(zones)
    parts = [part for part in shapely.get_parts(left) if isinstance(part, Polygon) and part.contains(line)]
    if not parts:
        return None
    area = Polygon(parts[0].exterior, [hole for hole in parts[0].interiors if Polygon(hole).intersects(zones)])
    for hole in area.interiors:
        slit = _slit(Polygon(hole), area, line)
        if slit is None:
            return None
        opened = [part for part in shapely.get_parts(area.difference(slit)) if part.contains(line)]
        if not opened:
            return None
        area = opened[0]
    return area if not area.interiors else None


def _slit(hole: Polygon, area: Polygon, line: BaseGeometry) -> BaseGeometry | None:
    """A narrow cut from a hole to the outside that keeps away from the line: the shortest such."""
    outside: list[LineString] = []
    points = [Point(xy) for xy in area.exterior.coords]
    start, end = nearest_points(hole, area.exterior)
    outside.append(LineString([start, end]))
    outside += [LineString([nearest_points(hole, point)[0], point]) for point in points]
    clear = [cut for cut in outside if cut.length > 0 and cut.distance(line) > 2 * _SLIT_M]
    if not clear:
        return None
    shortest = min(clear, key=lambda cut: cut.length)
    (ax, ay), (bx, by) = shortest.coords
    reach = (_SLIT_M + shortest.length) / shortest.length
    longer = MultiLineString(
        [[(bx + (ax - bx) * reach, by + (ay - by) * reach), (ax + (bx - ax) * reach, ay + (by - ay) * reach)]]
    )
    return longer.buffer(_SLIT_M, cap_style="flat")


def _drawn(prepared: Prepared, area: BaseGeometry) -> Fence | None:
    if not isinstance(area, Polygon) or not area.is_valid or area.interiors:
        return None
    corners = np.array(area.exterior.coords)[:-1]
    if not 3 <= len(corners) <= MAX_VERTICES:
        return None
    lats, lons = prepared.frame.to_world(corners[:, 0], corners[:, 1])
    rounded = [
        (round(float(lat), _DECIMALS), round(float(lon), _DECIMALS)) for lat, lon in zip(lats, lons, strict=True)
    ]
    return Fence(vertices=tuple(dict.fromkeys(rounded)))


def _holds(prepared: Prepared, fence: Fence, line: BaseGeometry, zones: BaseGeometry, *, room_m: float) -> bool:
    """The finished fence, rounding and all: simple, around the path with room to spare, and clear of the zones.

    Where a zone is nearer to the path than the room, half of that distance is enough.
    """
    ring = Polygon(_local(prepared, fence.vertices))
    if not ring.is_valid:
        return False
    room_m = min(room_m, line.distance(zones) / 2) if not zones.is_empty else room_m
    return bool(ring.contains(line.buffer(room_m)) and not ring.intersects(zones.buffer(-0.02)))
