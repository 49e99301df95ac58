"""The ground over HTTP: which model is in use, and profiles."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import rasterio

from geo.geodesy import distance_m
from tests.unit.api.house import House, open_house
from tests.unit.geo.terrain.rasters import read, write


@pytest.fixture
async def hilly(tmp_path: Path) -> AsyncIterator[House]:
    ground = read(write(tmp_path / "ground.tif"))
    async with open_house(tmp_path, ground=ground) as house:
        yield house


async def test_without_a_model_it_is_said_that_there_is_none(house: House) -> None:
    assert (await house.taken("GET", "/terrain"))["loaded"] is False
    answer = await house.ask("GET", "/terrain/profile", params={"path": "52.4,-1.52;52.41,-1.51"})
    assert answer.status_code == 404
    assert "KESTREL_TERRAIN_FILE" in answer.json()["detail"]


async def test_the_model_in_use_is_shown_with_its_sea_level_and_bounds(hilly: House) -> None:
    shown = await hilly.taken("GET", "/terrain")
    assert (shown["sea_level"], shown["rows"], shown["columns"], shown["known_share"]) == ("EGM96", 40, 60, 1.0)
    assert shown["north_deg"] == pytest.approx(52.42)
    assert shown["highest_amsl_m"] == 237.0


async def test_a_profile_follows_the_ground_and_says_where_it_is_not_known(hilly: House) -> None:
    path = "52.40,-1.52;52.40,-1.48"
    shown = await hilly.taken("GET", "/terrain/profile", params={"path": path, "step_m": 100})
    points = shown["points"]
    assert points[0]["ground_amsl_m"] == pytest.approx(168.5, abs=0.01)
    assert points[-1]["ground_amsl_m"] is None
    assert points[-1]["distance_m"] == pytest.approx(distance_m(52.40, -1.52, 52.40, -1.48), abs=0.1)


@pytest.mark.parametrize(
    "path", ["", "52.4,-1.5", "52.4,-1.5;x", "91,0;1,1", "1,181;1,1", "nan,1;1,1", "1,1;2,2", "1,1;" * 51 + "1,1"]
)
async def test_a_path_that_is_none_is_refused(hilly: House, path: str) -> None:
    answer = await hilly.ask("GET", "/terrain/profile", params={"path": path, "step_m": 10})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "path"


async def test_the_ground_around_a_flight_is_that_of_the_model_and_lies_around_its_aircraft(
    hilly: House, tmp_path: Path
) -> None:
    flight = await hilly.in_the_air(at=(52.4080, -1.5160))
    shown = await hilly.taken("GET", f"/flights/{flight['id']}/ground")
    grid = shown["grid"]
    heights = grid["ground_amsl_m"]
    assert (len(heights), {len(row) for row in heights}) == (61, {61})
    with rasterio.open(tmp_path / "ground.tif") as file:
        cells = file.read(1)
    for row, column in [(30, 30), (28, 35), (40, 12)]:
        lat = grid["south_deg"] + row * grid["lat_step_deg"]
        lon = grid["west_deg"] + column * grid["lon_step_deg"]
        # Bilinear by hand: the model's heights hold at the middle of its cells.
        x, y = (lon + 1.55) / 0.001 - 0.5, (52.42 - lat) / 0.001 - 0.5
        left, top = int(x), int(y)
        near = cells[top : top + 2, left : left + 2].astype(float)
        across = near @ [1 - (x - left), x - left]
        assert heights[row][column] == pytest.approx(across @ [1 - (y - top), y - top], abs=0.06)
    middle = grid["south_deg"] + 30 * grid["lat_step_deg"], grid["west_deg"] + 30 * grid["lon_step_deg"]
    assert middle == pytest.approx((52.4080, -1.5160), abs=1e-6)
    corner = grid["south_deg"], grid["west_deg"]
    assert distance_m(*middle, *corner) == pytest.approx(1_800 * 2**0.5, rel=0.01)
    # North of 52.42 the model says nothing, and nobody takes that for flat.
    assert heights[-1][30] is None
    assert shown["scene"] == {"lat_deg": 52.41, "lon_deg": -1.51, "ground_amsl_m": pytest.approx(158.5, abs=0.01)}
    assert shown["source"]["sea_level"] == "EGM96"
    assert shown["home_amsl_m"] == hilly.desk.state.docks[flight["dock_id"]].dock.alt_amsl_m


async def test_without_a_model_the_ground_around_a_flight_is_said_to_have_no_source(house: House) -> None:
    flight = await house.in_the_air()
    shown = await house.taken("GET", f"/flights/{flight['id']}/ground", role="officer")
    assert (shown["source"], shown["grid"], shown["scene"]["ground_amsl_m"]) == (None, None, None)
