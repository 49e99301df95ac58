"""Circles, arcs and geodesics as lines of longitude and latitude that stay within 1 m of them.

All by Karney's geodesics on WGS84 (PROJ). A zone's edges are straight in longitude and latitude, so even the chord of
an arc, and all the more a long geodesic, is cut until such a line is near enough.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import numpy.typing as npt
from pyproj import Geod

from geo.airspace.errors import FeatureSkipped

Array = npt.NDArray[np.float64]
CHORD_WITHIN_M = 0.4
"""Between the arc and the geodesic chord."""
LINE_WITHIN_M = 0.4
"""Between a geodesic and a line of longitude and latitude; with the chord's together under 1 m."""
LARGEST_RADIUS_M = 1_000_000.0
MOST_POINTS = 200_000
_LEAST_PARTS_OF_A_CIRCLE = 32


@cache
def _geod() -> Geod:
    return Geod(ellps="WGS84")


def circle(lat_deg: float, lon_deg: float, *, radius_m: float) -> Array:
    """A closed ring of longitudes and latitudes, shape (n, 2), counter-clockwise. Raises `FeatureSkipped`."""
    ring = arc(lat_deg, lon_deg, radius_m=radius_m, start_deg=0.0, sweep_deg=-360.0)
    ring[-1] = ring[0]
    return ring


def arc(lat_deg: float, lon_deg: float, *, radius_m: float, start_deg: float, sweep_deg: float) -> Array:
    """Longitudes and latitudes from a true bearing of the centre, clockwise for a positive sweep; shape (n, 2).

    Raises `FeatureSkipped` for a radius that is none or a centre that is no position.
    """
    if not (0 < radius_m <= LARGEST_RADIUS_M):
        raise FeatureSkipped(
            f"its radius is {radius_m:g} m: above 0 and at most {LARGEST_RADIUS_M / 1000:g} km is read"
        )
    if not (abs(lat_deg) <= 90 and abs(lon_deg) <= 360 and math.isfinite(start_deg) and math.isfinite(sweep_deg)):
        raise FeatureSkipped(f"its centre is no position: latitude {lat_deg:g}, longitude {lon_deg:g}")
    sweep_deg = math.copysign(min(abs(sweep_deg), 360.0), sweep_deg)
    widest_rad = 2 * math.acos(1 - min(1.0, CHORD_WITHIN_M / radius_m))
    widest_rad = min(widest_rad, 2 * math.pi / _LEAST_PARTS_OF_A_CIRCLE)
    parts = max(1, math.ceil(math.radians(abs(sweep_deg)) / widest_rad))
    bearings = start_deg + sweep_deg * np.arange(parts + 1) / parts
    lons, lats, _ = _geod().fwd(
        np.full_like(bearings, lon_deg), np.full_like(bearings, lat_deg), bearings, np.full_like(bearings, radius_m)
    )
    return geodesic(np.column_stack([lons, lats]))


def geodesic(points: Array) -> Array:
    """The geodesics through points (longitude, latitude), with points between so that straight lines are near enough.

    Stops adding where `MOST_POINTS` would be passed, and raises `FeatureSkipped`.
    """
    for _ in range(10):
        if len(points) < 2:
            return points
        lons, lats = points[:, 0], points[:, 1]
        azimuths, _, metres = _geod().inv(lons[:-1], lats[:-1], lons[1:], lats[1:])
        middle_lon, middle_lat, _ = _geod().fwd(lons[:-1], lats[:-1], azimuths, metres / 2)
        across = np.mod(lons[1:] - lons[:-1] + 180.0, 360.0) - 180.0
        off_m = _geod().inv(middle_lon, middle_lat, lons[:-1] + across / 2, (lats[:-1] + lats[1:]) / 2)[2]
        # The distance between the two falls with the square of an edge's length.
        parts = np.where(off_m > LINE_WITHIN_M, np.ceil(np.sqrt(off_m / (0.75 * LINE_WITHIN_M))), 1.0)
        parts = np.minimum(parts, 64).astype(np.int64)
        if (parts == 1).all():
            return points
        total = int(parts.sum()) + 1
        if total > MOST_POINTS:
            raise FeatureSkipped(f"its edges are so long that {total} points would be needed to follow them within 1 m")
        edges = np.repeat(np.arange(len(parts)), parts)
        step = np.arange(total - 1) - np.repeat(np.cumsum(parts) - parts, parts)
        inner = step > 0
        edge = edges[inner]
        between_lon, between_lat, _ = _geod().fwd(
            lons[edge], lats[edge], azimuths[edge], metres[edge] * step[inner] / parts[edge]
        )
        grown = np.empty((total, 2))
        grown[:-1] = points[edges]
        grown[:-1][inner] = np.column_stack([between_lon, between_lat])
        grown[-1] = points[-1]
        points = grown
    return points


def distance_m(first: Array, second: Array) -> float:
    """Metres between two points (longitude, latitude)."""
    return float(_geod().inv(first[0], first[1], second[0], second[1])[2])
