"""How late pictures are of a camera that is asked (RTSP, within the connection), against one that sends (RTP by UDP).

From the moment burnt into a picture until a viewer at the WebSocket has decoded it: the same camera, media process and
viewer, each with the one way and the other in turn. 720p30 at 2 Mbit/s, recorded meanwhile.
"""

from __future__ import annotations

import itertools
import time
from pathlib import Path

import av

from tests.bench.errors import MeasurementFailed
from tests.bench.figure import Figure, Measured, Say
from tests.bench.rounds import alternate, percentile
from tests.bench.videostage import stage
from tests.videoviewers import socket_viewer, time_in

ROUNDS = 4
SETTLE, PICTURES = 60, 180
LEAST_RATE_HZ = 8.0
"""With fewer pictures the machine is too busy to measure anything."""


async def _late_ms(folder: Path, say: Say, *, pulled: bool) -> float:
    """The median; raises `MeasurementFailed` when pictures are missing."""
    decoder = av.CodecContext.create("h264", "r")
    ages_ms: list[float] = []
    async with (
        stage(folder, pulled=pulled) as live,
        socket_viewer(live.media.socket_url(live.flight_id), live.media.ticket(live.flight_id)) as viewer,
    ):
        began_s, first = 0.0, 0
        for number in range(SETTLE + PICTURES):
            picture = await viewer.picture(within_s=20)
            for frame in decoder.decode(av.Packet(picture.data)):
                taken = time_in(frame)
                if taken is None:
                    raise MeasurementFailed("a picture whose time cannot be read")
                if number >= SETTLE:
                    ages_ms.append(time.time() * 1000 - taken)
            if number == SETTLE:
                began_s, first = time.monotonic(), picture.sequence
        rate_hz = (PICTURES - 1) / (time.monotonic() - began_s)
        if picture.sequence - first != PICTURES - 1 or rate_hz < LEAST_RATE_HZ:
            raise MeasurementFailed(
                f"{rate_hz:.1f} pictures a second, {picture.sequence - first + 1 - PICTURES} missed"
            )
    p50_ms, p95_ms = percentile(ages_ms, 50), percentile(ages_ms, 95)
    say(f"{'asked' if pulled else 'sent'}: p50 {p50_ms:.1f} ms, p95 {p95_ms:.1f} ms, {rate_hz:.0f} a second")
    return p50_ms


async def _measure(folder: Path, say: Say) -> Measured:
    numbers = itertools.count(1)

    async def pulled() -> float:
        return await _late_ms(folder / str(next(numbers)), say, pulled=True)

    async def pushed() -> float:
        return await _late_ms(folder / str(next(numbers)), say, pulled=False)

    ours, rival = await alternate(pulled, pushed, say=say, unit="ms", rounds=ROUNDS)
    return Measured(ours=tuple(ours), rival=tuple(rival))


FIGURE = Figure(
    name="video_pulled_over_pushed_p50",
    unit="ms",
    about="how late pictures are of a camera that is asked by RTSP, against one that sends RTP",
    measure=_measure,
)
