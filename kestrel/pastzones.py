"""Zones as the journal recorded them, for the checker: its own reading, its own geometry, nothing of the routing's.

Coarse on purpose: a zone is its rings in longitude and latitude, and it counts as a wall only where there is no doubt
(prohibited, always, from the ground, to above any flight). Everything else is a matter on which both answers are fair.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

Point = tuple[float, float]
"""Longitude and latitude, degrees."""
Ring = tuple[Point, ...]

FORBIDDING = frozenset({"PROHIBITED", "REQ_AUTHORISATION", "CONDITIONAL"})
"""What a policy may have flown around."""
HIGH_M = 1000.0
"""Above what is flown, whatever the datum."""
_DEGREE_M = 111_200.0


@dataclass(frozen=True, slots=True)
class PastZone:
    """One volume of a zone."""

    name: str
    restriction: str
    rings: tuple[Ring, ...]
    wall: bool
    """True: nobody may ever have been sent through it."""

    def holds(self, point: Point) -> bool:
        """Even-odd rule over all rings: holes are outside."""
        return sum(_inside(point, ring) for ring in self.rings) % 2 == 1

    def crosses(self, path: Sequence[Point]) -> bool:
        """Whether any stretch of a path crosses an edge, or lies inside."""
        return any(self.holds(point) for point in path) or any(
            _cross(a, b, c, d)
            for a, b in pairwise(path)
            for ring in self.rings
            for c, d in zip(ring, (*ring[1:], ring[0]), strict=True)
        )

    def edge_m(self, point: Point) -> float:
        """Distance of a point from the nearest edge, metres, inside or outside."""
        scale = math.cos(math.radians(point[1]))
        return min(
            _away_m(point, c, d, scale) for ring in self.rings for c, d in zip(ring, (*ring[1:], ring[0]), strict=True)
        )

    def nearest_m(self, path: Sequence[Point]) -> float:
        """Distance of a path from the zone's edges, metres; 0 where it crosses."""
        if self.crosses(path):
            return 0.0
        scale = math.cos(math.radians(path[0][1]))
        corners = [corner for ring in self.rings for corner in ring]
        edges = [edge for ring in self.rings for edge in zip(ring, (*ring[1:], ring[0]), strict=True)]
        # Two stretches that do not cross are nearest at an end of one of them.
        ends = min(_away_m(point, c, d, scale) for point in path for c, d in edges)
        sides = min(
            (_away_m(corner, a, b, scale) for a, b in pairwise(path) for corner in corners),
            default=math.inf,
        )
        return min(ends, sides)


def ways_apart_m(one: Sequence[Point], other: Sequence[Point]) -> float:
    """How near two paths come to each other over ground, metres; 0 where they cross."""
    if any(_cross(a, b, c, d) for a, b in pairwise(one) for c, d in pairwise(other)):
        return 0.0
    scale = math.cos(math.radians(one[0][1]))
    return min(
        min((_away_m(point, c, d, scale) for point in one for c, d in pairwise(other)), default=math.inf),
        min((_away_m(point, a, b, scale) for point in other for a, b in pairwise(one)), default=math.inf),
    )


def zones_of(texts: Iterable[str]) -> Iterator[PastZone]:
    """The volumes of recorded zones."""
    for text in texts:
        said = json.loads(text)
        for volume in said["volumes"]:
            yield PastZone(
                name=said.get("name") or said["id"],
                restriction=said["restriction"],
                rings=tuple(tuple((point[0], point[1]) for point in ring[:-1]) for ring in volume["area"]),
                wall=said["restriction"] == "PROHIBITED" and "periods" not in said and _tall(volume),
            )


def _tall(volume: dict[str, Any]) -> bool:
    return "lower" not in volume and ("upper" not in volume or volume["upper"][0] >= HIGH_M)


def _inside(point: Point, ring: Ring) -> bool:
    x, y = point
    inside = False
    for (ax, ay), (bx, by) in zip(ring, (*ring[1:], ring[0]), strict=True):
        if (ay > y) != (by > y) and x < (bx - ax) * (y - ay) / (by - ay) + ax:
            inside = not inside
    return inside


def _cross(a: Point, b: Point, c: Point, d: Point) -> bool:
    return _side(a, b, c) * _side(a, b, d) < 0 and _side(c, d, a) * _side(c, d, b) < 0


def _side(a: Point, b: Point, p: Point) -> float:
    return (b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0])


def _away_m(point: Point, c: Point, d: Point, scale: float) -> float:
    px, py = (point[0] - c[0]) * scale, point[1] - c[1]
    dx, dy = (d[0] - c[0]) * scale, d[1] - c[1]
    length2 = dx * dx + dy * dy
    share = 0.0 if length2 == 0 else max(0.0, min(1.0, (px * dx + py * dy) / length2))
    return math.hypot(px - share * dx, py - share * dy) * _DEGREE_M
