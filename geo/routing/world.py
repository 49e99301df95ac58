"""What one route has to do with its zones: which stand in its way at which height, near its ends, or close it in."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np
import shapely
from shapely.geometry import Point, Polygon

from geo.flight.energy import Leg, climb_stretch, leg_stretch
from geo.flight.performance import Performance
from geo.geodesy import Array
from geo.routing.graph import ViewGraph
from geo.routing.prepared import Flags, KeepOut, Prepared
from geo.routing.search import Step, Vertical
from geo.routing.terrain import Heights

_NEAREST_SHARE = 0.5
"""Of an end's distance from a zone: what remains of a margin that gives way to it, mitres and slack included."""
_LEAST_MARGIN_M = 0.05


class World:
    """One start, one target and the zones of an area, in local metres."""

    def __init__(
        self,
        *,
        prepared: Prepared,
        start: tuple[float, float],
        target: tuple[float, float],
        heights: Heights,
        performance: Performance,
        airborne_m: float | None = None,
    ) -> None:
        """``airborne_m``: the height above home at which it begins in the air; None: on the landing plate."""
        self._airborne_m = airborne_m
        self._start_m = airborne_m or 0.0
        self._prepared = prepared
        self._performance = performance
        self._own: dict[int, KeepOut] = {}
        self._own_margin_m: dict[int, float] = {}
        self._between: dict[tuple[float, float], Flags] = {}
        self._columns: dict[tuple[float, float], list[int]] = {}
        self._changes_s: dict[float, float] = {}
        self._start, self._target = start, target
        self.heights = heights
        self._levels_m = [float(heights.over(np.zeros(1), level_m)[0]) for level_m in heights.levels_m]
        self.met = tuple(prepared.met_at(heights, level_m) for level_m in heights.levels_m)
        reached_m = max(*heights.levels_m, heights.watch_m)
        self._concerned = prepared.met_between(heights, min(0.0, self._start_m), max(reached_m, self._start_m))
        self.enclosing: list[int] = []
        """Zones that home or target stands in at every level."""
        ends = {start: self._column(start), target: self._column(target)}
        for place, zones in ends.items():
            if zones and not any(self._free(zones, place, level_m) for level_m in heights.levels_m):
                self.enclosing += zones

    @property
    def narrowed(self) -> Iterable[int]:
        """Zones whose margin gave way to home or target."""
        return self._own

    def names(self, zones: Iterable[int]) -> tuple[str, ...]:
        """Each once, in order."""
        return tuple(sorted({self._prepared.obstacles[zone].name for zone in zones}))

    def keep_out(self, zone: int) -> KeepOut:
        """With what margin this route keeps."""
        return self._own.get(zone) or self._prepared.keep_outs[zone]

    @property
    def prepared(self) -> Prepared:
        """The area's zones and ground."""
        return self._prepared

    @property
    def performance(self) -> Performance:
        """Of who flies."""
        return self._performance

    @property
    def ends(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """Start and target."""
        return self._start, self._target

    def over(self, place: tuple[float, float], wanted_m: float) -> float:
        """The height that a wanted one becomes over a place."""
        if self._prepared.terrain is None:
            return self.heights.over_flat(wanted_m)
        ground = self._prepared.ground_m(np.array([place[0]]), np.array([place[1]]))
        return float(self.heights.over(ground, wanted_m)[0])

    def touching(self, path: Sequence[tuple[float, float]]) -> list[int]:
        """Zones whose keep-out a path touches, at whatever height."""
        if len(path) == 1:
            zones = [zone for zone, _ in self._prepared.zones_at(path[0])]
        else:
            zones = self._prepared.touching(path)
        if self._own.keys().isdisjoint(zones):
            return zones
        line = shapely.linestrings(path) if len(set(path)) > 1 else Point(path[0])
        return [z for z in zones if z not in self._own or self._own[z].area.intersects(line)]

    def vertical(self, graph: ViewGraph) -> Vertical:
        """What changes of height cost here."""
        levels_m = self.heights.levels_m
        home_s, watch_s = [], []
        for level_m in levels_m:
            at_home_m, at_watch_m = self.over(self._start, level_m), self.over(self._target, level_m)
            if self._airborne_m is None:
                climb_s = climb_stretch(performance=self._performance, rise_m=at_home_m).seconds
            else:
                climb_s = self._change_s(at_home_m - self._airborne_m)
            home_s.append(climb_s if self._clear(self._start, self._start_m, level_m) else math.inf)
            change_s = self._change_s(self.over(self._target, self.heights.watch_m) - at_watch_m)
            watch_s.append(change_s if self._clear(self._target, level_m, self.heights.watch_m) else math.inf)

        def between_s(point: int, level: int, other: int) -> float:
            place = (float(graph.points[point, 0]), float(graph.points[point, 1]))
            zone = int(graph.owner[point])
            if zone >= 0 and not self._own and place not in self._columns:
                self._columns[place] = list(self._prepared.over_corners[zone][graph.corner[point]])
            if not self._clear(place, levels_m[level], levels_m[other]):
                return math.inf
            return self._change_s(self.over(place, levels_m[other]) - self.over(place, levels_m[level]))

        flat = self._prepared.terrain is None
        least_s = [[self._change_s(b - a) if flat else 0.0 for b in self._levels_m] for a in self._levels_m]
        return Vertical(from_home_s=home_s, to_watch_s=watch_s, least_between_s=least_s, between_s=between_s)

    def touched(self, graph: ViewGraph, steps: Sequence[Step]) -> list[int]:
        """Zones in the way of a path that the graph does not know yet, with those below and above it that come next.

        None of those where none is in the way.
        """
        known = set(graph.zones)
        new: set[int] = set()
        met = False
        stretches = [(level, point, other) for (level, point), (_, other) in pairwise(steps) if point != other]
        ends = [[graph.points[point], graph.points[other]] for _, point, other in stretches]
        for (level, _, _), zones in zip(stretches, self._touching_each(np.array(ends)), strict=True):
            found = [zone for zone in zones if zone not in known and self._concerned[zone]]
            met |= any(self.met[level][zone] for zone in found)
            new.update(found)
        return sorted(new) if met else []

    def shaping(self, graph: ViewGraph, steps: Sequence[Step]) -> set[int]:
        """Zones that a way bends around, and those that kept it from being straight or at the height it would take."""
        bends = {int(graph.owner[point]) for _, point in steps if graph.owner[point] >= 0}
        return bends | (set(self.touching([self._start, self._target])) & set(graph.zones))

    def barrier(self, zones: Sequence[int]) -> list[int]:
        """Those of these zones that together shut in home or target; all of them where no such group is found."""
        if not zones:
            return []
        groups = shapely.get_parts(shapely.union_all([self.keep_out(zone).area for zone in zones]))
        shut: list[int] = []
        for group in groups:
            outline = Polygon(group.exterior)
            if outline.contains(Point(self._start)) != outline.contains(Point(self._target)) or len(group.interiors):
                shut += [zone for zone in zones if self.keep_out(zone).area.intersects(group)]
        return sorted(set(shut or zones))

    def _touching_each(self, stretches: Array) -> list[list[int]]:
        """Zones whose keep-out each of several stretches touches, shape (n, 2, 2)."""
        found: list[list[int]] = [[] for _ in stretches]
        if not len(stretches):
            return found
        lines = np.asarray(shapely.linestrings(stretches), dtype=object)
        for stretch, zone in self._prepared.tree.query(lines, predicate="intersects").T.tolist():
            if zone not in self._own or self._own[zone].area.intersects(lines[stretch]):
                found[stretch].append(zone)
        return found

    def _column(self, place: tuple[float, float]) -> list[int]:
        """Zones that an end stands in; where it is merely near, the margin gives way."""
        inside = []
        for zone, distance_m in self._prepared.zones_at(place):
            if not self._concerned[zone]:
                continue
            away_m = distance_m * _NEAREST_SHARE
            if away_m < _LEAST_MARGIN_M:
                inside.append(zone)
            elif away_m < self._own_margin_m.get(zone, math.inf):
                self._own_margin_m[zone] = away_m
                self._own[zone] = self._prepared.keep_out_within(zone, away_m)
        return inside

    def _free(self, zones: Sequence[int], place: tuple[float, float], level_m: float) -> bool:
        other_m = self._start_m if place == self._start else self.heights.watch_m
        met = self._met_between(level_m, other_m)
        return not any(met[zone] for zone in zones)

    def _clear(self, place: tuple[float, float], from_m: float, to_m: float) -> bool:
        if place not in self._columns:
            self._columns[place] = self.touching([place])
        zones = self._columns[place]
        if not zones:
            return True
        met = self._met_between(from_m, to_m)
        return not any(met[zone] for zone in zones)

    def _met_between(self, from_m: float, to_m: float) -> Flags:
        key = min(from_m, to_m), max(from_m, to_m)
        if key not in self._between:
            self._between[key] = self._prepared.met_between(self.heights, *key)
        return self._between[key]

    def _change_s(self, rise_m: float) -> float:
        if rise_m == 0:
            return 0.0
        known = self._changes_s.get(rise_m)
        if known is not None:
            return known
        leg = Leg(distance_m=0.0, bearing_deg=0.0, rise_m=rise_m)
        stretch = leg_stretch(performance=self._performance, leg=leg)
        self._changes_s[rise_m] = math.inf if stretch is None else stretch.seconds
        return self._changes_s[rise_m]
