"""The wire between aircraft and agent with somebody in it, who writes down what the agent sends and can cut it.

The aircraft sends to `Wire.aircraft_side`, the agent listens on its own port; both believe to speak to each other.
Where the aircraft says that it is goes into `Wire.flown` as well, whether an agent listens or not.
"""

from __future__ import annotations

import asyncio
import contextlib
import struct
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

from pymavlink.dialects.v20 import common as mavlink

_POSITION = 33
"""GLOBAL_POSITION_INT: https://mavlink.io/en/messages/common.html#GLOBAL_POSITION_INT."""
_POSITION_FIELDS = struct.Struct("<Iiiii")
_HEADER_BYTES = 10
"""Of a MAVLink 2 frame."""
HARMLESS = frozenset({"HEARTBEAT", "PING", "TIMESYNC", "SYSTEM_TIME", "MISSION_ACK"})
"""What a client says without wanting anything."""


@dataclass(frozen=True, slots=True)
class Flown:
    """One position as the aircraft sent it, WGS84; ``boot_ms`` is its own clock."""

    boot_ms: int
    lat_deg: float
    lon_deg: float
    alt_above_home_m: float


class _Side(asyncio.DatagramProtocol):
    def __init__(self, wire: Wire, *, from_agent: bool) -> None:
        self._wire, self._from_agent = wire, from_agent

    def datagram_received(self, data: bytes, addr: Any) -> None:
        if self._from_agent:
            self._wire.from_agent(data)
        else:
            self._wire.from_aircraft(data, addr)


class Wire:
    """Use ``async with wire.up()``. ``said`` holds the agent's messages, but for the harmless ones."""

    def __init__(self, *, aircraft_side: int, agent_port: int) -> None:
        self.aircraft_side, self._agent_port = aircraft_side, agent_port
        self.said: list[Any] = []
        self.flown: list[Flown] = []
        self._cut = False
        self._aircraft: Any = None
        self._parser = mavlink.MAVLink(None)
        self._parser.robust_parsing = True
        self._to_aircraft: asyncio.DatagramTransport | None = None
        self._to_agent: asyncio.DatagramTransport | None = None

    @contextlib.asynccontextmanager
    async def up(self) -> AsyncIterator[Wire]:
        """Relay inside the block."""
        loop = asyncio.get_running_loop()
        near, _ = await loop.create_datagram_endpoint(
            lambda: _Side(self, from_agent=False), local_addr=("127.0.0.1", self.aircraft_side)
        )
        far, _ = await loop.create_datagram_endpoint(lambda: _Side(self, from_agent=True), local_addr=("127.0.0.1", 0))
        self._to_aircraft, self._to_agent = near, far
        try:
            yield self
        finally:
            near.close()
            far.close()

    @contextlib.contextmanager
    def cut(self) -> Iterator[None]:
        """Nothing passes inside the block."""
        self._cut = True
        try:
            yield
        finally:
            self._cut = False

    def from_aircraft(self, data: bytes, sender: Any) -> None:
        """Pass a datagram on to the agent."""
        self._aircraft = sender
        self._follow(data)
        if not self._cut and self._to_agent is not None:
            self._to_agent.sendto(data, ("127.0.0.1", self._agent_port))

    def _follow(self, data: bytes) -> None:
        at = 0
        while at + 12 <= len(data) and data[at] == 0xFD:
            length = data[at + 1]
            if int.from_bytes(data[at + 7 : at + 10], "little") == _POSITION:
                payload = data[at + _HEADER_BYTES : at + _HEADER_BYTES + length].ljust(28, b"\0")
                boot_ms, lat, lon, _, above_mm = _POSITION_FIELDS.unpack_from(payload)
                if not self.flown or boot_ms - self.flown[-1].boot_ms >= 100:
                    self.flown.append(Flown(boot_ms, lat / 1e7, lon / 1e7, above_mm / 1e3))
            signed = 13 if data[at + 2] & 1 else 0
            at += _HEADER_BYTES + length + 2 + signed

    def from_agent(self, data: bytes) -> None:
        """Write down and pass on."""
        for message in self._parser.parse_buffer(data) or []:
            if message.get_type() not in HARMLESS:
                self.said.append(message)
        if not self._cut and self._to_aircraft is not None and self._aircraft is not None:
            self._to_aircraft.sendto(data, self._aircraft)

    def commands(self) -> list[int]:
        """The MAV_CMD numbers that the agent has sent."""
        return [message.command for message in self.said if message.get_type() in ("COMMAND_LONG", "COMMAND_INT")]
