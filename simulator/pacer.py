"""Keeping simulation time beside wall time: the one place where the simulator looks at a clock."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

_log = logging.getLogger(__name__)
_LONGEST_CATCH_UP_S = 0.25
_SHORTEST_NAP_S = 0.005


class Pacer:
    """Says how many steps are due. Behind by more than 0.25 s, it lets simulation time slip, and says so once."""

    def __init__(self, *, clock: Callable[[], float], step_s: float, speed: float) -> None:
        self._clock = clock
        self._wall_step_s = step_s / speed
        self._next_s = clock() + self._wall_step_s
        self._slipped_s = 0.0
        self._behind = False

    @property
    def slipped_s(self) -> float:
        """Wall seconds by which simulation time lags behind what was asked for."""
        return self._slipped_s

    def due(self) -> int:
        """Steps to take now."""
        now = self._clock()
        late = now - self._next_s
        if late < 0:
            return 0
        if late > _LONGEST_CATCH_UP_S:
            self._slipped_s += late - _LONGEST_CATCH_UP_S
            self._next_s += late - _LONGEST_CATCH_UP_S
            if not self._behind:
                self._behind = True
                _log.warning("the simulation cannot keep its speed: %.1f s behind", self._slipped_s)
            late = _LONGEST_CATCH_UP_S
        elif self._behind and late < self._wall_step_s:
            self._behind = False
            _log.info("the simulation keeps its speed again, %.1f s behind in all", self._slipped_s)
        steps = int(late / self._wall_step_s) + 1
        self._next_s += steps * self._wall_step_s
        return steps

    async def nap(self) -> None:
        """Sleep until about the next step, and at least 5 ms, so that steps are taken together at high speed."""
        await asyncio.sleep(max(_SHORTEST_NAP_S, self._next_s - self._clock()))
