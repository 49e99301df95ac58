"""Heights over hilly ground: on a grid the fastest that stay clear, never faster because the ground is higher."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.flight.energy import Leg, leg_stretch
from geo.flight.position import LocalPlane
from geo.flight.wind import Wind
from geo.geodesy import Array
from geo.routing.overground import HEIGHT_STEP_M, STATIONS, LegTimes, fastest_lines
from geo.routing.prepared import Prepared
from geo.routing.profile import lines_within
from geo.routing.route import Route, find_route
from geo.routing.terrain import Heights, Terrain, flat
from tests.unit.geo.aircraft import HOME, PATROL

_PLANE = LocalPlane(*HOME)
WAY_M = 2_500.0
HEIGHTS = Heights(levels_m=(60.0,), watch_m=60.0)
CALM = Wind(speed_m_s=0.0, from_deg=0.0)


def _east_m(lons: Array) -> Array:
    return np.asarray((lons - HOME[1]) * _PLANE.to_local(HOME[0], HOME[1] + 1.0)[0])


def along(heights_m: Sequence[float]) -> Terrain:
    """Ground that rises and falls along the way alone: heights above home, evenly between both ends."""
    places = np.linspace(0.0, WAY_M, len(heights_m))
    return lambda _, lons: np.interp(_east_m(lons), places, np.array(heights_m))


def ridge(top_m: float, *, half_m: float = 300.0) -> Terrain:
    return lambda _, lons: np.maximum(0.0, top_m * (1 - np.abs(_east_m(lons) - WAY_M / 2) / half_m))


_TERRAIN: list[Terrain] = [flat]
_PREPARED = Prepared([], around=HOME, margin_m=20.0, terrain=lambda lats, lons: _TERRAIN[0](lats, lons))
"""Made once: a projection takes longer than a route."""


def flown(terrain: Terrain, *, heights: Heights = HEIGHTS, wind: Wind = CALM) -> Route:
    _TERRAIN[0] = terrain
    target = _PLANE.to_position(WAY_M, 0.0)
    found = find_route(prepared=_PREPARED, home=HOME, target=target, heights=heights, performance=PATROL, wind=wind)
    assert isinstance(found, Route)
    return found


def bands(terrain: Terrain, count: int = 127) -> tuple[Array, Array, Array, Array]:
    """Samples, bands and the level's heights, as a trace makes them."""
    at = np.linspace(0.0, WAY_M, count)
    lons = np.array([_PLANE.to_position(float(each), 0.0)[1] for each in at])
    ground = terrain(np.full(count, HOME[0]), lons)
    return at, ground + HEIGHTS.clearance_m, ground + HEIGHTS.ceiling_m, HEIGHTS.over(ground, 60.0)


def seconds(lines: Sequence[tuple[int, float]], at: Array, *, from_m: float, end_m: float) -> float:
    """As the energy model has it, leg by leg, the change to the watch height at the end included."""
    taken_s, here, height_m = 0.0, 0.0, from_m
    for place, next_m in [*((float(at[index]), height) for index, height in lines), (WAY_M, end_m)]:
        if place == here and next_m == height_m:
            continue
        stretch = leg_stretch(
            performance=PATROL, leg=Leg(distance_m=place - here, bearing_deg=90.0, rise_m=next_m - height_m)
        )
        assert stretch is not None
        taken_s += stretch.seconds
        here, height_m = place, next_m
    return taken_s


def test_ridges_cost_more_the_higher_they_are() -> None:
    taken_s = [flown(ridge(top_m)).seconds for top_m in (0, 30, 40, 50, 60, 70, 80, 90, 95)]
    assert taken_s == sorted(taken_s)
    # One more line, and nothing to come down from: what a stop costs.
    assert taken_s[4] - taken_s[0] == pytest.approx(PATROL.leg_settle_s + PATROL.cruise_m_s / PATROL.acceleration_m_s2)


def test_between_a_ridge_and_the_scene_it_does_not_sink_under_its_level() -> None:
    for top_m in (50.0, 80.0, 95.0):
        assert min(point.alt_above_home_m for point in flown(ridge(top_m)).out) == 60.0


_GROUND = st.lists(st.floats(0.0, 95.0), min_size=19, max_size=19).map(lambda hills: [0.0, *hills, 0.0])


@given(low=_GROUND, more=_GROUND, wind=st.floats(0.0, 9.0))
@settings(max_examples=25, deadline=None)
def test_higher_ground_is_never_faster(low: list[float], more: list[float], wind: float) -> None:
    high = [max(pair) for pair in zip(low, more, strict=True)]
    blowing = Wind(speed_m_s=wind, from_deg=60.0)
    # A ceiling over the ground is higher over higher ground, and may have it come down into a valley: not here.
    free = replace(HEIGHTS, ceiling_m=220.0)
    taken_s = [flown(along(ground), heights=free, wind=blowing).seconds for ground in (low, high)]
    assert taken_s[0] <= taken_s[1] + 0.05


@given(ground=_GROUND)
@settings(max_examples=25, deadline=None)
def test_it_stays_between_clearance_and_ceiling_and_the_stated_time_is_that_of_its_legs(ground: list[float]) -> None:
    at, low, high, level = bands(along(ground))
    times = LegTimes(performance=PATROL, speed_m_s=PATROL.cruise_m_s)
    lines = fastest_lines(at, low, high, wanted_m=60.0, level_m=level, from_m=60.0, end_m=60.0, times=times)
    assert lines is not None
    knots = [(0.0, 60.0), *((float(at[index]), height) for index, height in lines)]
    assert knots[-1][0] == WAY_M
    for (a, a_m), (b, b_m) in itertools.pairwise(knots):
        if a == b:
            continue
        inside = (at >= a) & (at <= b)
        height = a_m + (b_m - a_m) * (at[inside] - a) / (b - a)
        assert (height >= low[inside] - 1e-6).all()
        assert (height <= high[inside] + 1e-6).all()


@pytest.mark.parametrize("seed", range(3))
def test_no_way_on_the_grid_with_one_change_of_height_is_faster(seed: int) -> None:
    rng = np.random.default_rng(seed)
    terrain = along([0.0, *rng.uniform(0, 90, 9), 0.0])
    at, low, high, level = bands(terrain)
    times = LegTimes(performance=PATROL, speed_m_s=PATROL.cruise_m_s)
    lines = fastest_lines(at, low, high, wanted_m=60.0, level_m=level, from_m=60.0, end_m=60.0, times=times)
    assert lines is not None
    best_s = seconds(lines, at, from_m=60.0, end_m=60.0)
    stations = np.unique(np.linspace(0, len(at) - 1, STATIONS).round().astype(int))[1:-1]
    tried = 0
    for index, up, down in itertools.product(stations.tolist(), range(12), range(12)):
        change, end = 60.0 + HEIGHT_STEP_M * up, 60.0 + HEIGHT_STEP_M * down
        height = np.interp(at, [0.0, at[index], WAY_M], [60.0, change, end])
        if (height < low).any() or (height > high).any() or change < level[index] or end < level[-1]:
            continue
        tried += 1
        assert best_s <= seconds([(index, change), (len(at) - 1, end)], at, from_m=60.0, end_m=60.0) + 0.05
    assert tried


def test_it_is_the_least_on_the_grid_and_a_line_beside_that_can_be_some_seconds_faster() -> None:
    at, low, high, level = bands(along([0.0, 80.0, 60.0, 45.0, 85.0, 0.0]))
    times = LegTimes(performance=PATROL, speed_m_s=PATROL.cruise_m_s)
    lines = fastest_lines(at, low, high, wanted_m=60.0, level_m=level, from_m=60.0, end_m=60.0, times=times)
    assert lines is not None
    beside = lines_within(at, low, high, level, from_m=60.0)
    (turn, height_m), _ = beside
    stations = np.linspace(0, len(at) - 1, STATIONS).round()
    assert turn not in stations
    assert height_m % HEIGHT_STEP_M > 1.0
    lost_s = seconds(lines, at, from_m=60.0, end_m=60.0) - seconds(beside, at, from_m=60.0, end_m=60.0)
    assert 1.0 < lost_s < 6.0, "what the docstring and docs/explanation/routes.md call some seconds"


def test_where_no_line_fits_the_bands_it_says_so() -> None:
    at = np.linspace(0.0, WAY_M, 40)
    wall = np.where(np.abs(at - 1_250) < 40, 400.0, 0.0)
    lines = fastest_lines(
        at,
        wall + 20.0,
        wall + 25.0,
        wanted_m=60.0,
        level_m=wall + 25.0,
        from_m=25.0,
        end_m=25.0,
        times=LegTimes(performance=PATROL, speed_m_s=15.0),
    )
    assert lines is None
