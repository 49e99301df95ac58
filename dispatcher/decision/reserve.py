"""What it costs the next call when a drone goes now: an expected-coverage term from where calls come.

Past calls become a few hundred places with the share of calls that each stands for (a grid's cells, smoothed by a
kernel), and drones that can go become a matrix of times to those places. The next call comes at each place with its
share; the drone that is there soonest goes. Taking a drone away makes that later, by the second soonest: the
difference, times how many calls come while it is away, is the price of sending it. It is the first-order term of what
approximate dynamic programming finds for ambulances (Maxwell, Restrepo, Henderson, Topaloglu, "Approximate dynamic
programming for ambulance redeployment", INFORMS Journal on Computing 22(2), 2010), in the seconds that a person
waits.

Pure and deterministic.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dispatcher.decision.errors import InvalidFactError

Floats = NDArray[np.float64]
AWAY_S = 2_400.0
"""So long a drone is not to be had after an order, on average: half of it in the air, half at the charger."""
WORST_S = 1_200.0
"""A place that nobody reaches sooner counts as reached then."""
REACHED = 0.85
"""Lateness begins where a fleet at its usual load has reached this share of calls."""
_MOMENTS = 4


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CallDensity:
    """Where calls come: places in metres east and north of some origin, and the share of calls of each (sum 1)."""

    east_m: Floats
    north_m: Floats
    share: Floats
    calls_per_s: float

    @property
    def size(self) -> int:
        """How many places."""
        return len(self.share)


def density_of(
    *,
    east_m: Sequence[float] | Floats,
    north_m: Sequence[float] | Floats,
    calls_per_s: float,
    cell_m: float = 1_500.0,
    kernel_m: float = 1_000.0,
) -> CallDensity:
    """The density that past calls show: cells of ``cell_m`` in which calls came, or that border on such a cell.

    Each call counts in the cells around it by a Gaussian kernel of ``kernel_m``: a county's calls of some years are few
    in each cell, and the next one will not come exactly where the last did. Raises `InvalidFactError` for no calls,
    figures that are no numbers, or sizes that are not above 0.
    """
    east, north = np.asarray(east_m, dtype=np.float64), np.asarray(north_m, dtype=np.float64)
    if east.size == 0 or east.shape != north.shape or not (np.isfinite(east).all() and np.isfinite(north).all()):
        raise InvalidFactError("east_m or north_m", "no calls, or not as many of one as of the other")
    for name, value in (("cell_m", cell_m), ("kernel_m", kernel_m)):
        if not (math.isfinite(value) and value > 0):
            raise InvalidFactError(name, value)
    if not (math.isfinite(calls_per_s) and calls_per_s >= 0):
        raise InvalidFactError("calls_per_s", calls_per_s)
    columns, rows = np.floor(east / cell_m).astype(np.int64), np.floor(north / cell_m).astype(np.int64)
    around = np.array([(i, j) for i in (-1, 0, 1) for j in (-1, 0, 1)], dtype=np.int64)
    cells = np.unique((np.stack([columns, rows], axis=1)[:, None, :] + around[None, :, :]).reshape(-1, 2), axis=0)
    centre_e, centre_n = (cells[:, 0] + 0.5) * cell_m, (cells[:, 1] + 0.5) * cell_m
    square = (centre_e[:, None] - east[None, :]) ** 2 + (centre_n[:, None] - north[None, :]) ** 2
    kernel = np.exp(-square / (2 * kernel_m * kernel_m))
    share = (kernel / kernel.sum(axis=0, keepdims=True)).sum(axis=1)
    return CallDensity(east_m=centre_e, north_m=centre_n, share=share / share.sum(), calls_per_s=calls_per_s)


def late_after_s(*, times_s: Floats, share: Floats, within: float = 0.95, busy: float = 0.0) -> float:
    """The time within which the drones of ``times_s`` (places, drones) reach this share of calls.

    ``busy``: the share of its time that a drone is not to be had. A call then gets its nearest drone, or with that
    chance the second nearest, and so on, each busy for itself: the approximation of Larson's hypercube model ("A
    hypercube queuing model for facility location and redistricting in urban emergency services", Computers and
    Operations Research 1(1), 1974) without its correction. What a fleet cannot do at its usual load is not what a
    decision should be measured by. Infinite where it never does. Raises `InvalidFactError` for a share that cannot be.
    """
    if not 0.0 <= busy <= 1.0:
        raise InvalidFactError("busy", busy)
    nearest = np.sort(times_s, axis=1)
    turn = (1.0 - busy) * busy ** np.arange(nearest.shape[1], dtype=np.float64)
    turn[-1] = 1.0 - turn[:-1].sum()
    times, weights = nearest.ravel(), (share[:, None] * turn[None, :]).ravel()
    order = np.argsort(times, kind="stable")
    reached = np.cumsum(weights[order])
    return float(times[order][min(int(np.searchsorted(reached, within)), len(order) - 1)])


def lateness_s(*, times_s: Floats, density: CallDensity) -> float:
    """Where lateness begins for drones of ``times_s`` (places, drones), all of them, as often as calls come."""
    busy = min(1.0, density.calls_per_s * AWAY_S / times_s.shape[1])
    return late_after_s(times_s=times_s, share=density.share, within=REACHED, busy=busy)


def losses_while_away(
    *, times_s: Floats, ready_in_s: Floats, share: Floats, cost: Callable[[Floats], Floats]
) -> Floats:
    """By how much a call's expected cost grows that comes while each drone is away for `AWAY_S`, on average.

    As `losses`, looked at when it goes and at three moments later: by then others have come home or charged.
    ``times_s`` (places, drones) from order to scene; ``ready_in_s`` (drones,) until each can be ordered, infinite where
    nobody knows; ``cost`` of the seconds that a call waits.
    """
    later_s = AWAY_S / _MOMENTS * np.arange(_MOMENTS)
    each = [
        losses(costs=cost(np.minimum(times_s + np.maximum(0.0, ready_in_s - later), WORST_S)), share=share)
        for later in later_s.tolist()
    ]
    return np.asarray(np.mean(each, axis=0))


def losses(*, costs: Floats, share: Floats) -> Floats:
    """By how much the next call's expected cost grows when each drone is taken away.

    ``costs`` (places, drones): what it costs that this drone serves a call at this place, finite, whatever the unit.
    One entry a drone, none below 0; a single drone's is not a number that can be told from these, and counts as 0.
    """
    drones = costs.shape[1]
    if drones < 2:
        return np.zeros(drones)
    two = np.argpartition(costs, 1, axis=1)[:, :2]
    values = np.take_along_axis(costs, two, axis=1)
    first = np.argmin(values, axis=1)
    lines = np.arange(len(costs))
    later = values[lines, 1 - first] - values[lines, first]
    return np.bincount(two[lines, first], weights=share * later, minlength=drones).astype(np.float64)
