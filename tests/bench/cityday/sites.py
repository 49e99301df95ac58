"""Where docks stand: k-medoids of past calls, so that every dock stands where a call once was.

The alternating algorithm (Park and Jun, "A simple and fast algorithm for K-medoids clustering", Expert Systems with
Applications 36, 2009) from k-means++ seeds, the best of some starts.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_ROUNDS = 60


def k_medoids(points: NDArray[np.float64], *, k: int, seed: int, starts: int = 4) -> NDArray[np.intp]:
    """Indices of the ``k`` of ``points`` (n, 2; metres) from which the others are near in sum, in ascending order."""
    distances = np.hypot(points[:, None, 0] - points[None, :, 0], points[:, None, 1] - points[None, :, 1])
    rng = np.random.default_rng(seed)
    best, best_m = np.arange(k), np.inf
    for _ in range(starts):
        medoids = _spread(distances, k, rng)
        for _ in range(_ROUNDS):
            nearest = np.argmin(distances[:, medoids], axis=1)
            moved = medoids.copy()
            for cluster in range(k):
                members = np.flatnonzero(nearest == cluster)
                if members.size:
                    moved[cluster] = members[np.argmin(distances[np.ix_(members, members)].sum(axis=1))]
            if np.array_equal(moved, medoids):
                break
            medoids = moved
        total_m = float(distances[:, medoids].min(axis=1).sum())
        if total_m < best_m:
            best, best_m = np.sort(medoids), total_m
    return best


def _spread(distances: NDArray[np.float64], k: int, rng: np.random.Generator) -> NDArray[np.intp]:
    """The first medoids: each next one with a chance that grows with the square of its distance from the others."""
    chosen = [int(rng.integers(len(distances)))]
    while len(chosen) < k:
        chance = distances[:, chosen].min(axis=1) ** 2
        chosen.append(int(rng.choice(len(distances), p=chance / chance.sum())))
    return np.array(chosen)
