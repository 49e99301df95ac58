"""The corridor: how far an aircraft is from the way that was cleared for it, and how far along."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from geo.flight.errors import InvalidShapeError
from geo.flight.position import LatLon, LocalPlane, check_position


@dataclass(frozen=True, slots=True, kw_only=True)
class CorridorFix:
    """Where something is in relation to a path."""

    distance_m: float
    """From the nearest point of the path."""
    along_m: float
    """From the path's start to that nearest point, along the path."""
    leg: int
    """Index of the leg on which that point lies: leg *i* goes from point *i* to point *i + 1*."""


@dataclass(frozen=True, kw_only=True)
class Corridor:
    """A path of at least one point; raises `InvalidShapeError` or `InvalidPositionError`."""

    path: tuple[LatLon, ...]

    def __post_init__(self) -> None:
        if not self.path:
            raise InvalidShapeError("a corridor needs at least one point")
        for lat_deg, lon_deg in self.path:
            check_position(lat_deg, lon_deg)

    @cached_property
    def _plane(self) -> LocalPlane:
        return LocalPlane(*self.path[0])

    @cached_property
    def _points(self) -> tuple[tuple[float, float], ...]:
        return tuple(self._plane.to_local(lat, lon) for lat, lon in self.path)

    @cached_property
    def length_m(self) -> float:
        """Length of the path."""
        points = self._points
        return sum(math.dist(a, b) for a, b in pairwise(points))

    def locate(self, lat_deg: float, lon_deg: float) -> CorridorFix:
        """The nearest point of the path; of two that are equally near, the one further along."""
        px, py = self._plane.to_local(lat_deg, lon_deg)
        points = self._points
        best = CorridorFix(distance_m=math.hypot(px - points[0][0], py - points[0][1]), along_m=0.0, leg=0)
        travelled_m = 0.0
        for i in range(len(points) - 1):
            (ax, ay), (bx, by) = points[i], points[i + 1]
            dx, dy = bx - ax, by - ay
            length_m = math.hypot(dx, dy)
            share = 0.0 if length_m == 0 else max(0.0, min(1.0, ((px - ax) * dx + (py - ay) * dy) / length_m**2))
            distance_m = math.hypot(px - ax - share * dx, py - ay - share * dy)
            if distance_m <= best.distance_m:
                best = CorridorFix(distance_m=distance_m, along_m=travelled_m + share * length_m, leg=i)
            travelled_m += length_m
        return best

    def distance_m(self, lat_deg: float, lon_deg: float) -> float:
        """Distance from the nearest point of the path."""
        return self.locate(lat_deg, lon_deg).distance_m
