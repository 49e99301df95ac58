"""The clocks: two times, one epoch, and a virtual one that is the same every time."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from kestrel.clock import SystemClock, VirtualClock


def test_two_processes_with_one_epoch_and_factor_agree_on_mission_time() -> None:
    epoch = 1_700_000_000.0
    one, other = SystemClock(epoch=epoch, factor=10), SystemClock(epoch=epoch, factor=10)
    apart = abs(one.mission_now() - other.mission_now())
    assert apart < timedelta(seconds=5)
    expected = epoch + (one.wall_now().timestamp() - epoch) * 10
    assert abs(one.mission_now().timestamp() - expected) < 5


def test_at_factor_one_both_times_are_the_same() -> None:
    clock = SystemClock()
    assert abs(clock.mission_now() - clock.wall_now()) < timedelta(seconds=1)


async def test_sleepers_wake_in_the_order_of_their_time() -> None:
    clock = VirtualClock()
    woken: list[tuple[str, float]] = []

    async def sleeper(name: str, seconds: float) -> None:
        await clock.sleep_wall(seconds)
        woken.append((name, clock.wall_s()))

    tasks = [asyncio.create_task(sleeper(name, s)) for name, s in (("c", 3), ("a", 1), ("b", 2), ("late", 99))]
    await clock.advance(10)
    assert woken == [("a", 1), ("b", 2), ("c", 3)]
    assert clock.wall_s() == 10
    tasks[-1].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_mission_time_runs_by_the_factor() -> None:
    clock = VirtualClock(start=datetime(2026, 1, 1, tzinfo=UTC), factor=10)
    task = asyncio.create_task(clock.sleep_mission(30))
    await clock.advance(2.9)
    assert not task.done()
    await clock.advance(0.2)
    assert task.done()
    assert clock.mission_now() == datetime(2026, 1, 1, 0, 0, 31, tzinfo=UTC)
    assert clock.wall_now() == datetime(2026, 1, 1, 0, 0, 3, 100000, tzinfo=UTC)


async def test_a_sleeper_that_sleeps_again_within_the_advance_is_woken_again() -> None:
    clock = VirtualClock()
    ticks: list[float] = []

    async def ticking() -> None:
        while True:
            await clock.sleep_wall(1)
            ticks.append(clock.wall_s())

    task = asyncio.create_task(ticking())
    await clock.advance(5)
    assert ticks == [1, 2, 3, 4, 5]
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_after_a_leap_whoever_was_due_is_woken_once_and_late() -> None:
    clock = VirtualClock()
    woken: list[tuple[str, float]] = []

    async def ticking(name: str, each_s: float) -> None:
        while True:
            await clock.sleep_wall(each_s)
            woken.append((name, clock.wall_s()))

    tasks = [
        asyncio.create_task(ticking(name, each_s)) for name, each_s in (("slow", 50), ("quick", 1), ("later", 200))
    ]
    await clock.advance(0)
    await clock.leap(100)
    assert woken == [("quick", 100), ("slow", 100)]
    await clock.advance(1)
    assert woken[2:] == [("quick", 101)]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
