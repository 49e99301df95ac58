"""Where a scene is watched from, when the usual place is inside a zone: the nearest legal place that is near enough."""

from __future__ import annotations

from collections.abc import Sequence

import shapely
from shapely.geometry import Point
from shapely.ops import nearest_points

from geo.flight.position import LatLon
from geo.routing.prepared import Flags, Prepared

_OFF_M = 0.5
"""Further out than what is kept out of, so that no rounding of positions puts it inside."""
_DECIMALS = 7


def zones_over(prepared: Prepared, place: LatLon, met: Flags | None) -> list[int]:
    """Zones, of those that are met, in which a place lies; their margins do not count. ``met`` None: of all."""
    point = _local(prepared, place)
    near = (zone for zone in prepared.touching([(point.x, point.y)]) if met is None or met[zone])
    return [zone for zone in near if prepared.zones[zone].covers(point)]


def zones_within(prepared: Prepared, scene: LatLon, met: Flags | None, furthest_m: float) -> tuple[int, ...]:
    """Zones, of those that are met, whose keep-out comes so near to a scene; in their order. ``met`` None: of all."""
    found = prepared.tree.query(_local(prepared, scene).buffer(furthest_m), predicate="intersects").tolist()
    return tuple(sorted(zone for zone in found if met is None or met[zone]))


def place_outside(
    prepared: Prepared, scene: LatLon, zones: Sequence[int], *, nearest_m: float, furthest_m: float
) -> LatLon | None:
    """The nearest place to a scene outside the keep-outs of zones, between two distances; None: there is none."""
    if furthest_m <= nearest_m + 4 * _OFF_M:
        return None
    point = _local(prepared, scene)
    disc = point.buffer(furthest_m - 2 * _OFF_M, quad_segs=32)
    kept = shapely.union_all([prepared.keep_outs[zone].area for zone in zones]).buffer(_OFF_M)
    left = disc.difference(kept)
    if nearest_m > 0:
        left = left.difference(point.buffer(nearest_m + 2 * _OFF_M, quad_segs=32))
    if left.is_empty:
        return None
    spot = nearest_points(left, point)[0]
    lats, lons = prepared.frame.to_world([spot.x], [spot.y])
    return round(float(lats[0]), _DECIMALS), round(float(lons[0]), _DECIMALS)


def _local(prepared: Prepared, place: LatLon) -> Point:
    return Point(*prepared.local(place))
