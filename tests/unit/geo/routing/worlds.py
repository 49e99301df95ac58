"""Worlds full of zones for the tests and the bench of routing, and a check of routes that shares nothing with it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from shapely.geometry import LineString, Point, Polygon

from geo.flight.plan import Waypoint
from geo.flight.position import LatLon, LocalPlane
from geo.routing.obstacle import Obstacle

Place = tuple[float, float]


def zone(
    plane: LocalPlane,
    points: Sequence[Place],
    *,
    name: str = "zone",
    lower_m: float = -math.inf,
    upper_m: float = math.inf,
) -> Obstacle:
    """A zone drawn in metres around a place."""
    ring = tuple(plane.to_position(*point) for point in points)
    return Obstacle(name=name, rings=(ring,), lower_m=lower_m, upper_m=upper_m)


def box_zone(
    plane: LocalPlane,
    west: float,
    south: float,
    east: float,
    north: float,
    *,
    name: str = "zone",
    lower_m: float = -math.inf,
    upper_m: float = math.inf,
) -> Obstacle:
    """A rectangle in metres around a place."""
    corners = ((west, south), (east, south), (east, north), (west, north))
    return zone(plane, corners, name=name, lower_m=lower_m, upper_m=upper_m)


def random_zones(
    rng: np.random.Generator, plane: LocalPlane, *, count: int, size_m: float, largest_m: float, with_heights: bool
) -> list[Obstacle]:
    """Stars, convex or not, and circles of 48 corners, anywhere in a square; some with a floor or a top."""
    zones = []
    for number in range(count):
        east, north = rng.uniform(-size_m / 2, size_m / 2, 2)
        radius_m = rng.uniform(0.15, 1.0) * largest_m
        if rng.random() < 0.7:
            corners = int(rng.integers(3, 9))
            angles = (np.arange(corners) + rng.uniform(0, 0.9, corners)) * 2 * np.pi / corners
            radii = radius_m * rng.uniform(0.4, 1.0, corners)
        else:
            angles = np.arange(48) * 2 * np.pi / 48
            radii = np.full(48, radius_m)
        lower_m, upper_m = -math.inf, math.inf
        if with_heights and rng.random() < 0.4:
            if rng.random() < 0.5:
                upper_m = float(rng.uniform(20, 70))
            else:
                lower_m = float(rng.uniform(40, 100))
        points = [(east + r * math.cos(a), north + r * math.sin(a)) for r, a in zip(radii, angles, strict=True)]
        zones.append(zone(plane, points, name=f"zone-{number}", lower_m=lower_m, upper_m=upper_m))
    return zones


def polygon_of(plane: LocalPlane, obstacle: Obstacle) -> Polygon:
    """The zone in metres."""
    rings = [[plane.to_local(*point) for point in ring] for ring in obstacle.rings]
    return Polygon(rings[0], rings[1:]).buffer(0)


def samples(home: LatLon, route: Sequence[Waypoint], plane: LocalPlane, *, every_m: float = 3.0) -> list[Waypoint]:
    """Points of the flight from the ground over home to the end, dense in every direction."""
    first = route[0].alt_above_home_m
    points = [(*plane.to_local(*home), 0.0), (*plane.to_local(*home), first)]
    points += [(*plane.to_local(*p.position), p.alt_above_home_m) for p in route]
    dense = []
    for start, end in pairwise(points):
        steps = 1 + int(math.dist(start, end) / every_m)
        for share in np.linspace(0, 1, steps + 1):
            e, n, height_m = (a + (b - a) * share for a, b in zip(start, end, strict=True))
            lat, lon = plane.to_position(e, n)
            dense.append(Waypoint(lat_deg=lat, lon_deg=lon, alt_above_home_m=height_m))
    return dense


def entered(
    plane: LocalPlane,
    obstacles: Sequence[Obstacle],
    home: LatLon,
    route: Sequence[Waypoint],
    *,
    margin_m: float,
    vertical_margin_m: float,
) -> list[str]:
    """Names of zones that some point of a flight is in or too near to, by sampling."""
    flown = [(Point(plane.to_local(*p.position)), p.alt_above_home_m) for p in samples(home, route, plane)]
    line = LineString([plane.to_local(*home), *(plane.to_local(*p.position) for p in route)])
    found = []
    for obstacle in obstacles:
        area = polygon_of(plane, obstacle)
        if area.distance(line) >= margin_m:
            continue
        low, high = obstacle.lower_m - vertical_margin_m, obstacle.upper_m + vertical_margin_m
        if any(low + 0.01 < height < high - 0.01 and area.distance(point) < margin_m for point, height in flown):
            found.append(obstacle.name)
    return found
