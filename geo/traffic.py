"""Whether a route meets crewed aircraft in space and time, as far as they can be foreseen.

A crewed aircraft is taken to fly on in a straight line from where it was last heard, and what is not known of it grows
with time: a share of what it flies for its turns, or, where its course is not known, all of it, in every direction. A
conflict is the first moment at which a route may be inside a cylinder around it, worked out exactly for straight legs.
Standard library only.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from geo.flight.position import LocalPlane

RADIUS_M = 610.0
"""2,000 ft: the well-clear volume for small uncrewed aircraft (ASTM F3442/F3442M)."""
HALF_HEIGHT_M = 150.0
"""That volume's 250 ft and as much again."""
TURNS = 0.1
"""Share of the way since it was heard by which it may be off its straight line."""
AHEAD_S = 180.0
"""Further ahead nothing is said of an aircraft: in three minutes a helicopter is 10 km away."""

Interval = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedPoint:
    """A point of a route: WGS84, height above mean sea level, and seconds from now."""

    lat_deg: float
    lon_deg: float
    alt_amsl_m: float
    at_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Crewed:
    """A crewed aircraft as it was heard ``age_s`` ago."""

    name: str
    lat_deg: float
    lon_deg: float
    alt_amsl_m: float | None
    """None: any height."""
    alt_error_m: float
    """By how much that may be wrong."""
    ground_speed_m_s: float
    track_deg: float | None
    """None: any course."""
    climb_m_s: float
    age_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """Where the other is, seen from the route, when the route first may come too near to it."""

    name: str
    in_s: float
    """From now; 0: at once."""
    bearing_deg: float
    """True, from the route's point then."""
    distance_m: float
    """Over ground, to where it is expected."""
    above_m: float | None
    """It above the route's point; None: its height is not known."""


def conflicts(
    route: Sequence[TimedPoint],
    aircraft: Iterable[Crewed],
    *,
    radius_m: float = RADIUS_M,
    half_height_m: float = HALF_HEIGHT_M,
    ahead_s: float = AHEAD_S,
) -> tuple[Conflict, ...]:
    """The first conflict of a route with each aircraft, the soonest first, then by name.

    The route's times ascend; after its last point it stays there. It is not in the air before its first.
    """
    if not route:
        return ()
    plane = LocalPlane(lat_deg=route[0].lat_deg, lon_deg=route[0].lon_deg)
    legs = _legs(route, plane, ahead_s)
    found = (_first(legs, each, plane, radius_m, half_height_m) for each in aircraft)
    return tuple(sorted((each for each in found if each is not None), key=lambda each: (each.in_s, each.name)))


@dataclass(frozen=True, slots=True)
class _Leg:
    """East, north and height at its start, their rates, and from when to when."""

    at: tuple[float, float, float]
    rates: tuple[float, float, float]
    since_s: float
    until_s: float


def _legs(route: Sequence[TimedPoint], plane: LocalPlane, ahead_s: float) -> list[_Leg]:
    points = [(*plane.to_local(point.lat_deg, point.lon_deg), point.alt_amsl_m, point.at_s) for point in route]
    last = points[-1]
    if last[3] < ahead_s:
        points.append((*last[:3], ahead_s))
    legs: list[_Leg] = []
    for (*here, since_s), (*there, until_s) in pairwise(points):
        lasts_s = until_s - since_s
        if lasts_s <= 0 or since_s >= ahead_s:
            continue
        east, north, height = ((b - a) / lasts_s for a, b in zip(here, there, strict=True))
        legs.append(_Leg((here[0], here[1], here[2]), (east, north, height), since_s, min(until_s, ahead_s)))
    return legs


def _first(
    legs: Sequence[_Leg], other: Crewed, plane: LocalPlane, radius_m: float, half_height_m: float
) -> Conflict | None:
    east, north = plane.to_local(other.lat_deg, other.lon_deg)
    growing = other.ground_speed_m_s * (TURNS if other.track_deg is not None else 1.0)
    course = math.radians(other.track_deg or 0.0)
    speed = other.ground_speed_m_s if other.track_deg is not None else 0.0
    rates = (speed * math.sin(course), speed * math.cos(course))
    # Where it is now, by what is known.
    east, north = east + rates[0] * other.age_s, north + rates[1] * other.age_s
    height = None if other.alt_amsl_m is None else other.alt_amsl_m + other.climb_m_s * other.age_s
    for leg in legs:
        # Everything counted from the beginning of the leg.
        t = leg.since_s
        away = (east + rates[0] * t - leg.at[0], north + rates[1] * t - leg.at[1])
        apart = (rates[0] - leg.rates[0], rates[1] - leg.rates[1])
        inside = _within(away, apart, radius_m + growing * (other.age_s + t), growing)
        over: Interval | None = (-math.inf, math.inf)
        if height is not None:
            above = height + other.climb_m_s * t - leg.at[2]
            over = _between(above, other.climb_m_s - leg.rates[2], half_height_m + other.alt_error_m)
        for begins, ends in inside:
            if over is None:
                break
            first = max(begins, over[0], 0.0)
            if first <= min(ends, over[1], leg.until_s - leg.since_s):
                x, y = away[0] + apart[0] * first, away[1] + apart[1] * first
                above_m = None
                if height is not None:
                    above_m = height + other.climb_m_s * (t + first) - leg.at[2] - leg.rates[2] * first
                return Conflict(
                    name=other.name,
                    in_s=t + first,
                    bearing_deg=math.degrees(math.atan2(x, y)) % 360.0,
                    distance_m=math.hypot(x, y),
                    above_m=above_m,
                )
    return None


def _within(away: tuple[float, float], rate: tuple[float, float], radius_m: float, growing: float) -> list[Interval]:
    """When |away + rate·t| is at most radius + growing·t, for t from 0 on: one span or two, in their order."""
    a = rate[0] ** 2 + rate[1] ** 2 - growing**2
    b = 2.0 * (away[0] * rate[0] + away[1] * rate[1] - radius_m * growing)
    c = away[0] ** 2 + away[1] ** 2 - radius_m**2
    if abs(a) < 1e-12:
        if abs(b) < 1e-12:
            return [(-math.inf, math.inf)] if c <= 0 else []
        root = -c / b
        return [(root, math.inf)] if b < 0 else [(-math.inf, root)]
    square = b * b - 4.0 * a * c
    if square < 0:
        return [] if a > 0 else [(-math.inf, math.inf)]
    half = math.sqrt(square)
    low, high = sorted(((-b - half) / (2.0 * a), (-b + half) / (2.0 * a)))
    return [(low, high)] if a > 0 else [(-math.inf, low), (high, math.inf)]


def _between(above_m: float, rate: float, half_height_m: float) -> Interval | None:
    """When |above + rate·t| is at most the half height; None: never."""
    if rate == 0.0:
        return (-math.inf, math.inf) if abs(above_m) <= half_height_m else None
    one, other = (-half_height_m - above_m) / rate, (half_height_m - above_m) / rate
    return min(one, other), max(one, other)
