"""RTP as a companion computer sends it: H.264 in packetisation mode 1 (RFC 6184), over UDP (RFC 3550)."""

from __future__ import annotations

import struct
from collections.abc import Iterator

PAYLOAD_TYPE = 96
MAX_PAYLOAD = 1200
"""So that a packet passes links that carry 1,280 bytes."""
_FU_A = 28


def units_of(access_unit: bytes) -> Iterator[bytes]:
    """The NAL units of an Annex B access unit, without their start codes."""
    start = access_unit.find(b"\0\0\1")
    while start >= 0:
        following = access_unit.find(b"\0\0\1", start + 3)
        unit = access_unit[start + 3 : following if following >= 0 else None]
        if following >= 0:
            unit = unit.rstrip(b"\0")
        if unit:
            yield unit
        start = following


def payloads_of(unit: bytes) -> Iterator[bytes]:
    """One packet's payload for a small NAL unit, fragments (FU-A) for a large one."""
    if len(unit) <= MAX_PAYLOAD:
        yield unit
        return
    indicator, kind, body = unit[0] & 0xE0 | _FU_A, unit[0] & 0x1F, unit[1:]
    size = MAX_PAYLOAD - 2
    for start in range(0, len(body), size):
        first, last = start == 0, start + size >= len(body)
        yield bytes((indicator, (first << 7) | (last << 6) | kind)) + body[start : start + size]


class Packetiser:
    """One RTP stream."""

    def __init__(self, *, ssrc: int, sequence: int = 0, origin: int = 0) -> None:
        self._ssrc = ssrc
        self._sequence = sequence
        self._origin = origin

    def packets(self, access_unit: bytes, *, timestamp: int) -> list[bytes]:
        """The packets of one picture; the last carries the marker."""
        payloads = [payload for unit in units_of(access_unit) for payload in payloads_of(unit)]
        packets = []
        for number, payload in enumerate(payloads, start=1):
            marker = 0x80 if number == len(payloads) else 0
            packets.append(
                struct.pack(
                    "!BBHII",
                    0x80,
                    marker | PAYLOAD_TYPE,
                    self._sequence,
                    (self._origin + timestamp) & 0xFFFFFFFF,
                    self._ssrc,
                )
                + payload
            )
            self._sequence = (self._sequence + 1) & 0xFFFF
        return packets
