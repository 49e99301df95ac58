"""Reads an elevation model from a GeoTIFF into memory: the part that is asked for, checked, its sea level known.

A model that cannot be relied on is refused with what to do about it. Reading takes seconds for a large one, and memory
of 4 bytes a cell: off the event loop.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
from pyproj import CRS
from pyproj.exceptions import CRSError

from geo.terrain.datum import SEA_LEVELS, TAGS, UNNAMED, is_ellipsoid, sea_level_of
from geo.terrain.elevation import Elevation, to_raster
from geo.terrain.errors import TerrainRefused

MOST_CELLS = 64_000_000
"""256 MB; 80 km × 80 km at 10 m."""
LOWEST_M, HIGHEST_M = -500.0, 9_000.0
"""The shore of the Dead Sea and the summit of Everest lie between them."""
_FEET = {"ft": 0.3048, "foot": 0.3048, "feet": 0.3048, "us-ft": 1200 / 3937, "us survey foot": 1200 / 3937}
_METRES = {"", "m", "metre", "metres", "meter", "meters"}

Bounds = tuple[float, float, float, float]
"""West, south, east, north, in degrees."""


def read_terrain(
    path: str, *, sea_level: str | None = None, within: Bounds | None = None, gaps_are_sea: bool = False
) -> Elevation:
    """The elevation model of a GeoTIFF, or what of it lies within some bounds.

    ``sea_level`` says what its heights are above where the file does not; one that contradicts the file is refused.
    ``gaps_are_sea``: cells without a height are water at 0 m. ``path`` is of a file on this machine (GDAL would
    take more for one). Raises `TerrainRefused`.
    """
    # Here, so that nobody waits for GDAL who has no terrain.
    import rasterio
    from rasterio.errors import NotGeoreferencedWarning, RasterioError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            with rasterio.open(path, driver="GTiff") as dataset:
                return _read(dataset, sea_level, within, gaps_are_sea)
    except RasterioError as wrong:
        raise TerrainRefused(f"it cannot be read as a GeoTIFF: {wrong}") from None


def _read(dataset: Any, stated: str | None, within: Bounds | None, gaps_are_sea: bool) -> Elevation:
    if dataset.count != 1:
        raise TerrainRefused(f"it has {dataset.count} bands: an elevation model has one")
    if np.dtype(dataset.dtypes[0]).kind not in "iuf":
        raise TerrainRefused(f"its cells are {dataset.dtypes[0]}, which are no heights")
    if dataset.crs is None or dataset.transform.is_identity:
        raise TerrainRefused("it does not say where it lies: give it a coordinate system and a transform")
    crs = _crs(dataset)
    datum = _sea_level(dataset, crs, stated)
    horizontal = crs.sub_crs_list[0] if crs.is_compound else crs
    window, transform = _window(dataset, horizontal, within)
    if window.width * window.height > MOST_CELLS:
        raise TerrainRefused(
            f"{window.width} × {window.height} cells are needed of it, at most {MOST_CELLS // 1_000_000} million fit: "
            "resample it to a coarser grid (30 m is fine for flying over it)"
        )
    heights = _heights(dataset, window, gaps_are_sea)
    inverse = ~transform
    geographic = horizontal.is_geographic
    transformer = None if geographic else to_raster(horizontal)
    return Elevation(
        heights_m=heights,
        crs=horizontal.to_wkt(),
        to_cell=(inverse.a, inverse.b, inverse.c, inverse.d, inverse.e, inverse.f),
        sea_level=datum,
        resolution_m=_resolution_m(transform, geographic),
        west_south_east_north_deg=_bounds(transform, heights.shape, horizontal),
        _transformer=transformer,
    )


def _crs(dataset: Any) -> CRS:
    try:
        crs = CRS.from_wkt(dataset.crs.to_wkt())
    except CRSError as wrong:
        raise TerrainRefused(f"its coordinate system is not known: {wrong}") from None
    horizontal = crs.sub_crs_list[0] if crs.is_compound else crs
    if not (horizontal.is_geographic or horizontal.is_projected):
        raise TerrainRefused(f"its coordinate system {crs.name!r} is neither geographic nor projected")
    return crs


def _sea_level(dataset: Any, crs: CRS, stated: str | None) -> str:
    """Which one its heights are above, by what it says itself and by what is said of it."""
    if stated is not None and sea_level_of(stated) is None:
        raise TerrainRefused(f"{stated!r} is no sea level that is known: say one of {_names()}")
    said = [text for text in _sayings(dataset, crs) if text.strip()]
    known = {text: sea_level_of(text) for text in said}
    wrong = [text for text, level in known.items() if level is None and is_ellipsoid(text)]
    if wrong:
        raise TerrainRefused(
            f"its heights are above an ellipsoid ({wrong[0]}), not above mean sea level: convert it "
            "first, such as with gdalwarp -t_srs EPSG:4326+5773"
        )
    levels = {level for level in known.values() if level is not None}
    if stated is not None:
        levels.add(sea_level_of(stated) or UNNAMED)
    # "Mean sea level" beside the name of one says nothing else.
    named = levels - {UNNAMED} or levels
    if len(named) > 1:
        raise TerrainRefused(
            f"its heights are said to be above {' and above '.join(sorted(named))}: only one can be right"
        )
    if not named:
        also = f" (it says {said[0]!r}, which is not known)" if said else ""
        raise TerrainRefused(
            f"it does not say which sea level its heights are above{also}: set KESTREL_TERRAIN_SEA_LEVEL to one of "
            f"{_names()}, or write the tag {TAGS[0]} into it"
        )
    return next(iter(named))


def _sayings(dataset: Any, crs: CRS) -> Iterable[str]:
    if crs.is_compound:
        for part in crs.sub_crs_list[1:]:
            code = part.to_epsg()
            yield part.name if code is None or sea_level_of(str(code)) is None else str(code)
    elif crs.is_geographic and len(crs.axis_info) == 3:
        yield f"ellipsoid of {crs.name}"
    for tags in (dataset.tags(), dataset.tags(1)):
        upper = {str(key).upper(): str(value) for key, value in tags.items()}
        yield from (upper[tag] for tag in TAGS if tag in upper)


def _names() -> str:
    return ", ".join((*SEA_LEVELS, UNNAMED))


def _window(dataset: Any, crs: CRS, within: Bounds | None) -> tuple[Any, Any]:
    from rasterio.windows import Window
    from rasterio.windows import transform as transform_of

    whole = Window(0, 0, dataset.width, dataset.height)
    if within is None:
        return whole, dataset.transform
    west, south, east, north = within
    lons, lats = np.meshgrid(np.linspace(west, east, 21), np.linspace(south, north, 21))
    if crs.is_geographic:
        left = min(dataset.transform.c, dataset.transform.c + dataset.transform.a * dataset.width)
        # Moved as a whole, by the turn that brings its middle into the file's longitudes.
        middle = (west + east) / 2
        x, y = lons + 360.0 * math.floor((left + 360.0 - middle) / 360.0), lats
    else:
        x, y = to_raster(crs).transform(lons, lats)
    inverse = ~dataset.transform
    columns = inverse.a * x + inverse.b * y + inverse.c
    rows = inverse.d * x + inverse.e * y + inverse.f
    if not (np.isfinite(columns).all() and np.isfinite(rows).all()):
        raise TerrainRefused("the area of the docks lies outside what its coordinate system can say")
    # Two cells more on each side: those that a height at the edge needs.
    first_column, last_column = math.floor(columns.min()) - 2, math.ceil(columns.max()) + 2
    first_row, last_row = math.floor(rows.min()) - 2, math.ceil(rows.max()) + 2
    first_column, first_row = max(0, first_column), max(0, first_row)
    last_column, last_row = min(dataset.width, last_column), min(dataset.height, last_row)
    if first_column >= last_column or first_row >= last_row:
        raise TerrainRefused(
            f"it does not lie where it is needed ({south:.3f} {west:.3f} to {north:.3f} {east:.3f}): "
            "take the right file"
        )
    window = Window(first_column, first_row, last_column - first_column, last_row - first_row)
    return window, transform_of(window, dataset.transform)


def _heights(dataset: Any, window: Any, gaps_are_sea: bool) -> npt.NDArray[np.float32]:
    unit = str(dataset.units[0] or "").strip().lower()
    if unit not in _METRES and unit not in _FEET:
        raise TerrainRefused(f"its heights are in {unit!r}, which is not known: convert them to metres")
    read = dataset.read(1, window=window, masked=True)
    heights: npt.NDArray[np.float32] = np.ma.getdata(read).astype(np.float32)
    heights *= np.float32(dataset.scales[0])
    heights += np.float32(dataset.offsets[0])
    heights *= np.float32(_FEET.get(unit, 1.0))
    unknown = np.ma.getmaskarray(read) | ~np.isfinite(heights)
    heights[unknown] = 0.0
    low, high = float(heights.min()), float(heights.max())
    if low < LOWEST_M or high > HIGHEST_M:
        raise TerrainRefused(
            f"it has a height of {low if low < LOWEST_M else high:g} m, which no ground has: if that stands for "
            "no data, declare it (gdal_edit.py -a_nodata)"
        )
    if unknown.all():
        raise TerrainRefused("no cell of it has a height where it is needed")
    if not gaps_are_sea:
        heights[unknown] = np.nan
    heights.setflags(write=False)
    return heights


def _resolution_m(transform: Any, geographic: bool) -> float:
    size = math.sqrt(abs(transform.determinant))
    return size * 111_195.0 if geographic else size


def _bounds(transform: Any, shape: tuple[int, ...], crs: CRS) -> Bounds:
    rows, columns = shape
    edge = np.linspace(0.0, 1.0, 21)
    u = np.concatenate([edge, edge, np.zeros(21), np.ones(21)]) * columns
    v = np.concatenate([np.zeros(21), np.ones(21), edge, edge]) * rows
    x = transform.a * u + transform.b * v + transform.c
    y = transform.d * u + transform.e * v + transform.f
    if not crs.is_geographic:
        x, y = to_raster(crs).transform(x, y, direction="INVERSE")
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise TerrainRefused("its corners lie outside what its coordinate system can say")
    return float(x.min()), float(y.min()), float(x.max()), float(y.max())
