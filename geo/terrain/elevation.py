"""Heights of the ground above mean sea level, anywhere in a model, and as routing wants them: above home.

Between the centres of the model's cells a height is bilinear. Where a cell that it needs is unknown it is unknown: what
is not known is never flown over, and nobody takes it for flat.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt
from pyproj import Transformer

from geo.geodesy import WGS84, Array, distances_and_bearings
from geo.terrain.errors import InvalidPathError

Terrain = Callable[[Array, Array], Array]
"""As `geo.routing.terrain.Terrain` has it: latitudes and longitudes to heights above home, metres."""
UNKNOWN_M = 20_000.0
"""As high as unknown ground counts for a flight; twice what any ground is."""
MOST_SAMPLES = 2_000
"""Of a profile along a path."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Elevation:
    """A raster of heights; made by `geo.terrain.reading.read_terrain`. Equal digests, equal heights everywhere."""

    heights_m: npt.NDArray[np.float32]
    """Above mean sea level, shape (rows, columns), NaN where unknown; row 0 is the first of the file."""
    crs: str
    """Of the raster's coordinates, as WKT."""
    to_cell: tuple[float, float, float, float, float, float]
    """Of (x, y) to (column, row) = (a·x + b·y + c, d·x + e·y + f), counted from the first cell's corner."""
    sea_level: str
    """Which one the heights are above: a name of `geo.terrain.datum`."""
    resolution_m: float
    """About how far cells are apart."""
    west_south_east_north_deg: tuple[float, float, float, float]
    _transformer: Transformer | None = field(default=None, repr=False)
    """None: the raster's coordinates are longitude and latitude."""

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the heights that are in memory, where they lie, and what they are above."""
        about = {"crs": self.crs, "to_cell": self.to_cell, "sea_level": self.sea_level, "shape": self.heights_m.shape}
        hashed = hashlib.sha256(json.dumps(about, sort_keys=True).encode())
        hashed.update(np.ascontiguousarray(self.heights_m, dtype="<f4").data)
        return hashed.hexdigest()

    @cached_property
    def known_share(self) -> float:
        """The share of cells that have a height, 0 to 1."""
        return float(np.isfinite(self.heights_m).mean())

    @cached_property
    def highest_m(self) -> float:
        """The highest ground of the model, above mean sea level."""
        return float(np.nanmax(self.heights_m))

    def amsl_m(self, lat_deg: npt.ArrayLike, lon_deg: npt.ArrayLike) -> Array:
        """Heights above mean sea level, in the shape of the places; NaN where the ground is not known."""
        lats, lons = np.broadcast_arrays(np.asarray(lat_deg, dtype=np.float64), np.asarray(lon_deg, dtype=np.float64))
        column, row = self._cells(lats, lons)
        rows, columns = self.heights_m.shape
        with np.errstate(invalid="ignore"):
            inside = (column >= 0) & (column <= columns) & (row >= 0) & (row <= rows)
        # A height holds at the centre of its cell; within half a cell of the edge it holds as it is there.
        x = np.clip(np.where(inside, column - 0.5, 0.0), 0, columns - 1)
        y = np.clip(np.where(inside, row - 0.5, 0.0), 0, rows - 1)
        left, top = np.floor(x).astype(np.intp), np.floor(y).astype(np.intp)
        right, bottom = np.minimum(left + 1, columns - 1), np.minimum(top + 1, rows - 1)
        along, down = x - left, y - top
        cells = self.heights_m
        height = np.zeros(lats.shape)
        for cell, weight in (
            (cells[top, left], (1 - along) * (1 - down)),
            (cells[top, right], along * (1 - down)),
            (cells[bottom, left], (1 - along) * down),
            (cells[bottom, right], along * down),
        ):
            # A cell that has no part in a height need not be known.
            height += np.where(weight > 0, cell.astype(np.float64), 0.0) * weight
        return np.where(inside, height, np.nan)

    def first_unknown(self, lat_deg: npt.ArrayLike, lon_deg: npt.ArrayLike) -> tuple[float, float] | None:
        """The first of the places, shape (n,), where the ground is not known; None: it is known at all of them."""
        heights = self.amsl_m(lat_deg, lon_deg)
        unknown = ~np.isfinite(heights)
        if not unknown.any():
            return None
        place = int(np.argmax(unknown))
        return float(np.asarray(lat_deg)[place]), float(np.asarray(lon_deg)[place])

    def cleared_amsl_m(self, lat_deg: Array, lon_deg: Array) -> Array:
        """Heights above mean sea level that a flight has to clear: unknown ground is higher than any drone flies.

        So a way over it is never found, though routing looks at the ground far around, where a model may end.
        """
        heights = self.amsl_m(lat_deg, lon_deg)
        return np.where(np.isfinite(heights), heights, UNKNOWN_M)

    def above_home(self, home_alt_amsl_m: float) -> Terrain:
        """The ground as routing wants it; unknown ground as in `cleared_amsl_m`."""
        return lambda lat_deg, lon_deg: self.cleared_amsl_m(lat_deg, lon_deg) - home_alt_amsl_m

    def _cells(self, lats: Array, lons: Array) -> tuple[Array, Array]:
        if self._transformer is None:
            # Longitudes may be counted from 0 to 360 here, and from -180 to 180 there.
            west = self.west_south_east_north_deg[0]
            x, y = west + (lons - west) % 360.0, lats
        else:
            x, y = self._transformer.transform(lons, lats)
        a, b, c, d, e, f = self.to_cell
        return a * x + b * y + c, d * x + e * y + f


def to_raster(crs: object) -> Transformer:
    """From WGS84 longitude and latitude into the coordinates of a raster."""
    return Transformer.from_crs(WGS84, crs, always_xy=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """The ground along a path, at equal steps between its corners; each array of shape (n,)."""

    distance_m: Array
    """From the start, over ground."""
    lat_deg: Array
    lon_deg: Array
    ground_amsl_m: Array
    """NaN where it is not known."""


def along(corners: Sequence[tuple[float, float]], *, step_m: float) -> tuple[Array, Array, Array]:
    """Points along a path of (latitude, longitude): distances from the start, latitudes, longitudes, each shape (n,).

    The corners are among them; between two they are at most a step apart, in a straight line of degrees as routes are.
    Raises `InvalidPathError` for fewer than two corners, and for more than `MOST_SAMPLES` points.
    """
    if len(corners) < 2:
        raise InvalidPathError("a path needs two corners at least")
    if not (math.isfinite(step_m) and step_m > 0):
        raise InvalidPathError(f"a step of {step_m} m is none")
    lats, lons = np.array(corners, dtype=np.float64).T
    lons = np.unwrap(lons, period=360.0)
    legs = np.array(
        [
            distances_and_bearings(
                lats[i : i + 1], (lons[i : i + 1] + 180) % 360 - 180, lats[i + 1], _wrapped(lons[i + 1])
            )[0][0]
            for i in range(len(lats) - 1)
        ]
    )
    parts = np.maximum(1, np.ceil(legs / step_m))
    if parts.sum() + 1 > MOST_SAMPLES:
        raise InvalidPathError(f"the path has more than {MOST_SAMPLES} steps of {step_m:g} m: take a longer step")
    at = np.concatenate([[0.0], *(np.arange(1, n + 1) / n + i for i, n in enumerate(parts.astype(int)))])
    corner = np.arange(len(lats))
    return (
        np.interp(at, corner, np.concatenate([[0.0], np.cumsum(legs)])),
        np.interp(at, corner, lats),
        (np.interp(at, corner, lons) + 180.0) % 360.0 - 180.0,
    )


def _wrapped(lon_deg: float) -> float:
    return (lon_deg + 180.0) % 360.0 - 180.0


def profile(elevation: Elevation, corners: Sequence[tuple[float, float]], *, step_m: float) -> Profile:
    """The ground along a path of (latitude, longitude). Raises as `along`."""
    distance_m, lats, lons = along(corners, step_m=step_m)
    return Profile(distance_m=distance_m, lat_deg=lats, lon_deg=lons, ground_amsl_m=elevation.amsl_m(lats, lons))
