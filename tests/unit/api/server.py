"""The application behind a real uvicorn on a free port of the loopback interface, as the dispatcher serves it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from starlette.types import ASGIApp

from dispatcher.serving import listen, serving


@contextlib.asynccontextmanager
async def served(application: ASGIApp) -> AsyncIterator[int]:
    """The port, inside the block."""
    listening = listen("127.0.0.1", 0)
    with listening:
        async with asyncio.TaskGroup() as tasks, serving(tasks, application, listening):
            yield int(listening.getsockname()[1])
