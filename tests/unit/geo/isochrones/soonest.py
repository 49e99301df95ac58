"""The soonest legal way by brute force, stops counted, through what `geo.routing` keeps out of: an oracle of coverage.

Every corner of every area sees every other or does not, as shapely has it, and Dijkstra takes the legs as
`geo.flight.energy` times them. It shares the areas with what it judges, and nothing else.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import shapely
from scipy.sparse.csgraph import dijkstra
from shapely.geometry.base import BaseGeometry

from geo.flight.energy import travel_s
from geo.flight.performance import Performance
from geo.flight.wind import Wind, ground_speed_m_s
from geo.geodesy import Array
from tests.unit.geo.routing.worlds import Place

_GAP_M = 0.01


def soonest_s(
    *, areas: Sequence[BaseGeometry], start: Place, targets: Sequence[Place], performance: Performance, wind: Wind
) -> list[float]:
    """Seconds on the way to each target, from rest to rest at every bend; infinite without a way. Local metres."""
    wall = shapely.union_all([area.buffer(-_GAP_M) for area in areas])
    shapely.prepare(wall)
    corners = shapely.get_coordinates([area.normalize() for area in areas]) if len(areas) else np.zeros((0, 2))
    points: Array = np.vstack((np.array([start]), np.unique(corners, axis=0), np.array(targets)))
    bends = len(points) - len(targets)
    costs = np.zeros((len(points), len(points)))
    for index, here in enumerate(points[:bends]):
        lines = shapely.linestrings(np.stack((np.broadcast_to(here, points.shape), points), axis=1))
        for other in np.flatnonzero(~shapely.intersects(wall, lines)).tolist():
            if other != index:
                costs[index, other] = _leg_s(performance, wind, *(float(each) for each in points[other] - here))
    costs[~np.isfinite(costs)] = 0.0
    return [float(each) for each in dijkstra(costs, indices=0)[bends:]]


def _leg_s(performance: Performance, wind: Wind, east_m: float, north_m: float) -> float:
    way_m = math.hypot(east_m, north_m)
    speed = ground_speed_m_s(performance=performance, wind=wind, track_deg=math.degrees(math.atan2(east_m, north_m)))
    if speed is None:
        return math.inf
    way_s = travel_s(distance_m=way_m, speed_m_s=speed, acceleration_m_s2=performance.acceleration_m_s2)
    return way_s + performance.leg_settle_s
