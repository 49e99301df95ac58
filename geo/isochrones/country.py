"""Docks among zones: what each reaches by when, and how far its energy takes it, at the heights that flights use.

A flight climbs to one level over its dock, keeps it as far as the scene and changes to the watch height there. What any
level reaches is reached. A way that changes its level in between, as a route may, is not looked for: where nothing else
is legal, less is shown than can be flown.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry import MultiPolygon, Point, Polygon
from shapely.geometry.base import BaseGeometry

from geo.flight.energy import Leg, climb_stretch, hang_power_w, landing_stretch, leg_stretch
from geo.flight.position import bearing_deg
from geo.geodesy import Array
from geo.isochrones.legs import Legs
from geo.isochrones.scenery import Scenery
from geo.isochrones.spread import Spread, standpoint
from geo.routing.prepared import Flags, KeepOut, Prepared, keep_out, kept_out
from geo.routing.terrain import Heights
from geo.site import CoverageSite, CoverageTerms

Place = tuple[float, float]
_NEAREST_SHARE = 0.5
_LEAST_MARGIN_M = 0.05
"""As in `geo.routing.world`: the margin gives way to a dock that is nearer to a zone."""
_S_PER_H = 3600.0
_DIRECTIONS: Array = np.linspace(-np.pi, np.pi, 72, endpoint=False)
_ROUNDING = 1.01
_KEPT = 8
COARSE_M = 25.0
"""On the long ways to the energy limit zones are taken to be so much larger, with fewer corners."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """What one dock reaches, in the metres of the prepared area's frame."""

    by_time: tuple[BaseGeometry, ...]
    """In the order of the times asked for; never beyond ``by_energy``."""
    by_energy: BaseGeometry
    shut_in_by: tuple[str, ...] = ()
    """Zones that leave the dock no height to start at: it reaches nothing."""


class Sceneries:
    """What stands in the way, kept for docks that share it. Not for two threads at once."""

    def __init__(self) -> None:
        self.for_few = False
        """True: only few docks are about to be solved; what is not known yet is looked at around each alone."""
        self._kept: OrderedDict[tuple[object, ...], tuple[object, Scenery]] = OrderedDict()

    def of(self, prepared: Prepared, met: Flags, *, origin: Place, coarse: bool, sight_m: float) -> Scenery:
        """Of the prepared zones that are met, as far as ``sight_m`` around a place at least."""
        every = tuple(np.flatnonzero(met).tolist())
        # Prepared areas that differ in their heights alone share their keep-outs, which live as long as what is kept.
        key = id(prepared.keep_outs), coarse, sight_m, every
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key][1]
        if self.for_few:
            near = set(prepared.tree.query(Point(origin), predicate="dwithin", distance=sight_m).tolist())
            every = tuple(zone for zone in every if zone in near)
            return _scenery(prepared, every, coarse=coarse, sight_m=sight_m)
        scenery = _scenery(prepared, every, coarse=coarse, sight_m=sight_m)
        self._kept[key] = prepared.keep_outs, scenery
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return scenery


def _scenery(prepared: Prepared, zones: Sequence[int], *, coarse: bool, sight_m: float) -> Scenery:
    keep_outs = [prepared.keep_outs[zone] for zone in zones]
    if coarse:
        keep_outs = [coarser(each, COARSE_M) for each in keep_outs]
    return Scenery(keep_outs, names=zones, sight_m=sight_m, coarse_m=COARSE_M if coarse else 0.0)


class Country:
    """Zones at the levels of some heights. Not for two threads at once."""

    def __init__(
        self, prepared: Prepared, heights: Heights, *, near_m: float, far_m: float, sceneries: Sceneries | None = None
    ) -> None:
        """``near_m`` and ``far_m``: further than any dock reaches in the longest time asked for, and by energy."""
        self._near_m, self._far_m = near_m, far_m
        self.prepared = prepared
        self.heights = heights
        self._sceneries = sceneries or Sceneries()

    def reached(self, site: CoverageSite, *, terms: CoverageTerms, seconds: Sequence[float]) -> Reached:
        """By each of these times from the press, and by energy. The heights are the country's, not the terms'."""
        origin, performance = self._local(site), site.performance
        turned_deg = self._turned_deg(origin)
        by_time: list[list[BaseGeometry]] = []
        by_energy: list[BaseGeometry] = []
        shut: set[str] = set()
        for level_m in self.heights.levels_m if site.wind.speed_m_s <= performance.top_airspeed_m_s else ():
            inside, narrowed = self._column(origin, level_m)
            if inside:
                shut.update(inside)
                continue
            met = self.prepared.met_at(self.heights, level_m)
            used = _used(site, terms, *(self._flown_m(site, wanted_m) for wanted_m in (level_m, self.heights.watch_m)))
            off = self._off_watch(level_m)
            for energy, limits, before, sight_m in (
                (False, tuple(seconds), used.seconds, self._near_m),
                (True, (used.budget_wh,), used.wh, self._far_m),
            ):
                scenery = self._sceneries.of(self.prepared, met, origin=origin, coarse=energy, sight_m=sight_m)
                legs = Legs(performance=performance, wind=site.wind, turned_deg=turned_deg, energy=energy)
                start = standpoint(scenery, origin, {scenery.names[zone]: area for zone, area in narrowed.items()})
                spread = Spread(scenery, start, legs=legs, before=before, most=max(limits, default=0.0))
                areas = [_less(spread.area(limit, beyond_m=terms.standoff_m), off) for limit in limits]
                if energy:
                    by_energy += areas
                else:
                    by_time.append(areas)
        if not by_energy:
            return Reached(
                by_time=tuple(Polygon() for _ in seconds), by_energy=Polygon(), shut_in_by=tuple(sorted(shut))
            )
        furthest = _all(by_energy)
        if site.max_range_m is not None:
            furthest = _areal(furthest.intersection(Point(origin).buffer(site.max_range_m, quad_segs=30)))
        soonest = [_all(areas) for areas in zip(*by_time, strict=True)]
        shapely.prepare(furthest)
        return Reached(
            by_time=tuple(area if furthest.contains(area) else _areal(area.intersection(furthest)) for area in soonest),
            by_energy=furthest,
        )

    def _flown_m(self, site: CoverageSite, wanted_m: float) -> float:
        height_m = float(self.heights.over(np.zeros(1), wanted_m)[0])
        return min(height_m, site.performance.ceiling_agl_m)

    def _column(self, origin: Place, level_m: float) -> tuple[list[str], dict[int, BaseGeometry]]:
        """Zones that the climb would be in, and those whose margin gives way, as they are then."""
        prepared = self.prepared
        met = prepared.met_between(self.heights, 0.0, level_m)
        at_level = prepared.met_at(self.heights, level_m)
        inside: list[str] = []
        narrowed: dict[int, BaseGeometry] = {}
        for zone in prepared.touching([origin]):
            if not met[zone]:
                continue
            away_m = prepared.zones[zone].distance(Point(origin)) * _NEAREST_SHARE
            if away_m < _LEAST_MARGIN_M:
                inside.append(prepared.obstacles[zone].name)
            elif at_level[zone]:
                narrowed[zone] = keep_out(prepared.zones[zone], away_m, many=None).area
        return inside, narrowed

    def _off_watch(self, level_m: float) -> BaseGeometry:
        """Where the change from a level to the watch height would be in a zone that the level itself is not in."""
        change = self.prepared.met_between(self.heights, level_m, self.heights.watch_m)
        only = np.flatnonzero(change & ~self.prepared.met_at(self.heights, level_m))
        return shapely.union_all([self.prepared.keep_outs[zone].area for zone in only])

    def _local(self, site: CoverageSite) -> Place:
        east, north = self.prepared.frame.to_local(site.lat_deg, site.lon_deg)
        return float(east), float(north)

    def _turned_deg(self, origin: Place) -> float:
        """True bearing of the frame's north at a place: away from its middle the two differ."""
        lats, lons = self.prepared.frame.to_world([origin[0]] * 2, [origin[1] - 50.0, origin[1] + 50.0])
        return bearing_deg(float(lats[0]), float(lons[0]), float(lats[1]), float(lons[1]))


def furthest_m(site: CoverageSite, terms: CoverageTerms) -> float:
    """Further than a dock's energy reaches in any direction, were there no zones."""
    level_m, watch_m = (
        min(alt_m, site.performance.ceiling_agl_m) for alt_m in (terms.transit_alt_m, terms.scene_alt_m)
    )
    used = _used(site, terms, level_m, watch_m)
    legs = Legs(performance=site.performance, wind=site.wind, turned_deg=0.0, energy=True)
    reach_m = legs.reach_m(_DIRECTIONS, np.full(len(_DIRECTIONS), used.budget_wh - used.wh))
    return _ROUNDING * float(reach_m.max()) + terms.standoff_m


def open_radii_m(
    site: CoverageSite, *, terms: CoverageTerms, seconds: Sequence[float], bearings_deg: Array
) -> list[Array]:
    """How far a dock reaches along true bearings, shape (n,), without zones: by energy, then by these times."""
    performance = site.performance
    if site.wind.speed_m_s > performance.top_airspeed_m_s:
        return [np.zeros(len(bearings_deg)) for _ in range(1 + len(seconds))]
    level_m, watch_m = (min(alt_m, performance.ceiling_agl_m) for alt_m in (terms.transit_alt_m, terms.scene_alt_m))
    used = _used(site, terms, level_m, watch_m)
    directions = np.radians(90.0 - bearings_deg)
    timing, energy = (
        Legs(performance=performance, wind=site.wind, turned_deg=0.0, energy=which) for which in (False, True)
    )
    limit_m = math.inf if site.max_range_m is None else site.max_range_m

    def reach_m(legs: Legs, left: float) -> Array:
        found_m = legs.reach_m(directions, np.full(len(directions), left))
        return np.minimum(np.where(found_m > 0, found_m + terms.standoff_m, 0.0), limit_m)

    by_energy = reach_m(energy, used.budget_wh - used.wh)
    return [by_energy, *(np.minimum(reach_m(timing, limit - used.seconds), by_energy) for limit in seconds)]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Used:
    """What a flight at a level uses apart from its ways there and back."""

    seconds: float
    """From the press: until it is in the air and has climbed, and for the change of height at the scene."""
    wh: float
    """For climb, changes of height, the least watch and the landing."""
    budget_wh: float
    """Above the reserve."""


def _used(site: CoverageSite, terms: CoverageTerms, level_m: float, watch_m: float) -> _Used:
    performance, wind = site.performance, site.wind
    climb = climb_stretch(performance=performance, rise_m=level_m, wind=wind)
    landing = landing_stretch(performance=performance, drop_m=level_m, wind=wind)
    seconds = site.time_to_airborne_s + climb.seconds
    used_wh = climb.energy_wh + landing.energy_wh
    used_wh += hang_power_w(performance=performance, wind=wind) * terms.min_watch_s / _S_PER_H
    for sign in (1.0, -1.0) if watch_m != level_m else ():
        leg = Leg(distance_m=0.0, bearing_deg=0.0, rise_m=sign * (watch_m - level_m))
        change = leg_stretch(performance=performance, leg=leg, wind=wind)
        if change is not None:  # only a way over ground can be too windy
            used_wh += change.energy_wh
            seconds += change.seconds if sign > 0 else 0.0
    reserve_percent = max(performance.reserve_percent, terms.reserve_percent)
    budget_wh = (site.charge_percent - reserve_percent) / 100 * performance.battery_wh
    return _Used(seconds=seconds, wh=used_wh, budget_wh=budget_wh)


def _less(area: BaseGeometry, off: BaseGeometry) -> BaseGeometry:
    return area if off.is_empty else area.difference(off)


def _areal(shape: BaseGeometry) -> BaseGeometry:
    """Without the points and lines at which areas merely touch."""
    parts = [part for part in shapely.get_parts(shape) if isinstance(part, Polygon)]
    return parts[0] if len(parts) == 1 else MultiPolygon(parts)


def _all(areas: Sequence[BaseGeometry]) -> BaseGeometry:
    return areas[0] if len(areas) == 1 else shapely.union_all(areas)


def coarser(keep_out: KeepOut, coarse_m: float) -> KeepOut:
    """An area with fewer corners that holds it all, and reaches ``coarse_m`` further, twice that at sharp corners."""
    simple = keep_out.area.simplify(coarse_m)
    if simple.is_empty or not simple.is_valid:
        simple = keep_out.area
    return kept_out(simple.buffer(coarse_m, join_style="mitre", mitre_limit=2.0))
