"""The geometry of one flight: out, the watch position, home, and the fence around it all.

Today the way is straight. Routes around zones will fill the same tuples of waypoints, so whoever reads a plan, uploads
it or guards it never needs to know which it was.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from geo.flight.corridor import Corridor
from geo.flight.energy import FlightEstimate, Leg, ReturnEstimate, estimate_flight, estimate_return
from geo.flight.errors import InvalidShapeError
from geo.flight.fence import Fence, fence_around
from geo.flight.performance import Performance
from geo.flight.position import LatLon, bearing_deg, check_position, distance_m, offset
from geo.flight.wind import CALM, Wind

_DECIMALS = 7
_AT_WATCH_M = 15.0
"""Nearer than this to the start of the way home counts as standing at the watch position."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waypoint:
    """A point of a route, WGS84; height above the dock's landing plate."""

    lat_deg: float
    lon_deg: float
    alt_above_home_m: float

    @property
    def position(self) -> LatLon:
        """Its place on the ground."""
        return self.lat_deg, self.lon_deg


@dataclass(frozen=True, kw_only=True)
class FlightPlan:
    """A whole flight. Raises `InvalidShapeError` when a route is empty or does not end over home."""

    home: LatLon
    scene: LatLon
    """Where the camera looks."""
    route_out: tuple[Waypoint, ...]
    """After a vertical climb over home to the first waypoint's height; the last is the watch position."""
    route_home: tuple[Waypoint, ...]
    """From the watch position; the last is over home, where it lands."""
    fence: Fence
    ceiling_above_home_m: float

    def __post_init__(self) -> None:
        if not self.route_out or not self.route_home:
            raise InvalidShapeError("a plan needs a way out and a way home")
        if distance_m(*self.route_home[-1].position, *self.home) > 0.1:
            raise InvalidShapeError("the way home must end over home")

    @property
    def watch_position(self) -> Waypoint:
        """Where it hangs while it watches."""
        return self.route_out[-1]

    @property
    def climb_m(self) -> float:
        """Height of the vertical climb over home."""
        return self.route_out[0].alt_above_home_m

    @property
    def landing_m(self) -> float:
        """Height from which it comes down over home."""
        return self.route_home[-1].alt_above_home_m

    def legs_out(self) -> tuple[Leg, ...]:
        """From over home to the watch position."""
        start = Waypoint(lat_deg=self.home[0], lon_deg=self.home[1], alt_above_home_m=self.climb_m)
        return legs_between((start, *self.route_out))

    def legs_home(self) -> tuple[Leg, ...]:
        """From the watch position to over home."""
        return legs_between((self.watch_position, *self.route_home))

    def corridor_out(self) -> Corridor:
        """The way out as a path on the ground."""
        return Corridor(path=(self.home, *(point.position for point in self.route_out)))

    def corridor_home(self) -> Corridor:
        """The way home as a path on the ground."""
        return Corridor(path=(self.watch_position.position, *(point.position for point in self.route_home)))

    def entry_home(self, lat_deg: float, lon_deg: float) -> int:
        """Index in ``route_home`` of the waypoint to fly to when turning home from here.

        It is the end of the nearest stretch of the way home, so that a return from half-way out never goes on to the
        scene first. At the watch position it is the first, so that a climb that stands there is flown.
        """
        fix = self.corridor_home().locate(lat_deg, lon_deg)
        return 0 if fix.along_m < _AT_WATCH_M else fix.leg


def legs_between(points: tuple[Waypoint, ...]) -> tuple[Leg, ...]:
    """The straight stretches between waypoints; none where two coincide."""
    legs: list[Leg] = []
    for start, end in pairwise(points):
        rise_m = end.alt_above_home_m - start.alt_above_home_m
        length_m = distance_m(*start.position, *end.position)
        if length_m < 0.05:
            length_m = 0.0
        if length_m or rise_m:
            bearing = bearing_deg(*start.position, *end.position) if length_m else 0.0
            legs.append(Leg(distance_m=length_m, bearing_deg=bearing, rise_m=rise_m))
    return tuple(legs)


def watch_place(*, start: LatLon, scene: LatLon, standoff_m: float) -> LatLon:
    """The point from which a scene is watched by who comes straight from ``start``, to seven decimals."""
    way_m = max(0.0, distance_m(*start, *scene) - standoff_m)
    lat, lon = start if way_m == 0 else offset(*start, bearing_deg=bearing_deg(*start, *scene), distance_m=way_m)
    return round(lat, _DECIMALS), round(lon, _DECIMALS)


def straight_plan(
    *,
    home: LatLon,
    scene: LatLon,
    scene_radius_m: float = 0.0,
    transit_alt_m: float = 60.0,
    scene_alt_m: float = 60.0,
    standoff_m: float = 30.0,
    ceiling_m: float = 120.0,
    margin_m: float = 50.0,
) -> FlightPlan:
    """Straight to a point ``standoff_m`` short of the scene and straight back; heights above home, at most the ceiling.

    A scene nearer than the stand-off is watched from over home. A watch below transit height is reached by going down
    at the watch position and left by going up again.
    """
    check_position(*home)
    check_position(*scene)
    ceiling_m = float(ceiling_m)
    transit_m, watch_m = min(float(transit_alt_m), ceiling_m), min(float(scene_alt_m), ceiling_m)
    if min(transit_m, watch_m) <= 0 or standoff_m < 0 or scene_radius_m < 0:
        raise InvalidShapeError("heights must be above 0 m, stand-off and radius at least 0 m")
    spot = watch_place(start=home, scene=scene, standoff_m=standoff_m)
    out = [Waypoint(lat_deg=spot[0], lon_deg=spot[1], alt_above_home_m=transit_m)]
    back = [Waypoint(lat_deg=home[0], lon_deg=home[1], alt_above_home_m=transit_m)]
    if watch_m != transit_m:
        out.append(Waypoint(lat_deg=spot[0], lon_deg=spot[1], alt_above_home_m=watch_m))
        back.insert(0, out[0])
    path = (home, spot)
    return FlightPlan(
        home=home,
        scene=scene,
        route_out=tuple(out),
        route_home=tuple(back),
        fence=fence_around(path=path, scene=scene, scene_radius_m=scene_radius_m, margin_m=margin_m),
        ceiling_above_home_m=ceiling_m,
    )


def estimate_plan(
    *,
    plan: FlightPlan,
    performance: Performance,
    watch_s: float,
    charge_percent: float = 100.0,
    reserve_percent: float | None = None,
    wind: Wind = CALM,
) -> FlightEstimate:
    """Time and energy of a whole plan: see `estimate_flight`."""
    return estimate_flight(
        performance=performance,
        climb_m=plan.climb_m,
        out=plan.legs_out(),
        home=plan.legs_home(),
        landing_m=plan.landing_m,
        watch_s=watch_s,
        charge_percent=charge_percent,
        reserve_percent=reserve_percent,
        wind=wind,
    )


def estimate_return_from(
    *, plan: FlightPlan, performance: Performance, at: Waypoint, wind: Wind = CALM
) -> ReturnEstimate:
    """What it takes to come home along the plan from any point in the air."""
    entry = plan.entry_home(at.lat_deg, at.lon_deg)
    legs = legs_between((at, *plan.route_home[entry:]))
    return estimate_return(performance=performance, home=legs, landing_m=plan.landing_m, wind=wind)
