"""The inclusion fence: the area that a flight may not leave.

The dispatcher draws it around everything that the flight may need, the agent uploads it and watches it as well. It is
measured in local metres around its own middle, so degrees never distort it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from geo.flight.errors import InvalidShapeError
from geo.flight.position import LatLon, LocalPlane, check_position

MAX_VERTICES = 60
"""What fits the order and every autopilot's fence storage."""
_DIRECTIONS = 32
_DECIMALS = 7
"""About a centimetre: what MAVLink's int32 degrees carry."""

_Point = tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class Fence:
    """A simple polygon of 3 to 60 vertices, not closed; raises `InvalidShapeError` or `InvalidPositionError`."""

    vertices: tuple[LatLon, ...]

    def __post_init__(self) -> None:
        if not 3 <= len(self.vertices) <= MAX_VERTICES:
            raise InvalidShapeError(f"a fence has 3 to {MAX_VERTICES} vertices, not {len(self.vertices)}")
        for lat_deg, lon_deg in self.vertices:
            check_position(lat_deg, lon_deg)

    @cached_property
    def _plane(self) -> LocalPlane:
        return LocalPlane(*self.vertices[0])

    @cached_property
    def _ring(self) -> tuple[_Point, ...]:
        return tuple(self._plane.to_local(lat, lon) for lat, lon in self.vertices)

    def contains(self, lat_deg: float, lon_deg: float) -> bool:
        """True for a point inside or on the edge to within rounding."""
        return self.clearance_m(lat_deg, lon_deg) >= -0.02

    def clearance_m(self, lat_deg: float, lon_deg: float) -> float:
        """Distance to the nearest edge in metres: positive inside, negative outside."""
        point = self._plane.to_local(lat_deg, lon_deg)
        ring = self._ring
        nearest_m = min(_distance_to_segment(point, ring[i - 1], ring[i]) for i in range(len(ring)))
        return nearest_m if _inside(point, ring) else -nearest_m

    def contains_path(self, path: Sequence[LatLon]) -> bool:
        """True when every point of the path, and every straight stretch between them, is inside."""
        if not all(self.contains(lat, lon) for lat, lon in path):
            return False
        ring = self._ring
        points = [self._plane.to_local(lat, lon) for lat, lon in path]
        for start, end in pairwise(points):
            for i in range(len(ring)):
                if _cross(start, end, ring[i - 1], ring[i]):
                    return False
        return True


def fence_around(
    *, path: Iterable[LatLon], scene: LatLon | None = None, scene_radius_m: float = 0.0, margin_m: float
) -> Fence:
    """The smallest polygon of 32 fixed edge directions that holds a path and a scene's circle with a margin.

    Convex, so the straight stretches between the path's points are inside too. A way around a zone bulges outside no
    more than its own points do. Raises `InvalidShapeError` without a point or with a margin that is not above 0.
    """
    circles = [(point, margin_m) for point in path]
    if scene is not None:
        circles.append((scene, max(scene_radius_m, 0.0) + margin_m))
    if not circles:
        raise InvalidShapeError("a fence needs at least one point to stand around")
    if not (math.isfinite(margin_m) and margin_m > 0):
        raise InvalidShapeError(f"a fence's margin must be above 0 m, not {margin_m}")
    plane = LocalPlane(*circles[0][0])
    located = [(plane.to_local(*point), radius_m) for point, radius_m in circles]
    edges = [
        (math.cos(angle), math.sin(angle))
        for angle in (2 * math.pi * step / _DIRECTIONS for step in range(_DIRECTIONS))
    ]
    reach = [max(x * nx + y * ny + radius_m for (x, y), radius_m in located) for nx, ny in edges]
    vertices: list[LatLon] = []
    for i in range(_DIRECTIONS):
        (ax, ay), (bx, by), a, b = edges[i - 1], edges[i], reach[i - 1], reach[i]
        determinant = ax * by - ay * bx
        lat, lon = plane.to_position((a * by - b * ay) / determinant, (ax * b - bx * a) / determinant)
        vertices.append((round(lat, _DECIMALS), round(lon, _DECIMALS)))
    return Fence(vertices=tuple(dict.fromkeys(vertices)))


def _inside(point: _Point, ring: Sequence[_Point]) -> bool:
    """Even-odd rule: a ray to the east crosses the edges an odd number of times."""
    x, y = point
    inside = False
    for i in range(len(ring)):
        (ax, ay), (bx, by) = ring[i - 1], ring[i]
        if (ay > y) != (by > y) and x < (bx - ax) * (y - ay) / (by - ay) + ax:
            inside = not inside
    return inside


def _distance_to_segment(point: _Point, start: _Point, end: _Point) -> float:
    (px, py), (ax, ay), (bx, by) = point, start, end
    dx, dy = bx - ax, by - ay
    length2 = dx * dx + dy * dy
    share = 0.0 if length2 == 0 else max(0.0, min(1.0, ((px - ax) * dx + (py - ay) * dy) / length2))
    return math.hypot(px - ax - share * dx, py - ay - share * dy)


def _cross(a: _Point, b: _Point, c: _Point, d: _Point) -> bool:
    """True when the two segments cross each other properly (touching is not crossing)."""
    return _side(a, b, c) * _side(a, b, d) < 0 and _side(c, d, a) * _side(c, d, b) < 0


def _side(a: _Point, b: _Point, point: _Point) -> float:
    return (b[0] - a[0]) * (point[1] - a[1]) - (b[1] - a[1]) * (point[0] - a[0])
