"""The WebSocket for WebCodecs: pictures as binary frames, what there is to know of them as JSON
(docs/reference/video.md)."""

from __future__ import annotations

import asyncio
import json
import struct
from collections.abc import Callable
from uuid import UUID

from starlette.websockets import WebSocket, WebSocketDisconnect

from contracts.video import Via
from kestrel.clock import Clock
from media.doorman import Doorman
from media.errors import Refused, no_such_flight, not_authenticated
from media.h264 import CLOCK_HZ, AccessUnit
from media.sessions import EXPIRED, OVER, STOPPING, WITHDRAWN, Session, Sessions
from media.sps import Format
from media.stream import Stream, Viewer

VERSION = 1
FIRST_FRAME_S = 5.0
MAX_CLIENT_CHARS = 4096
TAKES_NOTHING_S = 10.0
STATE_S = 1.0
_LOOK_S = 0.2
_KEYFRAME, _AFTER_GAP = 1, 2
_HEADER = struct.Struct("!BBHIQQ")
_CLOSE = {OVER: 1000, STOPPING: 1012, EXPIRED: 4410, WITHDRAWN: 4410}


def frame_of(unit: AccessUnit) -> bytes:
    """The binary frame of a picture."""
    flags = unit.keyframe * _KEYFRAME | unit.after_gap * _AFTER_GAP
    presented_us = unit.timestamp * 1_000_000 // CLOCK_HZ
    return _HEADER.pack(VERSION, flags, 0, unit.sequence & 0xFFFFFFFF, presented_us, unit.received_unix_us) + unit.data


class _TooSlow(Exception):
    """It took nothing for too long."""


class VideoSocket:
    """The endpoint."""

    def __init__(
        self,
        *,
        doorman: Doorman,
        sessions: Sessions,
        stream_of: Callable[[UUID], Stream | None],
        origins: frozenset[str],
        clock: Clock,
    ) -> None:
        self._doorman = doorman
        self._sessions = sessions
        self._stream_of = stream_of
        self._origins = origins
        self._clock = clock

    async def serve(self, socket: WebSocket, flight_id: UUID) -> None:
        """One connection, from its opening to its close."""
        origin = socket.headers.get("origin")
        if origin is not None and origin not in self._origins:
            await socket.close(4403)
            return
        await socket.accept()
        try:
            session, stream = await self._open(socket, flight_id)
        except Refused as refused:
            await _close(socket, refused.close_code, refused.title)
            return
        except WebSocketDisconnect:
            return
        viewer = stream.join()
        try:
            code, reason = await self._run(socket, session, stream, viewer)
        finally:
            stream.leave(viewer)
            self._sessions.close(session)
        await _close(socket, code, reason)

    async def _open(self, socket: WebSocket, flight_id: UUID) -> tuple[Session, Stream]:
        try:
            async with asyncio.timeout(FIRST_FRAME_S):
                text = await socket.receive_text()
        except (TimeoutError, KeyError):
            raise not_authenticated("send a ticket first") from None
        ticket = self._doorman.check(_ticket_in(text), flight_id)
        stream = self._stream_of(flight_id)
        if stream is None:
            raise no_such_flight()
        return self._sessions.open(ticket, Via.SOCKET), stream

    async def _run(self, socket: WebSocket, session: Session, stream: Stream, viewer: Viewer) -> tuple[int, str]:
        await socket.send_json(
            {
                "type": "hello",
                "flight_id": str(stream.flight_id),
                "viewer": session.ticket.sub,
                "deployment": self._doorman.deployment.value,
                "server_time_ms": self._now_ms(),
            }
        )
        tasks = [
            asyncio.create_task(_pictures(socket, viewer), name="video pictures"),
            asyncio.create_task(self._states(socket, stream), name="video state"),
            asyncio.create_task(_listen(socket), name="video client"),
            asyncio.create_task(session.end.wait(), name="video end"),
        ]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        if session.end.is_set():
            return _CLOSE.get(session.why, 1000), session.why
        problems = [task.exception() for task in done]
        if any(isinstance(problem, _TooSlow) for problem in problems):
            return 4408, "too slow"
        return 1000, OVER if stream.closed else ""

    async def _states(self, socket: WebSocket, stream: Stream) -> None:
        last: tuple[str, int] | None = None
        said_s = float("-inf")
        while True:
            shown, viewers = stream.shown, self._sessions.count(stream.flight_id)
            now = (shown.condition.value, viewers)
            if now != last or self._clock.wall_s() - said_s >= STATE_S:
                last, said_s = now, self._clock.wall_s()
                await socket.send_json({"type": "state", **self.state(stream)})
            await self._clock.sleep_wall(_LOOK_S)

    def state(self, stream: Stream) -> dict[str, object]:
        """How a stream is, as clients are told."""
        shown = stream.shown
        return {
            "stream": shown.condition.value,
            "age_ms": None if shown.age_s is None else round(shown.age_s * 1000),
            "viewers": self._sessions.count(stream.flight_id),
            "server_time_ms": self._now_ms(),
        }

    def _now_ms(self) -> int:
        return int(self._clock.wall_now().timestamp() * 1000)


async def _pictures(socket: WebSocket, viewer: Viewer) -> None:
    told: Format | None = None
    while (unit := await viewer.next()) is not None:
        try:
            async with asyncio.timeout(TAKES_NOTHING_S):
                if unit.format is not told:
                    told = unit.format
                    shape = {"codec": told.codec, "width": told.width, "height": told.height}
                    await socket.send_json({"type": "format", **shape})
                await socket.send_bytes(frame_of(unit))
        except TimeoutError:
            raise _TooSlow from None


async def _listen(socket: WebSocket) -> None:
    """Until the client goes, or says too much."""
    said = 0
    while said <= MAX_CLIENT_CHARS:
        message = await socket.receive()
        if message["type"] == "websocket.disconnect":
            return
        said += len(message.get("text") or message.get("bytes") or "")


def _ticket_in(text: str) -> str:
    try:
        said = json.loads(text) if len(text) <= 2 * MAX_CLIENT_CHARS else None
    except ValueError:
        said = None
    if not isinstance(said, dict) or said.get("type") != "auth" or not isinstance(said.get("ticket"), str):
        raise not_authenticated('the first frame is {"type": "auth", "ticket": ...}')
    return str(said["ticket"])


async def _close(socket: WebSocket, code: int, reason: str) -> None:
    try:
        async with asyncio.timeout(1.0):
            await socket.close(code, reason)
    except (RuntimeError, TimeoutError, WebSocketDisconnect):
        return  # it is closed already
