"""The geometry of the rest of a flight, laid anew while it is in the air: to another scene, or to another home.

It begins where the aircraft is. Its fence also holds the way home that is on board until then: whichever of the two
plans is flown when an upload fails half-way, nobody flies out of the fence. Ways are straight until routes around zones
exist. All heights are above the home that the flight took off from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from geo.flight.energy import FlightEstimate, Leg, estimate_flight
from geo.flight.errors import InvalidShapeError
from geo.flight.fence import Fence, fence_around
from geo.flight.performance import Performance
from geo.flight.plan import Waypoint, legs_between, watch_place
from geo.flight.position import LatLon, check_position, distance_m
from geo.flight.wind import CALM, Wind

LEAST_OVER_PLATE_M = 20.0
"""No aircraft comes in over a landing plate lower than this."""
_DECIMALS = 7


@dataclass(frozen=True, kw_only=True)
class Replan:
    """The rest of a flight. Raises `InvalidShapeError` when a way is empty or does not end over ``home``."""

    scene: LatLon
    """Where the camera looks."""
    home: LatLon
    """Where it lands."""
    landing_above_home_m: float
    """The landing plate at ``home`` above the one that it took off from."""
    route_out: tuple[Waypoint, ...]
    """From over or under the present place to the watch position (or to the start of the way to another home)."""
    route_home: tuple[Waypoint, ...]
    fence: Fence

    def __post_init__(self) -> None:
        if not self.route_out or not self.route_home:
            raise InvalidShapeError("a plan needs a way out and a way home")
        if distance_m(*self.route_home[-1].position, *self.home) > 0.1:
            raise InvalidShapeError("the way home must end over home")

    def legs_out(self, present: Waypoint) -> tuple[Leg, ...]:
        """From the present place to the watch position."""
        return legs_between((present, *self.route_out))

    def legs_home(self) -> tuple[Leg, ...]:
        """From the watch position to over home."""
        return legs_between((self.route_out[-1], *self.route_home))

    @property
    def landing_m(self) -> float:
        """Height above its landing plate from which it comes down."""
        return self.route_home[-1].alt_above_home_m - self.landing_above_home_m


def replan_to_scene(
    *,
    present: Waypoint,
    home: LatLon,
    scene: LatLon,
    scene_radius_m: float = 0.0,
    transit_alt_m: float,
    scene_alt_m: float,
    standoff_m: float,
    ceiling_m: float,
    margin_m: float,
    on_board: Sequence[LatLon],
) -> Replan:
    """From here to ``standoff_m`` short of another scene, and home from there; heights at most the ceiling.

    It goes to transit height first, where it is. A scene nearer than the stand-off is watched from the present place.
    ``on_board``: the way home that is on board until then.
    """
    check_position(*scene)
    transit_m, watch_m = min(transit_alt_m, ceiling_m), min(scene_alt_m, ceiling_m)
    if min(transit_m, watch_m) <= 0 or standoff_m < 0 or scene_radius_m < 0:
        raise InvalidShapeError("heights must be above 0 m, stand-off and radius at least 0 m")
    here = _rounded(present.position)
    spot = watch_place(start=here, scene=scene, standoff_m=standoff_m)
    out = [_over(here, transit_m)]
    if spot != here:
        out.append(_over(spot, transit_m))
    back = [_over(home, transit_m)]
    if watch_m != transit_m:
        back.insert(0, out[-1])
        out.append(_over(spot, watch_m))
    path = (present.position, spot, home, *on_board)
    return Replan(
        scene=scene,
        home=home,
        landing_above_home_m=0.0,
        route_out=tuple(out),
        route_home=tuple(back),
        fence=fence_around(path=path, scene=scene, scene_radius_m=scene_radius_m, margin_m=margin_m),
    )


def replan_to_home(
    *,
    present: Waypoint,
    home: LatLon,
    landing_above_home_m: float,
    scene: LatLon,
    transit_alt_m: float,
    over_plate_m: float,
    ceiling_m: float,
    ceiling_over_plate_m: float,
    margin_m: float,
    on_board: Sequence[LatLon],
) -> Replan:
    """From here straight to another home, whose plate lies ``landing_above_home_m`` above the one it took off from.

    It arrives ``over_plate_m`` above the plate, but keeps to both ceilings; it climbs where it is, before it goes, and
    comes down on the way. Raises `InvalidShapeError` for a plate too near the ceiling to be flown to.
    """
    check_position(*home)
    highest_m = min(ceiling_m, landing_above_home_m + ceiling_over_plate_m)
    lowest_m = landing_above_home_m + LEAST_OVER_PLATE_M
    if highest_m < max(lowest_m, 1.0):
        raise InvalidShapeError(
            f"its landing plate is {landing_above_home_m:.0f} m above the one it took off from: "
            f"under the ceiling of {ceiling_m:.0f} m there is no way to it"
        )
    arrival_m = min(max(transit_alt_m, landing_above_home_m + over_plate_m), highest_m)
    start_m = max(min(transit_alt_m, ceiling_m), arrival_m)
    spot = _rounded(present.position)
    return Replan(
        scene=scene,
        home=home,
        landing_above_home_m=landing_above_home_m,
        route_out=(_over(spot, start_m),),
        route_home=(_over(home, arrival_m),),
        fence=fence_around(path=(present.position, spot, home, *on_board), margin_m=margin_m),
    )


def estimate_replan(
    *,
    replan: Replan,
    present: Waypoint,
    performance: Performance,
    watch_s: float,
    charge_percent: float,
    reserve_percent: float | None = None,
    wind: Wind = CALM,
) -> FlightEstimate:
    """Time and energy of the rest of the flight from now on, with ``charge_percent`` left: see `estimate_flight`."""
    return estimate_flight(
        performance=performance,
        climb_m=None,
        out=replan.legs_out(present),
        home=replan.legs_home(),
        landing_m=replan.landing_m,
        watch_s=watch_s,
        charge_percent=charge_percent,
        reserve_percent=reserve_percent,
        wind=wind,
    )


def _over(place: LatLon, alt_above_home_m: float) -> Waypoint:
    return Waypoint(lat_deg=place[0], lon_deg=place[1], alt_above_home_m=alt_above_home_m)


def _rounded(place: LatLon) -> LatLon:
    return round(place[0], _DECIMALS), round(place[1], _DECIMALS)
