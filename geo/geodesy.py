"""WGS84 by pyproj: geodesics for measuring, and a local metric frame for drawing.

The exact counterpart of `geo.flight.position`, for points or arrays, and the reference that it is tested against.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
from pyproj import CRS, Geod, Transformer

from geo.errors import NotAPositionError

WGS84 = "EPSG:4326"
Array = npt.NDArray[np.float64]


@cache
def _geod() -> Geod:
    return Geod(ellps="WGS84")


def distance_m(from_lat_deg: float, from_lon_deg: float, to_lat_deg: float, to_lon_deg: float) -> float:
    """Length of the geodesic in metres (Karney 2013, by PROJ)."""
    _check(from_lat_deg, from_lon_deg)
    _check(to_lat_deg, to_lon_deg)
    return float(_geod().inv(from_lon_deg, from_lat_deg, to_lon_deg, to_lat_deg)[2])


def bearing_deg(from_lat_deg: float, from_lon_deg: float, to_lat_deg: float, to_lon_deg: float) -> float:
    """True bearing at the first point, 0 to below 360."""
    _check(from_lat_deg, from_lon_deg)
    _check(to_lat_deg, to_lon_deg)
    bearing = float(_geod().inv(from_lon_deg, from_lat_deg, to_lon_deg, to_lat_deg)[0]) % 360.0
    return 0.0 if bearing == 360.0 else bearing


def destination(lat_deg: float, lon_deg: float, *, bearing_deg: float, distance_m: float) -> tuple[float, float]:
    """Latitude and longitude of the point at a distance along a true bearing."""
    _check(lat_deg, lon_deg)
    lon, lat, _ = _geod().fwd(lon_deg, lat_deg, bearing_deg, distance_m)
    return float(lat), float(lon)


def distances_and_bearings(
    from_lat_deg: npt.ArrayLike, from_lon_deg: npt.ArrayLike, to_lat_deg: float, to_lon_deg: float
) -> tuple[Array, Array]:
    """Metres and true bearings (0 to below 360) from each of *n* points to one; two arrays of shape (n,)."""
    lats = np.asarray(from_lat_deg, dtype=np.float64)
    lons = np.asarray(from_lon_deg, dtype=np.float64)
    if lats.size == 0:
        return np.zeros(0), np.zeros(0)
    bad = ~((np.abs(lats) <= 90) & (np.abs(lons) <= 180))
    if bad.any():
        first = int(np.argmax(bad))
        raise NotAPositionError(float(lats[first]), float(lons[first]))
    _check(to_lat_deg, to_lon_deg)
    forward, _, metres = _geod().inv(lons, lats, np.full_like(lons, to_lon_deg), np.full_like(lats, to_lat_deg))
    bearings = np.mod(forward, 360.0)
    bearings[bearings == 360.0] = 0.0
    return np.asarray(metres, dtype=np.float64), np.asarray(bearings, dtype=np.float64)


@dataclass(frozen=True)
class LocalFrame:
    """Azimuthal equidistant metres around a point: true in distance and bearing from it. Raises `NotAPositionError`."""

    lat_deg: float
    lon_deg: float
    _transformers: tuple[Any, Any] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        _check(self.lat_deg, self.lon_deg)
        local = CRS.from_dict(
            {"proj": "aeqd", "lat_0": self.lat_deg, "lon_0": self.lon_deg, "ellps": "WGS84", "units": "m"}
        )
        world = CRS.from_string(WGS84)
        pair = (
            Transformer.from_crs(world, local, always_xy=True),
            Transformer.from_crs(local, world, always_xy=True),
        )
        object.__setattr__(self, "_transformers", pair)

    def to_local(self, lat_deg: npt.ArrayLike, lon_deg: npt.ArrayLike) -> tuple[Array, Array]:
        """East and north in metres, in the shape of the arguments."""
        east, north = self._transformers[0].transform(np.asarray(lon_deg, float), np.asarray(lat_deg, float))
        return np.asarray(east, dtype=np.float64), np.asarray(north, dtype=np.float64)

    def to_world(self, east_m: npt.ArrayLike, north_m: npt.ArrayLike) -> tuple[Array, Array]:
        """Latitude and longitude in degrees, in the shape of the arguments."""
        lon, lat = self._transformers[1].transform(np.asarray(east_m, float), np.asarray(north_m, float))
        return np.asarray(lat, dtype=np.float64), np.asarray(lon, dtype=np.float64)


def ring(lat_deg: float, lon_deg: float, *, bearings_deg: npt.ArrayLike, radii_m: npt.ArrayLike) -> tuple[Array, Array]:
    """Latitudes and longitudes of the points at given bearings and distances; two arrays of shape (n,)."""
    _check(lat_deg, lon_deg)
    bearings = np.asarray(bearings_deg, dtype=np.float64)
    radii = np.broadcast_to(np.asarray(radii_m, dtype=np.float64), bearings.shape)
    lons, lats, _ = _geod().fwd(np.full_like(bearings, lon_deg), np.full_like(bearings, lat_deg), bearings, radii)
    return np.asarray(lats, dtype=np.float64), np.asarray(lons, dtype=np.float64)


def _check(lat_deg: float, lon_deg: float) -> None:
    if not (-90.0 <= lat_deg <= 90.0 and -180.0 <= lon_deg <= 180.0):
        raise NotAPositionError(lat_deg, lon_deg)
