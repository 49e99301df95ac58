"""The sending end of a connection: it takes a frame now, or says that it cannot; nobody waits for it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from websockets import frames


@dataclass(frozen=True)
class Frame:
    """A ready text and the ``seq`` that a viewer has after it."""

    seq: int
    text: str

    @cached_property
    def wire(self) -> bytes:
        """As bytes for the socket, a server's text frame (RFC 6455, section 5.2): made once for all viewers."""
        return frames.Frame(frames.Opcode.TEXT, self.text.encode()).serialize(mask=False)


class Outlet(Protocol):
    """See the module."""

    def offer(self, frame: Frame) -> bool:
        """Send it now, without waiting; False when the connection is still busy with an earlier one."""


class QueuedOutlet:
    """Over a plain ASGI ``send``, where the server is not an outlet itself: one frame at a time, sent by `run`."""

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
