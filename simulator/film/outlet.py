"""Where a camera's pictures go: sent to an address (RTP), or served to who asks (RTSP)."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import socket
import threading
from collections.abc import Iterator
from typing import Protocol

from simulator.film.rtp import Packetiser
from simulator.film.rtspserver import RtspServer
from simulator.schema import split_host_port

_log = logging.getLogger(__name__)
_JOIN_S = 2.0
_AGAIN_S = 2.0


class Outlet(Protocol):
    """Takes pictures (Annex B); ``timestamp`` counts 90 kHz."""

    def give(self, unit: bytes, *, timestamp: int) -> None:
        """One picture."""


@contextlib.contextmanager
def sent_to(address: str) -> Iterator[Outlet]:
    """By RTP to HOST:PORT, whether or not somebody listens."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        yield _Sent(sock, split_host_port(address))


class _Sent:
    def __init__(self, sock: socket.socket, address: tuple[str, int]) -> None:
        self._sock = sock
        self._address = address
        self._packetiser = Packetiser(
            ssrc=secrets.randbits(32), sequence=secrets.randbits(16), origin=secrets.randbits(32)
        )

    def give(self, unit: bytes, *, timestamp: int) -> None:
        for packet in self._packetiser.packets(unit, timestamp=timestamp):
            try:
                self._sock.sendto(packet, self._address)
            except OSError:
                continue  # nobody listens at the other end, or its buffer is full: a radio sends on regardless


@contextlib.contextmanager
def served_at(uri: str) -> Iterator[Outlet]:
    """By RTSP, from a thread of its own; an address that cannot be had is said, and tried again."""
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()
    server = RtspServer(uri=uri)

    async def serve() -> None:
        while not stop.is_set():
            try:
                async with server.serving():
                    await stop.wait()
            except OSError as problem:
                _log.warning("the camera cannot be served at %s: %s", uri, problem)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), _AGAIN_S)

    def run() -> None:
        loop.run_until_complete(serve())
        loop.run_until_complete(loop.shutdown_asyncgens())

    thread = threading.Thread(target=run, name=f"serve {uri}", daemon=True)
    thread.start()
    try:
        yield _Served(loop, server)
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(_JOIN_S)
        if not thread.is_alive():
            loop.close()


class _Served:
    def __init__(self, loop: asyncio.AbstractEventLoop, server: RtspServer) -> None:
        self._loop = loop
        self._server = server

    def give(self, unit: bytes, *, timestamp: int) -> None:
        self._loop.call_soon_threadsafe(lambda: self._server.publish(unit, timestamp=timestamp))
