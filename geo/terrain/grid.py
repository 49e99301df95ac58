"""The ground around a place as a small grid of heights: for who draws with it and cannot read a model."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from geo.geodesy import Array, LocalFrame
from geo.terrain.elevation import Elevation
from geo.terrain.errors import InvalidGridError

MOST_NODES = 129
"""Along one side."""
NEAREST_POLE_DEG = 89.0
"""The latitude beyond which a box in latitude and longitude is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """Heights at places that lie evenly in latitude and longitude, the edges of the box among them."""

    south_deg: float
    west_deg: float
    lat_step_deg: float
    lon_step_deg: float
    heights_amsl_m: Array
    """Shape (rows, columns): from the south to the north, from the west to the east; NaN where it is not known."""


def grid_around(elevation: Elevation, *, lat_deg: float, lon_deg: float, reach_m: float, nodes: int) -> Grid:
    """``nodes`` by ``nodes`` heights, about ``reach_m`` to each side of a place. Raises `InvalidGridError`.

    Longitudes go on beyond ±180° where the box lies across it.
    """
    if not 2 <= nodes <= MOST_NODES:
        raise InvalidGridError(f"a grid has 2 to {MOST_NODES} heights along a side, not {nodes}")
    if not 0 < reach_m <= 100_000.0 or abs(lat_deg) > NEAREST_POLE_DEG:
        raise InvalidGridError(f"no grid reaches {reach_m:g} m around latitude {lat_deg:g}")
    lats, lons = LocalFrame(lat_deg, lon_deg).to_world([0.0, reach_m], [reach_m, 0.0])
    tall_deg, wide_deg = float(lats[0]) - lat_deg, (float(lons[1]) - lon_deg) % 360.0
    rows = lat_deg + np.linspace(-tall_deg, tall_deg, nodes)
    columns = lon_deg + np.linspace(-wide_deg, wide_deg, nodes)
    wrapped = (columns + 180.0) % 360.0 - 180.0
    return Grid(
        south_deg=float(rows[0]),
        west_deg=float(columns[0]),
        lat_step_deg=2 * tall_deg / (nodes - 1),
        lon_step_deg=2 * wide_deg / (nodes - 1),
        heights_amsl_m=elevation.amsl_m(rows[:, None], wrapped[None, :]),
    )


def height_amsl_m(elevation: Elevation, lat_deg: float, lon_deg: float) -> float | None:
    """Of the ground at one place; None where it is not known."""
    height_m = float(elevation.amsl_m(lat_deg, lon_deg))
    return height_m if math.isfinite(height_m) else None
