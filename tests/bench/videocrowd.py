"""Many viewers by WHEP that do not decode: they count what comes, packet by packet, and answer what keeps them
alive."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import httpx
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription

from tests.bench.errors import MeasurementFailed
from tests.bench.videostage import Stage

CONNECT_WITHIN_S = 30.0


@dataclass
class Counted:
    """What one viewer got."""

    packets: int = 0
    pictures: int = 0
    """By the marker of their last packet."""
    sequences: set[int] = field(default_factory=set)

    def take(self, data: bytes) -> None:
        """A datagram: SRTP's header can be read without its keys (RFC 3711)."""
        if len(data) > 12 and data[0] >> 6 == 2 and not 192 <= data[1] <= 223:
            self.packets += 1
            self.pictures += data[1] >> 7
            self.sequences.add(int.from_bytes(data[2:4], "big"))

    def restart(self) -> None:
        """Count from here."""
        self.packets = self.pictures = 0
        self.sequences.clear()


@contextlib.asynccontextmanager
async def counting_viewer(stage: Stage, http: httpx.AsyncClient) -> AsyncIterator[Counted]:
    """Connected: the handshake is aiortc's; what comes after it is counted and thrown away."""
    peer, counted = RTCPeerConnection(RTCConfiguration(iceServers=[])), Counted()
    peer.addTransceiver("video", direction="recvonly")
    connected = asyncio.Event()
    peer.on("connectionstatechange", lambda: connected.set() if peer.connectionState == "connected" else None)
    try:
        await peer.setLocalDescription(await peer.createOffer())
        headers = {
            "Authorization": f"Bearer {stage.media.ticket(stage.flight_id)}",
            "Content-Type": "application/sdp",
        }
        answer = await http.post(stage.whep, content=peer.localDescription.sdp, headers=headers)
        answer.raise_for_status()
        await peer.setRemoteDescription(RTCSessionDescription(sdp=answer.text, type="answer"))
        _count_only(peer, counted)
        async with asyncio.timeout(CONNECT_WITHIN_S):
            await connected.wait()
        yield counted
    finally:
        await peer.close()


def _count_only(peer: Any, counted: Counted) -> None:
    """In place of decryption: what is no RTP (DTLS, RTCP) still goes its way."""
    transport = peer.getTransceivers()[0].receiver.transport
    receive = transport.transport._recv

    async def counting() -> bytes:
        while True:
            data: bytes = await receive()
            if len(data) > 12 and data[0] >> 6 == 2 and not 192 <= data[1] <= 223:
                counted.take(data)
                continue
            return data

    transport.transport._recv = counting


@contextlib.asynccontextmanager
async def crowd(stage: Stage, count: int) -> AsyncIterator[list[Counted]]:
    """So many of them, one after the other."""
    async with contextlib.AsyncExitStack() as leaving:
        http = await leaving.enter_async_context(httpx.AsyncClient(trust_env=False, timeout=CONNECT_WITHIN_S))
        viewers = []
        for _ in range(count):
            try:
                viewers.append(await leaving.enter_async_context(counting_viewer(stage, http)))
            except (httpx.HTTPError, TimeoutError) as error:
                raise MeasurementFailed(f"viewer {len(viewers) + 1} could not connect: {error!r}") from None
        yield viewers
