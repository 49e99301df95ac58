"""From zones with their datums to what a route keeps out of, around one place and for docks of any height.

The areas are prepared once, whatever landing plate a flight starts from; floors and tops are brought to metres above a
plate when a dock asks. Where a height is not known exactly the zone is the larger one: a flight level in the lowest
pressure, an ellipsoid's height over the deepest geoid, a height above ground over the highest ground in the zone.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

import numpy as np
import shapely
from shapely.geometry import Polygon, box
from shapely.geometry.base import BaseGeometry

from geo.airspace.zone import Datum, Limit, Restriction, Volume, Zone
from geo.flight.position import LatLon
from geo.geodesy import Array, LocalFrame
from geo.routing.errors import InvalidRequestError
from geo.routing.obstacle import Obstacle
from geo.routing.prepared import Prepared
from geo.routing.terrain import Terrain

FURTHEST_M = 65_000.0
"""Half the side of the largest square that is prepared in one piece."""
ALWAYS_FORBIDDEN = frozenset({Restriction.PROHIBITED})
GEOID_M = (-107.0, 86.0)
"""Lowest and highest geoid above the ellipsoid anywhere: EGM96 (Lemoine et al., NASA/TP-1998-206861)."""
PRESSURE_M = (-530.0, 310.0)
"""What a pressure altitude is off by at 950 and 1050 hPa, at 27 ft/hPa (ICAO Doc 8168, III-1-3)."""
COLD, WARM = 0.85, 1.12
"""True height over pressure height in very cold and very warm air: 4 % for every 10 °C (ICAO Doc 8168, III-1-4)."""
_EDGE_DEG = 0.02
"""Edges are straight in longitude and latitude; pieces of this length are straight in metres too, to centimetres."""
_DEGREE_M = 110_500.0
"""No degree of latitude is shorter."""
_LEAST_AREA_M2 = 1.0


def forbidding(
    zones: Sequence[Zone], *, restrictions: frozenset[Restriction], since: datetime, until: datetime
) -> tuple[int, ...]:
    """Indices of the zones that keep a flight out at any instant from one to the other. `ALWAYS_FORBIDDEN` does always.

    Raises `ZoneError` for an instant without an offset.
    """
    kept = restrictions | ALWAYS_FORBIDDEN
    return tuple(
        index
        for index, zone in enumerate(zones)
        if zone.restriction in kept and (zone.permanent or zone.applies_during(since, until))
    )


def called(zone: Zone) -> str:
    """A zone in words that a person finds on a map."""
    return zone.id if zone.name is None or zone.name == zone.id else f"{zone.name} ({zone.id})"


class KeepOuts:
    """Zones around a place, ready for routes from any landing plate there. Raises `InvalidRequestError`."""

    def __init__(
        self,
        zones: Sequence[Zone],
        *,
        around: LatLon,
        reach_m: float,
        margin_m: float,
        terrain_amsl: Terrain | None = None,
        ground_within_m: float = 0.0,
    ) -> None:
        """Zones that do not come within a square of ``reach_m`` to each side are left out, others cut to it.

        ``terrain_amsl``: the ground, AMSL; None: flat, as high as each plate, give or take ``ground_within_m``.
        """
        if not 0 < reach_m <= FURTHEST_M:
            raise InvalidRequestError("reach_m", f"must be above 0 m and at most {FURTHEST_M:.0f} m, not {reach_m}")
        self.around, self.reach_m = around, reach_m
        pieces = list(_pieces(zones, around=around, reach_m=reach_m))
        self.prepared = Prepared(
            [Obstacle(name=piece.name, rings=piece.rings) for piece in pieces],
            around=around,
            margin_m=margin_m,
            terrain=terrain_amsl,
        )
        ground = self.prepared.lowest_ground_m, self.prepared.highest_ground_m
        known = terrain_amsl is not None
        floors = [
            _floor(piece.volume.lower, ground_m=float(ground[0][i]) if known else -ground_within_m)
            for i, piece in enumerate(pieces)
        ]
        tops = [
            _top(piece.volume.upper, ground_m=float(ground[1][i]) if known else ground_within_m)
            for i, piece in enumerate(pieces)
        ]
        self._floors, self._tops = np.array(floors, dtype=np.float64), np.array(tops, dtype=np.float64)
        self._floors_amsl = np.array([known or not _is_agl(piece.volume.lower) for piece in pieces], dtype=np.bool_)
        self._tops_amsl = np.array([known or not _is_agl(piece.volume.upper) for piece in pieces], dtype=np.bool_)
        self.seen_from = lru_cache(maxsize=4096)(self._seen_from)

    @property
    def names(self) -> tuple[str, ...]:
        """What its obstacles are called, in their order."""
        return tuple(obstacle.name for obstacle in self.prepared.obstacles)

    def _seen_from(self, plate_amsl_m: float) -> Prepared:
        """What flights from a landing plate at this height keep out of; heights above that plate."""
        floors_m = self._floors - np.where(self._floors_amsl, plate_amsl_m, 0.0)
        tops_m = self._tops - np.where(self._tops_amsl, plate_amsl_m, 0.0)
        # A floor above ground and a top above the sea may cross on a hill: then all between them is kept out of.
        return self.prepared.seen_from(
            plate_amsl_m, lower_m=np.minimum(floors_m, tops_m), upper_m=np.maximum(floors_m, tops_m)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Piece:
    name: str
    volume: Volume
    rings: tuple[tuple[LatLon, ...], ...]


def _pieces(zones: Sequence[Zone], *, around: LatLon, reach_m: float) -> Iterator[_Piece]:
    """The parts of zones inside the square, as rings of positions."""
    frame = LocalFrame(*around)
    window = _window(around, reach_m)
    square = box(-reach_m, -reach_m, reach_m, reach_m)

    def to_metres(lon_lat: Array) -> Array:
        return np.column_stack(frame.to_local(lon_lat[:, 1], lon_lat[:, 0]))

    volumes = [(zone, volume) for zone in zones for volume in zone.volumes]
    if not volumes:
        return
    areas = np.array([volume.area for _, volume in volumes], dtype=object)
    for index in np.flatnonzero(shapely.intersects(areas, window)).tolist():
        zone, volume = volumes[index]
        inside = volume.area if window.contains(volume.area) else shapely.intersection(volume.area, window)
        local = shapely.transform(shapely.segmentize(inside, _EDGE_DEG), to_metres)
        if not local.is_valid:
            local = shapely.make_valid(local, method="structure", keep_collapsed=False)
        for polygon in shapely.get_parts(local if square.contains(local) else local.intersection(square)):
            if isinstance(polygon, Polygon) and polygon.area >= _LEAST_AREA_M2:
                yield _Piece(name=called(zone), volume=volume, rings=_rings(polygon, frame))


def _window(around: LatLon, reach_m: float) -> BaseGeometry:
    """The square in degrees, or somewhat more; two boxes at the antimeridian, all longitudes near a pole."""
    lat, lon = around
    tall_deg = 1.02 * reach_m / _DEGREE_M
    south, north = max(-90.0, lat - tall_deg), min(90.0, lat + tall_deg)
    narrowest = math.cos(math.radians(max(abs(south), abs(north))))
    wide_deg = 180.0 if narrowest < 1e-3 else min(180.0, tall_deg / narrowest)
    west, east = lon - wide_deg, lon + wide_deg
    spans = [(max(-180.0, west), min(180.0, east))]
    if wide_deg < 180.0 and west < -180.0:
        spans.append((west + 360.0, 180.0))
    if wide_deg < 180.0 and east > 180.0:
        spans.append((-180.0, east - 360.0))
    if wide_deg >= 180.0:
        spans = [(-180.0, 180.0)]
    return shapely.union_all([box(left, south, right, north) for left, right in spans])


def _rings(polygon: Polygon, frame: LocalFrame) -> tuple[tuple[LatLon, ...], ...]:
    found = []
    for ring in (polygon.exterior, *polygon.interiors):
        points = np.asarray(ring.coords)[:-1]
        lats, lons = frame.to_world(points[:, 0], points[:, 1])
        # There and back may leave a zone that ends at the antimeridian or a pole beyond it by the last bit.
        lats, lons = np.clip(lats, -90.0, 90.0), np.clip(lons, -180.0, 180.0)
        found.append(tuple(zip(lats.tolist(), lons.tolist(), strict=True)))
    return tuple(found)


def _is_agl(limit: Limit | None) -> bool:
    return limit is not None and limit.datum is Datum.AGL


def _floor(limit: Limit, *, ground_m: float) -> float:
    """The lowest that a floor may be: AMSL, but above the plate where it is above flat ground."""
    if limit.datum is Datum.AGL:
        return -math.inf if limit.value_m <= 0 else limit.value_m + ground_m
    if limit.datum is Datum.WGS84:
        return limit.value_m - GEOID_M[1]
    if limit.datum is Datum.FL:
        return min(COLD * limit.value_m, WARM * limit.value_m) + PRESSURE_M[0]
    return limit.value_m


def _top(limit: Limit | None, *, ground_m: float) -> float:
    """The highest that a top may be: AMSL, but above the plate where it is above flat ground."""
    if limit is None:
        return math.inf
    if limit.datum is Datum.AGL:
        return limit.value_m + ground_m
    if limit.datum is Datum.WGS84:
        return limit.value_m - GEOID_M[0]
    if limit.datum is Datum.FL:
        return max(COLD * limit.value_m, WARM * limit.value_m) + PRESSURE_M[1]
    return limit.value_m
