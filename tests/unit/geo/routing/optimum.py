"""The exact fastest way by brute force: every corner of every area kept out of, seen from every other, by Dijkstra.

Written to be believed and not to be fast, with shapely doing all the geometry: of what it judges it shares the areas
alone. No corner is left out for being needless, none for being far away, and heights may change at every one.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo.flight.energy import Leg, climb_stretch, leg_stretch
from geo.flight.performance import Performance
from geo.flight.wind import Wind, ground_speed_m_s
from geo.routing.obstacle import Obstacle
from tests.unit.geo.routing.worlds import Place

_GAP_M = 0.01


def optimum_s(
    *,
    areas: Sequence[BaseGeometry],
    obstacles: Sequence[Obstacle],
    start: Place,
    target: Place,
    levels_m: Sequence[float],
    watch_m: float,
    vertical_margin_m: float,
    performance: Performance,
    wind: Wind,
) -> float | None:
    """Seconds of climb, level flight at full speed and changes of height; None without a way. Areas in metres."""
    met = [[_meets(each, level, level, vertical_margin_m) for each in obstacles] for level in levels_m]
    inner = [area.buffer(-_GAP_M) for area in areas]
    walls = []
    for row in met:
        wall = shapely.union_all([area for area, is_met in zip(inner, row, strict=True) if is_met])
        shapely.prepare(wall)
        walls.append(wall)
    corners = [tuple(xy) for area in areas for xy in shapely.get_coordinates(area)[:-1]]
    points = np.array([start, target, *corners])

    stands_in: dict[int, list[Obstacle]] = {}

    def change_s(point: int, from_m: float, to_m: float) -> float:
        if point not in stands_in:
            here = shapely.Point(points[point])
            stands_in[point] = [each for each, area in zip(obstacles, inner, strict=True) if area.contains(here)]
        if any(_meets(each, from_m, to_m, vertical_margin_m) for each in stands_in[point]):
            return math.inf
        return _climb_s(performance, to_m - from_m)

    best: dict[tuple[int, int], float] = {}
    queue: list[tuple[float, int, int]] = []
    for level, level_m in enumerate(levels_m):
        if math.isfinite(change_s(0, 0.0, level_m)):
            heapq.heappush(queue, (climb_stretch(performance=performance, rise_m=level_m).seconds, level, 0))
    while queue:
        at_s, level, point = heapq.heappop(queue)
        if (level, point) in best:
            continue
        best[level, point] = at_s
        if level == len(levels_m):
            return at_s
        if point == 1:
            heapq.heappush(queue, (at_s + change_s(1, levels_m[level], watch_m), len(levels_m), 1))
            continue
        for other, other_m in enumerate(levels_m):
            if other != level and point != 0:
                changed_s = change_s(point, levels_m[level], other_m)
                if math.isfinite(changed_s):
                    heapq.heappush(queue, (at_s + changed_s, other, point))
        lines = shapely.linestrings(np.stack((np.broadcast_to(points[point], points.shape), points), axis=1))
        for seen in np.flatnonzero(~shapely.intersects(walls[level], lines)).tolist():
            if seen != point and (level, seen) not in best:
                east, north = points[seen] - points[point]
                taken_s = _straight_s(performance, wind, float(east), float(north))
                if math.isfinite(taken_s):
                    heapq.heappush(queue, (at_s + taken_s, level, seen))
    return None


def _meets(obstacle: Obstacle, from_m: float, to_m: float, margin_m: float) -> bool:
    low, high = min(from_m, to_m), max(from_m, to_m)
    return low < obstacle.upper_m + margin_m and high > obstacle.lower_m - margin_m


def _climb_s(performance: Performance, rise_m: float) -> float:
    if rise_m == 0:
        return 0.0
    stretch = leg_stretch(performance=performance, leg=Leg(distance_m=0.0, bearing_deg=0.0, rise_m=rise_m))
    assert stretch is not None
    return stretch.seconds


def _straight_s(performance: Performance, wind: Wind, east: float, north: float) -> float:
    way_m = math.hypot(east, north)
    if way_m == 0:
        return 0.0
    track_deg = math.degrees(math.atan2(east, north))
    speed = ground_speed_m_s(performance=performance, wind=wind, track_deg=track_deg)
    return math.inf if speed is None else way_m / speed
