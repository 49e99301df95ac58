"""HTTP and WebSocket by uvicorn as one part of a process that has others: a socket first, then a server inside a block.

Each process says what its connections are like; how one listens, comes up and stops is the same for all.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from kestrel.errors import KestrelError

DATE_EACH_S = 1.0
SocketOption = tuple[int, int, int]
"""Level, name, value, as `socket.setsockopt` takes them; what the socket accepts has them too."""


def listen(host: str, port: int, *, backlog: int, options: Sequence[SocketOption] = ()) -> socket.socket:
    """A listening socket, before anything else is begun: a taken port is said at once. Raises `KestrelError`."""
    listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        for level, name, value in options:
            listening.setsockopt(level, name, value)
        listening.bind((host, port))
        listening.listen(backlog)
        listening.setblocking(False)
    except OSError as error:
        listening.close()
        raise KestrelError(f"cannot listen on {host}:{port}: {error.strerror}") from None
    return listening


@contextlib.asynccontextmanager
async def serving(
    tasks: asyncio.TaskGroup, application: ASGIApp, listening: socket.socket, *, stop_within_s: int, **connections: Any
) -> AsyncIterator[None]:
    """Serve inside the block; what is open at its end has ``stop_within_s``. ``connections`` are uvicorn's settings."""
    server = _Server(
        uvicorn.Config(
            application,
            access_log=False,
            log_config=None,
            lifespan="off",
            server_header=False,
            timeout_graceful_shutdown=stop_within_s,
            **connections,
        )
    )
    task = tasks.create_task(server.serve(sockets=[listening]), name="http")
    try:
        await server.up.wait()
        yield
    finally:
        server.stop()
        await asyncio.wait([task])


class _Server(uvicorn.Server):
    """Uvicorn without its own handling of signals: those are the composition root's business."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = asyncio.Event()
        self._asked_to_stop = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.up.set()

    async def main_loop(self) -> None:
        # Uvicorn looks ten times a second whether it is to stop. Here it is told: the date of answers is what is left.
        while not await self.on_tick(0):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(DATE_EACH_S):
                    await self._asked_to_stop.wait()

    def stop(self) -> None:
        """No more connections; those that are open have the configured seconds."""
        self.should_exit = True
        self._asked_to_stop.set()
