"""Exponential back-off with full jitter: the next delay is uniform between nothing and a doubling cap."""

from __future__ import annotations

import random


class Backoff:
    """Delays in seconds; `reset` after a success."""

    def __init__(self, *, first_s: float = 0.25, cap_s: float = 5.0, rng: random.Random | None = None) -> None:
        self._first_s = first_s
        self._cap_s = cap_s
        self._rng = rng or random.Random()  # noqa: S311 - jitter, not a secret
        self._failures = 0

    def next_s(self) -> float:
        """The delay before the next attempt."""
        ceiling = min(self._cap_s, self._first_s * 2.0 ** min(self._failures, 16))
        self._failures += 1
        return self._rng.uniform(0.0, ceiling)

    def reset(self) -> None:
        """The attempt succeeded."""
        self._failures = 0
