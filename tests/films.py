"""Short films by the simulated camera: real H.264, made once, and its packets."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache

import av

from simulator.film.encoder import CLOCK_HZ, Encoder, Quality
from simulator.film.ground import Ground, make_ground
from simulator.film.rtp import Packetiser
from simulator.film.scene import Painter
from simulator.film.shot import Shot

SMALL = Quality(width=640, height=360, frames_s=10, bits_s=400_000)
TINY = Quality(width=320, height=180, frames_s=10, bits_s=200_000)
BEGAN_MS = 1_790_000_000_000
"""Capture time of a film's first picture."""
STEP = CLOCK_HZ // 10
SSRC = 0x5EED


@cache
def town() -> Ground:
    """The ground that is filmed: it takes a second to draw."""
    return make_ground()


@cache
def film(pictures: int = 25, quality: Quality = SMALL) -> tuple[bytes, ...]:
    """Access units, ten to a keyframe and to a second; the time burnt in goes on by 100 ms from `BEGAN_MS`."""
    painter = Painter(ground=town(), width=quality.width, height=quality.height)
    encoder = Encoder(quality)
    units = []
    for number in range(pictures):
        shot = Shot(camera="K1", send_to="", filming=True, north_m=2.0 * number, height_m=60.0, pitch_deg=-60.0)
        now = datetime.fromtimestamp((BEGAN_MS + 100 * number) / 1000, UTC)
        units.append(encoder.encode(painter.paint(shot, now=now), timestamp=number * STEP))
    return tuple(units)


def packets(
    pictures: int = 25, quality: Quality = SMALL, *, ssrc: int = SSRC, sequence: int = 0, origin: int = 0
) -> list[bytes]:
    """The film as RTP."""
    packetiser = Packetiser(ssrc=ssrc, sequence=sequence, origin=origin)
    return [
        packet
        for number, unit in enumerate(film(pictures, quality))
        for packet in packetiser.packets(unit, timestamp=number * STEP)
    ]


def decoded(units: list[bytes]) -> list[av.VideoFrame]:
    """What a decoder makes of access units."""
    context = av.CodecContext.create("h264", "r")
    frames = [frame for unit in units for frame in context.decode(av.Packet(unit))]
    return [*frames, *context.decode(None)]
