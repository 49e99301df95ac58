"""The elevation model of the settings: read at each start, for where the fleet's drones can get to."""

from __future__ import annotations

import logging
import math
from collections.abc import Iterable
from pathlib import Path

from contracts.fleet import Dock, Fleet
from geo.terrain.elevation import Elevation
from geo.terrain.errors import TerrainRefused
from geo.terrain.reading import Bounds, read_terrain
from kestrel.errors import FileError

log = logging.getLogger(__name__)

BEYOND_M = 1_000.0
"""Read beyond the range of each dock."""
PLATE_WITHIN_M = 15.0
"""A landing plate this far above or below the model's ground is on a roof, or one of the two figures is wrong."""
_M_PER_DEG = 110_500.0


def read_ground(path: Path | None, *, sea_level: str | None, gaps_are_sea: bool, fleet: Fleet) -> Elevation | None:
    """The model around the fleet's docks; None without a file. Raises `FileError`. Takes seconds for a large one."""
    if path is None:
        return None
    try:
        if not path.is_file():
            raise FileError(path, "there is no such file")
        elevation = read_terrain(
            str(path.resolve()), sea_level=sea_level, within=bounds_of(fleet.docks), gaps_are_sea=gaps_are_sea
        )
    except OSError as wrong:
        raise FileError(path, wrong.strerror or str(wrong)) from None
    except TerrainRefused as refused:
        raise FileError(path, refused.reason) from None
    _look_at_docks(elevation, fleet)
    return elevation


def bounds_of(docks: Iterable[Dock]) -> Bounds | None:
    """West, south, east, north of where drones can get to; None without docks."""
    boxes = []
    for dock in docks:
        reach_deg = (dock.limits.max_range_m + BEYOND_M) / _M_PER_DEG
        wide_deg = min(180.0, reach_deg / max(0.01, math.cos(math.radians(abs(dock.lat_deg) + reach_deg))))
        boxes.append(
            (dock.lon_deg - wide_deg, dock.lat_deg - reach_deg, dock.lon_deg + wide_deg, dock.lat_deg + reach_deg)
        )
    if not boxes:
        return None
    wests, souths, easts, norths = zip(*boxes, strict=True)
    return min(wests), max(-90.0, min(souths)), max(easts), min(90.0, max(norths))


def _look_at_docks(elevation: Elevation, fleet: Fleet) -> None:
    for dock in fleet.docks:
        ground_m = float(elevation.amsl_m(dock.lat_deg, dock.lon_deg))
        if not math.isfinite(ground_m):
            log.warning("the ground at a dock is not known", extra={"dock": dock.id})
        elif abs(ground_m - dock.alt_amsl_m) > PLATE_WITHIN_M:
            log.warning(
                "a dock's landing plate is far from the ground of the elevation model: on a roof, or one is wrong",
                extra={"dock": dock.id, "plate_amsl_m": dock.alt_amsl_m, "ground_amsl_m": round(ground_m, 1)},
            )
