"""Pictures of a film as the depacketiser gives them, without packets."""

from __future__ import annotations

from media.h264 import AccessUnit, Depacketiser
from media.rtp import parse
from simulator.film.encoder import Quality
from tests.films import SMALL, packets


def pictures(count: int = 25, quality: Quality = SMALL) -> list[AccessUnit]:
    """Ten a second; received a tenth of a second apart."""
    depacketiser, units = Depacketiser(), list[AccessUnit]()
    for datagram in packets(count, quality):
        packet = parse(datagram)
        assert packet is not None
        units += depacketiser.push(packet, gap=False, unix_us=len(units) * 100_000)
    return units
