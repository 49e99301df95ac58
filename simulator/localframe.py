"""A flat north-east-down frame around one dock, so that flying is arithmetic in metres."""

from __future__ import annotations

import math

_WGS84_A_M = 6_378_137.0
_WGS84_E2 = 6.694_379_990_14e-3


class LocalFrame:
    """Metres north, east and down of an origin (WGS84 degrees, altitude AMSL).

    Uses the ellipsoid's radii of curvature at the origin (WGS84; Hofmann-Wellenhof, Physical Geodesy). Within 10 km the
    error against a geodesic is below 0.2 % of the distance; what is sent to the ground is exactly what is flown.
    """

    __slots__ = ("_east_m_deg", "_north_m_deg", "alt_amsl_m", "geoid_m", "lat_deg", "lon_deg")

    def __init__(self, *, lat_deg: float, lon_deg: float, alt_amsl_m: float, geoid_m: float = 0.0) -> None:
        self.lat_deg = lat_deg
        self.lon_deg = lon_deg
        self.alt_amsl_m = alt_amsl_m
        self.geoid_m = geoid_m
        sine = math.sin(math.radians(lat_deg))
        w = math.sqrt(1 - _WGS84_E2 * sine * sine)
        self._north_m_deg = math.radians(_WGS84_A_M * (1 - _WGS84_E2) / w**3)
        self._east_m_deg = math.radians(_WGS84_A_M / w * math.cos(math.radians(lat_deg)))

    def to_local(self, lat_deg: float, lon_deg: float) -> tuple[float, float]:
        """Metres north and east of the origin."""
        return (lat_deg - self.lat_deg) * self._north_m_deg, (lon_deg - self.lon_deg) * self._east_m_deg

    def to_global(self, north_m: float, east_m: float) -> tuple[float, float]:
        """Latitude and longitude in degrees."""
        return self.lat_deg + north_m / self._north_m_deg, self.lon_deg + east_m / self._east_m_deg
