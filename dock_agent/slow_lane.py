"""One thread for calls that block, and that may never come back."""

from __future__ import annotations

import asyncio
import contextlib
import queue
import threading
from collections.abc import Callable
from typing import Any, TypeVar

from dock_agent.errors import LinkError

T = TypeVar("T")


class SlowLane:
    """Calls run one after the other on a daemon thread: one that hangs holds up those behind it, never the process.

    A pool of `concurrent.futures` is no use here: Python joins its threads when it ends, and would wait for ever.
    """

    def __init__(self, *, name: str) -> None:
        self._calls: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    async def run(self, call: Callable[[], T], *, within_s: float) -> T:
        """What `call` returns or raises; `LinkError` when it has not ended in `within_s` wall seconds."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()

        def work() -> None:
            if future.cancelled():
                return
            try:
                result = call()
            except Exception as error:  # handed to whoever waits
                _tell(loop, _fail, future, error)
            else:
                _tell(loop, _resolve, future, result)

        self._calls.put(work)
        try:
            async with asyncio.timeout(within_s):
                return await future
        except TimeoutError:
            raise LinkError(f"no answer from the aircraft in {within_s:.0f} s") from None

    def close(self) -> None:
        """Start nothing more. The call that runs is left to itself."""
        self._closed = True
        self._calls.put(None)

    def _run(self) -> None:
        while (work := self._calls.get()) is not None and not self._closed:
            work()


def _tell(loop: asyncio.AbstractEventLoop, tell: Callable[..., None], future: asyncio.Future[Any], said: Any) -> None:
    with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
        loop.call_soon_threadsafe(tell, future, said)


def _resolve(future: asyncio.Future[Any], result: Any) -> None:
    if not future.done():
        future.set_result(result)


def _fail(future: asyncio.Future[Any], error: Exception) -> None:
    if not future.done():
        future.set_exception(error)
