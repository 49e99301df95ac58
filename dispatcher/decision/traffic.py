"""What crewed traffic means for an option: which aircraft its way may meet, when, and where they are then."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from dispatcher.decision.facts import DockFacts, TrafficFacts
from dispatcher.decision.option import Option, RoutePoint
from dispatcher.decision.reason import Risk, RiskCode
from geo.flight.position import distance_m
from geo.traffic import Conflict, Crewed, TimedPoint, conflicts

STALE_S = 10.0
"""Of the receiver's last word; older, the traffic is unknown."""
TRAFFIC_LOOKED_AT = 8
"""Options, the best ones: nobody takes the hundredth."""
MOST_TOLD = 3
"""Aircraft of one option, the soonest."""


def traffic_risks(option: Option, dock: DockFacts, traffic: TrafficFacts | None) -> tuple[Risk, ...]:
    """What the way of an option may meet; nothing where there is no receiver."""
    if traffic is None:
        return ()
    if traffic.age_s is None or traffic.age_s > STALE_S:
        when = "never" if traffic.age_s is None else f"{traffic.age_s:.0f} s ago"
        text = f"traffic unknown: the receiver was last heard {when}"
        return (Risk(code=RiskCode.TRAFFIC_UNKNOWN, text=text),)
    met = crewed_met(
        dock, option.route or (), airborne_s=option.time_to_airborne_s, to_scene_s=option.time_to_scene_s, heard=traffic
    )
    return tuple(Risk(code=RiskCode.TRAFFIC_NEAR, text=_told(conflict)) for conflict in met[:MOST_TOLD])


def crewed_met(
    dock: DockFacts, route: Sequence[RoutePoint], *, airborne_s: float, to_scene_s: float | None, heard: TrafficFacts
) -> tuple[Conflict, ...]:
    """The crewed aircraft that a way may meet, the soonest first. Times count from the press; no way meets nobody."""
    others = [
        Crewed(
            name=each.aircraft,
            lat_deg=each.lat_deg,
            lon_deg=each.lon_deg,
            alt_amsl_m=each.alt_amsl_m,
            alt_error_m=each.alt_error_m,
            ground_speed_m_s=each.ground_speed_m_s,
            track_deg=each.track_deg,
            climb_m_s=each.climb_m_s,
            age_s=each.age_s,
        )
        for each in heard.aircraft
    ]
    if not route or to_scene_s is None or not others:
        return ()
    return conflicts(_timed(dock, route, off_s=airborne_s, to_scene_s=to_scene_s), others)


def _timed(dock: DockFacts, route: Sequence[RoutePoint], *, off_s: float, to_scene_s: float) -> list[TimedPoint]:
    """Up over the dock, then along the way evenly so that it is on scene when it is promised to be."""
    plate_m, top_m = dock.alt_amsl_m, route[0].alt_above_home_m
    climb_s = min(top_m / dock.performance.climb_m_s, max(0.0, to_scene_s - off_s))
    places = [(dock.lat_deg, dock.lon_deg), *((point.lat_deg, point.lon_deg) for point in route)]
    heights = [top_m, *(point.alt_above_home_m for point in route)]
    legs = [distance_m(*one, *other) for one, other in pairwise(places)]
    whole_m, way_s = sum(legs), max(0.0, to_scene_s - off_s - climb_s)
    points = [_point(places[0], plate_m, off_s), _point(places[0], plate_m + top_m, off_s + climb_s)]
    gone_m = 0.0
    for place, height_m, leg_m in zip(places[1:], heights[1:], legs, strict=True):
        gone_m += leg_m
        share = gone_m / whole_m if whole_m > 0 else 1.0
        points.append(_point(place, plate_m + height_m, off_s + climb_s + way_s * share))
    return points


def _point(place: tuple[float, float], alt_amsl_m: float, at_s: float) -> TimedPoint:
    return TimedPoint(lat_deg=place[0], lon_deg=place[1], alt_amsl_m=alt_amsl_m, at_s=at_s)


def _told(conflict: Conflict) -> str:
    if conflict.above_m is None:
        height = "at a height that is not known"
    else:
        height = f"{abs(conflict.above_m):.0f} m {'above' if conflict.above_m >= 0 else 'below'}"
    return (
        f"{conflict.name} may come within the safe distance in {conflict.in_s:.0f} s: "
        f"{conflict.distance_m / 1000:.1f} km at {conflict.bearing_deg:03.0f}°, {height}"
    )
