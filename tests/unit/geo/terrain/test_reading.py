"""An elevation model is taken when it says where it lies and above which sea; else it is refused with what to do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pyproj import CRS
from rasterio.transform import from_origin

from geo.terrain.datum import SEA_LEVELS, is_ellipsoid, sea_level_of
from geo.terrain.errors import TerrainRefused
from geo.terrain.reading import MOST_CELLS
from tests.unit.geo.terrain.rasters import read, slope, write


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "ground.tif"


@pytest.mark.parametrize(
    ("made", "stated", "level"),
    [
        ({"crs": "EPSG:4326+5773"}, None, "EGM96"),
        ({"crs": "EPSG:4326+3855"}, None, "EGM2008"),
        ({"crs": "EPSG:27700+5701"}, None, "ODN"),
        ({"crs": "EPSG:7405"}, None, "ODN"),
        ({"crs": "EPSG:4326", "tags": {"VERTICAL_DATUM": "EGM2008"}}, None, "EGM2008"),
        ({"crs": "EPSG:4326", "tags": {"vertical_datum": "mean sea level"}}, None, "AMSL"),
        ({"crs": "EPSG:4326"}, "EGM96", "EGM96"),
        ({"crs": "EPSG:4326"}, "EPSG:5701", "ODN"),
        ({"crs": "EPSG:4326+5773"}, "AMSL", "EGM96"),
    ],
)
def test_the_sea_level_is_what_the_file_or_the_settings_say(
    file: Path, made: dict[str, Any], stated: str | None, level: str
) -> None:
    transform = from_origin(430_000, 285_000, 50, 50) if made["crs"] != "EPSG:4326" and "27" in made["crs"] else None
    if made["crs"] == "EPSG:7405":
        transform = from_origin(430_000, 285_000, 50, 50)
    elevation = read(write(file, transform=transform, **made), sea_level=stated)
    assert elevation.sea_level == level


@pytest.mark.parametrize(
    ("made", "stated", "why"),
    [
        ({"crs": "EPSG:4326"}, None, "does not say which sea level"),
        ({"crs": "EPSG:4326"}, "sea", "no sea level that is known"),
        ({"crs": "EPSG:4326", "tags": {"VERTICAL_DATUM": "Krakatau"}}, None, "'Krakatau', which is not known"),
        ({"crs": "EPSG:4979"}, None, "above an ellipsoid"),
        ({"crs": "EPSG:4326", "tags": {"VERTICAL_DATUM": "WGS84 ellipsoid"}}, "EGM96", "above an ellipsoid"),
        ({"crs": "EPSG:4326+5773"}, "EGM2008", "above EGM2008 and above EGM96"),
        ({"crs": None}, "EGM96", "does not say where it lies"),
        ({"bands": 3}, None, "3 bands"),
        ({"unit": "fathom"}, None, "'fathom'"),
        ({"heights": np.full((4, 4), -32768, dtype=np.int16)}, None, "which no ground has"),
        ({"heights": np.full((4, 4), 70_000, dtype=np.float32)}, None, "which no ground has"),
        ({"heights": np.full((4, 4), np.nan, dtype=np.float32)}, None, "no cell of it has a height"),
        ({"heights": np.full((4, 4), 1 + 1j, dtype=np.complex64)}, None, "are no heights"),
    ],
)
@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_what_cannot_be_relied_on_is_refused_with_the_reason(
    file: Path, made: dict[str, Any], stated: str | None, why: str
) -> None:
    with pytest.raises(TerrainRefused, match=why):
        read(write(file, **made), sea_level=stated)


def test_what_is_no_geotiff_is_refused(file: Path) -> None:
    for content in (b"", b"hello", b"II*\x00" + bytes(100)):
        file.write_bytes(content)
        with pytest.raises(TerrainRefused, match="cannot be read as a GeoTIFF"):
            read(file)


def test_a_file_that_is_cut_off_is_refused(file: Path) -> None:
    write(file)
    file.write_bytes(file.read_bytes()[:2000])
    with pytest.raises(TerrainRefused):
        read(file)


def test_only_what_is_needed_is_read_and_it_has_the_same_heights(file: Path) -> None:
    whole = read(write(file))
    part = read(file, within=(-1.52, 52.395, -1.51, 52.405))
    assert part.heights_m.size < whole.heights_m.size / 5
    lats, lons = np.linspace(52.395, 52.405, 50), np.linspace(-1.52, -1.51, 50)
    assert np.array_equal(part.amsl_m(lats, lons), whole.amsl_m(lats, lons))
    assert part.digest != whole.digest


def test_a_model_of_somewhere_else_is_refused(file: Path) -> None:
    with pytest.raises(TerrainRefused, match="does not lie where it is needed"):
        read(write(file), within=(10.0, 48.0, 10.1, 48.1))


def test_a_model_larger_than_memory_is_meant_for_is_refused_before_it_is_read(file: Path) -> None:
    import rasterio

    side = int(MOST_CELLS**0.5) + 1000
    # Sparse: no block of it is ever written.
    with rasterio.open(
        file,
        "w",
        driver="GTiff",
        width=side,
        height=side,
        count=1,
        dtype="float32",
        crs="EPSG:4326+5773",
        transform=from_origin(-2, 53, 0.0001, 0.0001),
        tiled=True,
        SPARSE_OK=True,
    ):
        pass
    with pytest.raises(TerrainRefused, match="resample it"):
        read(file)
    assert read(file, within=(-1.5, 52.4, -1.49, 52.41)).heights_m.size < 20_000


def test_feet_scales_and_offsets_become_metres(file: Path) -> None:
    feet = read(write(file, np.full((4, 4), 1000, dtype=np.int16), unit="ft"))
    assert feet.highest_m == pytest.approx(304.8)
    scaled = read(write(file, np.full((4, 4), 1000, dtype=np.int16), scale=0.1, offset=50.0))
    assert scaled.highest_m == pytest.approx(150.0)


def test_gaps_are_unknown_unless_they_are_said_to_be_sea(file: Path) -> None:
    heights = slope()
    heights[10, 10] = -9999
    write(file, heights, nodata=-9999)
    place = (52.42 - 10.5 * 0.001, -1.55 + 10.5 * 0.001)
    assert np.isnan(read(file).amsl_m(*place))
    assert read(file).known_share == pytest.approx(1 - 1 / heights.size)
    assert read(file, gaps_are_sea=True).amsl_m(*place) == 0.0


def test_the_digest_says_whether_two_models_have_the_same_heights(file: Path) -> None:
    first = read(write(file)).digest
    assert read(file).digest == first
    heights = slope()
    heights[0, 0] += 0.25
    assert read(write(file, heights)).digest != first
    assert read(write(file, crs="EPSG:4326+3855")).digest != first


def test_the_codes_of_the_sea_levels_are_those_of_epsg() -> None:
    for name, code in SEA_LEVELS.items():
        system = CRS.from_epsg(code)
        assert system.is_vertical
        assert system.axis_info[0].unit_conversion_factor == 1.0
        assert sea_level_of(str(code)) == sea_level_of(f"EPSG:{code}") == sea_level_of(name.lower()) == name
        assert sea_level_of(system.name) == name, system.name


@pytest.mark.parametrize("text", ["WGS 84", "ellipsoidal height", "GRS80", "wgs84 ellipsoid"])
def test_an_ellipsoid_is_no_sea_level(text: str) -> None:
    assert sea_level_of(text) is None
    assert is_ellipsoid(text)
