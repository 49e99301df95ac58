"""The errors of geometry that needs projections and frames.

GeoError (a ValueError)
├── NotAPositionError   a latitude or longitude that is none
├── CoverageError       a coverage frame that cannot be built or read
├── RankingError        a figure that cannot be put in order
├── AirspaceError, PlaceError, RoutingError   of `geo.airspace`, `geo.places` and `geo.routing`
└── TerrainError        of `geo.terrain`

`geo.flight` has a tree of its own (`geo.flight.errors`), so that the edge needs nothing from here.
"""

from __future__ import annotations


class GeoError(ValueError):
    """Base of all errors of this package."""


class NotAPositionError(GeoError):
    """A latitude or longitude that is none."""

    def __init__(self, lat_deg: float, lon_deg: float) -> None:
        super().__init__(f"not a position: latitude {lat_deg}, longitude {lon_deg}")
        self.lat_deg = lat_deg
        self.lon_deg = lon_deg


class CoverageError(GeoError):
    """A coverage frame that cannot be built or read."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class RankingError(GeoError):
    """A figure that cannot be put in order."""

    def __init__(self, field: str, value: float) -> None:
        super().__init__(f"{field} is {value}: it cannot be ranked")
        self.field = field
        self.value = value
