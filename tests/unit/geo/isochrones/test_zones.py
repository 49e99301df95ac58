"""Single zones and what they do to a dock's reach, by hand."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest
from shapely.geometry import Point

from geo.coverage import coverage_frame
from geo.flight.position import LocalPlane
from geo.flight.wind import CALM, Wind
from geo.isochrones.country import Country, Reached, furthest_m
from geo.isochrones.gaps import force_area, gaps_in, union_of
from geo.isochrones.survey import Survey
from geo.routing.obstacle import Obstacle
from geo.routing.prepared import Prepared
from geo.routing.terrain import Heights
from geo.site import CoverageSite, CoverageTerms
from tests.unit.geo.aircraft import HOME, PATROL
from tests.unit.geo.routing.worlds import box_zone, zone

PLANE = LocalPlane(*HOME)
TERMS = CoverageTerms(standoff_m=0.0)
TIMES = (60.0, 120.0, 180.0)


def site(dock_id: str = "one", east_m: float = 0.0, north_m: float = 0.0, wind: Wind = CALM) -> CoverageSite:
    lat_deg, lon_deg = PLANE.to_position(east_m, north_m)
    return CoverageSite(dock_id=dock_id, lat_deg=lat_deg, lon_deg=lon_deg, performance=PATROL, wind=wind)


def reached(zones: Sequence[Obstacle], *, levels_m: tuple[float, ...] = (60.0,), watch_m: float = 60.0) -> Reached:
    prepared = Prepared(zones, around=HOME, margin_m=20.0)
    country = Country(
        prepared,
        Heights(levels_m=levels_m, watch_m=watch_m),
        near_m=3000.0,
        far_m=furthest_m(site(), TERMS),
    )
    return country.reached(site(), terms=TERMS, seconds=TIMES)


def test_behind_a_wall_one_is_later_and_not_never() -> None:
    wall = reached([box_zone(PLANE, 300, -400, 350, 400)])
    free = reached([])
    behind = Point(420.0, 0.0)
    assert free.by_time[1].contains(behind)
    assert not wall.by_time[1].contains(behind)
    assert wall.by_time[2].contains(behind)
    assert wall.by_time[2].contains(Point(-1500.0, 0.0))


def test_a_closed_ring_is_left_by_nobody() -> None:
    ring = [
        box_zone(PLANE, -500, 400, 500, 450),
        box_zone(PLANE, -500, -450, 500, -400),
        box_zone(PLANE, 450, -450, 500, 450),
        box_zone(PLANE, -500, -450, -450, 450),
    ]
    shut = reached(ring)
    for area in (*shut.by_time, shut.by_energy):
        assert max(abs(each) for each in area.bounds) < 450
    assert shut.by_energy.contains(Point(300.0, 300.0))


@pytest.mark.parametrize(("lower_m", "upper_m"), [(-math.inf, 40.0), (80.0, math.inf)])
def test_a_zone_below_or_above_the_level_casts_no_shadow(lower_m: float, upper_m: float) -> None:
    low = reached([box_zone(PLANE, 300, -400, 350, 400, lower_m=lower_m, upper_m=upper_m)])
    assert low.by_time[1].contains(Point(420.0, 0.0))
    assert low.by_energy.contains(Point(325.0, 0.0))


def test_what_one_level_is_kept_from_another_reaches() -> None:
    high = box_zone(PLANE, 300, -400, 350, 400, lower_m=50.0)
    assert not reached([high]).by_time[1].contains(Point(420.0, 0.0))
    two = reached([high], levels_m=(40.0, 60.0), watch_m=40.0)
    assert two.by_time[1].contains(Point(420.0, 0.0))
    # Over the zone it may hang at the watch height, but not be where the change from the other level would lead.
    assert two.by_energy.contains(Point(325.0, 0.0))
    assert not reached([high], levels_m=(40.0,), watch_m=60.0).by_energy.contains(Point(325.0, 0.0))


def test_a_dock_in_a_zone_reaches_nothing_and_is_told_which() -> None:
    shut = reached([box_zone(PLANE, -100, -100, 100, 100, name="prison")])
    assert shut.by_energy.is_empty
    assert shut.shut_in_by == ("prison",)


def test_the_margin_gives_way_to_a_dock_beside_a_zone() -> None:
    beside = reached([box_zone(PLANE, 8, -300, 100, 300)])
    assert beside.by_time[0].contains(Point(-100.0, 0.0))
    assert beside.by_time[2].contains(Point(200.0, 0.0))


def test_the_inside_of_a_bay_is_reached_from_its_mouth() -> None:
    bay = zone(
        PLANE, [(300, -300), (800, -300), (800, -250), (350, -250), (350, 250), (800, 250), (800, 300), (300, 300)]
    )
    found = reached([bay])
    inside = Point(450.0, 0.0)
    assert not found.by_time[1].contains(inside)
    assert found.by_energy.contains(inside)


def test_only_docks_near_a_change_are_solved_again() -> None:
    near, far = site("near"), site("far", east_m=40_000.0)
    survey = Survey(seconds=TIMES)

    def zones(*obstacles: Obstacle) -> Prepared:
        return Prepared(obstacles, around=HOME, margin_m=20.0)

    first = zones(box_zone(PLANE, 300, -400, 350, 400))
    before = survey.solve([near, far], terms=TERMS, zones=lambda _: first)
    assert survey.solved == 2
    survey.solve([near, far], terms=TERMS, zones=lambda _: first)
    assert survey.solved == 0
    windy = site("far", east_m=40_000.0, wind=Wind(speed_m_s=5, from_deg=90))
    survey.solve([near, windy], terms=TERMS, zones=lambda _: first)
    assert survey.solved == 1
    second = zones(box_zone(PLANE, 300, -400, 350, 500))
    after = survey.solve([near, windy], terms=TERMS, zones=lambda _: second)
    assert survey.solved == 1
    assert not before["near"].by_time[1].equals(after["near"].by_time[1])
    alone = Survey(seconds=TIMES).solve([near, windy], terms=TERMS, zones=lambda _: second)
    assert alone["near"].by_time[1].symmetric_difference(after["near"].by_time[1]).area < 1e-9


def test_the_frame_around_no_zones_is_the_frame_without() -> None:
    empty = Prepared([], around=HOME, margin_m=20.0)
    around = coverage_frame([site()], terms=TERMS, seconds=TIMES, zones=lambda _: empty)
    without = coverage_frame([site()], terms=TERMS, seconds=TIMES, bearings=360)
    assert list(around["kind"]) == list(without["kind"])
    for one, other in zip(around.geometry, without.geometry, strict=True):
        assert one.symmetric_difference(other).area < 0.003 * other.area
    assert np.allclose(around["max_radius_m"], without["max_radius_m"], rtol=0.002)


@pytest.mark.parametrize("home", [(-17.0, 179.999), (71.0, -179.99), (78.2, 15.0)])
def test_shadows_stand_at_the_antimeridian_and_in_the_far_north(home: tuple[float, float]) -> None:
    plane = LocalPlane(*home)
    prepared = Prepared([box_zone(plane, 300, -400, 350, 400)], around=home, margin_m=20.0)
    place = CoverageSite(dock_id="one", lat_deg=home[0], lon_deg=home[1], performance=PATROL)
    frame = coverage_frame([place], terms=TERMS, seconds=TIMES, zones=lambda _: prepared)
    behind = plane.to_position(420.0, 0.0)
    holds = [bool(area.contains(Point(behind[1], behind[0]))) for area in frame.geometry]
    assert holds == [False, False, True, True]
    assert all(area.bounds[0] >= -180 and area.bounds[2] <= 180 for area in frame.geometry)


def test_union_and_gaps_make_up_the_area() -> None:
    prepared = Prepared([box_zone(PLANE, 300, -400, 350, 400)], around=HOME, margin_m=20.0)
    docks = list(
        Survey(seconds=TIMES)
        .solve([site(), site("two", east_m=5000.0)], terms=TERMS, zones=lambda _: prepared)
        .values()
    )
    area = force_area(docks)
    together = union_of(dock.by_time[1] for dock in docks)
    gaps = gaps_in(area, together)
    assert gaps.area + together.intersection(area).area == pytest.approx(area.area, rel=1e-6)
    assert gaps.intersection(together).area < 1e-9
