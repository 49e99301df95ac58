"""A task that is cancelled ends, in whatever turn of the loop the cancellation comes."""

from __future__ import annotations

import asyncio

import pytest

from kestrel.cancellation import Cancellation


@pytest.mark.parametrize("turns", range(8))
async def test_a_task_that_waits_again_and_again_ends_in_whatever_turn_it_is_cancelled(turns: int) -> None:
    done = asyncio.Event()

    async def waits_again_and_again() -> None:
        while True:
            cancellation = Cancellation()
            try:
                await asyncio.wait_for(done.wait(), 10.0)
            finally:
                cancellation.heed()
            done.clear()

    task = asyncio.create_task(waits_again_and_again())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    done.set()
    for _ in range(turns):
        await asyncio.sleep(0)
    task.cancel()
    ended, _ = await asyncio.wait((task,), timeout=1.0)
    task.cancel()
    assert ended
    assert task.cancelled()


async def test_a_cancellation_from_before_is_not_taken_for_a_new_one() -> None:
    async def cleans_up() -> str:
        try:
            await asyncio.sleep(10.0)
        except asyncio.CancelledError:
            Cancellation().heed()
            return "cleaned up"
        return "never"

    task = asyncio.create_task(cleans_up())
    await asyncio.sleep(0)
    task.cancel()
    assert await task == "cleaned up"
