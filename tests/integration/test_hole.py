"""A live viewer in a real black hole: the kernel gives it up, the hub forgets it, and nobody else has felt anything."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from websockets.asyncio.client import ClientConnection, connect

from dispatcher.security.access import LIVE
from tests.farend import FarEnd, NoFarEnd, far_end
from tests.unit.api.house import House, open_house
from tests.unit.api.server import served

GIVEN_UP_AFTER_S = 1.5
"""In place of the product's 20 s, so that nobody has to wait for them."""
WITHIN_S = 30.0


@pytest.fixture
async def far() -> AsyncIterator[FarEnd]:
    async with contextlib.AsyncExitStack() as leaving:
        try:
            link = await leaving.enter_async_context(far_end())
        except NoFarEnd as why:
            pytest.skip(f"NO BLACK HOLE WAS TRIED: {why}")
        yield link


@pytest.mark.namespace
async def test_a_viewer_in_a_hole_is_given_up_by_the_kernel_and_the_others_miss_nothing(
    far: FarEnd, tmp_path: Path
) -> None:
    async with (
        asyncio.timeout(WITHIN_S),
        open_house(tmp_path) as house,
        served(house.application, host=far.host, unacknowledged_ms=int(GIVEN_UP_AFTER_S * 1000)) as port,
        connect(f"ws://{far.host}:{port}{LIVE}", proxy=None) as near_one,
        connect(f"ws://far.test{LIVE}", proxy=None, sock=await far.dial(port), close_timeout=0.1) as far_one,
    ):
        listening = [await _listen(house, each) for each in (near_one, far_one)]
        assert _viewers(house) == 2

        await far.swallow()
        lost_at_s = time.monotonic()
        heard = [len(frames) for frames, _ in listening]
        while _viewers(house) == 2:
            await _tick(house)
        lasted_s = time.monotonic() - lost_at_s
        assert lasted_s >= 0.9 * GIVEN_UP_AFTER_S, "nobody told the server: it found out by itself"
        assert far.carrier(), "the line was up all the time"
        assert house.hub.gauges()["live_viewers_too_slow_total"] == 0, "its frames went into the kernel, not to it"
        assert _viewers(house) == 1
        (near_frames, _), (far_frames, _) = listening
        assert len(far_frames) <= heard[1] + 1, "but for what was on its way"
        seqs = [int(str(frame["seq"])) for frame in near_frames]
        assert len(seqs) > heard[0] + 5
        assert seqs == sorted(seqs)

        await far.forward()
        async with connect(f"ws://far.test{LIVE}", proxy=None, sock=await far.dial(port)) as again:
            resume = {"epoch": far_frames[0]["epoch"], "seq": far_frames[-1]["seq"]}
            frames, _ = await _listen(house, again, **resume)
            assert frames[0]["type"] == "resumed", "what it had is still good"
        for _, task in listening:
            task.cancel()


@pytest.mark.namespace
async def test_nothing_of_a_far_end_is_left_when_its_test_fails(far: FarEnd) -> None:
    others: list[FarEnd] = []

    async def fail() -> None:
        async with far_end() as other:
            others.append(other)
            assert other.carrier()
            assert other.near != far.near
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert not others[0].exists()
    with pytest.raises(ProcessLookupError):
        os.kill(others[0].pid, 0)


async def _listen(
    house: House, live: ClientConnection, **resume: object
) -> tuple[list[dict[str, object]], asyncio.Task[None]]:
    """Authenticated, and its first frame there."""
    frames: list[dict[str, object]] = []

    async def take() -> None:
        async for text in live:
            frames.append(json.loads(text))  # noqa: PERF401 - each as it comes

    await live.send(json.dumps({"type": "auth", "token": house.token("controller"), **resume}))
    task = asyncio.create_task(take())
    while not frames:
        await _tick(house)
    return frames, task


async def _tick(house: House) -> None:
    """The house's own time runs about as fast as real time, and something changes in it."""
    house.telemetry("cov-1", armed=True, battery_percent=house.clock.mission_now().second)
    await house.clock.advance(house.hub.tick_s)
    await asyncio.sleep(house.hub.tick_s / 4)


def _viewers(house: House) -> int:
    return int(house.hub.gauges()["live_viewers"])
