"""Somebody between a browser and a server who forwards bytes, drops connections, or swallows all without a word."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator


class Between:
    """``port`` is where it listens. A hole accepts, takes, and gives nothing back: as a radio cell that is left."""

    def __init__(self, to_port: int, to_host: str) -> None:
        self.port = 0
        self._to = (to_host, to_port)
        self._open = asyncio.Event()
        self._open.set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    def swallow(self) -> None:
        """From now on nothing passes, in either direction, and nobody is told."""
        self._open.clear()

    def forward(self) -> None:
        """Everything passes again, what was swallowed too."""
        self._open.set()

    def drop(self) -> None:
        """Every connection breaks at once; new ones are taken."""
        for writer in list(self._writers):
            writer.transport.abort()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        try:
            await self._open.wait()
            there, back = await asyncio.open_connection(*self._to)
        except OSError:
            writer.transport.abort()
            return
        self._writers |= {writer, back}
        ways = [asyncio.create_task(self._pass(reader, back)), asyncio.create_task(self._pass(there, writer))]
        self._tasks |= set(ways)
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)
        for end in (writer, back):
            self._writers.discard(end)
            end.transport.abort()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65_536):
                await self._open.wait()
                writer.write(data)
                await writer.drain()


@contextlib.asynccontextmanager
async def standing_between(to_port: int, *, to_host: str = "127.0.0.1") -> AsyncIterator[Between]:
    """One who listens on a free port inside the block."""
    between = Between(to_port, to_host)
    server = await asyncio.start_server(between.serve, "127.0.0.1", 0)
    between.port = server.sockets[0].getsockname()[1]
    try:
        yield between
    finally:
        between.forward()
        server.close()
        between.drop()
