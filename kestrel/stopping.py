"""SIGTERM and SIGINT as an awaitable, for processes whose whole life is to serve until asked to stop."""

from __future__ import annotations

import asyncio
import signal


async def until_asked_to_stop() -> None:
    """Return at the first SIGTERM or SIGINT."""
    loop = asyncio.get_running_loop()
    asked = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, asked.set)
    try:
        await asked.wait()
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)
