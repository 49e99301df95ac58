"""What a viewer on a bad link does to another one: 5 % loss and 200 ms, in a network namespace where there is netem.

How late pictures are at a good viewer (from their arrival at the media process until it has them whole), with the bad
one beside it, against the same without it, in turn. The good one must miss no picture, and the bad one must get some.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

from tests.badlink import bad_link
from tests.bench.child import end
from tests.bench.errors import MeasurementFailed
from tests.bench.figure import Figure, Measured, Say
from tests.bench.rounds import alternate, percentile
from tests.bench.videostage import Stage, stage
from tests.farend import FarEnd, NoFarEnd
from tests.videoviewers import Picture, socket_viewer

LOSS_PERCENT, DELAY_MS = 5.0, 200
ROUNDS, PICTURES = 4, 120
CONNECT_WITHIN_S = 30.0


async def _measure(folder: Path, say: Say) -> Measured:
    async with contextlib.AsyncExitStack() as leaving:
        link: FarEnd | None = None
        try:
            link = await leaving.enter_async_context(bad_link(loss_percent=LOSS_PERCENT, delay_ms=DELAY_MS))
        except NoFarEnd as error:
            say(f"NO NAMESPACE ({error}): the bad viewer goes through a relay that loses and delays as much")
        anywhere = "0.0.0.0"  # noqa: S104 - the link's near end is not the loopback interface
        live = await leaving.enter_async_context(stage(folder, host=anywhere))
        await _late_ms(live)

        async def beside_a_bad_one() -> float:
            async with _bad_viewer(link, live, say):
                return await _late_ms(live)

        ours, rival = await alternate(beside_a_bad_one, lambda: _late_ms(live), say=say, unit="ms", rounds=ROUNDS)
    return Measured(ours=tuple(ours), rival=tuple(rival))


async def _late_ms(live: Stage) -> float:
    """The p95 of how late pictures are at a good viewer; raises `MeasurementFailed` when one is missing."""
    pictures: list[Picture] = []
    late_ms: list[float] = []
    async with socket_viewer(live.media.socket_url(live.flight_id), live.media.ticket(live.flight_id)) as viewer:
        until_s = time.monotonic() + 1.0
        while time.monotonic() < until_s:
            await viewer.picture()  # those that were there before it came
        for _ in range(PICTURES):
            pictures.append(await viewer.picture())
            late_ms.append(time.time() * 1000 - pictures[-1].received_us / 1000)
    first = pictures[0].sequence
    if [picture.sequence for picture in pictures] != list(range(first, first + PICTURES)):
        raise MeasurementFailed("the good viewer missed a picture")
    return percentile(late_ms, 95)


@contextlib.asynccontextmanager
async def _bad_viewer(link: FarEnd | None, live: Stage, say: Say) -> AsyncIterator[None]:
    python = (sys.executable, "-m", "tests.bench.badviewer")
    argv: tuple[str, ...]
    if link is None:
        argv = (*python, live.whep, str(LOSS_PERCENT), str(DELAY_MS))
    else:
        argv = link.inside(*python, f"http://{link.host}:{live.media.port}/v1/flights/{live.flight_id}/whep")
    viewer = await asyncio.create_subprocess_exec(
        *argv,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    if viewer.stdin is None or viewer.stdout is None:
        raise MeasurementFailed("the bad viewer has no pipes")
    try:
        viewer.stdin.write(f"{live.media.ticket(live.flight_id)}\n".encode())
        async with asyncio.timeout(CONNECT_WITHIN_S):
            if await viewer.stdout.readline() != b"connected\n":
                raise MeasurementFailed("the bad viewer could not connect")
        yield
        viewer.stdin.close()
        async with asyncio.timeout(CONNECT_WITHIN_S):
            pictures = json.loads(await viewer.stdout.readline())["pictures"]
        say(f"the bad viewer saw {pictures} pictures")
        if not pictures:
            raise MeasurementFailed("the bad viewer saw nothing: it could do no harm")
    finally:
        await end(viewer)


FIGURE = Figure(
    name="video_bad_link_harm",
    unit="ms",
    about="how late pictures are beside a viewer with 5 % loss and 200 ms, against without one",
    measure=_measure,
)
