"""The heights along a path on the ground: as few changes as its bands allow.

Every few metres a band says how low and how high a flight may be there. Between waypoints an aircraft flies a straight
line, so a line is drawn as far as it stays inside all bands, then the next one.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from geo.geodesy import Array


def lines_within(
    along_m: Array, low_m: Array, high_m: Array, wanted_m: Array, *, from_m: float
) -> list[tuple[int, float]]:
    """Where height changes: indices of samples (the last always among them) and the height there.

    All arrays have shape (n,) with n of at least 2 and ``along_m`` rising; ``from_m`` is the height at the first
    sample. Of the heights that a line can have at its end, the one nearest to the wanted one is taken. A band without
    height (lower above upper) is met as nearly as a line can from the sample before.
    """
    turns: list[tuple[int, float]] = []
    start, height_m = 0, from_m
    last = len(along_m) - 1
    while start < last:
        end, chosen_m = _line(along_m, low_m, high_m, wanted_m, start, height_m)
        turns.append((end, chosen_m))
        start, height_m = end, chosen_m
    return turns


def _line(
    along_m: Array, low_m: Array, high_m: Array, wanted_m: Array, start: int, height_m: float
) -> tuple[int, float]:
    run = along_m[start + 1 :] - along_m[start]
    least = np.maximum.accumulate((low_m[start + 1 :] - height_m) / run)
    most = np.minimum.accumulate((high_m[start + 1 :] - height_m) / run)
    good = least <= most + 1e-9
    reached = len(good) if good.all() else int(np.argmin(good))
    index = max(reached, 1) - 1
    end = start + 1 + index
    wanted = (wanted_m[end] - height_m) / run[index]
    slope = min(max(wanted, least[index]), most[index]) if reached else wanted
    return end, float(height_m + slope * run[index])


def joined(points: Sequence[tuple[float, float, float]]) -> list[tuple[float, float, float]]:
    """East, north and height without points that repeat the one before."""
    kept = [points[0]]
    for point in points[1:]:
        if max(abs(a - b) for a, b in zip(point, kept[-1], strict=True)) > 1e-6:
            kept.append(point)
    return kept
