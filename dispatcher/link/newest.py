"""Which of two messages of a dock is newer: brokers keep old ones, resend, and change their order."""

from __future__ import annotations

from collections import deque
from datetime import datetime
from uuid import UUID

MAX_EARLIER = 64
"""Boots remembered as over; older ones than these have nothing on the way any more."""


class Newest:
    """Remembers the newest message of one kind from one dock."""

    def __init__(self) -> None:
        self._boot_id: UUID | None = None
        self._counter = 0
        self._mission_time: datetime | None = None
        self._fresh = False
        self._earlier: deque[UUID] = deque(maxlen=MAX_EARLIER)

    def admits(self, *, boot_id: UUID, counter: int, mission_time: datetime, fresh: bool) -> bool:
        """True, and remembered, when this one is newer: within a boot by its counter; a boot that is over stays so.

        Another boot is newer when it is stamped later, or when it is ``fresh`` by our own clock and the newest so far
        was not: the dock's clock was ahead, and has been put back between the two.
        """
        if boot_id == self._boot_id:
            newer = counter > self._counter
        elif boot_id in self._earlier:
            newer = False
        else:
            later = self._mission_time is None or mission_time > self._mission_time
            newer = later or (fresh and not self._fresh)
        if newer:
            if self._boot_id is not None and boot_id != self._boot_id:
                self._earlier.append(self._boot_id)
            self._boot_id, self._counter, self._mission_time, self._fresh = boot_id, counter, mission_time, fresh
        return newer
