"""Two clocks: mission time, for all that reasons about flight; wall time, for sockets and back-off.

Mission time runs ``factor`` times as fast as wall time from a common epoch, so that all processes of one deployment
agree on it without talking. In a live deployment the factor is 1 and the two are the same. Both run on the monotonic
clock after the start: a jump of the system's clock does not move them.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """What everything that decides is given instead of a look at the wall."""

    @property
    def factor(self) -> float:
        """Seconds of mission time in a second of wall time."""

    def mission_now(self) -> datetime:
        """Mission time, aware, UTC."""

    def wall_now(self) -> datetime:
        """Wall time, aware, UTC."""

    def mission_s(self) -> float:
        """Mission seconds on a monotonic scale: for ages and durations."""

    def wall_s(self) -> float:
        """Wall seconds on a monotonic scale: for ages and durations."""

    async def sleep_mission(self, seconds: float) -> None:
        """Sleep for mission seconds."""

    async def sleep_wall(self, seconds: float) -> None:
        """Sleep for wall seconds."""


class SystemClock:
    """The clock of a running process. ``epoch`` (Unix seconds) is the moment when both times were equal."""

    def __init__(self, *, epoch: float | None = None, factor: float = 1.0) -> None:
        self.factor = factor
        self._wall_start = time.time()
        self._monotonic_start = time.monotonic()
        self._epoch = self._wall_start if epoch is None else epoch

    def wall_s(self) -> float:
        return time.monotonic()

    def mission_s(self) -> float:
        return time.monotonic() * self.factor

    def _wall_unix_s(self) -> float:
        return self._wall_start + (time.monotonic() - self._monotonic_start)

    def wall_now(self) -> datetime:
        return datetime.fromtimestamp(self._wall_unix_s(), UTC)

    def mission_now(self) -> datetime:
        return datetime.fromtimestamp(self._epoch + (self._wall_unix_s() - self._epoch) * self.factor, UTC)

    async def sleep_mission(self, seconds: float) -> None:
        await asyncio.sleep(seconds / self.factor)

    async def sleep_wall(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class VirtualClock:
    """A clock that only moves when told to: the same run again is the same run.

    Both times advance together (factor 1) unless a factor is given. Sleepers wake in the order of their time.
    """

    def __init__(self, *, start: datetime = datetime(2026, 1, 1, tzinfo=UTC), factor: float = 1.0) -> None:
        self.factor = factor
        self._start = start
        self._wall_elapsed_s = 0.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._tickets = itertools.count()

    def wall_s(self) -> float:
        return self._wall_elapsed_s

    def mission_s(self) -> float:
        return self._wall_elapsed_s * self.factor

    def wall_now(self) -> datetime:
        return self._start + timedelta(seconds=self._wall_elapsed_s)

    def mission_now(self) -> datetime:
        return self._start + timedelta(seconds=self.mission_s())

    async def sleep_mission(self, seconds: float) -> None:
        await self.sleep_wall(seconds / self.factor)

    async def sleep_wall(self, seconds: float) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._wall_elapsed_s + max(seconds, 0.0), next(self._tickets), future))
        await future

    def jump(self, seconds: float) -> None:
        """As a jump of the system's clock shows in a process started after it: the time of day, and nothing else."""
        self._start += timedelta(seconds=seconds)

    async def advance(self, seconds: float) -> None:
        """Move ``seconds`` of wall time forward, waking sleepers one by one and letting each run as far as it can."""
        until = self._wall_elapsed_s + seconds
        await self._settle()
        while self._sleepers and self._sleepers[0][0] <= until:
            due, _, future = heapq.heappop(self._sleepers)
            self._wall_elapsed_s = max(self._wall_elapsed_s, due)
            if not future.done():
                future.set_result(None)
                await self._settle()
        self._wall_elapsed_s = until
        await self._settle()

    async def leap(self, seconds: float) -> None:
        """As when a machine wakes from its sleep: whoever was due is woken once, late, and not once for each time."""
        self._wall_elapsed_s += seconds
        late = []
        while self._sleepers and self._sleepers[0][0] <= self._wall_elapsed_s:
            late.append(heapq.heappop(self._sleepers)[2])
        for future in late:
            if not future.done():
                future.set_result(None)
                await self._settle()

    @staticmethod
    async def _settle() -> None:
        # Enough turns of the loop for a chain of tasks to hand work on; each turn runs everything that is ready.
        for _ in range(25):
            await asyncio.sleep(0)
