"""The camera's RTSP server, by hand: what it answers, whom it sends to, and whom it forgets."""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
import struct
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.film.rtsprequest import MAX_HEAD_BYTES, BadRequest, Requests, Way, way_of
from simulator.film.rtspserver import MAX_CLIENTS, RtspServer
from tests.films import STEP, film

NOW_S = 1_790_000_000.5
TCP = "Transport: RTP/AVP/TCP;unicast;interleaved=2-3"


@dataclass
class Client:
    """One connection; answers and packets as they come."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    port: int
    session: str = ""

    async def ask(self, method: str, *headers: str, path: str = "/k1") -> tuple[int, str]:
        """The status and the whole answer."""
        lines = [f"{method} rtsp://127.0.0.1:{self.port}{path} RTSP/1.0", "CSeq: 5", *headers]
        if self.session:
            lines.append(f"Session: {self.session}")
        self.writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
        head = (await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), 5)).decode()
        length = re.search(r"Content-Length: (\d+)", head)
        body = await self.reader.readexactly(int(length[1])) if length else b""
        found = re.search(r"Session: (\w+)", head)
        self.session = found[1] if found else self.session
        return int(head.split(" ")[1]), head + body.decode()

    async def packet(self) -> tuple[int, bytes]:
        """The next that is interleaved: channel and data."""
        head = await asyncio.wait_for(self.reader.readexactly(4), 5)
        assert head[0] == 0x24
        return head[1], await self.reader.readexactly(int.from_bytes(head[2:], "big"))

    async def closed(self) -> bool:
        """Whether the server has let it go, all that was sent before read."""
        async with asyncio.timeout(5):
            while await self.reader.read(65_536):
                pass
        return True


@contextlib.asynccontextmanager
async def serving(*, session_s: float = 60.0) -> AsyncIterator[RtspServer]:
    server = RtspServer(uri="rtsp://127.0.0.1:0/k1", session_s=session_s, now=lambda: NOW_S)
    async with server.serving():
        server.publish(film()[0], timestamp=0)
        yield server


@contextlib.asynccontextmanager
async def client(server: RtspServer) -> AsyncIterator[Client]:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    try:
        yield Client(reader, writer, server.port)
    finally:
        writer.close()


async def test_it_says_what_it_serves_and_where() -> None:
    async with serving() as server, client(server) as one:
        assert "DESCRIBE" in (await one.ask("OPTIONS"))[1]
        status, text = await one.ask("DESCRIBE")
        assert status == 200
        assert f"Content-Base: rtsp://127.0.0.1:{server.port}/k1/" in text
        assert "sprop-parameter-sets=Z0" in text
        assert (await one.ask("DESCRIBE", path="/other"))[0] == 404


async def test_what_is_asked_out_of_turn_or_for_another_way_is_refused() -> None:
    async with serving() as server, client(server) as one:
        assert (await one.ask("PLAY"))[0] == 454
        assert (await one.ask("SETUP", "Transport: RTP/AVP;multicast;client_port=5000-5001"))[0] == 461
        assert (await one.ask("SETUP"))[0] == 461
        assert (await one.ask("SETUP", TCP, path="/k1/trackID=0"))[0] == 200
        assert (await one.ask("RECORD"))[0] == 405
        one.session = "another"
        assert (await one.ask("PLAY"))[0] == 454


async def test_who_plays_gets_a_report_of_the_time_and_then_pictures_from_a_keyframe_on() -> None:
    async with serving() as server, client(server) as one:
        await one.ask("SETUP", TCP, path="/k1/trackID=0")
        await one.ask("PLAY")
        for number, unit in enumerate(film()[5:12], start=5):
            server.publish(unit, timestamp=number * STEP)
        channel, report = await one.packet()
        assert (channel, report[1]) == (3, 200)
        seconds, fraction, at = struct.unpack_from("!III", report, 8)
        assert seconds - 2_208_988_800 + fraction / 2**32 == pytest.approx(NOW_S)
        channel, packet = await one.packet()
        assert (channel, packet[12] & 0x1F) == (2, 7), "an SPS comes first: what was before the keyframe is left out"
        assert struct.unpack_from("!I", packet, 4)[0] == at
        one.writer.write(f"TEARDOWN rtsp://127.0.0.1:{one.port}/k1 RTSP/1.0\r\nCSeq: 9\r\n".encode())
        one.writer.write(f"Session: {one.session}\r\n\r\n".encode())
        assert await one.closed()
        assert server.watched == 0


async def test_by_udp_it_sends_to_who_asked_and_to_no_other_host() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as door:
        door.bind(("127.0.0.1", 0))
        door.setblocking(False)
        port = door.getsockname()[1]
        async with serving() as server, client(server) as one:
            way = (
                f"Transport: RTP/AVP;unicast;destination=10.0.0.9;client_port={port}-{port + 1 if port < 65535 else 1}"
            )
            status, text = await one.ask("SETUP", way)
            assert status == 200
            assert "destination" not in text
            assert "server_port=" in text
            await one.ask("PLAY")
            server.publish(film()[10], timestamp=10 * STEP)
            loop = asyncio.get_running_loop()
            assert (await asyncio.wait_for(loop.sock_recv(door, 2048), 5))[12] & 0x1F == 7


async def test_a_client_that_says_nothing_for_the_sessions_time_is_forgotten() -> None:
    async with serving(session_s=0.05) as server, client(server) as one:
        status, text = await one.ask("SETUP", TCP)
        assert (status, "timeout=0" in text) == (200, True)
        await one.ask("PLAY")
        assert server.watched == 1
        await asyncio.sleep(0.06)
        server.publish(film()[10], timestamp=10 * STEP)
        assert await one.closed()
        assert server.watched == 0


async def test_a_client_that_reads_too_slowly_loses_pictures_and_is_given_a_keyframe_next() -> None:
    async with serving() as server, client(server) as one:
        one.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        await one.ask("SETUP", TCP)
        await one.ask("PLAY")
        began_s, sent = time.monotonic(), 0
        while server.dropped == 0:
            server.publish(film()[sent % 10], timestamp=sent * STEP)
            sent += 1
            assert time.monotonic() - began_s < 20
        assert sent > 20


async def test_no_more_than_so_many_are_served() -> None:
    async with serving() as server, contextlib.AsyncExitStack() as leaving:
        found = [await leaving.enter_async_context(client(server)) for _ in range(MAX_CLIENTS + 1)]
        answers = [(await one.ask("SETUP", TCP))[0] for one in found]
        assert answers == [200] * MAX_CLIENTS + [503]


async def test_who_waits_for_the_first_picture_of_a_camera_that_stops_is_let_go(
    caplog: pytest.LogCaptureFixture,
) -> None:
    server = RtspServer(uri="rtsp://127.0.0.1:0/k1")
    async with contextlib.AsyncExitStack() as leaving:
        async with server.serving():
            waiting = await leaving.enter_async_context(client(server))
            asking = asyncio.create_task(waiting.ask("DESCRIBE"))
            for _ in range(1000):
                if "DESCRIBE" in server.asked:
                    break
                await asyncio.sleep(0.005)
        with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
            await asking
    assert caplog.text == ""


async def test_what_is_no_request_ends_the_connection_and_no_other() -> None:
    async with serving() as server, client(server) as bad, client(server) as good:
        bad.writer.write(b"GET / HTTP/1.1\r\n\r\n")
        assert await bad.closed()
        assert (await good.ask("OPTIONS"))[0] == 200


@given(st.lists(st.binary(max_size=200), max_size=6))
def test_no_bytes_whatever_do_more_than_end_it(pieces: list[bytes]) -> None:
    requests = Requests()
    with contextlib.suppress(BadRequest):
        for piece in pieces:
            requests.push(piece)


def test_a_head_without_an_end_is_no_request() -> None:
    with pytest.raises(BadRequest):
        Requests().push(b"O" * (MAX_HEAD_BYTES + 1))


def test_the_way_is_the_first_that_there_is() -> None:
    assert way_of("RTP/AVP/TCP;interleaved=4-5") == Way(channels=(4, 5))
    assert way_of("RTP/SAVP;unicast;client_port=1-2, RTP/AVP;unicast;client_port=3000-3001") == Way(ports=(3000, 3001))
    assert way_of("RTP/AVP;unicast;client_port=0-70000") is None
    assert way_of("") is None
