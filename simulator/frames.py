"""MAVLink 2 frames: messages packed into bytes, those that are sent most by hand (eight times as fast)."""

from __future__ import annotations

import binascii
import struct
from dataclasses import dataclass
from typing import Any

from pymavlink.dialects.v20 import development as mav

_HEADER = struct.Struct("<BHB")
"""Payload length, both flag bytes (none set), sequence."""
_CHECKSUM = struct.Struct("<H")
_REVERSED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


def checksum(data: bytes) -> int:
    """MAVLink's CRC-16/MCRF4XX, through the standard library's fast unreflected CRC of bit-reversed bytes."""
    crc = binascii.crc_hqx(data.translate(_REVERSED), 0xFFFF)
    return _REVERSED[crc & 0xFF] << 8 | _REVERSED[crc >> 8]


@dataclass(frozen=True, slots=True)
class RawMessage:
    """A message that pymavlink's dialect lacks: its id, its CRC_EXTRA and its payload in wire order."""

    message_id: int
    crc_extra: int
    payload: bytes


class Packer:
    """Frames from one component, with one sequence counter."""

    __slots__ = ("_mav", "_origin", "_origins", "_sequence")

    def __init__(self, *, system_id: int, component_id: int) -> None:
        self._mav = mav.MAVLink(None, srcSystem=system_id, srcComponent=component_id)
        self._origin = bytes((system_id, component_id))
        self._origins: dict[int, tuple[bytes, bytes]] = {}
        self._sequence = 0

    def hot(self, message_id: int, crc_extra: int, payload: bytes) -> bytes:
        """Frame a payload packed by hand; trailing zero bytes are cut, as MAVLink 2 asks."""
        parts = self._origins.get(message_id)
        if parts is None:
            parts = (self._origin + message_id.to_bytes(3, "little"), bytes((crc_extra,)))
            self._origins[message_id] = parts
        if not payload[-1]:
            payload = payload.rstrip(b"\0") or b"\0"
        body = _HEADER.pack(len(payload), 0, self._sequence) + parts[0] + payload
        self._sequence = (self._sequence + 1) & 0xFF
        return b"\xfd" + body + _CHECKSUM.pack(checksum(body + parts[1]))

    def pack(self, message: Any) -> bytes:
        """Frame any other message."""
        if isinstance(message, RawMessage):
            return self.hot(message.message_id, message.crc_extra, message.payload)
        self._mav.seq = self._sequence
        self._sequence = (self._sequence + 1) & 0xFF
        packed: bytes = message.pack(self._mav)
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
