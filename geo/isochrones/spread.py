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
from geo.isochrones.legs import Legs
from geo.isochrones.scenery import Scenery, walls_of
from geo.isochrones.sight import FULL_TURN, Indices, Sights, along, expanded
from geo.isochrones.sweep import Cover, Crossings, covered, crossings

BEARINGS = 360
_JUMP_M = 20.0
_BESIDE = 1e-5
"""Radians: bearings on either side of an edge of what the dock sees, so that its shadows are sharp."""
_HALVINGS = 12
"""Of an interval of at most 3 degrees."""
_SAME_M = 0.01
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
        blocked=crossings(bearings, walls[:, 0:2], walls[:, 2:4]),
        areas=(*(scenery.parts[i] for i in near.tolist()), *own),
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
        self._rows, self._owner = self._lit()

    def area(self, budget: float, *, beyond_m: float) -> BaseGeometry:
        """All that is reached with a budget, and ``beyond_m`` further where no wall is in between."""
        start = self._start
        can_m = _can_m(self._legs, start.bearings, np.full(len(start.bearings), budget - self._before), beyond_m)
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
        held = self._owner < within
        rows, owner = self._rows[held], self._owner[held]
        sights = self._scenery.cones
        points, of = _rim(self._legs, sights, rows, owner, budget - self._spent, beyond_m)
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
        return crossings(self._start.bearings, rings, rings[follows])

    def _lit(self) -> tuple[Indices, Indices]:
        """Intervals of cones that ways go on into, and for each the place of its corner in the order of cost."""
        corners, cones = self._scenery.corners[self._corners], self._scenery.cones
        inward = corners[:, 2:4] + corners[:, 4:6] - 2 * corners[:, 0:2]
        leftwards = self._came[:, 0] * inward[:, 1] - self._came[:, 1] * inward[:, 0] > 0
        cone = 2 * self._corners + np.where(leftwards, 0, 1)
        owner, rows = expanded(cones.starts[cone], cones.starts[cone + 1])
        came = self._came[owner]
        # From where it comes straight on to where the zone is: an interval that it comes along counts.
        begins, ends = cones.begins[rows], cones.ends[rows]
        left_of = came[:, 0] * np.sin(ends) - came[:, 1] * np.cos(ends) > 0
        right_of = came[:, 0] * np.sin(begins) - came[:, 1] * np.cos(begins) < 0
        lit = np.where(leftwards[owner], left_of, right_of) | self._loosely[owner]
        return rows[lit], owner[lit]

    def _drawn(self, cover: Cover) -> BaseGeometry:
        bearings, origin = self._start.bearings, np.array(self._start.origin)
        if not cover.rim_m.any():
            return Polygon()
        units = np.column_stack((np.cos(bearings), np.sin(bearings)))
        whole = shapely.make_valid(
            Polygon(origin + cover.rim_m[:, None] * units), method="structure", keep_collapsed=False
        )
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


def _rim(
    legs: Legs, sights: Sights, rows: Indices, owner: Indices, left: Array, beyond_m: float
) -> tuple[Array, Indices]:
    """Points around the corners, by owner and counter-clockwise, shape (n, 2), and the owner of each.

    An interval has one where it begins, unless the one before has ended there; where it bends, because the wall goes
    further away than what is left or comes nearer; and where it ends.
    """
    first, last, wall, left = sights.begins[rows], sights.ends[rows], sights.wall[rows], left[owner]
    near_m, far_m = sights.near_m[rows], sights.far_m[rows]
    goes_on = np.zeros(len(rows), dtype=np.bool_)
    goes_on[:-1] = (owner[1:] == owner[:-1]) & (rows[1:] == rows[:-1] + 1)
    can_first = _can_m(legs, first, left, beyond_m)
    can_last = np.append(can_first[1:], 0.0)
    can_last[~goes_on] = _can_m(legs, last[~goes_on], left[~goes_on], beyond_m)
    bends = np.flatnonzero((near_m < can_first) != (far_m < can_last))
    low, high = first[bends], last[bends]
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        walled = along(wall[bends], middle) < _can_m(legs, middle, left[bends], beyond_m)
        stays = walled == (near_m[bends] < can_first[bends])
        low, high = np.where(stays, middle, low), np.where(stays, high, middle)
    bend, bend_m = first.copy(), np.zeros(len(rows))
    bend[bends] = low
    bend_m[bends] = np.minimum(along(wall[bends], low), _can_m(legs, low, left[bends], beyond_m))
    first_m, last_m = np.minimum(near_m, can_first), np.minimum(far_m, can_last)
    kept = np.zeros((len(rows), 3), dtype=np.bool_)
    kept[1:, 0] = ~goes_on[:-1] | (np.abs(first_m[1:] - last_m[:-1]) > _SAME_M)
    kept[:1, 0] = True
    kept[bends, 1] = True
    kept[:, 2] = True
    radii = np.stack((first_m, bend_m, last_m), axis=1)[kept]
    angles = np.stack((first, bend, last), axis=1)[kept]
    of = np.repeat(owner, kept.sum(axis=1))
    return np.column_stack((radii * np.cos(angles), radii * np.sin(angles))), of


def _can_m(legs: Legs, direction: Array, left: Array, beyond_m: float) -> Array:
    reach_m = legs.reach_m(direction, left)
    return np.asarray(np.where(reach_m > 0, reach_m + beyond_m, 0.0))
