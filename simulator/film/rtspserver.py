"""The camera as an RTSP server (RFC 2326), as companion computers have one: one picture at one address, to who asks.

Packets go within the connection or by UDP, to the host that asked and to no other. What a client does not take is left
out for it, up to the next keyframe. A client that says nothing for the session's time is forgotten.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import logging
import secrets
import ssl
import struct
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from simulator.film.encoder import CLOCK_HZ
from simulator.film.rtp import PAYLOAD_TYPE, Packetiser, units_of
from simulator.film.rtsprequest import BadRequest, Request, Requests, Way, proves, way_of

_log = logging.getLogger(__name__)

SESSION_S = 60.0
MAX_CLIENTS = 8
_METHODS = "OPTIONS, DESCRIBE, SETUP, PLAY, GET_PARAMETER, TEARDOWN"
_TRACK = "/trackID=0"
_BACKLOG_BYTES = 512 * 1024
"""What a client may leave unread: more would only be shown late."""
_FIRST_PICTURE_S = 3.0
_REPORT_EACH_S = 1.0
_SPS, _PPS, _IDR = 7, 8, 5
_REALM = "camera"
_NTP_EPOCH_S = 2_208_988_800
_REASONS = {
    200: "OK",
    401: "Unauthorized",
    404: "Not Found",
    405: "Method Not Allowed",
    454: "Session Not Found",
    455: "Method Not Valid in This State",
    461: "Unsupported Transport",
    503: "Service Unavailable",
}


@dataclass(frozen=True, slots=True)
class Account:
    """Who may ask."""

    username: str
    password: str


@dataclass(eq=False)
class _Client:
    """One connection."""

    writer: asyncio.StreamWriter
    heard_s: float
    nonce: str = field(default_factory=lambda: secrets.token_hex(16))
    session: str = ""
    way: Way | None = None
    udp: tuple[asyncio.DatagramTransport, asyncio.DatagramTransport] | None = None
    playing: bool = False
    skipping: bool = True
    """Until the next keyframe nothing goes to it."""
    reported_s: float = float("-inf")
    packets: int = 0
    octets: int = 0

    @property
    def host(self) -> str:
        return str(self.writer.get_extra_info("peername")[0])


class RtspServer:
    """``publish`` takes each picture, in the server's loop. ``now`` is the time of day."""

    def __init__(
        self,
        *,
        uri: str,
        account: Account | None = None,
        session_s: float = SESSION_S,
        encryption: ssl.SSLContext | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        where = urlsplit(uri)
        self._host, self._port = where.hostname or "", where.port or 554
        self._path = where.path.rstrip("/")
        self._account = account
        self._session_s = session_s
        self._encryption = encryption
        self._now = now
        self._ssrc = secrets.randbits(32)
        self._origin = secrets.randbits(32)
        self._packetiser = Packetiser(ssrc=self._ssrc, sequence=secrets.randbits(16), origin=self._origin)
        self._clients: set[_Client] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._sets: tuple[bytes, bytes] | None = None
        self._pictured = asyncio.Event()
        self.port = self._port
        self.dropped = 0
        """Pictures that some client did not take in time."""
        self.asked: list[str] = []
        """The methods that were asked, the last hundred."""

    @contextlib.asynccontextmanager
    async def serving(self) -> AsyncIterator[RtspServer]:
        """On its address inside the block (port 0: any, `port` says which). Raises `OSError`."""
        server = await asyncio.start_server(self._connected, self._host, self._port, ssl=self._encryption)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            self._pictured.set()  # who waits for the first picture is told that there is none
            for client in list(self._clients):
                client.writer.transport.abort()
            if self._tasks:
                await asyncio.wait(list(self._tasks))
            self._pictured.clear()
            self._sets = None

    @property
    def watched(self) -> int:
        """How many it plays for."""
        return sum(1 for client in self._clients if client.playing)

    # Pictures ---------------------------------------------------------------------------------------------------------

    def publish(self, unit: bytes, *, timestamp: int) -> None:
        """A picture (Annex B), to all who play; ``timestamp`` counts 90 kHz."""
        units = list(units_of(unit))
        sets = {each[0] & 0x1F: each for each in units if each[0] & 0x1F in (_SPS, _PPS)}
        if len(sets) == 2:
            self._sets = (sets[_SPS], sets[_PPS])
            self._pictured.set()
        keyframe = any(each[0] & 0x1F == _IDR for each in units)
        packets = self._packetiser.packets(unit, timestamp=timestamp)
        now_s = time.monotonic()
        for client in list(self._clients):
            if now_s - client.heard_s > self._session_s:
                client.writer.close()
            elif client.playing:
                self._give(client, packets, keyframe=keyframe, timestamp=timestamp, now_s=now_s)

    def _give(self, client: _Client, packets: list[bytes], *, keyframe: bool, timestamp: int, now_s: float) -> None:
        if client.udp is None and client.writer.transport.get_write_buffer_size() > _BACKLOG_BYTES:
            client.skipping = True
        if client.skipping and not keyframe:
            self.dropped += client.packets > 0
            return
        client.skipping = False
        if now_s - client.reported_s >= _REPORT_EACH_S:
            client.reported_s = now_s
            self._send(client, 1, self._report(client, timestamp))
        for packet in packets:
            self._send(client, 0, packet)
            client.packets += 1
            client.octets += len(packet) - 12

    @staticmethod
    def _send(client: _Client, which: int, packet: bytes) -> None:
        way = client.way
        if way is None:
            return
        if client.udp is not None and way.ports is not None:
            client.udp[which].sendto(packet, (client.host, way.ports[which]))
        elif way.channels is not None:
            client.writer.write(struct.pack("!BBH", 0x24, way.channels[which], len(packet)) + packet)

    def _report(self, client: _Client, timestamp: int) -> bytes:
        """A sender report (RFC 3550, section 6.4.1): which moment of the day a timestamp is."""
        ntp = self._now() + _NTP_EPOCH_S
        return struct.pack(
            "!BBHIIIIII",
            0x80,
            200,
            6,
            self._ssrc,
            int(ntp),
            int(ntp % 1 * 2**32),
            (self._origin + timestamp) & 0xFFFFFFFF,
            client.packets & 0xFFFFFFFF,
            client.octets & 0xFFFFFFFF,
        )

    # Clients ----------------------------------------------------------------------------------------------------------

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        client = _Client(writer=writer, heard_s=time.monotonic())
        if task is not None:
            self._tasks.add(task)
        self._clients.add(client)
        try:
            await self._listen(reader, client)
        except (BadRequest, OSError) as problem:
            _log.info("a client of the camera is let go: %s", problem)
        finally:
            self._clients.discard(client)
            if task is not None:
                self._tasks.discard(task)
            self._forget(client)
            writer.close()

    async def _listen(self, reader: asyncio.StreamReader, client: _Client) -> None:
        requests = Requests()
        while data := await reader.read(16_384):
            client.heard_s = time.monotonic()
            for request in requests.push(data):
                self.asked = [*self.asked[-99:], request.method]
                status, headers, body = await self._answer(client, request)
                lines = [f"RTSP/1.0 {status} {_REASONS[status]}", f"CSeq: {request.headers.get('cseq', '0')}", *headers]
                if body:
                    lines += ["Content-Type: application/sdp", f"Content-Length: {len(body)}"]
                client.writer.write(("\r\n".join(lines) + "\r\n\r\n").encode() + body)
                if request.method == "PLAY" and status == 200:
                    client.playing, client.skipping = True, True
                if request.method == "TEARDOWN" and status == 200:
                    return

    async def _answer(self, client: _Client, request: Request) -> tuple[int, list[str], bytes]:
        account, method = self._account, request.method
        if account is not None and not proves(
            request.headers.get("authorization", ""),
            method=method,
            username=account.username,
            password=account.password,
            realm=_REALM,
            nonce=client.nonce,
        ):
            return 401, [f'WWW-Authenticate: Digest realm="{_REALM}", nonce="{client.nonce}"'], b""
        if method == "OPTIONS":
            return 200, [f"Public: {_METHODS}"], b""
        if urlsplit(request.uri).path.removesuffix(_TRACK).rstrip("/") != self._path:
            return 404, [], b""
        if method == "DESCRIBE":
            return await self._described(request)
        if method == "SETUP":
            return await self._set_up(client, request)
        if not client.session or request.headers.get("session", "").partition(";")[0] != client.session:
            return 454, [], b""
        session = [f"Session: {client.session}"]
        if method in ("GET_PARAMETER", "TEARDOWN"):
            client.playing = client.playing and method != "TEARDOWN"
            return 200, session, b""
        if method == "PLAY":
            return 200, [*session, "Range: npt=now-"], b""
        return 405, [f"Allow: {_METHODS}"], b""

    async def _described(self, request: Request) -> tuple[int, list[str], bytes]:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_FIRST_PICTURE_S):
                await self._pictured.wait()
        if self._sets is None:
            return 503, [], b""
        sprop = ",".join(base64.b64encode(each).decode() for each in self._sets)
        profile = self._sets[0][1:4].hex()
        lines = [
            "v=0",
            f"o=- {self._ssrc} 1 IN IP4 0.0.0.0",
            "s=camera",
            "c=IN IP4 0.0.0.0",
            "t=0 0",
            "a=control:*",
            f"m=video 0 RTP/AVP {PAYLOAD_TYPE}",
            f"a=rtpmap:{PAYLOAD_TYPE} H264/{CLOCK_HZ}",
            f"a=fmtp:{PAYLOAD_TYPE} packetization-mode=1;profile-level-id={profile};sprop-parameter-sets={sprop}",
            f"a=control:{_TRACK.removeprefix('/')}",
        ]
        return 200, [f"Content-Base: {request.uri.rstrip('/')}/"], ("\r\n".join(lines) + "\r\n").encode()

    async def _set_up(self, client: _Client, request: Request) -> tuple[int, list[str], bytes]:
        way = way_of(request.headers.get("transport", ""))
        if way is None:
            return 461, [], b""
        if client.playing:
            return 455, [], b""
        if not client.session and sum(1 for each in self._clients if each.session) >= MAX_CLIENTS:
            return 503, [], b""
        self._forget(client)
        client.way, client.session = way, client.session or secrets.token_hex(8)
        if way.ports is not None:
            client.udp = await _doors(client)
            first, second = (each.get_extra_info("sockname")[1] for each in client.udp)
            ports = f"client_port={way.ports[0]}-{way.ports[1]};server_port={first}-{second}"
            over = f"RTP/AVP;unicast;{ports};ssrc={self._ssrc:08X}"
        else:
            first, second = way.channels or (0, 1)
            over = f"RTP/AVP/TCP;unicast;interleaved={first}-{second};ssrc={self._ssrc:08X}"
        return 200, [f"Session: {client.session};timeout={round(self._session_s)}", f"Transport: {over}"], b""

    @staticmethod
    def _forget(client: _Client) -> None:
        for transport in client.udp or ():
            transport.close()
        client.udp = None


class _Heard(asyncio.DatagramProtocol):
    """A client's RTCP by UDP says that it is there."""

    def __init__(self, client: _Client) -> None:
        self._client = client

    def datagram_received(self, _data: bytes, addr: Any) -> None:
        if addr[0] == self._client.host:
            self._client.heard_s = time.monotonic()

    def error_received(self, exc: Exception) -> None:
        """Nobody is there any more: the session's time ends it."""


async def _doors(client: _Client) -> tuple[asyncio.DatagramTransport, asyncio.DatagramTransport]:
    loop, here = asyncio.get_running_loop(), str(client.writer.get_extra_info("sockname")[0])
    first, _ = await loop.create_datagram_endpoint(lambda: _Heard(client), local_addr=(here, 0))
    second, _ = await loop.create_datagram_endpoint(lambda: _Heard(client), local_addr=(here, 0))
    return first, second
