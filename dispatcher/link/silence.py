"""Notices docks whose agents are no longer heard, by our own clock: a broker's will is a hint that shortens the wait.

Every dock counts as not heard until it is: a dock that never speaks is reported silent once.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable

from dispatcher.journal.errors import WriterLost
from dispatcher.link.ports import DeskPort
from kestrel.clock import Clock

log = logging.getLogger(__name__)

CHECK_EACH_S = 0.5
SILENT_AFTER_WILL_S = 3.0
"""With a will received, one missed heartbeat is enough."""


class SilenceWatch:
    """Ages of what was last heard from each dock, in wall seconds."""

    def __init__(self, *, desk: DeskPort, docks: Iterable[str], limit_s: float, clock: Clock) -> None:
        self._desk = desk
        self._clock = clock
        self._limit_s = limit_s
        self._last_heard_s = dict.fromkeys(docks, clock.wall_s())
        self._silent: dict[str, bool | None] = dict.fromkeys(self._last_heard_s)
        self._willed: set[str] = set()
        self._untold: set[str] = set()

    async def heard(self, dock_id: str) -> None:
        """A fresh message of the dock's agent came."""
        self._last_heard_s[dock_id] = self._clock.wall_s()
        self._willed.discard(dock_id)
        if self._silent[dock_id] is not False:
            await self._desk.dock_heard(dock_id)
            self._silent[dock_id] = False
            log.info("dock heard", extra={"dock": dock_id})

    def will_seen(self, dock_id: str) -> None:
        """The broker says that the agent's connection broke."""
        self._willed.add(dock_id)

    async def check(self) -> None:
        """Report docks that have become silent."""
        now_s = self._clock.wall_s()
        for dock_id, last_s in list(self._last_heard_s.items()):
            limit_s = min(self._limit_s, SILENT_AFTER_WILL_S) if dock_id in self._willed else self._limit_s
            if self._silent[dock_id] is not True and now_s - last_s > limit_s:
                await self._tell(dock_id, now_s - last_s)

    async def _tell(self, dock_id: str, silent_s: float) -> None:
        """A dock counts as reported once it is journalled; until then the next check reports it again."""
        try:
            await self._desk.dock_silent(dock_id, silent_s)
        except WriterLost:
            raise
        except Exception:
            if dock_id not in self._untold:
                self._untold.add(dock_id)
                log.exception("a dock's silence could not be journalled", extra={"dock": dock_id})
            return
        self._untold.discard(dock_id)
        self._silent[dock_id] = True
        log.warning("dock silent", extra={"dock": dock_id, "silent_s": round(silent_s, 1)})

    async def run(self) -> None:
        """Check for ever."""
        while True:
            await self._clock.sleep_wall(CHECK_EACH_S)
            await self.check()
