"""The look at whether all flights are apart that follows a command which is never refused: after its answer, not in it.

Whoever presses return waits for no look over all flights, which grows with their number. It comes within `SETTLES_S`,
one for all that was pressed meanwhile, beside the look of each second. One that fails is logged, counted, and tried
again; one that is still due when the process is asked to stop is done before the journal closes.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from typing import Protocol

from dispatcher.journal.errors import WriterLost
from kestrel.clock import Clock

log = logging.getLogger(__name__)

SETTLES_S = 0.02
"""Wall seconds in which the answer leaves, and what is pressed together becomes one look."""
AGAIN_S = 1.0
"""Wall seconds until one that failed is tried again."""


class Looks(Protocol):
    """The desk, as the look-out sees it."""

    look_due: asyncio.Event
    """Set while something was given that no look has seen."""

    async def look_after_nearness(self) -> None:
        """Look, and do what follows; sets ``look_due`` again where it fails."""


@contextlib.asynccontextmanager
async def looking(tasks: asyncio.TaskGroup, *, desk: Looks, clock: Clock) -> AsyncIterator[None]:
    """Look whenever it is due, inside the block; leaving it does what is due still."""
    task = tasks.create_task(_look_when_due(desk, clock), name="look when due")
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        if desk.look_due.is_set():
            # Its orders are journalled now, and go out at the next start, for as long as they are valid.
            await _look(desk)


async def _look_when_due(desk: Looks, clock: Clock) -> None:
    while True:
        await desk.look_due.wait()
        await clock.sleep_wall(SETTLES_S)
        if not await _look(desk):
            await clock.sleep_wall(AGAIN_S)


async def _look(desk: Looks) -> bool:
    try:
        await desk.look_after_nearness()
    except WriterLost:
        raise
    except Exception:
        log.exception("could not look whether all flights are apart")
        return False
    return True
