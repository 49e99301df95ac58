"""A cancellation that a library has swallowed, found again.

`asyncio.wait_for` of Python 3.11 loses a cancellation that comes in the very turn of the loop in which what it waits
for is done (CPython issue 86296, mended in 3.12). aiomqtt and pymodbus wait by it: a task that went on after their call
would never end, nor would the task group that it is in.
"""

from __future__ import annotations

import asyncio


class Cancellation:
    """Of the current task, from here on."""

    def __init__(self) -> None:
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("there is no task that could be cancelled")
        self._task, self._before = task, task.cancelling()

    def heed(self) -> None:
        """Raise `asyncio.CancelledError` when the task has been cancelled since, whoever swallowed it."""
        if self._task.cancelling() > self._before:
            raise asyncio.CancelledError
