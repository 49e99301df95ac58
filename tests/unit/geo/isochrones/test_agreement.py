"""Isochrones around zones against routes to single places, and against brute force, in random worlds.

The tolerances are what `docs/explanation/coverage.md` states: sideways, what lies between two bearings (a degree); in
time a second; and where a route goes round many corners, what its stops cost, for a route does not count them when it
is chosen and an isochrone does.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pytest
from shapely.geometry import Point
from shapely.geometry.base import BaseGeometry

from geo.flight.energy import climb_stretch
from geo.flight.position import LatLon, LocalPlane
from geo.flight.wind import Wind
from geo.isochrones.country import Country, Reached, furthest_m
from geo.isochrones.survey import ISOCHRONES_S
from geo.routing.prepared import Prepared
from geo.routing.route import NoWay, Route, find_route
from geo.routing.terrain import Heights
from geo.site import CoverageSite, CoverageTerms
from tests.unit.geo.aircraft import HOME, PATROL
from tests.unit.geo.isochrones.soonest import soonest_s
from tests.unit.geo.routing.worlds import random_zones

PLANE = LocalPlane(*HOME)
MARGIN_M = 20.0
FLAT = Heights(levels_m=(60.0,), watch_m=60.0)
TERMS = CoverageTerms(standoff_m=0.0)
LEAST_BESIDE_M = 12.0
BETWEEN_BEARINGS = math.radians(1.0)
NEAR_S = 1.0


@dataclass(frozen=True, slots=True)
class World:
    """A dock among zones, and what it reaches."""

    prepared: Prepared
    site: CoverageSite
    home: tuple[float, float]
    reached: Reached

    @property
    def place(self) -> LatLon:
        """The dock's."""
        return self.site.lat_deg, self.site.lon_deg

    def clearly(self, area: BaseGeometry, point: Point) -> bool | None:
        """Inside, outside, or (None) too near to the edge to say."""
        beside_m = max(LEAST_BESIDE_M, BETWEEN_BEARINGS * math.dist(self.home, (point.x, point.y)))
        if not area.is_empty and area.boundary.distance(point) < beside_m:
            return None
        return bool(area.contains(point))


def world(seed: int, *, count: int = 25, largest_m: float = 500.0) -> World | None:
    """Number ``seed`` of the random worlds; None where its dock stands in a zone."""
    rng = np.random.default_rng(seed)
    zones = random_zones(rng, PLANE, count=count, size_m=6000, largest_m=largest_m, with_heights=bool(seed % 2))
    prepared = Prepared(zones, around=HOME, margin_m=MARGIN_M)
    east, north = (float(each) for each in rng.uniform(-1500, 1500, 2))
    if prepared.touching([(east, north)]):
        return None
    lat_deg, lon_deg = prepared.frame.to_world(east, north)
    wind = Wind(speed_m_s=float(rng.uniform(0, 12)), from_deg=float(rng.uniform(0, 360)))
    site = CoverageSite(dock_id="one", lat_deg=float(lat_deg), lon_deg=float(lon_deg), performance=PATROL, wind=wind)
    country = Country(prepared, FLAT, near_m=4600.0, far_m=furthest_m(site, TERMS))
    return World(prepared, site, (east, north), country.reached(site, terms=TERMS, seconds=ISOCHRONES_S))


@pytest.mark.parametrize("seed", range(12))
def test_just_inside_is_reached_in_time_and_just_outside_is_not(seed: int) -> None:
    here = world(seed)
    if here is None:
        return
    rng = np.random.default_rng(1000 + seed)
    targets = [(float(east), float(north)) for east, north in rng.uniform(-4200, 4200, (150, 2))]
    met = here.prepared.met_at(FLAT, 60.0)
    areas = [each.area for each, is_met in zip(here.prepared.keep_outs, met, strict=True) if is_met]
    climb_s = climb_stretch(performance=PATROL, rise_m=60.0, wind=here.site.wind).seconds
    ways_s = soonest_s(areas=areas, start=here.home, targets=targets, performance=PATROL, wind=here.site.wind)
    judged = 0
    for target, way_s in zip(targets, ways_s, strict=True):
        point = Point(target)
        for limit, area in zip(ISOCHRONES_S, here.reached.by_time, strict=True):
            inside = here.clearly(area, point)
            if inside is None:
                continue
            judged += 1
            assert inside or not climb_s + way_s < limit - NEAR_S, f"{target}, {limit} s: reached, but not shown"
            assert not inside or climb_s + way_s < limit + NEAR_S, f"{target}, {limit} s: shown, but not reached"
    assert judged > 300


@pytest.mark.parametrize("seed", range(12, 20))
def test_isochrones_agree_with_routes(seed: int) -> None:
    here = world(seed)
    if here is None:
        return
    rng = np.random.default_rng(2000 + seed)
    stop_s = PATROL.leg_settle_s + PATROL.cruise_m_s / PATROL.acceleration_m_s2
    found = 0
    for east, north in rng.uniform(-4200, 4200, (40, 2)):
        lat_deg, lon_deg = here.prepared.frame.to_world(east, north)
        route = find_route(
            prepared=here.prepared,
            home=here.place,
            target=(float(lat_deg), float(lon_deg)),
            heights=FLAT,
            performance=PATROL,
            wind=here.site.wind,
        )
        if isinstance(route, Route) and route.narrowed:
            continue  # a target within a zone's margin: coverage keeps all of it
        seconds = math.inf if isinstance(route, NoWay) else route.seconds
        stops_s = 0.0 if isinstance(route, NoWay) else stop_s * (len(route.out) - 1)
        found += isinstance(route, Route)
        for limit, area in zip(ISOCHRONES_S, here.reached.by_time, strict=True):
            inside = here.clearly(area, Point(east, north))
            assert inside is not False or not seconds < limit - NEAR_S
            assert inside is not True or seconds - stops_s < limit + NEAR_S
    assert found > 10


@pytest.mark.parametrize("seed", range(20, 26))
def test_the_inside_of_a_zone_is_reached_by_nobody(seed: int) -> None:
    here = world(seed)
    if here is None:
        return
    met = here.prepared.met_at(FLAT, 60.0)
    for zone, is_met in zip(here.prepared.zones, met, strict=True):
        for area in (*here.reached.by_time, here.reached.by_energy):
            if is_met:
                assert area.intersection(zone).area < 1.0


@pytest.mark.parametrize("seed", range(4))
def test_isochrones_lie_within_one_another_and_within_the_energy_limit(seed: int) -> None:
    here = world(seed, count=60, largest_m=300.0)
    if here is None:
        return
    *times, last = here.reached.by_time
    for inner, outer in zip(times, [*times[1:], last], strict=True):
        # What is drawn between two bearings may differ by a sliver: a share of the rim, not of the area.
        assert inner.difference(outer).area <= 0.002 * outer.area
    assert last.difference(here.reached.by_energy).area < 1.0
