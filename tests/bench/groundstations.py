"""Ground stations for a measurement: one socket each, heartbeats out, frames counted and otherwise left unread."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from typing import Any

from pymavlink.dialects.v20 import development as mav

from kestrel.ports import LOOPBACK
from simulator.frames import Packer, Parser
from tests.missions import Step, arm_and_start, item_message

_HEADER, _CHECKSUM = 10, 2
_ASKED = frozenset({40, 51, 47})
"""MISSION_REQUEST, MISSION_REQUEST_INT, MISSION_ACK: the frames that are read."""


class GroundStation(asyncio.DatagramProtocol):
    """A client of one aircraft, or of nobody. `press_on` asks for the next thing on the way into the air."""

    def __init__(self, *, aircraft: int | None, system_id: int, mission: Sequence[Step]) -> None:
        self.frames = 0
        self.system_id = system_id
        self._aircraft = aircraft
        self._mission = mission
        self._uploaded = False
        self._packer = Packer(system_id=245, component_id=190)
        self._parser = Parser()
        self._transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """asyncio: the socket is bound."""
        self._transport = transport

    def error_received(self, exc: Exception) -> None:
        """asyncio: the aircraft is not there (yet)."""

    def datagram_received(self, data: bytes, addr: Any) -> None:
        """asyncio: count the frames, and answer while a mission goes up."""
        at = 0
        while at + _HEADER < len(data) and data[at] == 0xFD:
            self.frames += 1
            end = at + _HEADER + data[at + 1] + _CHECKSUM
            if not self._uploaded and int.from_bytes(data[at + 7 : at + 10], "little") in _ASKED:
                self._answer(data[at:end])
            at = end

    def _answer(self, frame: bytes) -> None:
        for message in self._parser.messages(frame):
            if message.get_type() == "MISSION_ACK":
                self._uploaded = message.type == 0
            elif message.seq < len(self._mission):
                self._send(item_message(self._mission[message.seq], seq=message.seq, system_id=self.system_id))

    def press_on(self) -> None:
        """Say the mission again, or that it shall be flown."""
        if not self._uploaded:
            self._send(mav.MAVLink_mission_count_message(self.system_id, 1, len(self._mission), 0))
            return
        for command in arm_and_start(self.system_id):
            self._send(command)

    def heartbeat(self) -> None:
        """A ground station is here."""
        self._send(mav.MAVLink_heartbeat_message(6, 8, 0, 0, 0, 3))

    def _send(self, message: Any) -> None:
        if self._aircraft is not None and self._transport is not None:
            self._transport.sendto(self._packer.pack(message), (LOOPBACK, self._aircraft))


@contextlib.asynccontextmanager
async def ground_station(
    *, port: int, aircraft: int | None, system_id: int, mission: Sequence[Step]
) -> AsyncIterator[GroundStation]:
    """Listens on ``port``; with an aircraft, a heartbeat a second goes to that port."""
    transport, station = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: GroundStation(aircraft=aircraft, system_id=system_id, mission=mission), local_addr=(LOOPBACK, port)
    )

    async def beat() -> None:
        while True:
            station.heartbeat()
            await asyncio.sleep(1.0)

    beating = asyncio.create_task(beat(), name=f"heartbeat.{system_id}")
    try:
        yield station
    finally:
        beating.cancel()
        await asyncio.wait([beating])
        transport.close()
