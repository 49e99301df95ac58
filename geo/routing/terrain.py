"""The ground under a route, and the heights above it that a flight may use.

Terrain is a function that is passed in, so that routing never reads a file; without one the ground is as high as home
everywhere.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from geo.geodesy import Array
from geo.routing.errors import InvalidRequestError

Terrain = Callable[[Array, Array], Array]
"""Latitudes and longitudes of shape (n,) to heights of the ground above home, metres, shape (n,)."""


def flat(lat_deg: Array, lon_deg: Array) -> Array:
    """Ground as high as home, everywhere."""
    return np.zeros(np.broadcast(lat_deg, lon_deg).shape)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heights:
    """The heights that a route may use. Raises `InvalidRequestError`."""

    levels_m: tuple[float, ...]
    """Above home. All may be flown; the fastest is. Over hills and in valleys each gives way as far as it must."""
    watch_m: float
    """Above home, over the target; gives way to the ground there like a level."""
    clearance_m: float = 20.0
    """Least height above the ground under the route."""
    ceiling_m: float = 120.0
    """Greatest height above the ground under the route: Regulation (EU) 2019/947, UAS.OPEN.010."""
    vertical_margin_m: float = 5.0
    """Kept below a zone's floor and above its top."""

    def __post_init__(self) -> None:
        if not self.levels_m:
            raise InvalidRequestError("levels_m", "at least one height is needed")
        if not all(0 < level_m < np.inf for level_m in (*self.levels_m, self.watch_m)):
            raise InvalidRequestError("levels_m", "heights must be above 0 m")
        if not 0 <= self.clearance_m <= self.ceiling_m:
            raise InvalidRequestError("clearance_m", f"must lie between 0 m and the ceiling, {self.ceiling_m} m")
        if not 0 <= self.vertical_margin_m < np.inf:
            raise InvalidRequestError("vertical_margin_m", "must be at least 0 m")

    def over(self, ground_m: Array, wanted_m: float) -> Array:
        """The height nearest to the wanted one that is clear of the ground and under the ceiling, shape as given."""
        return np.minimum(np.maximum(wanted_m, ground_m + self.clearance_m), ground_m + self.ceiling_m)

    def over_flat(self, wanted_m: float) -> float:
        """The same over ground as high as home."""
        return min(max(wanted_m, self.clearance_m), self.ceiling_m)
