"""Where a dock's drone can be, how soon, and how far its energy lets it go: polygons per dock, and who covers a point.

Without zones radii are solved with the same energy model that promises a flight, bearing by bearing, so wind pulls the
polygons out of round; points are laid out along geodesics. Where zones are near, `geo.isochrones` finds what is reached
around them. Polygons are WGS84, cut at the antimeridian as RFC 7946 asks and, without zones, closed over a pole where
they hold one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry import Point, Polygon

from geo.errors import CoverageError
from geo.flight.energy import FlightEstimate, Infeasible, Leg, climb_stretch, estimate_flight, hang_power_w
from geo.flight.performance import Performance
from geo.flight.wind import ground_speed_m_s
from geo.geodesy import WGS84, ring
from geo.isochrones.country import open_radii_m
from geo.isochrones.survey import ISOCHRONES_S, Area, DockAreas, Survey, ZonesOf, cut
from geo.site import CoverageSite, CoverageTerms

BEARINGS = 72
_NEAR_ENOUGH_M = 1.0
_HALF_EARTH_M = 20_003_931.0
"""Pole to pole along a meridian of WGS84: no way is longer."""


def reach_in_time_m(*, site: CoverageSite, terms: CoverageTerms, bearing_deg: float, seconds: float) -> float:
    """How far from the dock a scene may be to be watched ``seconds`` after the press; 0 where it does not get going."""
    performance = site.performance
    transit_m, watch_m = _heights(performance, terms)
    climb_s = climb_stretch(performance=performance, rise_m=transit_m, wind=site.wind).seconds
    change_m = watch_m - transit_m
    change_s = 0.0
    if change_m:
        change_s = abs(change_m) / (performance.climb_m_s if change_m > 0 else performance.descent_m_s)
        change_s += performance.leg_settle_s
    speed_m_s = ground_speed_m_s(performance=performance, wind=site.wind, track_deg=bearing_deg)
    left_s = seconds - site.time_to_airborne_s - climb_s - change_s
    if speed_m_s is None or left_s < 0 or site.wind.speed_m_s > performance.top_airspeed_m_s:
        return 0.0
    travel_s = max(0.0, left_s - performance.leg_settle_s)
    ramp_s = speed_m_s / performance.acceleration_m_s2
    if travel_s >= 2 * ramp_s:
        way_m = speed_m_s * (travel_s - ramp_s)
    else:
        way_m = performance.acceleration_m_s2 * travel_s * travel_s / 4
    return _limited(way_m + terms.standoff_m, site)


def reach_by_energy_m(*, site: CoverageSite, terms: CoverageTerms, bearing_deg: float) -> float:
    """How far from the dock a scene may be to be watched for the least time and come home with the reserve; to 1 m."""
    performance = site.performance
    transit_m, watch_m = _heights(performance, terms)

    watch_wh = hang_power_w(performance=performance, wind=site.wind) * terms.min_watch_s / 3600

    def spare_wh(way_m: float) -> float:
        estimate = _there_and_back(site, terms, way_m, bearing_deg, transit_m, watch_m)
        return -math.inf if estimate.infeasible is Infeasible.WIND_BEATS_AIRCRAFT else estimate.spare_wh - watch_wh

    if not spare_wh(_NEAR_ENOUGH_M) >= 0:
        return 0.0
    ample_m = min(_HALF_EARTH_M, performance.battery_wh / performance.cruise_power_w * 3600 * performance.cruise_m_s)
    return _limited(_last_at_least_zero(spare_wh, _NEAR_ENOUGH_M, ample_m) + terms.standoff_m, site)


def geodesic_area(lat_deg: float, lon_deg: float, *, bearings_deg: Sequence[float], radii_m: Sequence[float]) -> Area:
    """The polygon through the points at these bearings (rising, 0 to below 360) and distances from a centre.

    Cut at ±180° into a MultiPolygon where it crosses; closed over the pole where it holds one; empty where all radii
    are 0. Distances up to some thousand kilometres.
    """
    if max(radii_m, default=0.0) <= 0:
        return Polygon()
    lats, lons = ring(lat_deg, lon_deg, bearings_deg=bearings_deg, radii_m=radii_m)
    # Unrolled, so that neighbours are never half a world apart; a ring around a pole ends a whole turn away.
    unrolled = np.degrees(np.unwrap(np.radians(np.append(lons, lons[0]))))
    turn = unrolled[-1] - unrolled[0]
    points = list(zip(unrolled[:-1].tolist(), lats.tolist(), strict=True))
    if abs(turn) > 180.0:
        pole = math.copysign(90.0, lat_deg)
        last = (float(unrolled[-1]), float(lats[0]))
        points = [*points, last, (last[0], pole), (points[0][0], pole)]
    # A radius of 0 in some directions makes the ring touch itself at the centre: that is repaired, not refused.
    return cut(shapely.make_valid(Polygon(points)))


def coverage_frame(
    sites: Sequence[CoverageSite],
    *,
    terms: CoverageTerms | None = None,
    seconds: Sequence[float] = ISOCHRONES_S,
    bearings: int = BEARINGS,
    zones: ZonesOf | None = None,
) -> gpd.GeoDataFrame:
    """One row per dock and isochrone, and one per dock for the energy limit. Raises `CoverageError`.

    Columns: ``dock_id``; ``kind`` "time" or "energy"; ``seconds`` from the press (NaN for the energy limit);
    ``max_radius_m``; ``geometry`` in WGS84 (EPSG:4326), empty where nothing is reached. An isochrone never goes
    beyond the energy limit. Rows are ordered by dock id, then seconds, the energy limit last. ``zones`` gives the
    prepared zones around a dock; None: there are none.
    """
    if bearings < 8:
        raise CoverageError(f"{bearings} bearings make no polygon: at least 8")
    if any(not (math.isfinite(limit) and limit > 0) for limit in seconds):
        raise CoverageError("an isochrone needs a time above 0 s")
    ids = [site.dock_id for site in sites]
    if len(set(ids)) != len(ids):
        raise CoverageError("two docks of one id")
    terms = terms or CoverageTerms()
    limits = sorted(float(limit) for limit in seconds)
    if zones is None:
        found = [open_areas(site, terms=terms, seconds=limits, bearings=bearings) for site in sites]
    else:
        found = list(Survey(seconds=limits).solve(sites, terms=terms, zones=zones).values())
    return frame_of(found, seconds=limits)


def frame_of(docks: Sequence[DockAreas], *, seconds: Sequence[float]) -> gpd.GeoDataFrame:
    """What has been solved for these times, as `coverage_frame` gives it."""
    rows = [
        (dock.dock_id, "time" if math.isfinite(limit) else "energy", limit, furthest_m, area)
        for dock in sorted(docks, key=lambda dock: dock.dock_id)
        for limit, furthest_m, area in zip(
            (*seconds, math.nan), dock.furthest_m, (*dock.by_time, dock.by_energy), strict=True
        )
    ]
    columns = {
        "dock_id": [row[0] for row in rows],
        "kind": [row[1] for row in rows],
        "seconds": np.array([row[2] for row in rows], dtype=np.float64),
        "max_radius_m": np.array([row[3] for row in rows], dtype=np.float64),
    }
    return gpd.GeoDataFrame(columns, geometry=[row[4] for row in rows], crs=WGS84)


def open_areas(
    site: CoverageSite, *, terms: CoverageTerms, seconds: Sequence[float], bearings: int = BEARINGS
) -> DockAreas:
    """What a dock reaches where there are no zones."""
    directions_deg = [360.0 * step / bearings for step in range(bearings)]
    by_energy, *by_time = open_radii_m(site, terms=terms, seconds=seconds, bearings_deg=np.array(directions_deg))
    radii = [*by_time, by_energy]
    areas = [
        geodesic_area(site.lat_deg, site.lon_deg, bearings_deg=directions_deg, radii_m=each.tolist()) for each in radii
    ]
    return DockAreas(
        dock_id=site.dock_id,
        by_time=tuple(areas[:-1]),
        by_energy=areas[-1],
        furthest_m=tuple(float(each.max()) for each in radii),
    )


class CoverageIndex:
    """Which docks' energy limits hold a point, by the frame's spatial index. Raises `CoverageError`."""

    def __init__(self, frame: gpd.GeoDataFrame) -> None:
        missing = {"dock_id", "kind", "seconds"} - set(frame.columns)
        if missing:
            raise CoverageError(f"not a coverage frame: {', '.join(sorted(missing))} missing")
        if frame.crs is None or frame.crs.to_epsg() != 4326:
            raise CoverageError("a coverage frame is in WGS84 (EPSG:4326)")
        self._frame = frame
        self._limits = frame[frame["kind"] == "energy"].reset_index(drop=True)
        self._ids = [str(dock_id) for dock_id in self._limits["dock_id"]]

    @property
    def frame(self) -> gpd.GeoDataFrame:
        """The frame that it was built from."""
        return self._frame

    def candidates(self, lat_deg: float, lon_deg: float, *, slack_m: float = 50.0) -> tuple[str, ...]:
        """Docks whose energy limit comes within ``slack_m`` of the point, in the order of their ids.

        The slack covers the straight edges between the polygons' bearings (0.1 % of the radius at 72), so that no dock
        is passed over that a full estimate would have accepted near its limit.
        """
        around = geodesic_area(
            lat_deg, lon_deg, bearings_deg=[45.0 * step for step in range(8)], radii_m=[max(slack_m, 0.01) * 1.09] * 8
        )
        hits = self._limits.sindex.query(around, predicate="intersects")
        return tuple(sorted(self._ids[index] for index in hits))

    def covering(self, lat_deg: float, lon_deg: float, *, seconds: float) -> tuple[str, ...]:
        """Docks whose isochrone of exactly these seconds holds the point, in the order of their ids."""
        chosen = self._frame[(self._frame["kind"] == "time") & (self._frame["seconds"] == seconds)]
        hits = chosen.sindex.query(Point(lon_deg, lat_deg), predicate="intersects")
        return tuple(sorted(str(chosen["dock_id"].iloc[index]) for index in hits))


def _heights(performance: Performance, terms: CoverageTerms) -> tuple[float, float]:
    return min(terms.transit_alt_m, performance.ceiling_agl_m), min(terms.scene_alt_m, performance.ceiling_agl_m)


def _there_and_back(
    site: CoverageSite, terms: CoverageTerms, way_m: float, bearing_deg: float, transit_m: float, watch_m: float
) -> FlightEstimate:
    out = [Leg(distance_m=way_m, bearing_deg=bearing_deg)]
    home = [Leg(distance_m=way_m, bearing_deg=bearing_deg + 180.0)]
    if watch_m != transit_m:
        out.append(Leg(distance_m=0.0, bearing_deg=0.0, rise_m=watch_m - transit_m))
        home.insert(0, Leg(distance_m=0.0, bearing_deg=0.0, rise_m=transit_m - watch_m))
    return estimate_flight(
        performance=site.performance,
        climb_m=transit_m,
        out=out,
        home=home,
        landing_m=transit_m,
        watch_s=terms.min_watch_s,
        charge_percent=site.charge_percent,
        reserve_percent=terms.reserve_percent,
        wind=site.wind,
    )


def _last_at_least_zero(falling: Callable[[float], float], low: float, high: float) -> float:
    """Where a falling, nearly straight function passes 0, to a metre and from the side where it is not below.

    Each round tries just short of where the chord passes 0 and just beyond, which closes in at once on a straight
    line, and the middle, which bounds the rounds on any other.
    """
    at_low, at_high = falling(low), falling(high)
    if at_high >= 0:
        return high
    while high - low > _NEAR_ENOUGH_M:
        chord = low + (high - low) * at_low / (at_low - at_high)
        for guess in (chord - 0.4 * _NEAR_ENOUGH_M, chord + 0.4 * _NEAR_ENOUGH_M, (low + high) / 2):
            if not low < guess < high:
                continue
            value = falling(guess)
            if value >= 0:
                low, at_low = guess, value
            else:
                high, at_high = guess, value
    return low


def _limited(reach_m: float, site: CoverageSite) -> float:
    return reach_m if site.max_range_m is None else min(reach_m, site.max_range_m)
