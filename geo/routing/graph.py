"""What sees what among the corners of a few zones: a visibility graph that grows, and is only looked at where needed.

A corner's view is worked out the first time that a search comes by, for all other corners at once, and brought up to
date when zones are added: what was hidden stays hidden.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from geo.geodesy import Array
from geo.routing.prepared import Flags, KeepOut

Indices = npt.NDArray[np.intp]
START, TARGET = 0, 1
_ENDS = 2


class ViewGraph:
    """Start, target and the corners of zones, seen at several levels; each level has its own zones in the way."""

    def __init__(self, *, start: tuple[float, float], target: tuple[float, float], met: Sequence[Flags]) -> None:
        """``met`` tells for each level which zones are in the way there; shape (zones,) each."""
        self.points: Array = np.array([start, target], dtype=np.float64)
        self.owner: Indices = np.array([-1, -1], dtype=np.intp)
        """Index of the zone that a point is a corner of."""
        self.corner: list[int] = [-1, -1]
        """Which of that zone's corners it is."""
        self.zones: list[int] = []
        self._met = met
        self._before: Array = self.points.copy()
        self._after: Array = self.points.copy()
        self._walls: list[Array] = [np.zeros((0, 4)) for _ in met]
        self._views: dict[tuple[int, int], tuple[Flags, int]] = {}

    def add(self, zone: int, keep_out: KeepOut) -> None:
        """Put a zone in the way at the levels where it is met."""
        self.zones.append(zone)
        corners = keep_out.corners
        self.points = np.vstack((self.points, corners[:, 0:2]))
        self._before = np.vstack((self._before, corners[:, 2:4]))
        self._after = np.vstack((self._after, corners[:, 4:6]))
        self.owner = np.append(self.owner, np.full(len(corners), zone, dtype=np.intp))
        self.corner += range(len(corners))
        for level, met in enumerate(self._met):
            if met[zone]:
                self._walls[level] = np.vstack((self._walls[level], keep_out.walls))

    def is_corner(self, level: int, point: int) -> bool:
        """True where a way at a level may bend: at the start, and at corners of zones that are met there."""
        return point < _ENDS or bool(self._met[level][self.owner[point]])

    def seen_from(self, level: int, point: int) -> Indices:
        """Points to which the straight stretch at a level is free, and at which it would rightly bend."""
        walls, count = self._walls[level], len(self.points)
        known = self._views.get((level, point))
        here = self.points[point]
        if known is None:
            fresh = self._bends_rightly(level, point, 0)
            fresh[point] = False
            new = fresh.nonzero()[0]
            hidden = _blocked(here, self.points[new], walls)
            fresh[new[hidden]] = False
            self._views[level, point] = fresh, len(walls)
            return new[~hidden]
        view, walls_before = known
        if len(view) == count and walls_before == len(walls):
            return view.nonzero()[0]
        fresh = np.ones(count, dtype=np.bool_)
        fresh[: len(view)] = view
        fresh[len(view) :] &= self._bends_rightly(level, point, len(view))
        fresh[point] = False
        old = fresh[: len(view)].nonzero()[0]
        new = len(view) + fresh[len(view) :].nonzero()[0]
        fresh[old] = ~_blocked(here, self.points[old], walls[walls_before:])
        fresh[new] = ~_blocked(here, self.points[new], walls)
        self._views[level, point] = fresh, len(walls)
        return fresh.nonzero()[0]

    def _bends_rightly(self, level: int, point: int, since: int) -> Flags:
        """A fastest way touches a corner that it bends at: both its walls lie to one side of the stretch.

        Corners of zones that are not met at this level are places to leave it, from which side ever.
        """
        here, there = self.points[point], self.points[since:]
        way = there - here
        right = _same_side(way, self._before[since:] - there, self._after[since:] - there)
        met = self._met[level]
        ends = max(0, _ENDS - since)
        right[:ends] = True
        right[ends:] |= ~met[self.owner[since + ends :]]
        if point >= _ENDS and met[self.owner[point]]:
            right &= _same_side(way, self._before[point] - here, self._after[point] - here)
        return right


def _same_side(way: Array, one: Array, other: Array) -> Flags:
    first = way[:, 0] * one[..., 1] - way[:, 1] * one[..., 0]
    second = way[:, 0] * other[..., 1] - way[:, 1] * other[..., 0]
    return np.asarray(first * second >= -1e-6)


def _blocked(here: Array, there: Array, walls: Array) -> Flags:
    """Whether stretches from a point to others, shape (n, 2), touch any of the walls, shape (m, 4)."""
    if not len(there) or not len(walls):
        return np.zeros(len(there), dtype=np.bool_)
    way = there - here
    ax, ay = walls[:, 0] - here[0], walls[:, 1] - here[1]
    bx, by = walls[:, 2] - here[0], walls[:, 3] - here[1]
    facing = ax * by - ay * bx
    # Areas lie to the left of their walls, so a stretch from outside enters through one that turns its right to it.
    front = facing <= 0
    ax, ay, bx, by, facing = ax[front], ay[front], bx[front], by[front], facing[front]
    east, north = way[:, :1], way[:, 1:]
    side_a = east * ay - north * ax
    side_b = east * by - north * bx
    # And it ends on the wall's other side: on the inner side, or on the wall.
    inner = facing + north * (bx - ax) - east * (by - ay)
    return np.asarray(((side_a * side_b <= 0) & (inner >= 0)).any(axis=1))
