"""What fifty viewers of one drone cost the media process, at full rate: 720p30, 2 Mbit/s, by WHEP, recorded meanwhile.

Processor time for each second of video that every viewer got whole; so a machine that is too slow looks no better for
it.
"""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from tests.bench.errors import MeasurementFailed
from tests.bench.figure import Figure, Measured, Say
from tests.bench.videocrowd import crowd
from tests.bench.videostage import stage

VIEWERS, ROUNDS = 50, 3
SETTLE_S, WINDOW_S = 3.0, 6.0
RATE_HZ = 30.0
LEAST_RATE_HZ = 8.0
"""With fewer the machine is too busy to measure anything; what is between is counted as if it were the full rate."""
LEAST_OF_ALL = 0.9
"""Of the pictures of the one that got most, the one that got fewest must have so many."""


async def _measure(folder: Path, say: Say) -> Measured:
    shares = []
    async with stage(folder) as live, crowd(live, VIEWERS) as viewers:
        await asyncio.sleep(SETTLE_S)
        for number in range(ROUNDS):
            for viewer in viewers:
                viewer.restart()
            cpu_s, began_s = live.cpu_s(), time.monotonic()
            await asyncio.sleep(WINDOW_S)
            spent_s, window_s = live.cpu_s() - cpu_s, time.monotonic() - began_s
            got = sorted(viewer.pictures for viewer in viewers)
            rate_hz = got[-1] / window_s
            if rate_hz < LEAST_RATE_HZ:
                raise MeasurementFailed(f"only {rate_hz:.1f} pictures a second: the machine is too busy")
            if got[0] < LEAST_OF_ALL * got[-1]:
                raise MeasurementFailed(f"one viewer got {got[-1]} pictures, another {got[0]}")
            shares.append(spent_s * RATE_HZ / got[len(got) // 2])
            packets = sum(viewer.packets for viewer in viewers) / window_s
            say(f"round {number + 1}: {shares[-1]:.2f} cores, {rate_hz:.1f} pictures/s each, {packets:.0f} packets/s")
    return Measured(ours=tuple(shares))


FIGURE = Figure(
    name="video_50_viewers_cpu",
    unit="cores",
    about="fifty viewers of one drone by WHEP, at full rate, with its recording",
    measure=_measure,
)
