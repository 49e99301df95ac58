"""Distances, bearings and local metres on the WGS84 ellipsoid with the standard library alone.

The agent's guards measure on a small machine many times a second, so there is no projection library here: points go
through earth-centred coordinates into a plane tangent at an origin. Within 30 km of it the plane is true to a few
parts per million; the poles and the antimeridian are points like any other.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import lru_cache

from geo.flight.errors import InvalidPositionError

SEMI_MAJOR_M = 6_378_137.0
FLATTENING = 1 / 298.257223563
"""WGS84: NIMA TR8350.2, third edition."""
_E2 = FLATTENING * (2 - FLATTENING)

LatLon = tuple[float, float]
"""Latitude and longitude in degrees, WGS84."""


def check_position(lat_deg: float, lon_deg: float) -> None:
    """Raise `InvalidPositionError` unless the latitude is within ±90 and the longitude within ±180."""
    if not (-90.0 <= lat_deg <= 90.0 and -180.0 <= lon_deg <= 180.0):
        raise InvalidPositionError(lat_deg, lon_deg)


@lru_cache(maxsize=4_096)
def _earth_centred(lat_deg: float, lon_deg: float) -> tuple[float, float, float]:
    """Docks and scenes are asked for again and again."""
    lat, lon = math.radians(lat_deg), math.radians(lon_deg)
    sin_lat, cos_lat = math.sin(lat), math.cos(lat)
    normal_m = SEMI_MAJOR_M / math.sqrt(1 - _E2 * sin_lat * sin_lat)
    return (
        normal_m * cos_lat * math.cos(lon),
        normal_m * cos_lat * math.sin(lon),
        normal_m * (1 - _E2) * sin_lat,
    )


@dataclass(frozen=True)
class LocalPlane:
    """Metres east and north of an origin, for flights of up to about 30 km; raises `InvalidPositionError`."""

    lat_deg: float
    lon_deg: float
    _axes: tuple[float, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        check_position(self.lat_deg, self.lon_deg)
        lat, lon = math.radians(self.lat_deg), math.radians(self.lon_deg)
        sin_lat, cos_lat, sin_lon, cos_lon = math.sin(lat), math.cos(lat), math.sin(lon), math.cos(lon)
        origin = _earth_centred(self.lat_deg, self.lon_deg)
        object.__setattr__(self, "_axes", (*origin, sin_lat, cos_lat, sin_lon, cos_lon))

    def to_local(self, lat_deg: float, lon_deg: float) -> tuple[float, float]:
        """East and north in metres of a point on the ellipsoid."""
        x0, y0, z0, sin_lat, cos_lat, sin_lon, cos_lon = self._axes
        x, y, z = _earth_centred(lat_deg, lon_deg)
        dx, dy, dz = x - x0, y - y0, z - z0
        outward = cos_lon * dx + sin_lon * dy
        return -sin_lon * dx + cos_lon * dy, -sin_lat * outward + cos_lat * dz

    def to_position(self, east_m: float, north_m: float) -> LatLon:
        """The point on the ellipsoid that lies over these local metres, to well under a millimetre."""
        x0, y0, z0, sin_lat, cos_lat, sin_lon, cos_lon = self._axes
        up_m = -(east_m * east_m + north_m * north_m) / (2 * SEMI_MAJOR_M)
        lat = lon = 0.0
        for _ in range(3):
            outward = cos_lat * up_m - sin_lat * north_m
            x = x0 - sin_lon * east_m + cos_lon * outward
            y = y0 + cos_lon * east_m + sin_lon * outward
            z = z0 + cos_lat * north_m + sin_lat * up_m
            lat, lon, height_m = _geodetic(x, y, z)
            up_m -= height_m
        return math.degrees(lat), math.degrees(lon)


def _geodetic(x: float, y: float, z: float) -> tuple[float, float, float]:
    """Latitude and longitude in radians and height in metres (Bowring 1976, one step: exact near the surface)."""
    minor = SEMI_MAJOR_M * (1 - FLATTENING)
    p = math.hypot(x, y)
    beta = math.atan2(z * SEMI_MAJOR_M, p * minor)
    second = _E2 / (1 - _E2)
    lat = math.atan2(
        z + second * minor * math.sin(beta) ** 3,
        p - _E2 * SEMI_MAJOR_M * math.cos(beta) ** 3,
    )
    sin_lat = math.sin(lat)
    root = math.sqrt(1 - _E2 * sin_lat * sin_lat)
    # Holds at the poles as well, where p / cos(lat) would not.
    height_m = p * math.cos(lat) + z * sin_lat - SEMI_MAJOR_M * root
    return lat, math.atan2(y, x), height_m


def distance_m(from_lat_deg: float, from_lon_deg: float, to_lat_deg: float, to_lon_deg: float) -> float:
    """Distance over the ellipsoid: within 1e-5 of the geodesic up to 30 km, within 0.5 % anywhere."""
    check_position(from_lat_deg, from_lon_deg)
    check_position(to_lat_deg, to_lon_deg)
    chord_m = math.dist(_earth_centred(from_lat_deg, from_lon_deg), _earth_centred(to_lat_deg, to_lon_deg))
    return 2 * SEMI_MAJOR_M * math.asin(min(1.0, chord_m / (2 * SEMI_MAJOR_M)))


def bearing_deg(from_lat_deg: float, from_lon_deg: float, to_lat_deg: float, to_lon_deg: float) -> float:
    """True bearing at the first point towards the second, 0 to below 360; 0 where they coincide."""
    check_position(to_lat_deg, to_lon_deg)
    east_m, north_m = LocalPlane(from_lat_deg, from_lon_deg).to_local(to_lat_deg, to_lon_deg)
    bearing = math.degrees(math.atan2(east_m, north_m)) % 360.0
    return 0.0 if bearing == 360.0 else bearing


def offset(lat_deg: float, lon_deg: float, *, bearing_deg: float, distance_m: float) -> LatLon:
    """The point at a distance along a true bearing, for distances of up to about 30 km."""
    angle = math.radians(bearing_deg)
    flat_m = SEMI_MAJOR_M * math.sin(distance_m / SEMI_MAJOR_M)
    return LocalPlane(lat_deg, lon_deg).to_position(flat_m * math.sin(angle), flat_m * math.cos(angle))
