"""What a flight must keep out of: an area on the ground between two heights.

Routing has a value of its own, so that it does not matter where a zone came from: whoever reads airspace files brings
datums and units to metres above home first, and keeps the rest (dates, authorities, reasons) to itself.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from geo.flight.position import LatLon
from geo.routing.errors import InvalidObstacleError


@dataclass(frozen=True, slots=True, kw_only=True)
class Obstacle:
    """One polygon; a zone of several is several obstacles of one name. Raises `InvalidObstacleError`."""

    name: str
    rings: tuple[tuple[LatLon, ...], ...]
    """The outer ring, then its holes, WGS84 (latitude, longitude), in either winding, closed or not. A ring goes the
    short way over the antimeridian. Where it crosses itself, what its lines enclose is kept out of.
    """
    lower_m: float = -math.inf
    """Above the landing plate of home, as all heights of a route."""
    upper_m: float = math.inf

    def __post_init__(self) -> None:
        if not self.rings:
            raise InvalidObstacleError(self.name, "has no ring")
        for ring in self.rings:
            if len(set(ring)) < 3:
                raise InvalidObstacleError(self.name, f"a ring needs 3 different points, not {len(set(ring))}")
            for lat_deg, lon_deg in ring:
                if not (-90.0 <= lat_deg <= 90.0 and -180.0 <= lon_deg <= 180.0):
                    raise InvalidObstacleError(self.name, f"latitude {lat_deg}, longitude {lon_deg} is no position")
        if not self.lower_m <= self.upper_m:
            raise InvalidObstacleError(self.name, f"its floor of {self.lower_m} m is above its top, {self.upper_m} m")
