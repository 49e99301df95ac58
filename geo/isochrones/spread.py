"""How a dock's reach spreads over one scenery: how soon it is at each corner, and what is reached from there.

The soonest ways to corners are Dijkstra's over the links between them. What is reached then is all that is seen from
the dock, and from every corner into the cone behind it, as far as what is left of the budget goes in each direction.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra
from shapely.geometry import Point, Polygon
from shapely.geometry.base import BaseGeometry

from geo.geodesy import Array
from geo.isochrones.legs import Legs, Rates
from geo.isochrones.scenery import Scenery, walls_of
from geo.isochrones.sight import FULL_TURN, Indices, Sights, along, expanded
from geo.isochrones.sweep import Cover, Crossings, covered, crossings

BEARINGS = 360
_JUMP_M = 20.0
_BESIDE = 1e-5
"""Radians: bearings on either side of an edge of what the dock sees, so that its shadows are sharp."""
_HALVINGS = 17
"""Steps at most, of an interval of at most 3 degrees."""
_CHORDS = 5
"""Tried before halving."""
_SAME_M = 0.01
_LEAST_M = 1e-3
_LEAST_RIM_M = 1.0
_NO_WAY = 1e15
"""Cost of a link against too much wind: beyond every budget."""


@dataclass(frozen=True, slots=True)
class Standpoint:
    """A dock in a scenery: what it sees, and the corners at which its ways may bend first."""

    origin: tuple[float, float]
    sight: Sights
    corners: Indices
    loose: npt.NDArray[np.bool_]
    """Corners that a first stretch need not touch: of areas whose margin gives way to the dock; shape (corners,)."""
    bearings: Array
    """Directions in which its reach is measured, counter-clockwise from east, rising; shape (b,)."""
    wall: Array
    """The nearest wall in each, shape (b, 3)."""
    blocked: Crossings
    """Where the scenery's areas, as they are for this dock, cross the bearings."""
    areas: tuple[BaseGeometry, ...]
    """These areas; none touches another."""


def standpoint(scenery: Scenery, origin: tuple[float, float], narrowed: dict[int, BaseGeometry]) -> Standpoint:
    """``narrowed`` holds, by index, the areas whose margin gives way to the dock, as they are for it."""
    loose = np.isin(scenery.area_of_corner, list(narrowed))
    without: list[int] = []
    own: list[BaseGeometry] = []
    if narrowed:
        here = Point(origin)
        without = [i for i, part in enumerate(scenery.parts) if part.intersects(here)]
        members = np.unique(scenery.tree.query([scenery.parts[i] for i in without], predicate="intersects")[1])
        mine = shapely.union_all([narrowed.get(int(i), scenery.areas[int(i)]) for i in members])
        own = shapely.get_parts(mine).tolist()
    more = np.vstack([np.zeros((0, 4)), *(walls_of(part) for part in own)])
    sight = scenery.around(origin, without=without, more=more)
    near = scenery.near(origin, without=without)
    rows = expanded(scenery.wall_starts[near], scenery.wall_starts[near + 1])[1]
    walls = np.vstack((scenery.walls[rows], more)) - np.array(origin * 2)
    bearings = _bearings(sight, jump_m=math.inf if scenery.coarse_m else _JUMP_M)
    view = np.clip(np.searchsorted(sight.begins, _signed(bearings), side="right") - 1, 0, None)
    return Standpoint(
        origin=origin,
        sight=sight,
        corners=scenery.touched(origin, sight, loose=loose),
        loose=loose,
        bearings=bearings,
        wall=sight.wall[view],
        # Each wall is two points of its own, of which the second is followed by itself: no edge.
        blocked=crossings(bearings, walls.reshape(-1, 2), np.repeat(2 * np.arange(len(walls)) + 1, 2)),
        areas=(*(scenery.parts[i] for i in near.tolist()), *own),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lit:
    """Intervals of cones that ways go on into, by the corners' order of cost; rates are those along their sides."""

    owner: Indices
    """The place of each one's corner in that order, rising, shape (n,)."""
    near_m: Array
    far_m: Array
    wall: Array
    begins: Array
    """Unit vectors, shape (n, 2)."""
    ends: Array
    stops: npt.NDArray[np.bool_]
    """True where the next interval does not go on from an interval's end."""
    begin_rates: Rates
    stop_rates: Rates
    """At the ends of those that stop."""

    def of_first(self, corners: int) -> _Lit:
        """Those of the first corners alone."""
        count = int(np.searchsorted(self.owner, corners))
        stops = self.stops[:count]
        return _Lit(
            owner=self.owner[:count],
            near_m=self.near_m[:count],
            far_m=self.far_m[:count],
            wall=self.wall[:count],
            begins=self.begins[:count],
            ends=self.ends[:count],
            stops=stops,
            begin_rates=self.begin_rates.of(slice(count)),
            stop_rates=self.stop_rates.of(slice(int(stops.sum()))),
        )


class Spread:
    """One dock, one cost, one scenery."""

    def __init__(self, scenery: Scenery, start: Standpoint, *, legs: Legs, before: float, most: float) -> None:
        """``before``: what is spent when the first stretch begins; ``most``: the largest budget to be asked for."""
        self._scenery, self._start, self._legs, self._before = scenery, start, legs, before
        spots = scenery.corners[:, 0:2]
        near = np.flatnonzero(np.hypot(*(spots - np.array(start.origin)).T) <= scenery.sight_m)
        count = len(near)
        number = np.full(len(spots), -1)
        number[near] = np.arange(count)
        links = scenery.links
        owner, row = expanded(links.starts[near], links.starts[near + 1])
        held = number[links.ends[row]] >= 0
        owner, row = owner[held], row[held]
        first = spots[start.corners] - np.array(start.origin)
        east_m, north_m = (
            np.concatenate((links.east_m[row], first[:, 0])),
            np.concatenate((links.north_m[row], first[:, 1])),
        )
        ends = np.concatenate((number[links.ends[row]], number[start.corners]))
        starts = np.append(np.searchsorted(owner, np.arange(count + 1)), len(ends))
        costs = np.minimum(legs.costs(east_m, north_m), _NO_WAY)
        graph = csr_array((costs, ends, starts), shape=(count + 1, count + 1))
        spent, came = dijkstra(graph, indices=count, limit=max(most - before, 0.0), return_predecessors=True)
        reached = np.flatnonzero(np.isfinite(spent[:count]))
        order = reached[np.argsort(spent[reached], kind="stable")]
        self._corners: Indices = near[order]
        self._spent: Array = spent[order] + before
        places = np.vstack((spots[near], np.array(start.origin)[None]))
        self._came: Array = places[order] - places[came[order]]
        self._loosely = (came[order] == count) & start.loose[self._corners]
        self._lit = self._lit_up()
        self._units: Array = np.column_stack((np.cos(start.bearings), np.sin(start.bearings)))
        self._rates = legs.rates(*self._units.T)

    def area(self, budget: float, *, beyond_m: float) -> BaseGeometry:
        """All that is reached with a budget, and ``beyond_m`` further where no wall is in between."""
        start, left = self._start, np.full(len(self._start.bearings), budget - self._before)
        can_m = _beyond(self._legs.reach_at_m(self._rates, left), beyond_m)
        cover = covered(
            len(start.bearings),
            from_origin_m=np.minimum(along(start.wall, start.bearings), can_m),
            pieces=self._pieces(budget, beyond_m),
            blocked=start.blocked,
        )
        return self._drawn(cover)

    def _pieces(self, budget: float, beyond_m: float) -> Crossings:
        """What is reached from corners, one ring for each: the corner and the rim around it."""
        within = int(np.searchsorted(self._spent, budget - self._legs.stop_cost))
        points, of = _rim(self._legs, self._lit.of_first(within), budget - self._spent, beyond_m)
        apex = self._scenery.corners[self._corners, 0:2] - np.array(self._start.origin)
        used, counts = np.unique(of, return_counts=True)
        sizes = counts + 1
        starts = np.cumsum(sizes) - sizes
        rings = np.empty((int(sizes.sum()), 2))
        inner = np.ones(len(rings), dtype=np.bool_)
        inner[starts] = False
        rings[starts] = apex[used]
        rings[inner] = points + apex[of]
        follows = np.arange(1, len(rings) + 1)
        follows[starts + sizes - 1] = starts
        return crossings(self._start.bearings, rings, follows)

    def _lit_up(self) -> _Lit:
        """Intervals of cones that ways go on into."""
        corners, cones = self._scenery.corners[self._corners], self._scenery.cones
        inward = corners[:, 2:4] + corners[:, 4:6] - 2 * corners[:, 0:2]
        leftwards = self._came[:, 0] * inward[:, 1] - self._came[:, 1] * inward[:, 0] > 0
        cone = 2 * self._corners + np.where(leftwards, 0, 1)
        owner, rows = expanded(cones.starts[cone], cones.starts[cone + 1])
        came = self._came[owner]
        # From where it comes straight on to where the zone is: an interval that it comes along counts.
        begins, ends = self._scenery.cone_begins[rows], self._scenery.cone_ends[rows]
        left_of = came[:, 0] * ends[:, 1] - came[:, 1] * ends[:, 0] > 0
        right_of = came[:, 0] * begins[:, 1] - came[:, 1] * begins[:, 0] < 0
        lit = np.where(leftwards[owner], left_of, right_of) | self._loosely[owner]
        rows, owner, begins, ends = rows[lit], owner[lit], begins[lit], ends[lit]
        stops = np.ones(len(rows), dtype=np.bool_)
        stops[:-1] = (owner[1:] != owner[:-1]) | (rows[1:] != rows[:-1] + 1)
        return _Lit(
            owner=owner,
            near_m=cones.near_m[rows],
            far_m=cones.far_m[rows],
            wall=cones.wall[rows],
            begins=begins,
            ends=ends,
            stops=stops,
            begin_rates=self._legs.rates(*begins.T),
            stop_rates=self._legs.rates(*ends[stops].T),
        )

    def _drawn(self, cover: Cover) -> BaseGeometry:
        bearings, origin = self._start.bearings, np.array(self._start.origin)
        if not cover.rim_m.any():
            return Polygon()
        whole: BaseGeometry = Polygon(origin + cover.rim_m[:, None] * self._units)
        if cover.rim_m.min() < _LEAST_RIM_M:  # else a star around its origin, which crosses itself nowhere
            whole = shapely.make_valid(whole, method="structure", keep_collapsed=False)
        if len(cover.pocket_m):
            middle = np.column_stack((np.roll(bearings, 1), np.roll(bearings, -1)))
            middle[0, 0] -= FULL_TURN
            middle[-1, 1] += FULL_TURN
            middle = (middle + bearings[:, None]) / 2
            sides = middle[cover.pocket_bearing]
            angles = sides[:, [0, 0, 1, 1, 0]]
            away = cover.pocket_m[:, [0, 1, 1, 0, 0]]
            rings = origin + np.stack((away * np.cos(angles), away * np.sin(angles)), axis=2)
            whole = whole.difference(shapely.union_all(shapely.polygons(rings)))
        return _without(whole, self._start.areas)


def _without(whole: BaseGeometry, areas: tuple[BaseGeometry, ...]) -> BaseGeometry:
    """Areas that do not touch one another, taken out; those that lie wholly inside become holes as they are."""
    shapely.prepare(whole)
    every = np.array(areas, dtype=object)
    met = every[shapely.intersects(whole, every)] if len(every) else every
    inside = shapely.contains_properly(whole, met) & (shapely.get_num_interior_rings(met) == 0)
    if isinstance(whole, Polygon) and inside.any():
        rings = shapely.get_exterior_ring(met[inside]).tolist()
        whole, met = Polygon(whole.exterior, [*whole.interiors, *rings]), met[~inside]
    return whole.difference(shapely.union_all(met)) if len(met) else whole


def _bearings(sight: Sights, *, jump_m: float) -> Array:
    """Evenly all around, and on both sides of where what is seen jumps by so much."""
    edges = sight.begins[sight.jumps(jump_m)] if math.isfinite(jump_m) else np.zeros(0)
    even = np.arange(BEARINGS) * FULL_TURN / BEARINGS
    return np.unique(np.mod(np.concatenate((even, edges - _BESIDE, edges + _BESIDE)), FULL_TURN))


def _signed(bearings: Array) -> Array:
    return np.mod(bearings + math.pi, FULL_TURN) - math.pi


def _rim(legs: Legs, lit: _Lit, left: Array, beyond_m: float) -> tuple[Array, Indices]:
    """Points around the corners, by owner and counter-clockwise, shape (n, 2), and the owner of each.

    An interval has one where it begins, unless the one before has ended there; where it bends, because the wall goes
    further away than what is left or comes nearer; and where it ends. ``left`` is what each corner has left.
    """
    owner, stops, left = lit.owner, lit.stops, left[lit.owner]
    can_first = _beyond(legs.reach_at_m(lit.begin_rates, left), beyond_m)
    can_last = np.append(can_first[1:], 0.0)
    can_last[stops] = _beyond(legs.reach_at_m(lit.stop_rates, left[stops]), beyond_m)
    bends = np.flatnonzero((lit.near_m < can_first) != (lit.far_m < can_last))
    bend, bend_m = _bend(legs, lit, bends, left[bends], can_first[bends], can_last[bends], beyond_m)
    first_m, last_m = np.minimum(lit.near_m, can_first), np.minimum(lit.far_m, can_last)
    kept = np.zeros((len(owner), 3), dtype=np.bool_)
    kept[1:, 0] = stops[:-1] | (np.abs(first_m[1:] - last_m[:-1]) > _SAME_M)
    kept[:1, 0] = True
    kept[bends, 1] = True
    kept[:, 2] = True
    points = np.empty((len(owner), 3, 2))
    points[:, 0] = first_m[:, None] * lit.begins
    points[bends, 1] = bend_m[:, None] * bend
    points[:, 2] = last_m[:, None] * lit.ends
    return points[kept], np.repeat(owner, kept.sum(axis=1))


def _bend(
    legs: Legs, lit: _Lit, bends: Indices, left: Array, can_first: Array, can_last: Array, beyond_m: float
) -> tuple[Array, Array]:
    """Where in some intervals the wall is as far away as what is left goes: unit vectors, shape (n, 2), and how far.

    By the inverses of both distances: that of a wall's is nearly straight over an interval, so that the chord between
    its ends hits it at once. Where it does not, because wind ends what can be flown, the interval is halved.
    """
    first, last, wall = lit.begins[bends], lit.ends[bends], lit.wall[bends]
    low, high = np.zeros(len(bends)), np.ones(len(bends))
    low_gap = 1 / lit.near_m[bends] - _inverse(can_first)
    high_gap = 1 / lit.far_m[bends] - _inverse(can_last)
    unit, away_m = first.copy(), np.minimum(lit.near_m[bends], can_first)
    open_ = np.arange(len(bends))
    for step in range(_HALVINGS):
        if not len(open_):
            break
        a, b, gap_a, gap_b = low[open_], high[open_], low_gap[open_], high_gap[open_]
        share = (a + b) / 2 if step >= _CHORDS else a - gap_a * (b - a) / (gap_b - gap_a)
        # Along the chord of three degrees at most, so that equal shares are nearly equal angles.
        way = first[open_] + share[:, None] * (last[open_] - first[open_])
        way /= np.hypot(way[:, 0], way[:, 1])[:, None]
        can_m = _beyond(legs.reach_at_m(legs.rates(way[:, 0], way[:, 1]), left[open_]), beyond_m)
        towards = wall[open_, 0] * way[:, 0] + wall[open_, 1] * way[:, 1]
        gap = towards / wall[open_, 2] - _inverse(can_m)
        unit[open_] = way
        with np.errstate(divide="ignore"):
            away_m[open_] = np.minimum(np.where(towards > 0, wall[open_, 2] / towards, np.inf), can_m)
        keeps = (gap > 0) == (gap_a > 0)
        low[open_], low_gap[open_] = np.where(keeps, share, a), np.where(keeps, gap, gap_a)
        high[open_], high_gap[open_] = np.where(keeps, b, share), np.where(keeps, gap_b, gap)
        open_ = open_[np.abs(gap) * can_m * can_m > _SAME_M]
    return unit, away_m


def _inverse(can_m: Array) -> Array:
    return np.asarray(1 / np.maximum(can_m, _LEAST_M))


def _beyond(reach_m: Array, beyond_m: float) -> Array:
    return np.asarray(np.where(reach_m > 0, reach_m + beyond_m, 0.0))
