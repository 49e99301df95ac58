"""One flight's pictures, given to all who watch it: each has a short queue of its own, and nobody waits for anybody.

A new viewer is given what there is since the last keyframe, so that there is a picture at once. A viewer that is slow
loses pictures up to the next keyframe; the others do not notice. Pure of sockets; time is passed in.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from uuid import UUID

from media.h264 import CLOCK_HZ, AccessUnit

STALE_S = 1.0
QUEUED = 45
"""Pictures for one viewer: what a second and a half hold at 30 a second."""
MAX_CACHED = 240
"""Pictures since the last keyframe that are kept for who comes: a camera whose keyframes are rarer shows later."""
_PAUSE = 2 * CLOCK_HZ


class Condition(StrEnum):
    """How a stream is."""

    WAITING = "waiting"
    """Nothing has come yet."""
    LIVE = "live"
    STALE = "stale"
    """Nothing for `STALE_S`."""


class Viewer:
    """One who watches: `next` gives the pictures."""

    def __init__(self, *, queued: int = QUEUED) -> None:
        self._queue: deque[AccessUnit] = deque()
        self._queued = queued
        self._skipping = True
        self._gap = False
        self._arrived = asyncio.Event()
        self.closed = False
        self.dropped = 0

    def offer(self, unit: AccessUnit) -> None:
        """Take it, or leave it out."""
        if len(self._queue) >= self._queued:
            self.dropped += len(self._queue)
            self._queue.clear()
            self._skipping = self._gap = True
        if self._skipping and not unit.keyframe:
            self.dropped += 1
            return
        gap, self._gap, self._skipping = self._gap or unit.after_gap, False, False
        self._queue.append(replace(unit, after_gap=gap) if gap != unit.after_gap else unit)
        self._arrived.set()

    async def next(self) -> AccessUnit | None:
        """The next picture; None when the stream is closed."""
        while not self._queue:
            if self.closed:
                return None
            self._arrived.clear()
            await self._arrived.wait()
        return self._queue.popleft()

    @property
    def waiting(self) -> int:
        """Pictures in the queue."""
        return len(self._queue)

    def close(self) -> None:
        """No more comes."""
        self.closed = True
        self._queue.clear()
        self._arrived.set()


@dataclass(frozen=True, slots=True)
class Shown:
    """How a stream is now, for who asks."""

    condition: Condition
    age_s: float | None


class Stream:
    """The pictures of one flight."""

    def __init__(self, *, flight_id: UUID, wall_s: Callable[[], float]) -> None:
        self.flight_id = flight_id
        self._wall_s = wall_s
        self._viewers: set[Viewer] = set()
        self._since_key: list[AccessUnit] = []
        self._last_s: float | None = None
        self._sequence = 0
        self._base: tuple[int, int] | None = None
        self._last_timestamp = 0
        self.closed = False

    def publish(self, unit: AccessUnit) -> AccessUnit:
        """Give it to everybody; returned as it was given, numbered and timed through changes of the sender."""
        self._last_s = self._wall_s()
        unit = self._renumbered(unit)
        if unit.keyframe:
            self._since_key = [unit]
        elif len(self._since_key) < MAX_CACHED:
            self._since_key.append(unit)
        else:
            self._since_key = []
        for viewer in self._viewers:
            viewer.offer(unit)
        return unit

    def join(self, *, queued: int = QUEUED) -> Viewer:
        """A new viewer, with what there is since the last keyframe; `leave` when it goes."""
        viewer = Viewer(queued=max(queued, len(self._since_key) + 1))
        if self.shown.condition is Condition.LIVE:
            for unit in self._since_key:
                viewer.offer(unit)
        self._viewers.add(viewer)
        return viewer

    def leave(self, viewer: Viewer) -> None:
        """It is gone."""
        self._viewers.discard(viewer)
        viewer.close()

    def close(self) -> None:
        """The flight is over."""
        self.closed = True
        for viewer in self._viewers:
            viewer.close()
        self._viewers.clear()

    @property
    def viewers(self) -> int:
        """How many watch."""
        return len(self._viewers)

    @property
    def shown(self) -> Shown:
        """How it is now."""
        if self._last_s is None:
            return Shown(Condition.WAITING, None)
        age_s = self._wall_s() - self._last_s
        return Shown(Condition.LIVE if age_s < STALE_S else Condition.STALE, age_s)

    def _renewed(self, unit: AccessUnit) -> bool:
        """True when the sender began to count anew, or paused: its clock says nothing of ours."""
        if self._base is None:
            return True
        offset = self._base[0]
        step = unit.timestamp + offset - self._last_timestamp
        return not 0 < step <= _PAUSE

    def _renumbered(self, unit: AccessUnit) -> AccessUnit:
        """One clock from the first picture to the last: over a pause it goes by arrival."""
        self._sequence += 1
        if self._renewed(unit):
            since_us = 0 if self._base is None else unit.received_unix_us - self._base[1]
            target = self._last_timestamp + max(1, since_us * CLOCK_HZ // 1_000_000) if self._base else 0
            self._base = (target - unit.timestamp, unit.received_unix_us)
        offset = self._base[0] if self._base else 0
        self._last_timestamp = unit.timestamp + offset
        self._base = (offset, unit.received_unix_us)
        return replace(unit, sequence=self._sequence, timestamp=self._last_timestamp)
