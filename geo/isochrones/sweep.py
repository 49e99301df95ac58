"""The area that many overlapping pieces cover, seen from a place in it: where along each of many bearings it is.

A union of thousands of long thin pieces by their geometry takes seconds. Here every edge of a piece is crossed with the
bearings alone, and the count of pieces goes up and down along each of them. What comes out is the outermost rim of the
whole, and the pockets in it that no piece covers. It is exact along the bearings, and straight between them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from geo.geodesy import Array
from geo.isochrones.sight import FULL_TURN, Indices, expanded

_FURTHER_M = 1e7
"""Than any piece goes: along which bearing, and how far away, in one number."""
_NEAR_HALF_TURN = 3.0
_LEAST_POCKET_M = 10.0
"""Narrower gaps between pieces are no pockets: a way leads past corners 0.1 m away from them."""


@dataclass(frozen=True, slots=True)
class Crossings:
    """Where rings cross bearings: each array has the shape (n,)."""

    bearing: Indices
    away_m: Array
    into: Array
    """1 where a ring is entered on the way out, -1 where it is left."""


@dataclass(frozen=True, slots=True)
class Cover:
    """What pieces cover around an origin."""

    rim_m: Array
    """How far the outermost piece goes, by bearing, shape (bearings,); 0 where there is none."""
    pocket_bearing: Indices
    """Of each stretch of a bearing inside the rim that is covered by nothing, shape (p,)."""
    pocket_m: Array
    """Where it begins and ends, shape (p, 2)."""


def crossings(bearings: Array, points: Array, follows: Indices) -> Crossings:
    """Of the edges of closed rings with their inside to the left, around an origin.

    ``points``, shape (m, 2), are the corners of all rings; an edge leads from each to the one that ``follows`` it,
    shape (m,). ``bearings`` are directions counter-clockwise from east, rising, from 0 to below a full turn.
    """
    count = len(bearings)
    east_m, north_m = points[:, 0], points[:, 1]
    angle = np.arctan2(north_m, east_m)
    angle = np.where(angle < 0, angle + FULL_TURN, angle)
    place = np.searchsorted(bearings, angle)
    point_m = np.hypot(east_m, north_m)
    turn = angle[follows] - angle
    turn = np.where(turn >= math.pi, turn - FULL_TURN, np.where(turn < -math.pi, turn + FULL_TURN, turn))
    way_east_m, way_north_m = east_m[follows] - east_m, north_m[follows] - north_m
    cross = east_m * way_north_m - north_m * way_east_m
    left = np.where(np.abs(turn) > _NEAR_HALF_TURN, cross > 0, turn > 0)
    low, high = np.where(left, place, place[follows]), np.where(left, place[follows], place)
    passed = high - low
    passed = np.where(passed < 0, passed + count, passed)
    edges = np.flatnonzero(passed)
    row, bearing = expanded(low[edges], low[edges] + passed[edges])
    edge = edges[row]
    bearing = np.where(bearing >= count, bearing - count, bearing)
    leans = np.cos(bearings)[bearing] * way_north_m[edge] - np.sin(bearings)[bearing] * way_east_m[edge]
    first_m, last_m = point_m[edge], point_m[follows[edge]]
    with np.errstate(divide="ignore", invalid="ignore"):
        away_m = cross[edge] / leans
    # An edge along a bearing is crossed anywhere: in its middle.
    lost = ~((away_m >= 0) & (away_m <= np.maximum(first_m, last_m) + 1e-6))
    away_m = np.where(lost, (first_m + last_m) / 2, away_m)
    return Crossings(bearing=bearing, away_m=away_m, into=np.where(left[edge], -1.0, 1.0))


def covered(bearings: int, *, from_origin_m: Array, pieces: Crossings, blocked: Crossings) -> Cover:
    """What is covered by pieces and, all around the origin, as far as ``from_origin_m``, shape (bearings,).

    Where ``blocked`` areas are is neither covered nor a pocket.
    """
    every = np.arange(bearings)
    none = np.zeros(bearings)
    before = np.bincount(pieces.bearing, weights=-pieces.into, minlength=bearings)
    walled = np.bincount(blocked.bearing, weights=-blocked.into, minlength=bearings)
    bearing = np.concatenate((every, every, pieces.bearing, blocked.bearing))
    away_m = np.concatenate((none, from_origin_m, pieces.away_m, blocked.away_m))
    lit = np.concatenate((before + 1, none - 1, pieces.into, np.zeros(len(blocked.bearing))))
    shut = np.concatenate((walled, none, np.zeros(len(pieces.bearing)), blocked.into))
    order = np.argsort(_FURTHER_M * bearing + away_m)
    bearing, away_m = bearing[order], away_m[order]
    lit_after = np.cumsum(lit[order])
    open_after = lit_after + np.cumsum(shut[order])
    lit_before = np.concatenate(([0.0], lit_after[:-1]))
    rim_m = np.zeros(bearings)
    leaves = np.flatnonzero((lit_before > 0.5) & (lit_after < 0.5))
    np.maximum.at(rim_m, bearing[leaves], away_m[leaves])
    gap = np.flatnonzero((open_after[:-1] < 0.5) & (bearing[1:] == bearing[:-1]))
    begins_m, ends_m = away_m[gap], np.minimum(away_m[gap + 1], rim_m[bearing[gap]])
    kept = ends_m - begins_m > _LEAST_POCKET_M
    return Cover(
        rim_m=rim_m,
        pocket_bearing=bearing[gap][kept],
        pocket_m=np.column_stack((begins_m[kept], ends_m[kept])),
    )
