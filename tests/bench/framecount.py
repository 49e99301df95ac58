"""Counts what a server sends in WebSocket frames, at so little cost that hundreds of connections fit in one process."""

from __future__ import annotations

import asyncio
import base64
import os
from dataclasses import dataclass, field

OPCODE_TEXT = 0x1
OPCODE_CLOSE = 0x8
OPCODE_PING = 0x9
OPCODE_PONG = 0xA
FIN = 0x80
MASK = 0x80


@dataclass(slots=True)
class Count:
    """Over all connections that share it."""

    frames: int = 0
    payload_bytes: int = 0
    closed: int = 0
    connected: int = 0
    kept: list[bytes] = field(default_factory=list)
    """Whole frames, header included, of the one connection that keeps them."""


def masked_frame(opcode: int, payload: bytes) -> bytes:
    """A client's frame (RFC 6455, section 5.3); the mask is zero, which leaves the payload as it is."""
    if len(payload) < 126:
        head = bytes([FIN | opcode, MASK | len(payload)])
    else:
        head = bytes([FIN | opcode, MASK | 126]) + len(payload).to_bytes(2, "big")
    return head + bytes(4) + payload


class FrameCounter(asyncio.Protocol):
    """One connection: upgrades when given a ``path``, says ``hello`` in a text frame, then only counts text frames."""

    def __init__(self, *, count: Count, path: str | None, hello: bytes = b"", keep: bool = False) -> None:
        self._count = count
        self._path = path
        self._hello = hello
        self._keep = keep
        self._upgraded = path is None
        self._buffer = bytearray()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        if self._path is None:
            self._count.connected += 1
            return
        key = base64.b64encode(os.urandom(16)).decode()
        transport.write(
            f"GET {self._path} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self._upgraded and not self._read_upgrade():
            return
        while self._read_frame():
            pass

    def connection_lost(self, exc: Exception | None) -> None:
        self._count.closed += 1

    def _read_upgrade(self) -> bool:
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return False
        transport = self._transport
        assert transport is not None
        if not self._buffer.startswith(b"HTTP/1.1 101"):
            transport.close()
            return False
        del self._buffer[: end + 4]
        self._upgraded = True
        self._count.connected += 1
        transport.write(masked_frame(OPCODE_TEXT, self._hello))
        return True

    def _read_frame(self) -> bool:
        buffer = self._buffer
        if len(buffer) < 2:
            return False
        length, head = buffer[1] & 0x7F, 2
        if length >= 126:
            wide = 2 if length == 126 else 8
            head += wide
            if len(buffer) < head:
                return False
            length = int.from_bytes(buffer[2:head], "big")
        if len(buffer) < head + length:
            return False
        self._take(buffer[0] & 0x0F, head, length)
        del buffer[: head + length]
        return True

    def _take(self, opcode: int, head: int, length: int) -> None:
        count = self._count
        if opcode == OPCODE_TEXT:
            count.frames += 1
            count.payload_bytes += length
            if self._keep:
                count.kept.append(bytes(self._buffer[: head + length]))
        elif opcode == OPCODE_PING and self._transport is not None:
            self._transport.write(masked_frame(OPCODE_PONG, bytes(self._buffer[head : head + length])))
        elif opcode == OPCODE_CLOSE and self._transport is not None:
            self._transport.close()
