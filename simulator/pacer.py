"""Keeping simulation time beside wall time: the one place where the simulator looks at a clock."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

_log = logging.getLogger(__name__)
_BATCH_S = 0.05
"""Wall time whose steps are taken in one go; catching up is spread, so that no receiver is flooded."""
_BACKLOG_S = 1.0
_SHORTEST_NAP_S = 0.005
_STEADY_S = 10.0
"""So long without slipping counts as keeping the speed again."""


class Pacer:
    """Says how many steps are due. Behind by more than a second, it lets simulation time slip, and says so once."""

    def __init__(self, *, clock: Callable[[], float], step_s: float, speed: float) -> None:
        self._clock = clock
        self._wall_step_s = step_s / speed
        self._batch = max(1, round(_BATCH_S / self._wall_step_s))
        self._next_s = clock() + self._wall_step_s
        self._slipped_s = 0.0
        self._slipped_at_s: float | None = None

    @property
    def slipped_s(self) -> float:
        """Wall seconds by which simulation time lags behind what was asked for."""
        return self._slipped_s

    def due(self) -> int:
        """Steps to take now: those that are due, at most 50 ms worth of them."""
        now = self._clock()
        late = now - self._next_s
        if late < 0:
            return 0
        if late > _BACKLOG_S:
            self._slipped_s += late - _BACKLOG_S
            self._next_s += late - _BACKLOG_S
            if self._slipped_at_s is None:
                _log.warning("the simulation cannot keep its speed: %.1f s behind", late)
            self._slipped_at_s = now
            late = _BACKLOG_S
        elif self._slipped_at_s is not None and now - self._slipped_at_s > _STEADY_S:
            self._slipped_at_s = None
            _log.info("the simulation keeps its speed again; it lost %.1f s in all", self._slipped_s)
        steps = min(int(late / self._wall_step_s) + 1, self._batch)
        self._next_s += steps * self._wall_step_s
        return steps

    async def nap(self) -> None:
        """Sleep until about the next step, at least 5 ms (steps are taken together at high speed); none when behind."""
        wait = self._next_s - self._clock()
        await asyncio.sleep(0 if wait < -_BATCH_S else max(_SHORTEST_NAP_S, wait))
