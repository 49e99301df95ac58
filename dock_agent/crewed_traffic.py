"""Crewed aircraft: who converges on ours, how near and when. Pure.

Both are taken to fly on in straight lines at their present speeds, over the look-ahead; a conflict is a moment at which
the other is inside a cylinder around ours. Its radius is the 2,000 ft of the well-clear volume for small uncrewed
aircraft (ASTM F3442/F3442M). Its half height is that volume's 250 ft and as much again: reports mix pressure heights
with satellite heights, and a warm, high-pressure day parts these by 60 m and more.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from dock_agent.readings import AircraftReading, CrewedAircraft
from geo.flight.position import LocalPlane

LOOK_AHEAD_S = 60.0
"""Mission seconds: a helicopter at 70 m/s comes from 4 km away; a descent from 120 m to 30 m takes 45 s at 2 m/s."""
RADIUS_M = 610.0
HALF_HEIGHT_M = 150.0
CLEAR_FACTOR = 1.25
"""The conflict is over only outside a cylinder so much larger: at its edge nothing flutters."""
REPORT_OLD_S = 30.0
"""Mission seconds after which a report says nothing any more; until then it is carried on along its course."""
RECEIVER_OLD_S = 5.0
"""Wall seconds without a sign of life after which a receiver counts as stale; its heartbeat comes once a second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Encounter:
    """How one crewed aircraft passes ours, from now on."""

    aircraft: CrewedAircraft
    bearing_deg: float
    """From ours to it, true north, now."""
    distance_m: float
    """Over ground, now."""
    above_m: float
    """It above ours, now."""
    closest_m: float
    """Over ground, at the closest approach within the look-ahead."""
    closest_above_m: float
    """It above ours, then."""
    in_s: float
    """Mission seconds until it enters the volume; until the closest approach where it does not."""
    conflict: bool


def encounter(
    *,
    own: AircraftReading,
    other: CrewedAircraft,
    factor: float = 1.0,
    grown: float = 1.0,
    look_ahead_s: float = LOOK_AHEAD_S,
) -> Encounter | None:
    """How the other passes; None while our own position is not known, or when the report is too old.

    ``factor``: mission seconds in a wall second, for the reports' ages. ``grown``: of the cylinder.
    """
    place = own.position
    age_s = other.age_s * factor
    if place is None or age_s > REPORT_OLD_S:
        return None
    east, north = LocalPlane(place.lat_deg, place.lon_deg).to_local(other.lat_deg, other.lon_deg)
    course = math.radians(other.course_deg)
    v_east, v_north = other.speed_m_s * math.sin(course), other.speed_m_s * math.cos(course)
    east, north = east + v_east * age_s, north + v_north * age_s
    above = other.alt_amsl_m + other.climb_m_s * age_s - place.alt_amsl_m
    v_east, v_north = v_east - (own.velocity_east_m_s or 0.0), v_north - (own.velocity_north_m_s or 0.0)
    v_up = other.climb_m_s - (own.climb_m_s or 0.0)
    speed2 = v_east * v_east + v_north * v_north
    closest_s = 0.0 if speed2 == 0 else max(0.0, min(look_ahead_s, -(east * v_east + north * v_north) / speed2))
    inside = _inside(east, north, above, (v_east, v_north, v_up), grown=grown, until_s=look_ahead_s)
    return Encounter(
        aircraft=other,
        bearing_deg=math.degrees(math.atan2(east, north)) % 360.0,
        distance_m=math.hypot(east, north),
        above_m=above,
        closest_m=math.hypot(east + v_east * closest_s, north + v_north * closest_s),
        closest_above_m=above + v_up * closest_s,
        in_s=closest_s if inside is None else inside,
        conflict=inside is not None,
    )


def conflicts(
    *, own: AircraftReading, others: Sequence[CrewedAircraft], factor: float = 1.0, grown: float = 1.0
) -> list[Encounter]:
    """Those that enter the volume, the soonest first, then the nearest; ties by their address."""
    met = (encounter(own=own, other=other, factor=factor, grown=grown) for other in others)
    found = [one for one in met if one is not None and one.conflict]
    return sorted(found, key=lambda one: (one.in_s, one.distance_m, one.aircraft.icao))


def receiver_works(own: AircraftReading) -> bool:
    """True while the receiver shows signs of life."""
    return own.receiver_age_s <= RECEIVER_OLD_S


def _inside(
    east: float, north: float, above: float, v: tuple[float, float, float], *, grown: float, until_s: float
) -> float | None:
    """The first second in which the other is inside the cylinder; None: never within the look-ahead."""
    radius, half = RADIUS_M * grown, HALF_HEIGHT_M * grown
    v_east, v_north, v_up = v
    a = v_east * v_east + v_north * v_north
    b = east * v_east + north * v_north
    c = east * east + north * north - radius * radius
    sideways = _between_roots(a, b, c)
    upright = _between_roots(v_up * v_up, above * v_up, above * above - half * half)
    if sideways is None or upright is None:
        return None
    start, end = max(0.0, sideways[0], upright[0]), min(until_s, sideways[1], upright[1])
    return start if start <= end else None


def _between_roots(a: float, b: float, c: float) -> tuple[float, float] | None:
    """Where a t² + 2 b t + c is not above 0; None: nowhere."""
    if a < 1e-9:
        return (-math.inf, math.inf) if c <= 0 else None
    root = b * b - a * c
    if root < 0:
        return None
    return (-b - math.sqrt(root)) / a, (-b + math.sqrt(root)) / a
