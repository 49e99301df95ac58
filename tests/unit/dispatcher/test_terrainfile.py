"""The elevation model of the settings: read around the docks, refused with its path, odd plates told."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest

from contracts.fleet import Fleet
from contracts.vocabulary import Deployment
from dispatcher.terrainfile import read_ground
from geo.terrain.elevation import Elevation
from kestrel.errors import FileError
from tests.desks import QUAD, SITES, dock
from tests.unit.geo.terrain.rasters import slope, write


def fleet(*, max_range_m: float = 500.0, alt_amsl_m: float = 156.0, dock_ids: tuple[str, ...] = ("cov-1",)) -> Fleet:
    docks = []
    for number, dock_id in enumerate(dock_ids, start=1):
        made = dock(dock_id, number, *SITES[dock_id])
        limits = made.limits.model_copy(update={"max_range_m": max_range_m})
        docks.append(made.model_copy(update={"limits": limits, "alt_amsl_m": alt_amsl_m}))
    return Fleet(
        schema="kestrel.fleet/1",
        force="test",
        name="Test Police",
        deployment=Deployment.SIMULATION,
        aircraft_types={"quad": QUAD},
        docks=docks,
    )


def read(path: Path | None, of: Fleet | None = None, **changes: Any) -> Elevation | None:
    how = {"sea_level": None, "gaps_are_sea": False, "fleet": of or fleet()} | changes
    return read_ground(path, **how)


def test_without_a_file_there_is_no_model() -> None:
    assert read(None) is None


def test_only_what_lies_in_reach_of_the_docks_is_read(tmp_path: Path) -> None:
    file = write(tmp_path / "ground.tif", slope(400, 600))
    near, far = read(file), read(file, fleet(max_range_m=5000.0))
    assert near is not None
    assert far is not None
    assert near.heights_m.size < far.heights_m.size / 4
    assert float(near.amsl_m(*SITES["cov-1"])) == float(far.amsl_m(*SITES["cov-1"]))


@pytest.mark.parametrize(
    ("made", "why"), [({"crs": "EPSG:4326"}, "KESTREL_TERRAIN_SEA_LEVEL"), ({"bands": 2}, "bands")]
)
def test_what_is_refused_names_the_file_and_the_remedy(tmp_path: Path, made: dict[str, Any], why: str) -> None:
    file = write(tmp_path / "ground.tif", **made)
    with pytest.raises(FileError, match=why) as refused:
        read(file)
    assert refused.value.path == file


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="no such file"):
        read(tmp_path / "nothing.tif")


def test_a_plate_far_from_the_ground_and_a_dock_without_ground_are_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = write(tmp_path / "ground.tif")
    with caplog.at_level(logging.WARNING):
        read(file)
        assert caplog.records == []
        read(file, fleet(alt_amsl_m=190.0))
        read(file, fleet(dock_ids=("cov-1", "cov-3")))
    assert [record.getMessage()[:22] for record in caplog.records] == [
        "a dock's landing plate",
        "the ground at a dock i",
    ]
