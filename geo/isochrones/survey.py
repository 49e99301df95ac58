"""What all docks of a fleet reach, in WGS84: solved anew only where a dock, its wind or a zone near it has changed."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.affinity import translate
from shapely.geometry import MultiPolygon, Point, Polygon, box
from shapely.geometry.base import BaseGeometry

from geo.geodesy import Array
from geo.isochrones.country import Country, Sceneries, furthest_m
from geo.routing.prepared import Prepared
from geo.routing.terrain import Heights
from geo.site import CoverageSite, CoverageTerms

ISOCHRONES_S = (60.0, 90.0, 120.0, 180.0, 300.0)
Area = Polygon | MultiPolygon
ZonesOf = Callable[[CoverageSite], Prepared | None]
"""The zones around a dock, heights above its plate; None: none are near."""
_SMOOTH_M = 1.0
"""What is drawn is within this of what was solved."""
_FEW = 4
"""When one dock in so many or fewer is solved, what stands in the way is looked at around these alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DockAreas:
    """What one dock reaches, in WGS84; empty where nothing is."""

    dock_id: str
    by_time: tuple[Area, ...]
    """In the order of the survey's times."""
    by_energy: Area
    furthest_m: tuple[float, ...]
    """How far from the dock each of these comes, the energy limit last."""
    shut_in_by: tuple[str, ...] = ()
    """Zones that leave the dock no height to start at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What was asked of one dock; ``question`` is equal where the answer is."""

    site: CoverageSite
    terms: CoverageTerms
    prepared: Prepared | None
    question: object
    furthest_m: float


class Survey:
    """Keeps what it has solved. Not for two threads at once."""

    def __init__(self, *, seconds: Sequence[float] = ISOCHRONES_S) -> None:
        self.seconds = tuple(float(each) for each in seconds)
        self._known: dict[str, tuple[object, DockAreas]] = {}
        self._asked: dict[str, _Asked] = {}
        self._sceneries = Sceneries()
        self.solved = 0
        """How many docks were solved the last time, and not known from before."""

    def solve(self, sites: Sequence[CoverageSite], *, terms: CoverageTerms, zones: ZonesOf) -> Mapping[str, DockAreas]:
        """Of every dock, by id."""
        seen = {site.dock_id: zones(site) for site in sites}
        self._asked = {site.dock_id: self._asked_of(site, terms, seen[site.dock_id]) for site in sites}
        questions = {dock_id: asked.question for dock_id, asked in self._asked.items()}
        asked = [site for site in sites if self._known.get(site.dock_id, (None,))[0] != questions[site.dock_id]]
        self.solved = len(asked)
        far_m = max((asked.furthest_m for asked in self._asked.values()), default=0.0)
        near_m = max((site.performance.cruise_m_s for site in sites), default=0.0) * max(self.seconds, default=0.0)
        self._sceneries.for_few = len(asked) * _FEW <= len(sites)
        for site in asked:
            areas = self._areas(site, terms, seen[site.dock_id], near_m=min(near_m, far_m), far_m=far_m)
            self._known[site.dock_id] = questions[site.dock_id], areas
        self._known = {site.dock_id: self._known[site.dock_id] for site in sites}
        return {site.dock_id: self._known[site.dock_id][1] for site in sites}

    def _asked_of(self, site: CoverageSite, terms: CoverageTerms, prepared: Prepared | None) -> _Asked:
        """What was asked the last time where it is of the same: most of a fleet when one dock's wind has turned."""
        known = self._asked.get(site.dock_id)
        if known is not None and known.prepared is prepared and (known.site, known.terms) == (site, terms):
            return known
        far_m = furthest_m(site, terms)
        question = site, terms, self.seconds, *_near(site, prepared, far_m)
        return _Asked(site=site, terms=terms, prepared=prepared, question=question, furthest_m=far_m)

    def _areas(
        self, site: CoverageSite, terms: CoverageTerms, prepared: Prepared | None, *, near_m: float, far_m: float
    ) -> DockAreas:
        prepared = prepared or Prepared((), around=(site.lat_deg, site.lon_deg), margin_m=1.0)
        country = Country(prepared, heights_of(site, terms), near_m=near_m, far_m=far_m, sceneries=self._sceneries)
        reached = country.reached(site, terms=terms, seconds=self.seconds)
        origin = np.array([float(each) for each in prepared.frame.to_local(site.lat_deg, site.lon_deg)])
        every = [*reached.by_time, reached.by_energy]
        return DockAreas(
            dock_id=site.dock_id,
            by_time=tuple(_drawn(area, prepared, site) for area in reached.by_time),
            by_energy=_drawn(reached.by_energy, prepared, site),
            furthest_m=tuple(_furthest_m(area, origin) for area in every),
            shut_in_by=reached.shut_in_by,
        )


def _near(site: CoverageSite, prepared: Prepared | None, far_m: float) -> tuple[object, ...]:
    """What stands within reach of a dock, by its looks; nothing where no zones are."""
    if prepared is None or not prepared.obstacles:
        return ()
    east, north = prepared.frame.to_local(site.lat_deg, site.lon_deg)
    near = prepared.tree.query(Point(float(east), float(north)), predicate="dwithin", distance=far_m)
    zones = frozenset(
        (prepared.obstacles[i].rings, float(prepared.lower_m[i]), float(prepared.upper_m[i])) for i in near.tolist()
    )
    return zones, prepared.margin_m


def heights_of(site: CoverageSite, terms: CoverageTerms) -> Heights:
    """The heights of a flight from a dock over flat ground."""
    most_m = site.performance.ceiling_agl_m
    transit_m, watch_m = min(terms.transit_alt_m, most_m), min(terms.scene_alt_m, most_m)
    return Heights(levels_m=(transit_m,), watch_m=watch_m, clearance_m=0.0, ceiling_m=max(transit_m, watch_m, most_m))


def _furthest_m(area: BaseGeometry, origin: Array) -> float:
    points = shapely.get_coordinates(area)
    return float(np.hypot(*(points - origin).T).max()) if len(points) else 0.0


def _drawn(area: BaseGeometry, prepared: Prepared, site: CoverageSite) -> Area:
    """In degrees, cut at the antimeridian as RFC 7946 asks."""
    if area.is_empty:
        return Polygon()
    simple = area.simplify(_SMOOTH_M)

    def to_world(points: Array) -> Array:
        lats, lons = prepared.frame.to_world(points[:, 0], points[:, 1])
        # Unrolled, so that no edge spans half a world.
        return np.column_stack((site.lon_deg + np.mod(lons - site.lon_deg + 180.0, 360.0) - 180.0, lats))

    return cut(shapely.make_valid(shapely.transform(simple, to_world)))


def cut(area: BaseGeometry) -> Area:
    """Unrolled longitudes back into ±180°, as one polygon or the pieces on either side."""
    west, _, east, _ = area.bounds if not area.is_empty else (0.0, 0.0, 0.0, 0.0)
    turns = range(math.floor((west + 180.0) / 360.0), math.floor((east + 180.0) / 360.0) + 1)
    pieces: list[Polygon] = []
    for turn in turns:
        window = box(-180.0 + 360.0 * turn, -90.0, 180.0 + 360.0 * turn, 90.0)
        inside = area if len(turns) == 1 else area.intersection(window)
        pieces += polygons(translate(inside, xoff=-360.0 * turn) if turn else inside)
    if len(pieces) == 1:
        return pieces[0]
    merged = shapely.union_all(pieces)
    return merged if isinstance(merged, Polygon | MultiPolygon) else Polygon()


def polygons(shape: BaseGeometry) -> list[Polygon]:
    """The polygons in a geometry, without the points and lines that cutting and repairing leave."""
    if isinstance(shape, Polygon):
        return [shape] if shape.area > 0 else []
    return [polygon for part in getattr(shape, "geoms", ()) for polygon in polygons(part)]
