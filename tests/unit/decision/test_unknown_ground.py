"""No way goes over ground that the elevation model does not know, however flat what it knows is."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from rasterio.transform import from_origin

from dispatcher.decision.reason import ReasonCode
from dispatcher.decision.world import Ground
from geo.flight.position import offset
from geo.terrain.elevation import Elevation
from tests.unit.decision.scene import DOCK, SCENE
from tests.unit.decision.zones import airspace, box_zone, decided_in
from tests.unit.geo.aircraft import HOME
from tests.unit.geo.terrain.rasters import read, write

STEP_DEG, SIDE = 0.001, 400


def plain(path: Path, *, gap_at: tuple[float, float] | None = None, gap_deg: float = 0.004) -> Elevation:
    """Flat ground at the dock's height, 20 km around it; unknown around a place."""
    heights = np.full((SIDE, SIDE), DOCK.alt_amsl_m, dtype=np.float32)
    west, north = HOME[1] - SIDE / 2 * STEP_DEG, HOME[0] + SIDE / 2 * STEP_DEG
    if gap_at is not None:
        row, column = (north - gap_at[0]) / STEP_DEG, (gap_at[1] - west) / STEP_DEG
        reach = math.ceil(gap_deg / STEP_DEG)
        heights[int(row) - reach : int(row) + reach, int(column) - reach : int(column) + reach] = np.nan
    return read(write(path / "plain.tif", heights, transform=from_origin(west, north, STEP_DEG, STEP_DEG)))


def ground_of(elevation: Elevation) -> Ground:
    return Ground(terrain_amsl=elevation.cleared_amsl_m, digest=elevation.digest)


@pytest.mark.parametrize(
    "zones", [(), (box_zone("far", bearing_deg=200, distance_m=3000),)], ids=["no zones", "a zone"]
)
def test_over_known_ground_it_flies_and_over_unknown_ground_it_does_not(
    tmp_path: Path, zones: tuple[object, ...]
) -> None:
    known = decided_in(airspace(*zones, ground=ground_of(plain(tmp_path))), DOCK)  # type: ignore[arg-type]
    assert known.options[0].eligible, known.options[0].reasons
    halfway = offset(*HOME, bearing_deg=40, distance_m=1250)
    gap = ground_of(plain(tmp_path, gap_at=halfway))
    (option,) = decided_in(airspace(*zones, ground=gap), DOCK).options  # type: ignore[arg-type]
    assert not option.eligible
    assert [reason.code for reason in option.reasons] == [ReasonCode.NO_WAY]
    assert "not known" in option.reasons[0].text


def test_a_scene_beyond_the_model_is_not_flown_to(tmp_path: Path) -> None:
    elevation = plain(tmp_path, gap_at=SCENE, gap_deg=0.006)
    (option,) = decided_in(airspace(ground=ground_of(elevation)), DOCK).options
    assert not option.eligible


def test_a_gap_beside_the_way_is_nobody_s_business(tmp_path: Path) -> None:
    beside = offset(*HOME, bearing_deg=130, distance_m=3000)
    (option,) = decided_in(airspace(ground=ground_of(plain(tmp_path, gap_at=beside))), DOCK).options
    assert option.eligible, option.reasons
