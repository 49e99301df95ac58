"""Reports, once each, names that speak without being what they say: not in the fleet file, or with a wrong key.

Anybody who reaches the broker can make up names, so the memory is bounded and the desk is told through a bounded queue.
"""

from __future__ import annotations

import asyncio
import logging

from dispatcher.journal.errors import WriterLost
from dispatcher.link.counters import LinkCounters
from dispatcher.link.ports import DeskPort

log = logging.getLogger(__name__)

MAX_NAMES = 200
"""Names reported in one life of the process; more are counted only."""


class Strangers:
    """Names seen, and those still to be told to the desk."""

    def __init__(self, *, desk: DeskPort, counters: LinkCounters) -> None:
        self._desk = desk
        self._counters = counters
        self._seen: set[str] = set(desk.state.strangers)
        self._to_tell: asyncio.Queue[tuple[str, str]] = asyncio.Queue(MAX_NAMES)
        self._left = MAX_NAMES
        self._failing = False

    def notice(self, name: str, because: str) -> None:
        """``name`` (already checked to be an identifier) spoke and should not have."""
        self._counters.count("strangers")
        if name in self._seen or self._left == 0:
            return
        self._left -= 1
        self._seen.add(name)
        self._to_tell.put_nowait((name, because))

    async def run(self) -> None:
        """Tell the desk, for ever."""
        while True:
            name, because = await self._to_tell.get()
            try:
                await self._desk.stranger(name, because)
            except WriterLost:
                raise
            except Exception:
                # Forgotten, so that its next message reports it again.
                self._seen.discard(name)
                self._left += 1
                if not self._failing:
                    self._failing = True
                    log.exception("a stranger could not be journalled", extra={"stranger": name})
                continue
            self._failing = False
            log.warning("stranger on the link", extra={"stranger": name, "why": because})
