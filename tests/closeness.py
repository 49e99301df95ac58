"""How near flights came to one another: exact, from where they were, and sharing nothing with who keeps them apart.

A track is a list of moments, each with the place in metres (east, north, up); in between it is straight and even. Two
tracks are too near when at one instant they are nearer than 30 m over ground and 15 m in height.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise

Moment = tuple[float, float, float, float]
"""Seconds, east, north, up."""
BESIDE_M = 30.0
ABOVE_M = 15.0


def too_near_at(one: Sequence[Moment], other: Sequence[Moment]) -> float | None:
    """The first second at which two tracks are too near; None: never while both last."""
    begin, end = max(one[0][0], other[0][0]), min(one[-1][0], other[-1][0])
    if begin >= end:
        return None
    moments = sorted({begin, end, *(m[0] for m in (*one, *other) if begin < m[0] < end)})
    for since, until in pairwise(moments):
        first = _difference(_at(one, since), _at(other, since))
        last = _difference(_at(one, until), _at(other, until))
        spans = [
            _below(first[0:2], last[0:2], BESIDE_M),
            _below(first[2:3], last[2:3], ABOVE_M),
        ]
        if all(span is not None for span in spans):
            shares = [span for span in spans if span is not None]
            low, high = max(share[0] for share in shares), min(share[1] for share in shares)
            if low < high:
                return since + low * (until - since)
    return None


def _at(track: Sequence[Moment], second: float) -> tuple[float, ...]:
    after = min(max(bisect_right(track, (second, math.inf)), 1), len(track) - 1)
    start, end = track[after - 1], track[after]
    if end[0] == start[0]:
        return end[1:]
    share = (second - start[0]) / (end[0] - start[0])
    return tuple(a + (b - a) * share for a, b in zip(start[1:], end[1:], strict=True))


def _difference(one: Sequence[float], other: Sequence[float]) -> tuple[float, ...]:
    return tuple(b - a for a, b in zip(one, other, strict=True))


def _below(first: Sequence[float], last: Sequence[float], limit: float) -> tuple[float, float] | None:
    """The shares of a straight way from a difference to another in which its length is below a limit."""
    way = _difference(first, last)
    square = sum(each * each for each in way)
    along = sum(a * b for a, b in zip(first, way, strict=True))
    rest = sum(each * each for each in first) - limit * limit
    if square == 0:
        return (0.0, 1.0) if rest < 0 else None
    root = along * along - square * rest
    if root <= 0:
        return None
    low, high = ((-along + sign * math.sqrt(root)) / square for sign in (-1, 1))
    low, high = max(low, 0.0), min(high, 1.0)
    return (low, high) if low < high else None
