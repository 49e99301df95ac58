"""MAVSDK's callback calls as bounded awaits: no thread is held, so nothing can queue in front of a hold."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

from mavsdk import MavsdkError

from dock_agent.flight_link import Answer, Reply

Start = Callable[[Callable[..., None]], None]
"""Begins a call, given the callback that MAVSDK calls with a result, perhaps a value, and user data."""


class Calls:
    """Of one link. After `close` late callbacks are dropped: the loop may be gone."""

    def __init__(self) -> None:
        self._closed = False

    def close(self) -> None:
        """Let late callbacks fall."""
        self._closed = True

    async def ask(self, start: Start, bound_s: float) -> Answer:
        """The answer to a call without a value."""
        return (await self.fetch(start, bound_s))[0]

    async def fetch(self, start: Start, bound_s: float) -> tuple[Answer, Any]:
        """The answer to a call, and its value where it has one; within ``bound_s`` wall seconds."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[tuple[Any, Any]] = loop.create_future()

        def done(result: Any, *rest: Any) -> None:
            if not self._closed:
                with contextlib.suppress(RuntimeError):
                    loop.call_soon_threadsafe(_resolve, future, (result, rest[0] if len(rest) > 1 else None))

        try:
            start(done)
        except (MavsdkError, RuntimeError) as error:
            return Answer(Reply.DENIED, str(error)), None
        try:
            async with asyncio.timeout(bound_s):
                result, value = await future
        except TimeoutError:
            return Answer(Reply.SILENCE, f"no answer in {bound_s:.0f} s"), None
        if result.name == "SUCCESS":
            return Answer(Reply.ACKNOWLEDGED), value
        return Answer(Reply.SILENCE if result.name == "TIMEOUT" else Reply.DENIED, result.name), None


def _resolve(future: asyncio.Future[Any], value: Any) -> None:
    if not future.done():
        future.set_result(value)
