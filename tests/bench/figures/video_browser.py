"""What a person at a browser sees of a drone's camera, and how late: real H.264, WHEP, Chromium.

The simulated camera burns the moment at which it begins to draw a picture into it; the page reads that from what is
displayed. So drawing, encoding, both links, the media process, decoding and display are all in it. 720p30 at 2 Mbit/s,
recorded meanwhile.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.bench.errors import MeasurementFailed
from tests.bench.figure import Figure, Measured, Say
from tests.bench.rounds import percentile
from tests.bench.videobrowser import browser, first_picture, page_server, seen, watching
from tests.bench.videostage import stage

ROUNDS = 3
SETTLE_S, WATCH_S = 3.0, 8.0
OPENINGS = 8
FIRST_WITHIN_S = 10.0
LEAST_READ = 0.98
LEAST_RATE_HZ = 20.0
"""With fewer pictures displayed the machine is too busy to measure anything."""


async def _latency(folder: Path, say: Say) -> Measured:
    p95s = []
    with page_server() as origin:
        async with stage(folder, origins=origin) as live, browser() as running:
            for number in range(ROUNDS):
                async with watching(running, origin, live) as page:
                    await first_picture(page, within_s=FIRST_WITHIN_S)
                    await asyncio.sleep(SETTLE_S)
                    await page.evaluate("() => { seen.ages = []; seen.unreadable = 0; seen.frames = 0; }")
                    await asyncio.sleep(WATCH_S)
                    found = await seen(page)
                ages, frames = found["ages"], found["frames"]
                if frames < LEAST_RATE_HZ * WATCH_S or len(ages) < LEAST_READ * frames:
                    raise MeasurementFailed(f"{frames} pictures displayed in {WATCH_S:g} s, {len(ages)} of them read")
                p95s.append(percentile(ages, 95))
                say(f"round {number + 1}: p50 {percentile(ages, 50):.0f} ms, p95 {p95s[-1]:.0f} ms, {frames} pictures")
    return Measured(ours=tuple(p95s))


async def _first(folder: Path, say: Say) -> Measured:
    opened = []
    with page_server() as origin:
        async with stage(folder, origins=origin) as live, browser() as running:
            for _ in range(OPENINGS):
                async with watching(running, origin, live) as page:
                    opened.append(await first_picture(page, within_s=FIRST_WITHIN_S))
                await asyncio.sleep(0.37)  # so that each comes at another moment between two keyframes
    say(f"{', '.join(f'{each:.2f}' for each in sorted(opened))} s")
    return Measured(ours=(percentile(opened, 95),))


GLASS_TO_GLASS = Figure(
    name="video_glass_to_glass_p95",
    unit="ms",
    about="from the moment a picture is taken until a browser displays it, through WHEP",
    measure=_latency,
)
FIRST_PICTURE = Figure(
    name="video_first_picture_p95",
    unit="s",
    about="from the opening of a page until it displays the first picture, through WHEP",
    measure=_first,
)
