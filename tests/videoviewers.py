"""Viewers of the media process, as browsers are: WHEP (aiortc) and the WebSocket; the times in their pictures."""

from __future__ import annotations

import asyncio
import contextlib
import json
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, cast

import av
import httpx
import numpy as np
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from websockets.asyncio.client import ClientConnection, connect

from simulator.film import barcode

Json = dict[str, Any]


def time_in(frame: av.VideoFrame) -> int | None:
    """Unix milliseconds in a picture; None where they cannot be read."""
    plane = frame.planes[0]
    luma = np.frombuffer(memoryview(plane), dtype=np.uint8).reshape(plane.height, plane.line_size)
    return barcode.read(luma[:, : plane.width])


@dataclass(frozen=True, slots=True)
class Picture:
    """A binary frame of the socket, taken apart by what docs/reference/video.md says."""

    keyframe: bool
    after_gap: bool
    sequence: int
    presented_us: int
    received_us: int
    data: bytes

    @classmethod
    def of(cls, frame: bytes) -> Picture:
        version, flags, _, sequence, presented_us, received_us = struct.unpack_from("!BBHIQQ", frame)
        assert version == 1
        return cls(bool(flags & 1), bool(flags & 2), sequence, presented_us, received_us, frame[24:])


@dataclass
class SocketViewer:
    """One connection; `picture` and `said` read on."""

    socket: ClientConnection
    texts: list[Json] = field(default_factory=list)

    async def next(self, *, within_s: float = 10.0) -> Picture | Json:
        """The next frame, whichever."""
        async with asyncio.timeout(within_s):
            frame = await self.socket.recv()
        if isinstance(frame, bytes):
            return Picture.of(frame)
        said = cast("Json", json.loads(frame))
        self.texts.append(said)
        return said

    async def picture(self, *, within_s: float = 10.0) -> Picture:
        """The next picture."""
        async with asyncio.timeout(within_s):
            while True:
                frame = await self.next(within_s=within_s)
                if isinstance(frame, Picture):
                    return frame

    async def said(self, kind: str, *, within_s: float = 10.0) -> Json:
        """The next text of this type."""
        async with asyncio.timeout(within_s):
            while True:
                frame = await self.next(within_s=within_s)
                if not isinstance(frame, Picture) and frame["type"] == kind:
                    return frame


@contextlib.asynccontextmanager
async def socket_viewer(url: str, ticket: str | None, **options: Any) -> AsyncIterator[SocketViewer]:
    """Connected, and the ticket sent (None: nothing is said)."""
    async with connect(url, proxy=None, compression=None, max_size=8 * 1024 * 1024, **options) as socket:
        if ticket is not None:
            await socket.send(json.dumps({"type": "auth", "ticket": ticket}))
        yield SocketViewer(socket)


@dataclass
class WhepViewer:
    """A peer connection; `frame` gives decoded pictures."""

    peer: RTCPeerConnection
    location: str
    track: Any

    async def frame(self, *, within_s: float = 10.0) -> av.VideoFrame:
        """The next picture, decoded."""
        async with asyncio.timeout(within_s):
            return cast("av.VideoFrame", await self.track.recv())


@contextlib.asynccontextmanager
async def whep_viewer(
    url: str, ticket: str, *, through: Callable[[str], Awaitable[str]] | None = None
) -> AsyncIterator[WhepViewer]:
    """A session; ended by DELETE. `httpx.HTTPStatusError` when it is refused. ``through`` changes the answer's way."""
    peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    tracks: asyncio.Queue[Any] = asyncio.Queue()
    peer.on("track", tracks.put_nowait)
    peer.addTransceiver("video", direction="recvonly")
    try:
        await peer.setLocalDescription(await peer.createOffer())
        headers = {"Authorization": f"Bearer {ticket}"}
        async with httpx.AsyncClient(trust_env=False, timeout=10) as http:
            offer = {**headers, "Content-Type": "application/sdp"}
            answer = await http.post(url, content=peer.localDescription.sdp, headers=offer)
            answer.raise_for_status()
            location = str(httpx.URL(url).join(answer.headers["location"]))
            sdp = answer.text if through is None else await through(answer.text)
            await peer.setRemoteDescription(RTCSessionDescription(sdp=sdp, type="answer"))
            try:
                yield WhepViewer(peer=peer, location=location, track=await tracks.get())
            finally:
                await http.delete(location, headers=headers)
    finally:
        await peer.close()
