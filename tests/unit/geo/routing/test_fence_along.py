"""The fence of a bent way holds the way and leaves the zones out."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, Polygon

from geo.flight.errors import InvalidShapeError
from geo.flight.fence import MAX_VERTICES, Fence
from geo.flight.position import LatLon, LocalPlane
from geo.routing.fence import fence_along
from geo.routing.obstacle import Obstacle
from geo.routing.prepared import Prepared
from geo.routing.route import Route, find_route
from geo.routing.terrain import Heights
from tests.unit.geo.aircraft import HOME, PATROL
from tests.unit.geo.routing.worlds import box_zone, polygon_of, random_zones, zone

PLANE = LocalPlane(*HOME)
HEIGHTS = Heights(levels_m=(60.0,), watch_m=60.0)


def at(east: float, north: float) -> LatLon:
    return PLANE.to_position(east, north)


def area_of(fence: Fence) -> Polygon:
    return Polygon([PLANE.to_local(*vertex) for vertex in fence.vertices])


def check(fence: Fence, path: list[LatLon], obstacles: list[Obstacle]) -> Polygon:
    area = area_of(fence)
    line = LineString([PLANE.to_local(*point) for point in path])
    assert 3 <= len(fence.vertices) <= MAX_VERTICES
    assert area.is_valid
    assert area.contains(line)
    assert fence.contains_path(path)
    for obstacle in obstacles:
        body = polygon_of(PLANE, obstacle)
        if not body.intersects(line):
            assert not area.intersects(body.buffer(-0.1)), obstacle.name
    return area


def test_without_zones_it_is_the_path_with_its_margin() -> None:
    path = [at(0, 0), at(1500, 0), at(1500, 900)]
    area = check(fence_along(path=path, margin_m=50.0, prepared=Prepared([], around=HOME, margin_m=20.0)), path, [])
    line = LineString([PLANE.to_local(*point) for point in path])
    assert area.contains(line.buffer(45.0))
    assert line.buffer(60.0).contains(area)


def test_the_zone_that_a_way_goes_round_is_outside() -> None:
    block = box_zone(PLANE, 800, -900, 1200, 300, name="prison")
    prepared = Prepared([block], around=HOME, margin_m=20.0)
    route = find_route(prepared=prepared, home=HOME, target=at(2000, 0), heights=HEIGHTS, performance=PATROL)
    assert isinstance(route, Route)
    path = [HOME, *(point.position for point in route.out)]
    area = check(fence_along(path=path, margin_m=60.0, prepared=prepared), path, [block])
    assert area.contains(LineString([PLANE.to_local(*point) for point in path]).buffer(9.0))


def test_a_zone_inside_the_margin_is_opened_to_the_outside() -> None:
    mast = box_zone(PLANE, 700, 30, 730, 60, name="mast")
    prepared = Prepared([mast], around=HOME, margin_m=20.0)
    path = [at(0, 0), at(1500, 0)]
    area = check(fence_along(path=path, margin_m=100.0, prepared=prepared), path, [mast])
    assert area.area > 0.8 * 2 * 100 * 1500, "the margin is given up at the mast alone"


def test_a_path_around_a_zone_in_a_ring_leaves_it_out() -> None:
    block = box_zone(PLANE, -100, -100, 100, 100)
    prepared = Prepared([block], around=HOME, margin_m=20.0)
    path = [at(*point) for point in ((-130, 0), (-130, -130), (130, -130), (130, 130), (-130, 130))]
    check(fence_along(path=path, margin_m=60.0, prepared=prepared), path, [block])


def test_a_zone_that_is_flown_over_stays_inside() -> None:
    low = box_zone(PLANE, 500, -50, 600, 50, upper_m=20.0)
    path = [at(0, 0), at(1000, 0)]
    fence = fence_along(path=path, margin_m=50.0, prepared=Prepared([low], around=HOME, margin_m=20.0))
    assert fence.contains(*at(550, 0))


def test_the_scene_is_inside_with_its_circle() -> None:
    path = [at(0, 0), at(1000, 0)]
    fence = fence_along(
        path=path,
        margin_m=50.0,
        prepared=Prepared([], around=HOME, margin_m=20.0),
        scene=at(1030, 0),
        scene_radius_m=80,
    )
    assert fence.clearance_m(*at(1030, 78)) > 40


def test_a_zone_of_many_corners_still_makes_a_fence_of_sixty() -> None:
    circle = [(900 + 300 * math.cos(a), 320 + 300 * math.sin(a)) for a in np.linspace(0, 2 * math.pi, 720, False)]
    round_zone = zone(PLANE, circle)
    path = [at(0, 0), at(900, -10), at(1800, 0)]
    prepared = Prepared([round_zone], around=HOME, margin_m=20.0)
    check(fence_along(path=path, margin_m=80.0, prepared=prepared), path, [round_zone])


def test_no_margin_is_no_fence() -> None:
    with pytest.raises(InvalidShapeError, match="margin above 0"):
        fence_along(path=[HOME], margin_m=0.0, prepared=Prepared([], around=HOME, margin_m=20.0))


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_every_route_has_a_fence_that_holds_it_and_no_zone(seed: int) -> None:
    rng = np.random.default_rng(seed)
    zones = random_zones(rng, PLANE, count=12, size_m=3000, largest_m=350, with_heights=False)
    prepared = Prepared(zones, around=HOME, margin_m=20.0)
    home, target = at(*rng.uniform(-1500, 1500, 2)), at(*rng.uniform(-1500, 1500, 2))
    route = find_route(prepared=prepared, home=home, target=target, heights=HEIGHTS, performance=PATROL)
    if isinstance(route, Route):
        path = [home, *(point.position for point in route.out)]
        check(fence_along(path=path, margin_m=50.0, prepared=prepared), path, zones)
