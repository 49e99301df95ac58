"""Heights along one stretch over hilly ground, the least time on a grid: when to climb, how high, when to come down.

Between waypoints an aircraft flies a straight line from rest to rest, so each further line costs its stop, and height
costs time only where a line is too steep to be flown at speed, and at the end, where the watch height is taken. The
least of it is found over heights that lie evenly, at stations that lie evenly along the stretch: neither moves with
the ground, so that all that can be flown over a higher ridge can be flown over a lower one, and takes as long.
It is the least on that grid, not of all lines: one that bends between stations, or ends between two heights, can be
some seconds faster. Where no line on the grid fits the bands there is no answer, and the property of ridges ends.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geo.flight.performance import Performance
from geo.geodesy import Array

STATIONS = 25
"""At most so many places along a stretch where height may change, the ends among them."""
HEIGHT_STEP_M = 5.0
_MOST_HEIGHTS = 48
_LOWER_IS_BETTER_S_PER_M = 1e-4
"""Of two that take as long, the one that climbs less."""
_EXACT_M = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class LegTimes:
    """Seconds of legs along one stretch, as `geo.flight.energy.leg_stretch` has them."""

    performance: Performance
    speed_m_s: float
    """Over ground, along the stretch."""

    def seconds(self, distance_m: Array, rise_m: Array) -> Array:
        """From rest to rest; shapes that can be broadcast. Of no way and no rise: nothing."""
        by = self.performance
        ramps_m = self.speed_m_s**2 / by.acceleration_m_s2
        travel_s = np.where(
            distance_m >= ramps_m,
            distance_m / self.speed_m_s + self.speed_m_s / by.acceleration_m_s2,
            2 * np.sqrt(np.maximum(distance_m, 0.0) / by.acceleration_m_s2),
        )
        rise_s = np.where(rise_m > 0, rise_m / by.climb_m_s, -rise_m / by.descent_m_s)
        taken_s = np.maximum(travel_s, rise_s)
        return np.asarray(np.where(taken_s > 0, taken_s + by.leg_settle_s, 0.0))


def fastest_lines(
    along_m: Array,
    low_m: Array,
    high_m: Array,
    *,
    wanted_m: float,
    level_m: Array,
    from_m: float,
    end_m: float,
    times: LegTimes,
) -> list[tuple[int, float]] | None:
    """Where height changes: indices of samples (the last always among them) and the height there; None: no such lines.

    The least time on the grid of stations and heights, each also as the level is at both ends; not of all lines.

    The arrays have shape (n,) with n of at least 2: samples along the stretch, their bands, and what the wanted level
    becomes over each; lower than that nothing is flown. It begins at the first sample at ``from_m``, and at the last
    one the height is changed to ``end_m``, which is paid for here and not part of the answer. A height may change on
    the spot: an index then comes twice.
    """
    last = len(along_m) - 1
    if abs(level_m[last] - from_m) < _EXACT_M and (low_m <= from_m).all() and (high_m >= from_m).all():
        return [(last, float(level_m[last]))]
    stations = np.unique(np.linspace(0, last, min(last + 1, STATIONS)).round().astype(np.intp))
    heights = [_heights(level_m[at], high_m[at], wanted_m) for at in stations.tolist()]
    heights[0] = _with(heights[0], from_m)
    heights[-1] = _with(heights[-1], float(level_m[last]))
    widest = max(len(each) for each in heights)
    table = np.full((len(stations), widest), np.nan)
    for row, each in zip(table, heights, strict=True):
        row[: len(each)] = each
    spent = np.full(table.shape, np.inf)
    spent[0, 0] = 0.0
    lifted_from: npt.NDArray[np.intp] = np.zeros(table.shape, dtype=np.intp)
    came: npt.NDArray[np.intp] = np.zeros((*table.shape, 2), dtype=np.intp)
    for i in range(len(stations) - 1):
        here = heights[i]
        lifts_s = spent[i, : len(here), None] + _paid(times, np.zeros(1), here[None, :] - here[:, None])
        lifted_from[i, : len(here)] = lifts_s.argmin(axis=0)
        left_s = lifts_s.min(axis=0)
        open_ = np.flatnonzero(np.isfinite(left_s))
        if not len(open_):
            continue
        reached_s = _arrivals(i, stations, along_m, low_m, high_m, here[open_], left_s[open_], table, times)
        best = reached_s.argmin(axis=0)
        best_s = np.take_along_axis(reached_s, best[None], axis=0)[0]
        better = best_s < spent[i + 1 :]
        spent[i + 1 :][better] = best_s[better]
        came[i + 1 :, :, 0][better] = i
        came[i + 1 :, :, 1][better] = open_[best][better]
    final_s = spent[-1] + np.nan_to_num(_paid(times, np.zeros(1), end_m - table[-1]), nan=np.inf)
    if not np.isfinite(final_s).any():
        return None
    return _turns(int(final_s.argmin()), stations, table, lifted_from, came)


def _heights(least_m: float, most_m: float, level_m: float) -> Array:
    """Those that lie evenly above and below a level, in a band; the band's own where none does."""
    first = math.ceil((least_m - level_m) / HEIGHT_STEP_M - _EXACT_M)
    last = min(first + _MOST_HEIGHTS - 1, math.floor((most_m - level_m) / HEIGHT_STEP_M + _EXACT_M))
    if last < first:
        return np.array([min(least_m, most_m)])
    return np.asarray(level_m + HEIGHT_STEP_M * np.arange(first, last + 1, dtype=np.float64))


def _with(heights: Array, exact_m: float) -> Array:
    """What the level becomes at an end is flown as it is."""
    return np.concatenate(([exact_m], heights[np.abs(heights - exact_m) > _EXACT_M]))


def _paid(times: LegTimes, distance_m: Array, rise_m: Array) -> Array:
    return np.asarray(times.seconds(distance_m, rise_m) + _LOWER_IS_BETTER_S_PER_M * np.maximum(rise_m, 0.0))


def _arrivals(
    i: int,
    stations: npt.NDArray[np.intp],
    along_m: Array,
    low_m: Array,
    high_m: Array,
    here: Array,
    left_s: Array,
    table: Array,
    times: LegTimes,
) -> Array:
    """When lines from the heights at a station are at those of all later ones, shape (here, stations, heights)."""
    start = stations[i]
    run_m = along_m[start + 1 :] - along_m[start]
    least = np.maximum.accumulate((low_m[start + 1 :] - here[:, None]) / run_m, axis=1)
    most = np.minimum.accumulate((high_m[start + 1 :] - here[:, None]) / run_m, axis=1)
    ends = stations[i + 1 :] - start - 1
    rise_m = table[None, i + 1 :, :] - here[:, None, None]
    slope = rise_m / run_m[ends][None, :, None]
    with np.errstate(invalid="ignore"):
        free = (slope >= least[:, ends, None] - 1e-9) & (slope <= most[:, ends, None] + 1e-9)
        taken_s = left_s[:, None, None] + _paid(times, run_m[ends][None, :, None], rise_m)
    return np.where(free, taken_s, np.inf)


def _turns(
    height: int,
    stations: npt.NDArray[np.intp],
    table: Array,
    lifted_from: npt.NDArray[np.intp],
    came: npt.NDArray[np.intp],
) -> list[tuple[int, float]]:
    """Back from the last station."""
    station = len(stations) - 1
    turns: list[tuple[int, float]] = []
    while station > 0:
        turns.append((int(stations[station]), float(table[station, height])))
        station, height = came[station, height].tolist()
        before = int(lifted_from[station, height])
        if before != height:
            turns.append((int(stations[station]), float(table[station, height])))
            height = before
    return turns[::-1]
