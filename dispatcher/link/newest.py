"""Which of two messages of a dock is newer: brokers keep old ones, resend, and change their order."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID


class Newest:
    """Remembers the newest message of one kind from one dock."""

    def __init__(self) -> None:
        self._boot_id: UUID | None = None
        self._counter = 0
        self._mission_time: datetime | None = None

    def admits(self, *, boot_id: UUID, counter: int, mission_time: datetime) -> bool:
        """True, and remembered, when this one is newer: by counter within a boot, by mission time between boots."""
        if boot_id == self._boot_id:
            newer = counter > self._counter
        else:
            newer = self._mission_time is None or mission_time > self._mission_time
        if newer:
            self._boot_id, self._counter, self._mission_time = boot_id, counter, mission_time
        return newer
