"""Serves the HTTP application and its WebSocket by uvicorn, as one part of a process that has others."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys
from collections.abc import AsyncIterator, Iterator

import uvicorn
from starlette.types import ASGIApp

from dispatcher.live.protocol import MAX_CLIENT_FRAME_CHARS
from dispatcher.live.wire import PushingWebSocket
from kestrel.errors import KestrelError

BACKLOG = 2048
MAX_FRAME_BYTES = 4 * MAX_CLIENT_FRAME_CHARS
"""Of a client's WebSocket message: a character has at most four bytes; longer ones are not even read."""
UNACKNOWLEDGED_MS = 20_000
"""A live viewer hears something every `HEARTBEAT_S`: one whose machine acknowledges nothing for so long has gone."""
DATE_EACH_S = 1.0
STOP_WITHIN_S = 3
"""For requests and live connections that are open when it is asked to stop."""


def listen(host: str, port: int) -> socket.socket:
    """A listening socket, before anything else is begun: a taken port is said at once. Raises `KestrelError`."""
    listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if sys.platform == "linux":  # what it accepts has it too
            listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNACKNOWLEDGED_MS)
        listening.bind((host, port))
        listening.listen(BACKLOG)
        listening.setblocking(False)
    except OSError as error:
        listening.close()
        raise KestrelError(f"cannot listen on {host}:{port}: {error.strerror}") from None
    return listening


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
        """No more connections; those that are open have `STOP_WITHIN_S`."""
        self.should_exit = True
        self._asked_to_stop.set()


@contextlib.asynccontextmanager
async def serving(tasks: asyncio.TaskGroup, application: ASGIApp, listening: socket.socket) -> AsyncIterator[None]:
    """Serve inside the block; open requests have `STOP_WITHIN_S` at its end."""
    server = _Server(
        uvicorn.Config(
            application,
            ws=PushingWebSocket,  # uvicorn's websockets-sansio, and frames that are made once for all
            ws_max_size=MAX_FRAME_BYTES,
            ws_per_message_deflate=False,  # measured: deflate doubles the cost of a frame
            ws_ping_interval=None,  # the kernel watches over what was not acknowledged: see `listen`
            access_log=False,
            log_config=None,
            lifespan="off",
            server_header=False,
            timeout_graceful_shutdown=STOP_WITHIN_S,
        )
    )
    task = tasks.create_task(server.serve(sockets=[listening]), name="http")
    try:
        await server.up.wait()
        yield
    finally:
        server.stop()
        await asyncio.wait([task])
