"""The UDP ends: one socket for each simulated aircraft, one to listen to each real PX4."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, cast

from pymavlink.dialects.v20 import development as mav

from simulator.errors import PortTaken
from simulator.frames import Parser
from simulator.place import ObservedAircraft, ObservedState
from simulator.schema import split_host_port
from simulator.station import Station, datagrams

_log = logging.getLogger(__name__)
_PEER_S = 10.0
_MAX_PEERS = 4
_MAX_DATAGRAM = 2048


class AircraftLink(asyncio.DatagramProtocol):
    """Sends to the scenario's address always, and to whoever else spoke within the last 10 s (at most four)."""

    def __init__(self, *, station: Station, send_to: tuple[str, int], clock: Callable[[], float]) -> None:
        self._station = station
        self._send_to = send_to
        self._clock = clock
        self._peers: dict[tuple[str, int], float] = {}
        self._waiting: list[bytes] = []
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """asyncio: the socket is bound."""
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: Any) -> None:
        """asyncio: a datagram came in. Answers leave at once, not with the next tick."""
        if len(data) > _MAX_DATAGRAM:
            return
        peer = (addr[0], addr[1])
        if peer != self._send_to and (peer in self._peers or len(self._peers) < _MAX_PEERS):
            self._peers[peer] = self._clock() + _PEER_S
        answers = self._station.receive(data)
        if answers:
            self._send(answers)

    def error_received(self, exc: Exception) -> None:
        """asyncio: nobody listens at the other end; PX4 sends on regardless."""

    def gather(self) -> None:
        """Take what is due after a step; it leaves with the next flush."""
        self._waiting += self._station.collect()

    def flush(self) -> None:
        """Send what was gathered."""
        if self._waiting:
            waiting, self._waiting = self._waiting, []
            self._send(waiting)

    def _send(self, frames: list[bytes]) -> None:
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        if self._peers:
            now = self._clock()
            self._peers = {peer: until for peer, until in self._peers.items() if until > now}
        for datagram in datagrams(frames):
            transport.sendto(datagram, self._send_to)
            for peer in self._peers:
                transport.sendto(datagram, peer)


class Observer(asyncio.DatagramProtocol):
    """Listens to a real PX4's ground-station link and never answers."""

    def __init__(self, *, aircraft: ObservedAircraft, system_id: int) -> None:
        self._aircraft = aircraft
        self._system_id = system_id
        self._parser = Parser()

    def datagram_received(self, data: bytes, addr: Any) -> None:
        """asyncio: a datagram came in."""
        for message in self._parser.messages(data):
            if message.get_srcSystem() == self._system_id and message.get_srcComponent() == 1:
                self._aircraft.state = observe(self._aircraft.state, message)


def observe(state: ObservedState, message: Any) -> ObservedState:
    """What is known of a real PX4 after this message."""
    kind = message.get_type()
    lat, lon, alt = state.lat_deg, state.lon_deg, state.alt_amsl_m
    landed, battery = state.landed, state.battery_fraction
    if kind == "GLOBAL_POSITION_INT":
        lat, lon, alt = message.lat * 1e-7, message.lon * 1e-7, message.alt * 1e-3
    elif kind == "EXTENDED_SYS_STATE" and message.landed_state != mav.MAV_LANDED_STATE_UNDEFINED:
        landed = message.landed_state == mav.MAV_LANDED_STATE_ON_GROUND
    elif kind == "SYS_STATUS" and message.battery_remaining >= 0:
        battery = message.battery_remaining / 100.0
    return ObservedState(lat, lon, alt, landed, battery)


@asynccontextmanager
async def bound(protocol: asyncio.DatagramProtocol, *, owner: str, address: str) -> AsyncIterator[None]:
    """Bind a protocol to HOST:PORT for the time of the block.

    Raises:
        PortTaken: the address cannot be bound.
    """
    loop = asyncio.get_running_loop()
    try:
        transport, _ = await loop.create_datagram_endpoint(lambda: protocol, local_addr=split_host_port(address))
    except OSError as problem:
        raise PortTaken(owner=owner, address=f"udp {address}", reason=problem.strerror or str(problem)) from problem
    _log.debug("%s listens on udp %s", owner, address)
    try:
        yield
    finally:
        transport.close()
