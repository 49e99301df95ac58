"""What is seen between walls, from many points at once: the nearest wall in every direction, exactly.

The directions in which walls begin and end cut a view into intervals. In each of these the nearest wall is the same one
all along, because walls do not cross one another. All in local metres, and radians counter-clockwise from east.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from geo.geodesy import Array

Indices = npt.NDArray[np.intp]
FULL_TURN = 2 * math.pi
STEP = math.radians(3.0)
"""Intervals are no wider, so that an arc drawn through their ends is 0.04 % short in the middle of each."""
_APART = 8.0
"""Between the directions of one view and the next where all are in one rising array: more than a full turn."""
_DECIMALS = 10
_ALONG_M = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Sights:
    """Views from k points, one after the other. Rows are intervals, counter-clockwise; arrays have the shape (n,)."""

    first: Array
    """Direction in which each view begins, shape (k,)."""
    width: Array
    """How far each goes, at most a full turn, shape (k,)."""
    starts: Indices
    """Where each view's rows begin, shape (k + 1,)."""
    begins: Array
    """Direction in which an interval begins."""
    ends: Array
    near_m: Array
    """How far it is seen where the interval begins; infinite where no wall is."""
    far_m: Array
    """And where it ends."""
    wall: Array
    """The nearest wall, shape (n, 3): its line as a·east + b·north = c around the origin, with (a, b) of length 1 and
    c above 0; c infinite without one.
    """

    def see(self, view: Indices, east_m: Array, north_m: Array) -> npt.NDArray[np.bool_]:
        """Which points (around the origin of a view, in its directions) no wall hides; all of shape (m,)."""
        turn = np.mod(np.arctan2(north_m, east_m) - self.first[view], FULL_TURN)
        turn = np.where(turn > (FULL_TURN + self.width[view]) / 2, 0.0, turn)
        counts = np.diff(self.starts)
        keys = self.begins - np.repeat(self.first, counts) + _APART * np.repeat(np.arange(len(counts)), counts)
        row = np.searchsorted(keys, turn + _APART * view, side="right") - 1
        row = np.clip(row, self.starts[view], self.starts[view + 1] - 1)
        a, b, c = self.wall[row].T
        return np.asarray(a * east_m + b * north_m <= c + _ALONG_M)

    def jumps(self, least_m: float) -> Indices:
        """Rows that begin further or nearer than the row before ends, by so much at least; views' first rows apart."""
        with np.errstate(invalid="ignore"):
            step_m = np.abs(self.near_m[1:] - self.far_m[:-1])
        # Two that are infinite leave no number: no jump.
        return np.setdiff1d(np.flatnonzero(step_m >= least_m) + 1, self.starts)

    def coarser(self, least_m: float, *, furthest_m: float) -> Sights:
        """Seen no further than ``furthest_m``, with rows joined up to three degrees where they do not jump by so much.

        The walls of joined rows become the chords between their ends.
        """
        capped = replace(self, near_m=np.minimum(self.near_m, furthest_m), far_m=np.minimum(self.far_m, furthest_m))
        turn = self.begins - np.repeat(self.first, np.diff(self.starts))
        sector = (turn / STEP + 1e-9).astype(np.intp)
        new = np.zeros(len(turn), dtype=np.bool_)
        new[1:] = sector[1:] != sector[:-1]
        new[capped.jumps(least_m)] = True
        new[self.starts[:-1]] = True
        begin = np.flatnonzero(new)
        end = np.append(begin[1:], len(new)) - 1
        begins, ends, near_m, far_m = self.begins[begin], self.ends[end], capped.near_m[begin], capped.far_m[end]
        wall = self.wall[begin]
        many = np.flatnonzero(begin != end)
        wall[many] = _chords(begins[many], near_m[many], ends[many], far_m[many])
        return replace(
            self,
            starts=np.searchsorted(begin, self.starts),
            begins=begins,
            ends=ends,
            near_m=near_m,
            far_m=far_m,
            wall=wall,
        )


def look(origins: Array, *, first: Array, width: Array, walls: Array, view: Indices) -> Sights:
    """Views from points outside of what walls enclose, shapes (k, 2) and (k,).

    ``walls`` has shape (m, 4), with what they enclose to the left; ``view``, shape (m,), tells in whose view each is:
    who is in several comes several times.
    """
    ax, ay = walls[:, 0] - origins[view, 0], walls[:, 1] - origins[view, 1]
    bx, by = walls[:, 2] - origins[view, 0], walls[:, 3] - origins[view, 1]
    facing = ax * by - ay * bx
    front = np.flatnonzero(facing < 0)
    ax, ay, bx, by, facing, view = ax[front], ay[front], bx[front], by[front], facing[front], view[front]
    # A wall that turns its front runs clockwise: counter-clockwise it begins at its second end.
    low = np.mod(np.arctan2(by, bx) - first[view], FULL_TURN)
    high = np.mod(np.arctan2(ay, ax) - first[view], FULL_TURN)
    around = np.flatnonzero(high < low)
    owner = np.concatenate((np.arange(len(low)), around))
    low = np.concatenate((low, np.zeros(len(around))))
    high = np.concatenate((high, high[around]))
    high[around] = FULL_TURN
    most = width[view[owner]]
    kept = np.flatnonzero(low < most)
    owner, low, high = owner[kept], low[kept], np.minimum(high[kept], most[kept])
    base = _APART * view[owner]
    low, high = np.round(low + base, _DECIMALS), np.round(high + base, _DECIMALS)
    cuts = np.unique(np.concatenate((_steps(width), low, high)))
    of = (cuts / _APART + 1e-9).astype(np.intp)
    start, stop = np.searchsorted(cuts, low), np.searchsorted(cuts, high)
    pair, row = expanded(start, stop)
    edge = owner[pair]
    # The normal that points away from the origin, into what the wall encloses.
    long_m = np.hypot(bx - ax, by - ay)
    line = np.column_stack(((ay - by) / long_m, (bx - ax) / long_m, -facing / long_m))
    turned = first[of] + cuts - _APART * of
    middle = (turned[row] + turned[np.minimum(row + 1, len(cuts) - 1)]) / 2
    away_m = along(line[edge], middle)
    order = np.lexsort((away_m, row))
    rows, at = np.unique(row[order], return_index=True)
    wall = np.zeros((len(cuts), 3))
    wall[:, 2] = np.inf
    wall[rows] = line[edge[order[at]]]
    inner = np.flatnonzero(of[:-1] == of[1:])
    begins, ends, wall = turned[inner], turned[inner + 1], wall[inner]
    return Sights(
        first=first,
        width=width,
        starts=np.searchsorted(of[inner], np.arange(len(first) + 1)),
        begins=begins,
        ends=ends,
        near_m=along(wall, begins),
        far_m=along(wall, ends),
        wall=wall,
    )


def along(wall: Array, direction: Array) -> Array:
    """How far it is to walls (a, b, c), shape (n, 3), in directions of shape (n,); infinite where none is."""
    towards = wall[:, 0] * np.cos(direction) + wall[:, 1] * np.sin(direction)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(towards > 0, wall[:, 2] / towards, np.inf))


def _chords(begins: Array, near_m: Array, ends: Array, far_m: Array) -> Array:
    """The lines through what is seen where intervals begin and end, shape (n, 3), as `Sights.wall`."""
    ax, ay = near_m * np.cos(begins), near_m * np.sin(begins)
    bx, by = far_m * np.cos(ends), far_m * np.sin(ends)
    long_m = np.maximum(np.hypot(bx - ax, by - ay), 1e-9)
    a, b = (by - ay) / long_m, (ax - bx) / long_m
    return np.column_stack((a, b, a * ax + b * ay))


def expanded(start: Indices, stop: Indices) -> tuple[Indices, Indices]:
    """Every index from start to before stop, for each row: the row's number and the index."""
    counts = stop - start
    row = np.repeat(np.arange(len(counts)), counts)
    return row, np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts) + start[row]


def _steps(width: Array) -> Array:
    counts = 2 + (width / STEP).astype(np.intp)
    view, step = expanded(np.zeros(len(width), dtype=np.intp), counts)
    return np.round(_APART * view + width[view] * step / (counts[view] - 1), _DECIMALS)
