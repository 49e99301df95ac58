"""Bad rings: repaired and told, or refused with a reason; never a crash, never less area than was drawn."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pyproj import Geod
from shapely.geometry import Polygon

from geo.airspace import arc, ring
from geo.airspace.errors import FeatureSkipped
from geo.airspace.finding import Kind, Notes

Array = npt.NDArray[np.float64]
SQUARE = np.array([[0.0, 50.0], [1.0, 50.0], [1.0, 51.0], [0.0, 51.0], [0.0, 50.0]])


def repaired(*rings: Array) -> tuple[list[Polygon], list[str]]:
    notes = Notes()
    found = ring.polygons(rings[0], rings[1:], notes)
    assert all(finding.kind is Kind.REPAIRED for finding in notes.findings)
    return found, [finding.reason for finding in notes.findings]


def winding(points: Array, line: Array) -> npt.NDArray[np.int64]:
    """How often a closed line goes around each point, by counting the edges that a ray to the east meets."""
    x, y = points[:, 0, None], points[:, 1, None]
    a, b = line[:-1], line[1:]
    left = (b[:, 0] - a[:, 0]) * (y - a[:, 1]) - (x - a[:, 0]) * (b[:, 1] - a[:, 1])
    up = (a[:, 1] <= y) & (b[:, 1] > y) & (left > 0)
    down = (a[:, 1] > y) & (b[:, 1] <= y) & (left < 0)
    counted: npt.NDArray[np.int64] = up.sum(axis=1) - down.sum(axis=1)
    return counted


def test_a_sound_ring_is_taken_as_it_is_and_nothing_is_told() -> None:
    (area,), told = repaired(SQUARE)
    assert told == []
    assert (shapely.get_coordinates(area) == SQUARE).all()


def test_a_ring_wound_the_wrong_way_is_turned_and_told() -> None:
    (area,), told = repaired(SQUARE[::-1])
    assert area.exterior.is_ccw
    assert "wound" in told[0]


def test_an_unclosed_ring_is_closed_and_told() -> None:
    (area,), told = repaired(SQUARE[:-1])
    assert area.area == 1.0
    assert "not closed" in told[0]


def test_repeated_points_are_dropped_and_counted() -> None:
    (area,), told = repaired(np.repeat(SQUARE, 3, axis=0))
    assert len(area.exterior.coords) == 5
    assert "10 points" in told[0]


def test_a_bow_tie_becomes_its_two_wings() -> None:
    areas, told = repaired(np.array([[0.0, 50.0], [1.0, 51.0], [1.0, 50.0], [0.0, 51.0], [0.0, 50.0]]))
    assert len(areas) == 2
    assert sum(area.area for area in areas) == pytest.approx(0.5)
    assert "self-intersection" in told[-1]


def test_a_place_that_is_drawn_around_twice_stays_in_the_zone() -> None:
    star = np.array([[math.cos(math.radians(144 * i)), 50 + math.sin(math.radians(144 * i))] for i in range(6)])
    star[-1] = star[0]
    areas, _ = repaired(star)
    assert any(area.contains(shapely.Point(0.0, 50.0)) for area in areas)


@pytest.mark.parametrize(
    ("points", "said"),
    [
        ([], "empty"),
        ([[0.0, 50.0]], "1 different"),
        ([[0.0, 50.0], [1.0, 50.0]], "2 different"),
        ([[0.0, 50.0]] * 9, "1 different"),
        ([[0.0, 50.0], [1.0, 50.0], [2.0, 50.0], [0.0, 50.0]], "no area"),
        ([[0.0, 50.0], [1.0, 91.0], [1.0, 50.0], [0.0, 50.0]], "latitude 91"),
        ([[0.0, 50.0], [math.nan, 51.0], [1.0, 50.0], [0.0, 50.0]], "longitude nan"),
        ([[0.0, 50.0], [math.inf, 51.0], [1.0, 50.0], [0.0, 50.0]], "longitude inf"),
        ([[500.0, 50.0], [501.0, 51.0], [501.0, 50.0], [500.0, 50.0]], "longitude 500"),
    ],
)
def test_a_ring_that_encloses_nothing_is_refused_with_its_reason(points: list[list[float]], said: str) -> None:
    with pytest.raises(FeatureSkipped, match=said):
        ring.polygons(np.array(points, dtype=np.float64).reshape(-1, 2), [], Notes())


def test_a_bad_hole_is_left_out_so_that_the_zone_is_the_larger() -> None:
    (area,), told = repaired(SQUARE, np.array([[0.5, 50.5], [0.6, 50.5]]))
    assert area.area == 1.0
    assert "hole 0 left out" in told[-1]


def test_a_ring_that_jumps_at_the_antimeridian_is_cut_there() -> None:
    areas, told = repaired(np.array([[179.0, 50.0], [-179.0, 50.0], [-179.0, 51.0], [179.0, 51.0], [179.0, 50.0]]))
    assert told == []
    assert sorted(area.bounds for area in areas) == [(-180.0, 50.0, -179.0, 51.0), (179.0, 50.0, 180.0, 51.0)]


def test_a_ring_that_goes_on_beyond_180_is_cut_there_too() -> None:
    beyond = np.array([[179.0, 50.0], [181.0, 50.0], [181.0, 51.0], [179.0, 51.0], [179.0, 50.0]])
    areas, _ = repaired(beyond)
    assert sorted(area.bounds for area in areas) == [(-180.0, 50.0, -179.0, 51.0), (179.0, 50.0, 180.0, 51.0)]


def test_a_hole_across_the_antimeridian_is_cut_with_its_zone() -> None:
    outer = np.array([[178.0, 50.0], [-178.0, 50.0], [-178.0, 53.0], [178.0, 53.0], [178.0, 50.0]])
    hole = np.array([[-179.0, 51.0], [179.0, 51.0], [179.0, 52.0], [-179.0, 52.0], [-179.0, 51.0]])
    areas, _ = repaired(outer, hole)
    assert sum(area.area for area in areas) == pytest.approx(4 * 3 - 2 * 1)


@pytest.mark.parametrize("lat", [90.0, 89.9, -89.95])
def test_a_circle_that_holds_a_pole_is_closed_over_it(lat: float) -> None:
    areas = ring.polygons(arc.circle(lat, 20.0, radius_m=50_000), [], Notes(), wound=False)
    assert all(area.is_valid for area in areas)
    assert max(abs(area.bounds[3 if lat > 0 else 1]) for area in areas) == 90.0
    measured = sum(abs(Geod(ellps="WGS84").geometry_area_perimeter(area)[0]) for area in areas)
    assert measured == pytest.approx(math.pi * 50_000**2, rel=0.01)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.integers(-20, 20), st.integers(-20, 20)), min_size=3, max_size=30))
def test_whatever_is_drawn_the_result_is_valid_and_holds_every_place_that_was_drawn_around(
    corners: list[tuple[int, int]],
) -> None:
    line = np.array([*corners, corners[0]], dtype=np.float64) * 0.01 + np.array([10.0, 50.0])
    points = grid()
    around = winding(points, line) != 0
    try:
        areas, _ = repaired(line)
    except FeatureSkipped:
        assert not around.any()
        return
    assert all(area.is_valid and area.area > 0 and area.exterior.is_ccw for area in areas)
    inside = shapely.contains_xy(shapely.union_all(areas), points[:, 0], points[:, 1])
    assert (inside == around).all()


def grid() -> Array:
    """Places off the lattice of the corners, so that none lies on an edge that a test draws."""
    steps = np.linspace(-0.2, 0.2, 37) + 0.00037
    lons, lats = np.meshgrid(10.0 + steps, 50.0 + steps * 0.9931)
    return np.column_stack([lons.ravel(), lats.ravel()])


@settings(deadline=None, max_examples=60)
@given(
    st.floats(-180, 180),
    st.floats(-80, 80),
    st.lists(st.floats(0.1, 1.0), min_size=3, max_size=20),
    st.booleans(),
)
def test_moving_a_zone_around_the_world_moves_its_area_along(
    lon: float, lat: float, radii: list[float], jumping: bool
) -> None:
    angles = 2 * math.pi * np.arange(len(radii)) / len(radii)
    star = np.column_stack([np.cos(angles) * radii, np.sin(angles) * radii])
    closed = np.vstack([star, star[:1]])
    line = closed + np.array([lon, lat])
    if jumping:
        line[:, 0] = np.mod(line[:, 0] + 180, 360) - 180
        assume(np.abs(line[:, 0]).max() <= 180)
    areas, _ = repaired(line)
    home, _ = repaired(closed + np.array([0.0, lat]))
    assert sum(area.area for area in areas) == pytest.approx(sum(area.area for area in home), rel=1e-6)
    for area in areas:
        west, _, east, _ = area.bounds
        assert west >= -180
        assert east <= 180


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.floats(-200, 200), st.floats(-91, 91)), max_size=12))
def test_any_positions_at_all_are_polygons_or_a_reason(places: list[tuple[float, float]]) -> None:
    try:
        areas = ring.polygons(np.array(places, dtype=np.float64).reshape(-1, 2), [], Notes())
    except FeatureSkipped:
        return
    assert areas
    assert all(area.is_valid and area.bounds[0] >= -180 and area.bounds[2] <= 180 for area in areas)


def test_a_scribble_of_thirty_thousand_points_is_refused_with_a_reason() -> None:
    line = np.random.default_rng(1).random((30_000, 2))
    with pytest.raises(FeatureSkipped, match="crosses itself more than 10000 times"):
        ring.polygons(np.vstack([line, line[:1]]), [], Notes())


def test_a_hundred_thousand_points_with_one_slip_are_mended() -> None:
    line = arc.circle(52.0, 0.0, radius_m=5000.0)
    lons = np.interp(np.linspace(0, len(line) - 1, 100_000), np.arange(len(line)), line[:, 0])
    lats = np.interp(np.linspace(0, len(line) - 1, 100_000), np.arange(len(line)), line[:, 1])
    fine = np.column_stack([lons, lats])
    fine[[50_000, 50_020]] = fine[[50_020, 50_000]]
    areas, told = repaired(fine)
    assert len(areas) >= 1
    assert "mended" in told[-1]


def test_more_points_than_are_read_are_refused_with_their_number() -> None:
    with pytest.raises(FeatureSkipped, match="200002 points"):
        ring.polygons(np.zeros((200_002, 2)), [], Notes())
