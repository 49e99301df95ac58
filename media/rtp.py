"""RTP packets, and their order restored: pure, without a socket or a clock.

A packet that overtook others is held back until they have come, or 40 ms, or 64 packets, whichever is first. What comes
after its turn is dropped; what never comes is said with the packet after it.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

MAX_HELD = 64
HELD_S = 0.04
_RESTART = 3000
"""A jump of sequence numbers so large is another start of the same source (RFC 3550, appendix A.1)."""


@dataclass(frozen=True, slots=True)
class Packet:
    """One RTP packet of version 2, without its padding and header extension."""

    sequence: int
    timestamp: int
    ssrc: int
    payload_type: int
    marker: bool
    payload: bytes


def parse(datagram: bytes) -> Packet | None:
    """The packet; None for what is not RTP (RFC 3550, section 5.1) or is RTCP on the same port (RFC 5761)."""
    if len(datagram) < 13 or datagram[0] >> 6 != 2 or 192 <= datagram[1] <= 223:
        return None
    first, second, sequence, timestamp, ssrc = struct.unpack_from("!BBHII", datagram)
    start = 12 + 4 * (first & 0x0F)
    if first & 0x10:
        if len(datagram) < start + 4:
            return None
        start += 4 + 4 * int.from_bytes(datagram[start + 2 : start + 4], "big")
    end = len(datagram)
    if first & 0x20:
        end -= datagram[-1] or end
    if start >= end:
        return None
    return Packet(sequence, timestamp, ssrc, second & 0x7F, bool(second & 0x80), datagram[start:end])


class Order:
    """Packets of one source in, the same in their order out."""

    def __init__(self) -> None:
        self._next: int | None = None
        self._held: dict[int, tuple[Packet, float]] = {}
        self._gap = False
        self.lost = 0
        """Packets that never came."""

    def push(self, packet: Packet, *, now_s: float) -> Iterator[tuple[Packet, bool]]:
        """The packets whose turn has come, each with whether something is missing before it."""
        if self._next is None:
            self._next = packet.sequence
        ahead = (packet.sequence - self._next) & 0xFFFF
        if ahead >= 0x8000:
            if 0x10000 - ahead < _RESTART:
                return
            ahead = _RESTART
        if ahead >= _RESTART:
            self._held.clear()
            self._next, self._gap = packet.sequence, True
        self._held.setdefault(packet.sequence, (packet, now_s))
        yield from self._ready()
        while self._held and (len(self._held) > MAX_HELD or now_s - self._oldest_s() > HELD_S):
            first = min(self._held, key=lambda sequence: (sequence - (self._next or 0)) & 0xFFFF)
            self.lost += (first - self._next) & 0xFFFF
            self._next, self._gap = first, True
            yield from self._ready()

    def _oldest_s(self) -> float:
        return min(came_s for _, came_s in self._held.values())

    def _ready(self) -> Iterator[tuple[Packet, bool]]:
        while self._next is not None and self._next in self._held:
            packet, _ = self._held.pop(self._next)
            self._next = (self._next + 1) & 0xFFFF
            gap, self._gap = self._gap, False
            yield packet, gap
