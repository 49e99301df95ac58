"""The latest position of each aircraft, for live views: one slot a dock, and followers that may be slow.

Not journalled: agents put the flown track into their events. A follower gets what changed since it last looked, never a
queue of what it missed.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from contracts.reports import Telemetry
from kestrel.clock import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A dock's latest telemetry and when it came, on the monotonic wall clock."""

    telemetry: Telemetry
    received_wall_s: float


class TelemetryFollower:
    """One follower's view: which docks have something new. Made by `TelemetrySlots.subscribe`."""

    def __init__(self, latest: Mapping[str, Sample]) -> None:
        self._latest = latest
        self._fresh: set[str] = set(latest)
        self._woken = asyncio.Event()
        if latest:
            self._woken.set()

    def mark(self, dock_id: str) -> None:
        """A dock has something new."""
        self._fresh.add(dock_id)
        self._woken.set()

    def take(self) -> dict[str, Sample]:
        """What is new since the last look, at once; empty when nothing is."""
        fresh, self._fresh = self._fresh, set()
        self._woken.clear()
        return {dock_id: self._latest[dock_id] for dock_id in sorted(fresh)}

    async def next(self) -> dict[str, Sample]:
        """Wait until something is new, then `take` it."""
        await self._woken.wait()
        return self.take()


class TelemetrySlots:
    """The latest-value slots of all docks."""

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock
        self._latest: dict[str, Sample] = {}
        self._followers: set[TelemetryFollower] = set()

    @property
    def latest(self) -> Mapping[str, Sample]:
        """The latest of each dock that has said anything, by dock id."""
        return MappingProxyType(self._latest)

    def put(self, dock_id: str, telemetry: Telemetry) -> None:
        """Replace a dock's value and wake the followers."""
        self._latest[dock_id] = Sample(telemetry=telemetry, received_wall_s=self._clock.wall_s())
        for follower in self._followers:
            follower.mark(dock_id)

    @contextlib.contextmanager
    def subscribe(self) -> Iterator[TelemetryFollower]:
        """A follower inside the block; all present values are new to it."""
        follower = TelemetryFollower(self.latest)
        self._followers.add(follower)
        try:
            yield follower
        finally:
            self._followers.discard(follower)
