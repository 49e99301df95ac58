"""What stands in the way at one height, and what its corners see: worked out once, for every dock and every wind.

A fastest way bends at corners alone and touches the corner that it bends at, so a corner looks only where such a way
can go on: into two narrow cones along its walls, one for ways that keep the zone to their left, one for the right.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry
from shapely.geometry.polygon import orient

from geo.geodesy import Array
from geo.isochrones.sight import FULL_TURN, Indices, Sights, expanded, look
from geo.routing.prepared import KeepOut

Flags = npt.NDArray[np.bool_]
_AT_ONCE = 256
"""Corners that look around together: fewer calls, but no arrays that leave the processor's cache."""
_TANGENT = 1e-6
_SKETCHED = 6.0
"""How far what a corner sees must jump to be drawn: so many times what a scenery is coarse by."""


@dataclass(frozen=True, slots=True)
class Links:
    """Straight stretches between corners that a fastest way may use; each array has the shape (n,), by start."""

    starts: Indices
    """Where each corner's links begin, shape (corners + 1,)."""
    ends: Indices
    """The corner at which each ends."""
    east_m: Array
    north_m: Array


class Scenery:
    """Areas in local metres that no way may touch; what is further away than ``sight_m`` is not looked at."""

    def __init__(
        self, keep_outs: Sequence[KeepOut], *, names: Sequence[int], sight_m: float, coarse_m: float = 0.0
    ) -> None:
        """``names``: the number that each is known by to who asks. ``coarse_m``: what corners see is drawn only
        so finely; what they are linked to is not touched by it.
        """
        self.names = {name: index for index, name in enumerate(names)}
        self.sight_m, self.coarse_m = sight_m, coarse_m
        self.areas = [each.area for each in keep_outs]
        self.tree = shapely.STRtree(self.areas)
        self.parts: Sequence[BaseGeometry] = shapely.get_parts(shapely.union_all(self.areas)).tolist()
        walls = [walls_of(part) for part in self.parts]
        self.walls: Array = np.vstack([np.zeros((0, 4)), *walls])
        self.wall_starts = _starts(walls)
        corners, areas = self._corners(keep_outs)
        self.corners: Array = np.vstack([np.zeros((0, 6)), *corners])
        """East and north of a corner, of the one before and of the one after; shape (n, 6), by part."""
        self.area_of_corner: Indices = np.concatenate([np.zeros(0, dtype=np.intp), *areas])
        self._corner_starts = _starts(corners)
        middle, radius_m = shapely.minimum_bounding_circle, shapely.minimum_bounding_radius
        self._middles: Array = shapely.get_coordinates(shapely.centroid(middle(self.parts))).reshape(-1, 2)
        self._radii_m: Array = np.asarray(radius_m(self.parts), dtype=np.float64)
        self._spots = self.corners[:, 0:2]
        self._before = self.corners[:, 2:4] - self._spots
        self._after = self.corners[:, 4:6] - self._spots
        self.links, cones = self._looked()
        self.cones = (
            cones.coarser(_SKETCHED * coarse_m, furthest_m=sight_m) if coarse_m and len(cones.begins) else cones
        )
        """The view into the cones of each corner: that of corner i with the zone to the left is number 2·i."""
        self.cone_begins: Array = np.column_stack((np.cos(self.cones.begins), np.sin(self.cones.begins)))
        """Unit vectors in which their intervals begin, shape (n, 2)."""
        self.cone_ends: Array = np.column_stack((np.cos(self.cones.ends), np.sin(self.cones.ends)))

    def around(self, origin: tuple[float, float], *, without: Sequence[int], more: Array) -> Sights:
        """The view all around from a place, with other walls in the stead of those of some parts."""
        near = self.near(origin, without=without)
        rows = expanded(self.wall_starts[near], self.wall_starts[near + 1])[1]
        walls = np.vstack((self.walls[rows], more))
        return look(
            np.array([origin]),
            first=np.array([-math.pi]),
            width=np.array([FULL_TURN]),
            walls=walls,
            view=np.zeros(len(walls), dtype=np.intp),
        )

    def near(self, origin: tuple[float, float], *, without: Sequence[int] = ()) -> Indices:
        """Parts within sight of a place, without some."""
        away_m = np.hypot(*(self._middles - np.array(origin)).T) - self._radii_m
        return np.setdiff1d(np.flatnonzero(away_m <= self.sight_m), without)

    def touched(self, origin: tuple[float, float], sight: Sights, *, loose: Flags) -> Indices:
        """Corners in a view that a way from its origin touches; in any case those that are ``loose``."""
        way = self._spots - np.array(origin)
        near = np.hypot(way[:, 0], way[:, 1]) <= self.sight_m
        found = np.flatnonzero(near & (_same_side(way, self._before, self._after) | loose))
        return found[sight.see(np.zeros(len(found), dtype=np.intp), way[found, 0], way[found, 1])]

    def _corners(self, keep_outs: Sequence[KeepOut]) -> tuple[list[Array], list[Indices]]:
        """Corners that lie in none of the areas, and the area that each is of; in the order of the parts."""
        if not keep_outs:
            return [], []
        every = np.vstack([np.zeros((0, 6)), *(each.corners for each in keep_outs)])
        owner = np.repeat(np.arange(len(keep_outs)), [len(each.corners) for each in keep_outs])
        hidden = np.zeros(len(every), dtype=np.bool_)
        hidden[self.tree.query(shapely.points(every[:, 0:2]), predicate="intersects")[0]] = True
        within = np.zeros(len(keep_outs), dtype=np.intp)
        of_area, part = shapely.STRtree(self.parts).query(
            [area.representative_point() for area in self.areas], predicate="intersects"
        )
        within[of_area] = part
        corners, areas = [], []
        for index in range(len(self.parts)):
            chosen = np.flatnonzero((within[owner] == index) & ~hidden)
            corners.append(every[chosen])
            areas.append(owner[chosen])
        return corners, areas

    def _looked(self) -> tuple[Links, Sights]:
        chunks = [
            np.arange(begin, min(begin + _AT_ONCE, len(self.corners)))
            for begin in range(0, len(self.corners), _AT_ONCE)
        ]
        looks = [self._look_from(corners) for corners in chunks]
        starts = np.concatenate([np.zeros(0, dtype=np.intp), *(start for start, _, _ in looks)])
        ends = np.concatenate([np.zeros(0, dtype=np.intp), *(end for _, end, _ in looks)])
        order = np.argsort(starts, kind="stable")
        starts, ends = starts[order], ends[order]
        way = self._spots[ends] - self._spots[starts]
        links = Links(
            starts=np.searchsorted(starts, np.arange(len(self.corners) + 1)),
            ends=ends,
            east_m=way[:, 0],
            north_m=way[:, 1],
        )
        return links, _joined([sights for _, _, sights in looks])

    def _look_from(self, corners: Indices) -> tuple[Indices, Indices, Sights]:
        """From some corners: the links that begin there, as starts and ends, and what is seen in both cones of each."""
        came, goes = -self._before[corners], self._after[corners]
        width = np.arctan2(came[:, 0] * goes[:, 1] - came[:, 1] * goes[:, 0], (came * goes).sum(axis=1))
        first = np.arctan2(came[:, 1], came[:, 0])
        origins = np.repeat(self._spots[corners], 2, axis=0)
        firsts = np.column_stack((first, first + math.pi)).ravel()
        widths = np.repeat(width, 2)
        view, part = self._ahead(origins, firsts, widths)
        pair, wall = expanded(self.wall_starts[part], self.wall_starts[part + 1])
        sights = look(origins, first=firsts, width=widths, walls=self.walls[wall], view=view[pair])
        pair, target = expanded(self._corner_starts[part], self._corner_starts[part + 1])
        view = view[pair]
        way = self._spots[target] - origins[view]
        start = corners[view // 2]
        middle = firsts[view] + widths[view] / 2
        forward = way[:, 0] * np.cos(middle) + way[:, 1] * np.sin(middle) > 0
        taut = np.flatnonzero(
            forward
            & (target != start)
            & (np.hypot(way[:, 0], way[:, 1]) <= self.sight_m)
            & _same_side(way, self._before[start], self._after[start])
            & _same_side(way, self._before[target], self._after[target])
        )
        seen = taut[sights.see(view[taut], way[taut, 0], way[taut, 1])]
        return start[seen], target[seen], sights

    def _ahead(self, origins: Array, first: Array, width: Array) -> tuple[Indices, Indices]:
        """Pairs of views and of parts that may be in them, by the circles around the parts."""
        far_m = np.hypot(self._middles[:, 0] - origins[:, :1], self._middles[:, 1] - origins[:, 1:])
        view, part = np.nonzero(far_m - self._radii_m <= self.sight_m)
        away_m, radius_m = far_m[view, part], self._radii_m[part]
        way = self._middles[part] - origins[view]
        middle = first + width / 2
        cosine = way[:, 0] * np.cos(middle)[view] + way[:, 1] * np.sin(middle)[view]
        slant = np.arcsin(np.minimum(radius_m / np.maximum(away_m, 1e-9), 1.0))
        ahead = cosine >= away_m * np.cos(np.minimum(width[view] / 2 + slant + 1e-6, math.pi))
        kept = np.flatnonzero((away_m <= radius_m + 1.0) | ahead)
        return view[kept], part[kept]


def walls_of(area: BaseGeometry) -> Array:
    """The edges of polygons with what they enclose to their left, shape (m, 4)."""
    found = [np.zeros((0, 4))]
    for polygon in shapely.get_parts(area):
        turned = orient(polygon)
        for ring in (turned.exterior, *turned.interiors):
            points = np.asarray(ring.coords, dtype=np.float64)[:, :2]
            found.append(np.hstack((points[:-1], points[1:])))
    return np.vstack(found)


def _starts(blocks: Sequence[Array]) -> Indices:
    return np.concatenate((np.zeros(1, dtype=np.intp), np.cumsum([len(each) for each in blocks], dtype=np.intp)))


def _joined(sights: Sequence[Sights]) -> Sights:
    none = np.zeros(0)
    offsets = np.cumsum([0, *(len(each.begins) for each in sights)])
    starts = [each.starts[:-1] + offset for each, offset in zip(sights, offsets, strict=False)]
    return Sights(
        first=np.concatenate([none, *(each.first for each in sights)]),
        width=np.concatenate([none, *(each.width for each in sights)]),
        starts=np.concatenate([*starts, offsets[-1:]]),
        begins=np.concatenate([none, *(each.begins for each in sights)]),
        ends=np.concatenate([none, *(each.ends for each in sights)]),
        near_m=np.concatenate([none, *(each.near_m for each in sights)]),
        far_m=np.concatenate([none, *(each.far_m for each in sights)]),
        wall=np.vstack([np.zeros((0, 3)), *(each.wall for each in sights)]),
    )


def _same_side(way: Array, one: Array, other: Array) -> Flags:
    first = way[:, 0] * one[..., 1] - way[:, 1] * one[..., 0]
    second = way[:, 0] * other[..., 1] - way[:, 1] * other[..., 0]
    return np.asarray(first * second >= -_TANGENT)
