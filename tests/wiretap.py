"""A relay between a simulated aircraft and its agent that remembers what the agent sent, and when.

The aircraft sends to the relay's front port; the agent listens where the relay's back socket sends to and answers it.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

from pymavlink.dialects.v20 import common as mavlink

from kestrel.ports import LOOPBACK

HARMLESS = frozenset({"HEARTBEAT", "PING", "TIMESYNC", "SYSTEM_TIME"})
"""What any ground station sends by itself; none of it changes what an aircraft does."""


@dataclass(frozen=True, slots=True)
class Heard:
    """One message from the agent, by the loop's clock."""

    at_s: float
    name: str
    detail: str


class Wiretap:
    """See `wiretap`."""

    def __init__(self) -> None:
        self.from_agent: list[Heard] = []
        self.to_agent = 0
        self._parser = mavlink.MAVLink(None)
        self._parser.robust_parsing = True

    def note(self, packet: bytes) -> None:
        """Remember what the agent sent."""
        now_s = asyncio.get_running_loop().time()
        for message in self._parser.parse_buffer(packet) or ():
            self.from_agent.append(Heard(now_s, message.get_type(), str(message)[:200]))

    def deeds_since(self, moment_s: float) -> list[Heard]:
        """What the agent has sent since that could change what the aircraft does."""
        return [heard for heard in self.from_agent if heard.at_s > moment_s and heard.name not in HARMLESS]


class _Front(asyncio.DatagramProtocol):
    def __init__(self, *, tap: Wiretap, agent: tuple[str, int]) -> None:
        self._tap, self._agent = tap, agent
        self.back: asyncio.DatagramTransport | None = None

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._tap.to_agent += 1
        if self.back is not None:
            self.back.sendto(data, self._agent)


class _Back(asyncio.DatagramProtocol):
    def __init__(self, *, tap: Wiretap, aircraft: tuple[str, int]) -> None:
        self._tap, self._aircraft = tap, aircraft
        self.front: asyncio.DatagramTransport | None = None

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._tap.note(data)
        if self.front is not None:
            self.front.sendto(data, self._aircraft)

    def error_received(self, exc: Exception) -> None:
        """Nobody listens at the agent's port: it is down, which is what some tests are about."""


@contextlib.asynccontextmanager
async def wiretap(*, front_port: int, agent_port: int, aircraft_port: int) -> AsyncIterator[Wiretap]:
    """Relay inside the block."""
    loop = asyncio.get_running_loop()
    tap = Wiretap()
    front, front_protocol = await loop.create_datagram_endpoint(
        lambda: _Front(tap=tap, agent=(LOOPBACK, agent_port)), local_addr=(LOOPBACK, front_port)
    )
    back, back_protocol = await loop.create_datagram_endpoint(
        lambda: _Back(tap=tap, aircraft=(LOOPBACK, aircraft_port)), local_addr=(LOOPBACK, 0)
    )
    front_protocol.back, back_protocol.front = back, front
    try:
        yield tap
    finally:
        front.close()
        back.close()
