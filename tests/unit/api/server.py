"""The application behind a real uvicorn on a free port of the loopback interface, as the dispatcher serves it."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator

from starlette.types import ASGIApp

from dispatcher.serving import listen, serving


@contextlib.asynccontextmanager
async def served(application: ASGIApp, *, send_buffer_bytes: int | None = None) -> AsyncIterator[int]:
    """The port, inside the block; connections inherit a small send buffer where one is given."""
    listening = listen("127.0.0.1", 0)
    if send_buffer_bytes is not None:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, send_buffer_bytes)
    with listening:
        async with asyncio.TaskGroup() as tasks, serving(tasks, application, listening):
            yield int(listening.getsockname()[1])
