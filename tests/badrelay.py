"""A bad link without a namespace: a UDP relay that loses and delays what goes through it, both ways.

For machines whose kernel has no netem. A peer's only candidate is made the relay's; ICE's checks, DTLS and media all
pass it.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

Address = tuple[str, int]
_CANDIDATE = re.compile(r"^a=candidate:\S+ 1 udp \d+ (?P<host>[0-9.]+) (?P<port>\d+) typ host.*$", re.MULTILINE)


@dataclass
class Relay:
    """``loss`` is a share; ``there_s`` the delay towards the viewer, half of it back, or the
    share ``back``. All may change meanwhile.
    """

    loss: float
    there_s: float
    back: float = 0.5
    rng: random.Random = field(default_factory=lambda: random.Random(5))
    passed: int = 0
    lost: int = 0
    _doors: list[asyncio.DatagramTransport] = field(default_factory=list)

    async def answer_through(self, sdp: str) -> str:
        """The answer with one candidate, ours, in place of the first IPv4 one of the server."""
        found = _CANDIDATE.search(sdp)
        assert found is not None, "the answer has no IPv4 candidate"
        server = (found["host"], int(found["port"]))
        outer = _Door(self, self.back)
        inner = _Door(self, 1.0)
        outer.other, inner.other = inner, outer
        inner.to = server
        front = await self._open(outer)
        await self._open(inner)
        line = f"a=candidate:1 1 udp 2130706431 127.0.0.1 {front} typ host"
        kept = [each for each in sdp.splitlines() if not each.startswith("a=candidate:")]
        place = next(number for number, each in enumerate(kept) if each.startswith("a=ice-ufrag"))
        return "\r\n".join([*kept[:place], line, *kept[place:]]) + "\r\n"

    async def _open(self, door: _Door) -> int:
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(lambda: door, local_addr=("0.0.0.0", 0))  # noqa: S104
        self._doors.append(transport)
        port: int = transport.get_extra_info("sockname")[1]
        return port

    def close(self) -> None:
        """No more passes."""
        for door in self._doors:
            door.close()


class _Door(asyncio.DatagramProtocol):
    """One of its two sockets: what comes in here leaves by the other, later or never."""

    def __init__(self, relay: Relay, share: float) -> None:
        self._relay = relay
        self._share = share
        self.other: _Door | None = None
        self.to: Address | None = None
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, addr: Any) -> None:
        if self.to is None or self.to[1] != addr[1]:
            self.to = (addr[0], addr[1])
        if self._relay.rng.random() < self._relay.loss:
            self._relay.lost += 1
            return
        self._relay.passed += 1
        asyncio.get_running_loop().call_later(self._relay.there_s * self._share, self._send_on, data)

    def _send_on(self, data: bytes) -> None:
        other = self.other
        if other is None or other.to is None or other._transport is None or other._transport.is_closing():
            return
        other._transport.sendto(data, other.to)

    def error_received(self, exc: Exception) -> None:
        """A bad link says nothing."""


@contextlib.asynccontextmanager
async def bad_relay(*, loss_percent: float, delay_ms: float) -> AsyncIterator[Relay]:
    """Inside the block."""
    relay = Relay(loss=loss_percent / 100, there_s=delay_ms / 1000)
    try:
        yield relay
    finally:
        relay.close()
