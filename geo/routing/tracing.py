"""From the steps of a search to points in the air: heights that follow the ground where it asks for it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import shapely

from geo.geodesy import Array
from geo.routing.graph import ViewGraph
from geo.routing.overground import LegTimes, fastest_lines
from geo.routing.profile import joined, lines_within
from geo.routing.search import Step
from geo.routing.speed import StraightTimes
from geo.routing.world import World

SAMPLE_M = 20.0
"""The ground is looked at so often along a way, and taken to be straight in between."""

Place = tuple[float, float]


class Tracing:
    """One way through one world."""

    def __init__(self, *, world: World, graph: ViewGraph, steps: Sequence[Step], times: StraightTimes) -> None:
        self._world, self._times = world, times
        self._legs = [(level, _place(graph, point)) for level, point in steps]

    def points(self) -> list[tuple[float, float, float]]:
        """East, north and height above home: over home first, the watch position last."""
        heights = self._world.heights
        level, place = self._legs[0]
        height_m = self._world.over(place, heights.levels_m[level])
        points = [(*place, height_m)]
        for i, ((_, place), (level, other)) in enumerate(pairwise(self._legs)):
            if place == other:
                points.append((*place, self._world.over(place, heights.levels_m[level])))
            else:
                after = self._legs[i + 2 :]
                next_m = heights.levels_m[after[0][0]] if after else heights.watch_m
                points += self._flown(level, place, other, points[-1][2], self._world.over(other, next_m))
        place = self._legs[-1][1]
        points.append((*place, self._world.over(place, heights.watch_m)))
        return joined(points)

    def _flown(
        self, level: int, start: Place, end: Place, from_m: float, end_m: float
    ) -> list[tuple[float, float, float]]:
        world = self._world
        wanted_m = world.heights.levels_m[level]
        if world.prepared.terrain is None:
            return [(*end, world.over(end, wanted_m))]
        way_m = math.dist(start, end)
        count = 2 + int(way_m / SAMPLE_M)
        east, north = np.linspace(start[0], end[0], count), np.linspace(start[1], end[1], count)
        ground_m = world.prepared.ground_m(east, north)
        low, high = ground_m + world.heights.clearance_m, ground_m + world.heights.ceiling_m
        self._squeeze(level, start, end, east, north, low, high)
        along = np.linspace(0.0, way_m, count)
        wanted = world.heights.over(ground_m, wanted_m)
        turns = None
        taken_s = float(self._times.seconds(east[-1:] - start[0], north[-1:] - start[1])[0])
        if 0 < taken_s < math.inf:
            turns = fastest_lines(
                along,
                low,
                high,
                wanted_m=wanted_m,
                level_m=wanted,
                from_m=from_m,
                end_m=end_m,
                times=LegTimes(performance=world.performance, speed_m_s=way_m / taken_s),
            )
        if turns is None:
            # Narrower than the heights that are tried, or against too strong a wind: as it can be met.
            turns = lines_within(along, low, high, wanted, from_m=from_m)
        return [(float(east[i]), float(north[i]), height_m) for i, height_m in turns]

    def _squeeze(
        self, level: int, start: Place, end: Place, east: Array, north: Array, low: Array, high: Array
    ) -> None:
        """Bands stay under zones that are flown under and over those flown over; ``low`` and ``high`` are changed."""
        world, heights = self._world, self._world.heights
        reach_m = math.dist(start, end) / (len(east) - 1)
        for zone in world.touching([start, end]):
            if world.met[level][zone]:
                continue
            over = shapely.contains_xy(world.keep_out(zone).area.buffer(reach_m), east, north)
            top_m = world.prepared.upper_m[zone] + heights.vertical_margin_m
            floor_m = world.prepared.lower_m[zone] - heights.vertical_margin_m
            if world.prepared.passed_over(heights, heights.levels_m[level])[zone]:
                low[over] = np.maximum(low[over], top_m)
            else:
                high[over] = np.minimum(high[over], floor_m)


def _place(graph: ViewGraph, point: int) -> Place:
    return float(graph.points[point, 0]), float(graph.points[point, 1])
