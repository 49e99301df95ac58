"""The edge's standard-library geodesy against PROJ's."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo import geodesy
from geo.errors import NotAPositionError
from geo.flight import position
from geo.flight.errors import InvalidPositionError
from geo.flight.position import LatLon, LocalPlane
from tests.unit.geo.aircraft import bearings, positions, turned

ways = st.floats(min_value=1, max_value=30_000)


@settings(deadline=None)
@given(start=positions, bearing=bearings, way_m=ways)
def test_distances_agree_with_the_geodesic_within_a_thousandth_over_30_km(
    start: LatLon, bearing: float, way_m: float
) -> None:
    end = geodesy.destination(*start, bearing_deg=bearing, distance_m=way_m)
    exact_m = geodesy.distance_m(*start, *end)
    assert exact_m == pytest.approx(way_m, abs=1e-3)
    assert position.distance_m(*start, *end) == pytest.approx(exact_m, rel=1e-3, abs=1e-3)


@settings(deadline=None)
@given(start=positions, bearing=bearings, way_m=st.floats(min_value=10, max_value=30_000))
def test_bearings_agree_with_the_geodesic(start: LatLon, bearing: float, way_m: float) -> None:
    end = geodesy.destination(*start, bearing_deg=bearing, distance_m=way_m)
    assert turned(position.bearing_deg(*start, *end), geodesy.bearing_deg(*start, *end)) < 0.01


@settings(deadline=None)
@given(start=positions, bearing=bearings, way_m=ways)
def test_an_offset_lands_where_the_geodesic_does(start: LatLon, bearing: float, way_m: float) -> None:
    exact = geodesy.destination(*start, bearing_deg=bearing, distance_m=way_m)
    ours = position.offset(*start, bearing_deg=bearing, distance_m=way_m)
    assert geodesy.distance_m(*exact, *ours) < max(0.01, way_m * 1e-3)


@settings(deadline=None)
@given(origin=positions, east_m=st.floats(-30_000, 30_000), north_m=st.floats(-30_000, 30_000))
def test_local_metres_come_back_to_the_millimetre(origin: LatLon, east_m: float, north_m: float) -> None:
    plane = LocalPlane(*origin)
    east, north = plane.to_local(*plane.to_position(east_m, north_m))
    assert math.hypot(east - east_m, north - north_m) < 1e-3


def test_the_plane_works_at_the_pole_and_over_the_antimeridian() -> None:
    assert position.distance_m(90, 0, 89.99, 123) == pytest.approx(geodesy.distance_m(90, 0, 89.99, 123), rel=1e-3)
    east, north = LocalPlane(-17.0, 179.999).to_local(-17.0, -179.999)
    assert east == pytest.approx(geodesy.distance_m(-17, 179.999, -17, -179.999), rel=1e-5)
    assert abs(north) < 0.1


def test_one_point_has_no_distance_from_itself() -> None:
    assert position.distance_m(52, -1, 52, -1) == 0
    assert position.bearing_deg(52, -1, 52, -1) == 0


@pytest.mark.parametrize(("lat", "lon"), [(137.0, 0.0), (-90.1, 0.0), (0.0, 180.5), (math.nan, 0.0), (0.0, math.inf)])
def test_what_is_no_position_is_refused(lat: float, lon: float) -> None:
    with pytest.raises(InvalidPositionError):
        position.distance_m(lat, lon, 0, 0)
    with pytest.raises(InvalidPositionError):
        LocalPlane(lat, lon)
    with pytest.raises(NotAPositionError):
        geodesy.distance_m(0, 0, lat, lon)
    with pytest.raises(NotAPositionError):
        geodesy.distances_and_bearings([0.0, lat], [0.0, lon], 0, 0)


@settings(deadline=None)
@given(starts=st.lists(positions, max_size=6), end=positions)
def test_arrays_measure_as_single_points_do(starts: list[LatLon], end: LatLon) -> None:
    metres, courses = geodesy.distances_and_bearings([lat for lat, _ in starts], [lon for _, lon in starts], *end)
    assert metres.shape == courses.shape == (len(starts),)
    for start, way_m, course in zip(starts, metres.tolist(), courses.tolist(), strict=True):
        assert way_m == pytest.approx(geodesy.distance_m(*start, *end), abs=1e-6)
        assert turned(course, geodesy.bearing_deg(*start, *end)) < 1e-6
        assert 0 <= course < 360


@settings(deadline=None, max_examples=30)
@given(origin=positions, bearing=bearings, way_m=ways)
def test_the_local_frame_is_true_in_distance_and_bearing_from_its_origin(
    origin: LatLon, bearing: float, way_m: float
) -> None:
    frame = geodesy.LocalFrame(*origin)
    end = geodesy.destination(*origin, bearing_deg=bearing, distance_m=way_m)
    east, north = frame.to_local([end[0]], [end[1]])
    assert math.hypot(east[0], north[0]) == pytest.approx(way_m, rel=1e-6, abs=1e-3)
    assert turned(math.degrees(math.atan2(east[0], north[0])), bearing) * way_m < 0.01 * 57.3 * max(1, way_m / 1000)
    lat, lon = frame.to_world(east, north)
    assert geodesy.distance_m(float(lat[0]), float(lon[0]), *end) < 1e-3
