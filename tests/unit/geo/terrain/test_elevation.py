"""Heights between cells, over edges and gaps, in any raster's coordinates; profiles; and routing over it."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Transformer
from rasterio.transform import from_origin

from geo.geodesy import distance_m
from geo.routing.terrain import Heights
from geo.terrain.elevation import MOST_SAMPLES, UNKNOWN_M, Elevation, along, profile
from geo.terrain.errors import InvalidPathError
from tests.unit.geo.terrain.rasters import COVENTRY, STEP_DEG, read, slope, write

NORTH, WEST = 52.42, -1.55


@pytest.fixture(scope="module")
def hill(tmp_path_factory: pytest.TempPathFactory) -> Elevation:
    return read(write(tmp_path_factory.mktemp("hill") / "hill.tif"))


def expected_m(lat_deg: float, lon_deg: float) -> float:
    """The slope's own formula, at the centres of cells and between them."""
    return 100 + ((lon_deg - WEST) / STEP_DEG - 0.5) + 2 * ((NORTH - lat_deg) / STEP_DEG - 0.5)


@given(st.floats(52.3806, 52.4194), st.floats(-1.5494, -1.4906))
def test_between_the_centres_of_cells_a_plane_is_a_plane(hill: Elevation, lat_deg: float, lon_deg: float) -> None:
    assert float(hill.amsl_m(lat_deg, lon_deg)) == pytest.approx(expected_m(lat_deg, lon_deg), abs=1e-3)


def test_heights_come_in_the_shape_of_the_places(hill: Elevation) -> None:
    assert hill.amsl_m(*COVENTRY).shape == ()
    lats, lons = np.full((3, 4), 52.40), np.full(4, -1.52)
    assert hill.amsl_m(lats, lons).shape == (3, 4)
    assert hill.amsl_m(np.zeros(0), np.zeros(0)).shape == (0,)


def test_outside_the_model_the_ground_is_unknown_and_up_to_its_edge_it_is_known(hill: Elevation) -> None:
    inside = np.array([NORTH - 1e-9, 52.38 + 1e-9])
    assert np.isfinite(hill.amsl_m(inside, np.array([WEST + 1e-9, -1.49 - 1e-9]))).all()
    for lat, lon in ((52.43, -1.52), (52.37, -1.52), (52.40, -1.56), (52.40, -1.48), (0.0, 0.0), (52.40, 178.0)):
        assert np.isnan(hill.amsl_m(lat, lon))
    assert np.isnan(hill.amsl_m(np.nan, np.nan))


def test_longitudes_counted_to_360_are_the_same_places(tmp_path: Path) -> None:
    other = read(write(tmp_path / "a.tif", transform=from_origin(WEST + 360, NORTH, STEP_DEG, STEP_DEG)))
    within = (-1.53, 52.39, -1.51, 52.41)
    cut = read(tmp_path / "a.tif", within=within)
    for model in (other, cut):
        assert float(model.amsl_m(*COVENTRY)) == pytest.approx(expected_m(*COVENTRY), abs=1e-3)


def test_a_model_across_the_antimeridian_is_one_model(tmp_path: Path) -> None:
    model = read(write(tmp_path / "a.tif", transform=from_origin(179.97, NORTH, STEP_DEG, STEP_DEG)))
    heights = model.amsl_m(np.full(3, 52.40), np.array([179.9995, 180.0, -179.9995]))
    assert np.diff(heights) == pytest.approx([0.5, 0.5], abs=1e-3)


def test_a_projected_model_has_its_heights_where_the_projection_says(tmp_path: Path) -> None:
    file = write(tmp_path / "osgb.tif", crs="EPSG:27700+5701", transform=from_origin(430_000, 285_000, 50, 50))
    to_world = Transformer.from_crs("EPSG:27700", "EPSG:4326", always_xy=True)
    for within in (None, (-1.55, 52.455, -1.53, 52.462)):
        model = read(file, within=within)
        lon, lat = to_world.transform(431_025, 284_475)
        # 20.5 cells east of the corner and 10.5 south of it: the centre of column 20, row 10.
        assert float(model.amsl_m(lat, lon)) == pytest.approx(100 + 20 + 2 * 10, abs=0.01)
        assert model.resolution_m == 50


def test_a_gap_is_unknown_only_where_a_height_needs_it(tmp_path: Path) -> None:
    heights = slope()
    heights[10, 10] = np.nan
    model = read(write(tmp_path / "gap.tif", heights))
    centre = (NORTH - 10.5 * STEP_DEG, WEST + 10.5 * STEP_DEG)
    assert np.isnan(model.amsl_m(centre[0], centre[1] + 0.4 * STEP_DEG))
    assert np.isfinite(model.amsl_m(centre[0], centre[1] + 1.4 * STEP_DEG))
    path = np.linspace(centre[1] - 5 * STEP_DEG, centre[1] + 5 * STEP_DEG, 101)
    unknown = model.first_unknown(np.full(101, centre[0]), path)
    assert unknown is not None
    assert unknown[1] == pytest.approx(centre[1] - STEP_DEG, abs=0.11 * STEP_DEG)
    assert model.first_unknown(np.full(101, centre[0] + 5 * STEP_DEG), path) is None


def test_routing_gets_the_ground_above_home_and_unknown_ground_higher_than_it_flies(hill: Elevation) -> None:
    terrain = hill.above_home(120.0)
    lats, lons = np.array([52.40, 60.0]), np.array([-1.52, -1.52])
    ground = terrain(lats, lons)
    assert ground[0] == pytest.approx(expected_m(52.40, -1.52) - 120.0, abs=1e-3)
    assert ground[1] == UNKNOWN_M - 120.0
    heights = Heights(levels_m=(60.0,), watch_m=60.0)
    assert (heights.over(ground, 60.0) >= ground + heights.clearance_m).all()


def test_a_path_has_its_corners_and_no_step_longer_than_asked_for() -> None:
    corners = [(52.40, -1.52), (52.41, -1.50), (52.405, -1.49)]
    distances, lats, lons = along(corners, step_m=25.0)
    assert np.diff(distances).max() <= 25.0 + 1e-9
    length = sum(distance_m(*one, *other) for one, other in pairwise(corners))
    assert distances[-1] == pytest.approx(length)
    for lat, lon in corners:
        assert np.hypot(lats - lat, lons - lon).min() < 1e-12


def test_a_path_over_the_antimeridian_goes_the_short_way() -> None:
    distances, _, lons = along([(10.0, 179.99), (10.0, -179.99)], step_m=100.0)
    assert distances[-1] == pytest.approx(distance_m(10.0, 179.99, 10.0, -179.99))
    assert (np.abs(lons) > 179.9).all()


def test_a_path_that_is_none_or_far_too_long_is_refused() -> None:
    for corners, step_m in (([(52.4, -1.5)], 10.0), ([(52.4, -1.5), (53.4, -1.5)], 1.0), ([(0, 0), (0, 1)], 0.0)):
        with pytest.raises(InvalidPathError):
            along(corners, step_m=step_m)
    assert len(along([(52.4, -1.5), (52.41, -1.5)], step_m=1.0)[0]) < MOST_SAMPLES


def test_a_profile_tells_the_ground_and_where_it_is_unknown(hill: Elevation) -> None:
    shown = profile(hill, [(52.40, -1.52), (52.40, -1.40)], step_m=100.0)
    known = np.isfinite(shown.ground_amsl_m)
    assert known[0]
    assert not known[-1]
    assert shown.ground_amsl_m[0] == pytest.approx(expected_m(52.40, -1.52), abs=1e-3)
    assert (np.diff(shown.ground_amsl_m[known]) > 0).all()
