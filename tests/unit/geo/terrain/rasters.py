"""Small elevation models as files, made for tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import rasterio
from rasterio.transform import from_origin

from geo.terrain.elevation import Elevation
from geo.terrain.reading import read_terrain

COVENTRY = (52.40, -1.52)
STEP_DEG = 0.001


def slope(rows: int = 40, columns: int = 60) -> npt.NDArray[np.float32]:
    """100 m in the north-west corner; 1 m higher each cell to the east, 2 m higher each cell to the south."""
    row, column = np.mgrid[0:rows, 0:columns]
    return np.asarray(100 + column + 2 * row, dtype=np.float32)


def write(
    path: Path,
    heights: npt.NDArray[Any] | None = None,
    *,
    crs: str | None = "EPSG:4326+5773",
    transform: Any = None,
    tags: dict[str, str] | None = None,
    unit: str | None = None,
    nodata: float | None = None,
    scale: float | None = None,
    offset: float | None = None,
    bands: int = 1,
) -> Path:
    """A GeoTIFF whose first cell's north-west corner is at 52.42, -1.55, unless a transform says otherwise."""
    cells = slope() if heights is None else heights
    place = from_origin(-1.55, 52.42, STEP_DEG, STEP_DEG) if transform is None else transform
    kind: dict[str, Any] = {
        "driver": "GTiff",
        "height": cells.shape[0],
        "width": cells.shape[1],
        "count": bands,
        "dtype": cells.dtype,
        "crs": crs,
        "transform": place,
        "nodata": nodata,
    }
    with rasterio.open(path, "w", **{name: value for name, value in kind.items() if value is not None}) as dataset:
        if tags:
            dataset.update_tags(**tags)
        if unit is not None:
            dataset.units = [unit] * bands
        if scale is not None:
            dataset.scales = [scale]
        if offset is not None:
            dataset.offsets = [offset]
        for band in range(1, bands + 1):
            dataset.write(cells, band)
    return path


def read(path: Path, **how: Any) -> Elevation:
    """The model of a file."""
    return read_terrain(str(path), **how)
