"""The application behind a real uvicorn on a free port, as the dispatcher serves it."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator

from starlette.types import ASGIApp

from dispatcher.serving import listen, serving


@contextlib.asynccontextmanager
async def served(
    application: ASGIApp,
    *,
    host: str = "127.0.0.1",
    send_buffer_bytes: int | None = None,
    unacknowledged_ms: int | None = None,
) -> AsyncIterator[int]:
    """The port, inside the block; connections inherit a small send buffer, and less of the kernel's patience with a
    machine that acknowledges nothing, where they are given.
    """
    listening = listen(host, 0)
    if send_buffer_bytes is not None:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, send_buffer_bytes)
    if unacknowledged_ms is not None:
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, unacknowledged_ms)
    with listening:
        async with asyncio.TaskGroup() as tasks, serving(tasks, application, listening):
            yield int(listening.getsockname()[1])
