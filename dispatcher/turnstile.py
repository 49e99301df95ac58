"""One at a time, safety first: the lock in front of the journal's single writer.

Whoever comes through for safety (hold, return, cancel, land) passes everybody who waits; within a class it is first
come, first served. Nobody is interrupted: what holds the turnstile is a journal append of a few milliseconds.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress


class Turnstile:
    """A lock with two queues."""

    def __init__(self) -> None:
        self._taken = False
        self._safety: deque[asyncio.Future[None]] = deque()
        self._ordinary: deque[asyncio.Future[None]] = deque()

    @asynccontextmanager
    async def passing(self, *, safety: bool = False) -> AsyncIterator[None]:
        """Hold the turnstile inside the block."""
        await self._enter(self._safety if safety else self._ordinary)
        try:
            yield
        finally:
            self._leave()

    async def _enter(self, queue: deque[asyncio.Future[None]]) -> None:
        if not self._taken:
            self._taken = True
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        queue.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._leave()
            else:
                # Gone already when it was passed over in the moment before this.
                with suppress(ValueError):
                    queue.remove(turn)
            raise

    def _leave(self) -> None:
        for queue in (self._safety, self._ordinary):
            while queue:
                turn = queue.popleft()
                if not turn.done():
                    turn.set_result(None)
                    return
        self._taken = False
