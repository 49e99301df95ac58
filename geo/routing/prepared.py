"""Zones made ready for many routes: projected, grown by their margin, with few corners, in a spatial index.

What it costs is paid once, when zones change. A zone is grown with mitred corners and simplified outwards, never
inwards: its margin is kept everywhere. It is exceeded by at most `slack_m` along curves, by at most 60 % of itself and
1.5 times that slack at the sharpest corners, and by more where that spares a zone of very many corners most of them.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.geometry.polygon import orient

from geo.flight.position import LatLon, bearing_deg
from geo.geodesy import Array, LocalFrame
from geo.routing.errors import InvalidObstacleError, InvalidRequestError
from geo.routing.obstacle import Obstacle
from geo.routing.terrain import Heights, Terrain, flat

REACH_M = 100_000.0
"""Beyond this from its centre an area is too large for one projection."""
MANY_CORNERS = 48
_MITRE_LIMIT = 1.2
_OFF_M = 0.1
"""Corners are flown this far outside of what is kept out of, so that no test depends on the last bit of a number."""
_GROUND_STEP_M = 50.0
_GROUND_STEPS = 400
"""At most so many along one side of a zone: those of very large ones are longer."""
_LEAST_AREA_M2 = 0.01

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class KeepOut:
    """A zone in local metres. Rows of the arrays belong together."""

    area: BaseGeometry
    """What no stretch of a route may touch."""
    walls: Array
    """Its edges, shape (m, 4): east and north of either end."""
    corners: Array
    """Where a way may bend around it, shape (n, 6): the corner, the one before, the one after."""


def slack_m(margin_m: float) -> float:
    """How far the keep-out of a curved zone may reach beyond its margin."""
    return min(5.0, 0.2 * margin_m)


def keep_out(zone: BaseGeometry, margin_m: float, *, many: int | None = MANY_CORNERS) -> KeepOut:
    """Grow a zone (local metres) by at least a margin above 0; coarser where it has ``many`` corners."""
    allowed_m = slack_m(margin_m) / 2
    coarse = zone.simplify(allowed_m)
    while many is not None and shapely.get_num_coordinates(coarse) > many and 2 * allowed_m <= margin_m:
        allowed_m *= 2
        coarse = zone.simplify(allowed_m)
    if coarse.is_empty or not coarse.is_valid:
        coarse, allowed_m = zone, 0.0
    return kept_out(coarse.buffer(margin_m + allowed_m, join_style="mitre", mitre_limit=_MITRE_LIMIT))


def kept_out(grown: BaseGeometry) -> KeepOut:
    """An area (local metres) with its walls and corners."""
    around = grown.buffer(_OFF_M, join_style="mitre", mitre_limit=5.0)
    walls = [np.hstack((ring[:-1], ring[1:])) for ring in _rings(grown)]
    corners = [_convex(ring) for ring in _rings(around)]
    return KeepOut(area=grown, walls=np.vstack(walls), corners=np.vstack(corners))


def _rings(area: BaseGeometry) -> list[Array]:
    """Closed rings with the area to their left."""
    found: list[Array] = []
    for polygon in shapely.get_parts(area):
        turned = orient(polygon)
        found += [np.asarray(ring.coords, dtype=np.float64)[:, :2] for ring in (turned.exterior, *turned.interiors)]
    return found


def _convex(ring: Array) -> Array:
    here = ring[:-1]
    before, after = np.roll(here, 1, axis=0), np.roll(here, -1, axis=0)
    came, goes = here - before, after - here
    left = came[:, 0] * goes[:, 1] - came[:, 1] * goes[:, 0] > 0
    return np.hstack((here, before, after))[left]


class Prepared:
    """Zones around a place, ready for routes. Raises `InvalidObstacleError` and `InvalidRequestError`."""

    def __init__(
        self, obstacles: Sequence[Obstacle], *, around: LatLon, margin_m: float, terrain: Terrain | None = None
    ) -> None:
        if not (math.isfinite(margin_m) and margin_m >= 1.0):
            raise InvalidRequestError("margin_m", f"must be at least 1 m, not {margin_m}")
        self.frame = LocalFrame(*around)
        self.margin_m = margin_m
        self.terrain = terrain
        self.obstacles = tuple(obstacles)
        self.zones = tuple(self._local(obstacle) for obstacle in self.obstacles)
        self.keep_outs = tuple(keep_out(zone, margin_m) for zone in self.zones)
        self._areas = np.array([each.area for each in self.keep_outs], dtype=object)
        self.tree = shapely.STRtree(self._areas)
        self.lower_m = np.array([each.lower_m for each in self.obstacles], dtype=np.float64)
        self.upper_m = np.array([each.upper_m for each in self.obstacles], dtype=np.float64)
        self._home_m = 0.0
        self.lowest_ground_m, self.highest_ground_m = self._grounds()
        """Under each keep-out, shape (zones,)."""
        # Docks stay where they are: what is about them is asked for again and again. Copies that are seen from other
        # plates share it.
        self.zones_at = lru_cache(maxsize=4096)(self._zones_at)
        """Zones whose keep-out a place lies in, in order, and how far it is from the zones themselves."""
        self.local = lru_cache(maxsize=4096)(self._local_place)
        """East and north of a place."""
        self.north_deg = lru_cache(maxsize=4096)(self._north_deg)
        """True bearing of the projection's north at a local place: away from its middle the two differ."""
        self.keep_out_within = lru_cache(maxsize=1024)(self._keep_out_within)
        """What is kept out of where a zone's margin gave way to another."""
        self.over_corners = self._over_corners()
        """For each zone, for each of its corners: the zones whose keep-out that corner is in."""

    def _local(self, obstacle: Obstacle) -> BaseGeometry:
        rings = []
        for ring in obstacle.rings:
            lats, lons = np.array(ring, dtype=np.float64).T
            east, north = self.frame.to_local(lats, lons)
            if not (np.hypot(east, north) < REACH_M).all():
                raise InvalidObstacleError(obstacle.name, f"reaches further than {REACH_M / 1000:.0f} km from the area")
            rings.append(np.column_stack((east, north)))
        zone: BaseGeometry = Polygon(rings[0], rings[1:])
        if not zone.is_valid:
            zone = shapely.make_valid(zone, method="structure", keep_collapsed=False)
        if zone.area < _LEAST_AREA_M2:
            raise InvalidObstacleError(obstacle.name, "encloses no area")
        return zone

    def seen_from(self, home_m: float, *, lower_m: Array, upper_m: Array) -> Prepared:
        """The same areas for a home that lies ``home_m`` above what heights were measured from; floors and tops,
        shape (zones,), above that home. Nothing is prepared again. Flat ground stays as high as home.
        """
        seen = copy.copy(self)
        seen.lower_m, seen.upper_m = lower_m, upper_m
        seen._home_m = self._home_m + home_m
        if self.terrain is not None:
            seen.lowest_ground_m, seen.highest_ground_m = self.lowest_ground_m - home_m, self.highest_ground_m - home_m
        return seen

    def ground_m(self, east_m: Array, north_m: Array) -> Array:
        """Height of the ground above home at local points, shape (n,)."""
        lats, lons = self.frame.to_world(east_m, north_m)
        return flat(lats, lons) if self.terrain is None else self.terrain(lats, lons) - self._home_m

    def _grounds(self) -> tuple[Array, Array]:
        """Lowest and highest ground under each keep-out."""
        lowest, highest = np.zeros(len(self.obstacles)), np.zeros(len(self.obstacles))
        if self.terrain is None:
            return lowest, highest
        for i, each in enumerate(self.keep_outs):
            west, south, east, north = each.area.bounds
            grid = np.meshgrid(
                np.linspace(west, east, 2 + min(_GROUND_STEPS, math.ceil((east - west) / _GROUND_STEP_M))),
                np.linspace(south, north, 2 + min(_GROUND_STEPS, math.ceil((north - south) / _GROUND_STEP_M))),
            )
            ground = self.ground_m(grid[0].ravel(), grid[1].ravel())
            lowest[i], highest[i] = ground.min(), ground.max()
        return lowest, highest

    def _over_corners(self) -> tuple[tuple[tuple[int, ...], ...], ...]:
        if not self.keep_outs:
            return ()
        corners = np.vstack([each.corners[:, :2] for each in self.keep_outs])
        inside: list[list[int]] = [[] for _ in corners]
        for corner, zone in self.tree.query(shapely.points(corners), predicate="intersects").T.tolist():
            inside[corner].append(zone)
        ends = np.cumsum([len(each.corners) for each in self.keep_outs]).tolist()
        starts = [0, *ends[:-1]]
        return tuple(
            tuple(tuple(sorted(zones)) for zones in inside[start:end]) for start, end in zip(starts, ends, strict=True)
        )

    def met_at(self, heights: Heights, level_m: float) -> Flags:
        """Which zones a flight at a level meets, with the vertical margin; shape (zones,).

        Over hills a level gives way upwards, over valleys downwards: what it may become over a zone counts.
        """
        if self.terrain is None:
            over_m = heights.over_flat(level_m)
            return self._meets(heights, over_m, over_m)
        return self._meets(
            heights, heights.over(self.lowest_ground_m, level_m), heights.over(self.highest_ground_m, level_m)
        )

    def met_between(self, heights: Heights, from_m: float, to_m: float) -> Flags:
        """Which zones a climb or descent between two heights meets, were it over them; shape (zones,)."""
        low_m, high_m = min(from_m, to_m), max(from_m, to_m)
        if self.terrain is None:
            return self._meets(heights, min(heights.over_flat(low_m), low_m), max(heights.over_flat(high_m), high_m))
        lowest = np.minimum(heights.over(self.lowest_ground_m, low_m), low_m)
        return self._meets(heights, lowest, np.maximum(heights.over(self.highest_ground_m, high_m), high_m))

    def passed_over(self, heights: Heights, level_m: float) -> Flags:
        """Which zones lie wholly under a level, wherever over them it is; shape (zones,)."""
        return np.asarray(heights.over(self.lowest_ground_m, level_m) >= self.upper_m + heights.vertical_margin_m)

    def _meets(self, heights: Heights, low_m: Array | float, high_m: Array | float) -> Flags:
        margin_m = heights.vertical_margin_m
        return np.asarray((low_m < self.upper_m + margin_m) & (high_m > self.lower_m - margin_m))

    def _local_place(self, place: LatLon) -> tuple[float, float]:
        east, north = self.frame.to_local(*place)
        return float(east), float(north)

    def _north_deg(self, place: tuple[float, float]) -> float:
        lats, lons = self.frame.to_world([place[0], place[0]], [place[1] - 50.0, place[1] + 50.0])
        return bearing_deg(float(lats[0]), float(lons[0]), float(lats[1]), float(lons[1]))

    def _zones_at(self, place: tuple[float, float]) -> tuple[tuple[int, float], ...]:
        point = Point(place)
        return tuple((zone, float(self.zones[zone].distance(point))) for zone in self.touching([place]))

    def _keep_out_within(self, zone: int, margin_m: float) -> KeepOut:
        return keep_out(self.zones[zone], margin_m, many=None)

    def touching(self, east_north: Sequence[tuple[float, float]]) -> list[int]:
        """Zones whose keep-out a path of local points, or a single point, touches."""
        if not self.obstacles:
            return []
        path = Point(east_north[0]) if len(set(east_north)) == 1 else LineString(east_north)
        return sorted(int(i) for i in self.tree.query(path, predicate="intersects"))
