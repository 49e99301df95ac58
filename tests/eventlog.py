"""An event log in memory for tests of what decides: the desk does not see the difference, and no disk is waited for.

It keeps the sequence, versions and times as the journal does; hashing and storage have their own tests.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from itertools import count
from random import Random
from uuid import UUID

from dispatcher.record import Draft, Recorded
from kestrel.clock import VirtualClock
from kestrel.identity import uuid7


class MemoryLog:
    """Appends to a list. ``gate``, when set, is waited for before each append returns."""

    def __init__(self, clock: VirtualClock) -> None:
        self.clock = clock
        self.records: list[Recorded] = []
        self.gate: asyncio.Event | None = None
        self.failure: Exception | None = None
        self._versions: Counter[str] = Counter()
        self._rng = Random(7)

    async def append(self, drafts: Sequence[Draft]) -> list[Recorded]:
        if self.gate is not None:
            await self.gate.wait()
        if self.failure is not None:
            raise self.failure
        appended = [self._record(draft) for draft in drafts]
        self.records += appended
        return appended

    def types(self) -> list[str]:
        """The names of all events so far."""
        return [record.type for record in self.records]

    def _record(self, draft: Draft) -> Recorded:
        self._versions[draft.stream] += 1
        return Recorded(
            seq=sum(self._versions.values()),
            force="test",
            stream=draft.stream,
            version=self._versions[draft.stream],
            id=draft.id or uuid7(self.clock.mission_now(), random_bits=self._rng.getrandbits),
            type=draft.event.type_name(),
            schema_version=draft.event.schema_version,
            mission_time=self.clock.mission_now(),
            wall_time=self.clock.wall_now(),
            actor=draft.actor,
            causation_id=draft.causation_id,
            event=draft.event,
            hash=bytes(32),
        )


class NumberedIds:
    """Gives UUIDs 1, 2, 3, …"""

    def __init__(self) -> None:
        self._numbers = count(1)

    def __call__(self) -> UUID:
        return UUID(int=next(self._numbers))
