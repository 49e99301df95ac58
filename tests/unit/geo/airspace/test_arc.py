"""Arcs and geodesics as lines: within 1 m of the true curve by an independent measure, anywhere on Earth."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from geo.airspace import arc
from geo.airspace.errors import FeatureSkipped

GEOD = Geod(ellps="WGS84")
latitudes = st.floats(-85, 85)
longitudes = st.floats(-180, 180)
radii_m = st.floats(1, 200_000)
bearings = st.floats(0, 360)


def between(line: npt.NDArray[np.float64], parts: int = 5) -> npt.NDArray[np.float64]:
    """Points along the straight edges in longitude and latitude, the shorter way round the Earth."""
    across = np.mod(np.diff(line[:, 0]) + 180, 360) - 180
    up = np.diff(line[:, 1])
    share = np.arange(parts + 1) / parts
    lons = line[:-1, 0, None] + across[:, None] * share
    lats = line[:-1, 1, None] + up[:, None] * share
    return np.column_stack([lons.ravel(), lats.ravel()])


@settings(deadline=None, max_examples=60)
@given(latitudes, longitudes, radii_m, bearings, st.floats(-360, 360).filter(lambda sweep: abs(sweep) > 0.01))
def test_an_arc_and_all_its_edges_are_within_a_metre_of_the_circle(
    lat: float, lon: float, radius_m: float, start: float, sweep: float
) -> None:
    points = between(arc.arc(lat, lon, radius_m=radius_m, start_deg=start, sweep_deg=sweep))
    size = np.ones(len(points))
    metres = GEOD.inv(size * lon, size * lat, points[:, 0], points[:, 1])[2]
    assert np.abs(metres - radius_m).max() < 1.0


@settings(deadline=None, max_examples=40)
@given(latitudes, longitudes, radii_m, bearings, st.floats(1, 359), st.booleans())
def test_an_arc_begins_and_ends_at_its_bearings(
    lat: float, lon: float, radius_m: float, start: float, sweep: float, clockwise: bool
) -> None:
    signed = sweep if clockwise else -sweep
    line = arc.arc(lat, lon, radius_m=radius_m, start_deg=start, sweep_deg=signed)
    for point, bearing in ((line[0], start), (line[-1], start + signed)):
        expected = GEOD.fwd(lon, lat, bearing, radius_m)[:2]
        assert GEOD.inv(point[0], point[1], expected[0], expected[1])[2] < 0.01


@settings(deadline=None, max_examples=40)
@given(st.floats(-89, 89), longitudes, radii_m)
def test_a_circle_has_the_area_of_a_circle(lat: float, lon: float, radius_m: float) -> None:
    ring = arc.circle(lat, lon, radius_m=radius_m)
    assert (ring[0] == ring[-1]).all()
    area, _ = GEOD.polygon_area_perimeter(ring[:, 0], ring[:, 1])
    # At least 32 edges: the polygon has at least 99.3 % of the disc.
    assert 0.993 < area / (math.pi * radius_m**2) < 1.001


@settings(deadline=None, max_examples=40)
@given(st.floats(-80, 80), longitudes, bearings, st.floats(10, 500_000))
def test_the_lines_of_a_geodesic_are_within_a_metre_of_it(
    lat: float, lon: float, bearing: float, metres: float
) -> None:
    end = GEOD.fwd(lon, lat, bearing, metres)[:2]
    if abs(end[1]) > 88:
        return
    line = arc.geodesic(np.array([[lon, lat], end]))
    points = between(line, parts=3)
    size = np.ones(len(points))
    azimuth = GEOD.inv(lon, lat, *end)[0]
    towards, _, along = GEOD.inv(size * lon, size * lat, points[:, 0], points[:, 1])
    # The distance across: on a sphere of this size the ellipsoid's difference does not matter for 1 m in 500 km.
    across = np.arcsin(np.sin(along / 6.371e6) * np.sin(np.radians(towards - azimuth))) * 6.371e6
    assert np.abs(across).max() < 1.0


def test_a_short_edge_is_left_as_it_is() -> None:
    line = np.array([[-1.52, 52.40], [-1.50, 52.41]])
    assert (arc.geodesic(line) == line).all()


@pytest.mark.parametrize("radius_m", [0.0, -5.0, math.nan, math.inf, 1e7])
def test_a_radius_that_is_none_is_refused_with_the_figure(radius_m: float) -> None:
    with pytest.raises(FeatureSkipped, match="radius"):
        arc.circle(52.0, -1.0, radius_m=radius_m)


@pytest.mark.parametrize(("lat", "lon"), [(91.0, 0.0), (math.nan, 0.0), (0.0, 400.0)])
def test_a_centre_that_is_no_position_is_refused(lat: float, lon: float) -> None:
    with pytest.raises(FeatureSkipped, match="centre"):
        arc.circle(lat, lon, radius_m=100)


def test_an_edge_half_around_the_world_is_bounded() -> None:
    line = arc.geodesic(np.array([[0.0, 10.0], [179.0, -9.0]]))
    assert len(line) < arc.MOST_POINTS
