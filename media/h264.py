"""From RTP payloads to whole pictures (RFC 6184: single units, STAP-A, FU-A), as Annex B with their parameter sets.

A picture is passed on only when it is whole and all that it refers to was: after a loss the next one is a keyframe. A
picture that stands still for a moment is honest; one that shows what is not there is not.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from media.errors import NotH264
from media.rtp import Packet
from media.sps import Format, read_format

CLOCK_HZ = 90_000
MAX_PICTURE_BYTES = 4 * 1024 * 1024
_START = b"\0\0\0\1"
_SLICE, _IDR, _SEI, _SPS, _PPS = 1, 5, 6, 7, 8
_LAST_SINGLE, _STAP_A, _FU_A = 23, 24, 28


@dataclass(frozen=True, slots=True)
class AccessUnit:
    """One picture. ``timestamp`` counts 90 kHz and never wraps; ``after_gap``: pictures before it were left out."""

    sequence: int
    timestamp: int
    keyframe: bool
    after_gap: bool
    data: bytes
    format: Format
    received_unix_us: int


class Depacketiser:
    """Packets of one source in order in, pictures out. ``sps`` and ``pps`` are those that came by another way, until
    the stream brings its own."""

    def __init__(self, *, sps: bytes | None = None, pps: bytes | None = None) -> None:
        self.format: Format | None = None
        self.damaged = 0
        """Pictures that were left out because something of them, or of what they refer to, was missing."""
        self._sps = sps
        self._pps = pps
        self._units: list[bytes] = []
        self._fragments: list[bytes] = []
        self._size = 0
        self._rtp_timestamp: int | None = None
        self._timestamp = 0
        self._last_rtp: int | None = None
        self._broken = False
        """The picture at hand is not whole."""
        self._wait_for_key = True
        self._gap = False
        self._sequence = 0

    def push(self, packet: Packet, *, gap: bool, unix_us: int) -> list[AccessUnit]:
        """The pictures that this packet completes: none or one, two where a marker was lost."""
        done: list[AccessUnit] = []
        if self._rtp_timestamp is not None and packet.timestamp != self._rtp_timestamp:
            # The marker of the picture before is missing: whole or not, it ends here.
            self._broken = self._broken or gap
            done += self._finish(unix_us)
        if gap:
            self._broken = True
        self._rtp_timestamp = packet.timestamp
        try:
            self._take(packet.payload)
        except NotH264:
            self._broken = True
        if packet.marker:
            done += self._finish(unix_us)
        return done

    def _take(self, payload: bytes) -> None:
        kind = payload[0] & 0x1F
        if 1 <= kind <= _LAST_SINGLE:
            self._add(payload)
        elif kind == _STAP_A:
            at = 1
            while at + 2 < len(payload):
                (size,) = struct.unpack_from("!H", payload, at)
                unit = payload[at + 2 : at + 2 + size]
                if not unit or len(unit) != size:
                    raise NotH264("an aggregation that ends too early")
                self._add(unit)
                at += 2 + size
        elif kind == _FU_A and len(payload) > 2:
            self._fragment(payload)
        else:
            raise NotH264(f"a payload of kind {kind}")

    def _fragment(self, payload: bytes) -> None:
        first, last = bool(payload[1] & 0x80), bool(payload[1] & 0x40)
        if first:
            self._fragments = [bytes((payload[0] & 0xE0 | payload[1] & 0x1F,))]
        elif not self._fragments:
            raise NotH264("a fragment without its beginning")
        self._fragments.append(payload[2:])
        self._count(len(payload))
        if last:
            unit, self._fragments = b"".join(self._fragments), []
            self._add(unit, counted=True)

    def _add(self, unit: bytes, *, counted: bool = False) -> None:
        if self._fragments:
            self._fragments = []
            self._broken = True  # the end of the unit before it is missing
        if not counted:
            self._count(len(unit))
        kind = unit[0] & 0x1F
        if kind == _SPS:
            self._sps = unit
        elif kind == _PPS:
            self._pps = unit
        elif kind in (_SEI, *range(_SLICE, _IDR + 1)):
            self._units.append(unit)

    def _count(self, size: int) -> None:
        self._size += size
        if self._size > MAX_PICTURE_BYTES:
            self._units, self._fragments = [], []
            raise NotH264("a picture that is too large")

    def _finish(self, unix_us: int) -> list[AccessUnit]:
        units, broken = self._units, self._broken or bool(self._fragments)
        rtp, self._rtp_timestamp = self._rtp_timestamp, None
        self._units, self._fragments, self._size, self._broken = [], [], 0, False
        pictures = [unit for unit in units if unit[0] & 0x1F != _SEI]
        if not pictures:
            if broken:
                self._wait_for_key = self._gap = True
            return []
        keyframe = any(unit[0] & 0x1F == _IDR for unit in pictures)
        if keyframe and not broken:
            self._renew_format()
        if broken or self.format is None or (self._wait_for_key and not keyframe):
            self.damaged += 1
            self._wait_for_key = self._gap = True
            return []
        gap, self._gap, self._wait_for_key = self._gap, False, False
        if keyframe:
            units = [self.format.sps, self.format.pps, *units]
        self._sequence += 1
        return [
            AccessUnit(
                sequence=self._sequence,
                timestamp=self._unwrapped(rtp or 0),
                keyframe=keyframe,
                after_gap=gap,
                data=b"".join(_START + unit for unit in units),
                format=self.format,
                received_unix_us=unix_us,
            )
        ]

    def _renew_format(self) -> None:
        if self._sps is None or self._pps is None:
            return
        now = self.format
        if now is None or now.sps != self._sps or now.pps != self._pps:
            try:
                self.format = read_format(self._sps, self._pps)
            except NotH264:
                self.format = None

    def _unwrapped(self, rtp: int) -> int:
        """RTP's 32 bits made to go on; they may also step back a little, never the result."""
        if self._last_rtp is not None:
            step = (rtp - self._last_rtp) & 0xFFFFFFFF
            self._timestamp += step if 0 < step < 0x80000000 else 1
        self._last_rtp = rtp
        return self._timestamp
