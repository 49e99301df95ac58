"""The sending end of a connection: it takes a frame now, or says that it cannot; nobody waits for it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from dispatcher.live.wire import Push, text_frame


@dataclass(frozen=True)
class Frame:
    """A ready text and the ``seq`` that a viewer has after it."""

    seq: int
    text: str

    @cached_property
    def wire(self) -> bytes:
        """The same as bytes for the socket: made once for all viewers."""
        return text_frame(self.text)


class Outlet(Protocol):
    """See the module."""

    def offer(self, frame: Frame) -> bool:
        """Send it now, without waiting; False when the connection is still busy with an earlier one."""


class PushedOutlet:
    """Writes the frame's bytes to the socket: no encoding, no task and no copy per viewer."""

    def __init__(self, push: Push) -> None:
        self._push = push

    def offer(self, frame: Frame) -> bool:
        return self._push(frame.wire)


class QueuedOutlet:
    """Over a plain ASGI ``send``, where the server offers no push: one frame at a time, sent by `run`."""

    def __init__(self, send: Callable[[str], Awaitable[None]]) -> None:
        self._send = send
        self._waiting: str | None = None
        self._filled = asyncio.Event()

    def offer(self, frame: Frame) -> bool:
        if self._waiting is not None:
            return False
        self._waiting = frame.text
        self._filled.set()
        return True

    async def run(self) -> None:
        """Send what is handed over, for ever."""
        while True:
            await self._filled.wait()
            self._filled.clear()
            if self._waiting is not None:
                await self._send(self._waiting)
                self._waiting = None
