"""A camera is asked over a real socket: the simulator's server, and servers that do what none should."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, Literal

import pytest
from pydantic import SecretStr

from kestrel.backoff import Backoff
from kestrel.clock import VirtualClock
from media.h264 import AccessUnit
from media.rtsp.address import Address
from media.rtsp.camera import REFUSED_WAIT_S, TOO_LATE_S, PulledCamera
from media.rtsp.dialogue import ANSWER_WITHIN_S, SILENT_S
from media.rtsp.login import Login
from simulator.film.rtspserver import Account, RtspServer
from tests.certificates import loopback_certificate
from tests.films import STEP, film

LOGIN = Login("ground", SecretStr("sesame"))
DISPATCH = 0.005


class Asking:
    """A camera that is asked, and what came of it. Pauses go by a clock that only moves when it is told to."""

    def __init__(
        self,
        port: int,
        *,
        over: Literal["tcp", "udp"] = "tcp",
        login: Login | None = None,
        scheme: str = "rtsp",
        host: str = "127.0.0.1",
        unix_us: Callable[[], int] | None = None,
    ) -> None:
        self.units: list[AccessUnit] = []
        self.clock = VirtualClock()
        self.camera = PulledCamera(
            aircraft_id="k1",
            address=Address.of(f"{scheme}://{host}:{port}/main"),
            over=over,
            login=login,
            on_unit=self.units.append,
            clock=self.clock,
            backoff=Backoff(first_s=0.25, cap_s=2.0, rng=random.Random(4)),
            unix_us=unix_us or (lambda: int(self.clock.wall_s() * 1e6)),
        )

    async def until(self, is_so: Callable[[], bool], *, within_s: float = 10.0) -> None:
        for _ in range(round(within_s / DISPATCH)):
            if is_so():
                return
            await asyncio.sleep(DISPATCH)
        raise AssertionError(f"it never was so: {self.camera.why or len(self.units)}")

    async def until_lost(self, why: str) -> None:
        await self.until(lambda: why in self.camera.why)


@contextlib.asynccontextmanager
async def asking(port: int, **camera: Any) -> AsyncIterator[Asking]:
    found = Asking(port, **camera)
    running = asyncio.create_task(found.camera.run())
    found.camera.begin()
    try:
        yield found
    finally:
        running.cancel()
        await asyncio.wait([running])
        assert running.cancelled()


Saying = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@contextlib.asynccontextmanager
async def server_that(says: Saying) -> AsyncIterator[int]:
    """A server that does so with each connection; its port."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            await says(reader, writer)
        writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


def camera_server(port: int = 0, **server: Any) -> RtspServer:
    return RtspServer(uri=f"rtsp://127.0.0.1:{port}/main", **server)


async def films(server: RtspServer, found: Asking, *, pictures: int = 25) -> None:
    """Serve a film; its first second again until somebody watches."""
    server.publish(film()[0], timestamp=0)
    await found.until(lambda: server.watched > 0)
    for number, unit in enumerate(film()[:pictures]):
        server.publish(unit, timestamp=number * STEP)
        await found.clock.advance(0.1)


@pytest.mark.parametrize("over", ["tcp", "udp"])
async def test_the_pictures_come_whole_and_as_they_were_taken(over: Literal["tcp", "udp"]) -> None:
    async with camera_server().serving() as server, asking(server.port, over=over) as found:
        await films(server, found)
        await found.until(lambda: len(found.units) == 25)
        assert [unit.data for unit in found.units][1::10] == list(film())[1::10]
        assert [unit.keyframe for unit in found.units] == [number % 10 == 0 for number in range(25)]
        assert not any(unit.after_gap for unit in found.units)
        assert found.camera.why == ""
        found.camera.end()
        await found.until(lambda: server.watched == 0)
    assert server.asked == ["OPTIONS", "DESCRIBE", "SETUP", "PLAY", "TEARDOWN"]


async def test_a_camera_is_asked_only_while_a_flight_is_on() -> None:
    async with camera_server().serving() as server:
        found = Asking(server.port)
        running = asyncio.create_task(found.camera.run())
        await asyncio.sleep(0.02)
        assert server.asked == []
        for times in (1, 2):
            found.camera.begin()
            await found.until(lambda times=times: found.camera.connections == times)  # type: ignore[misc]
            found.camera.end()
        running.cancel()
        await asyncio.wait([running])


async def test_a_login_is_proved_and_is_in_no_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with camera_server(account=Account("ground", "sesame")).serving() as server:
        async with asking(server.port, login=LOGIN) as found:
            await films(server, found, pictures=2)
            await found.until(lambda: len(found.units) == 2)
        wrong = Login("ground", SecretStr("open sesame"))
        async with asking(server.port, login=wrong) as found:
            await found.until_lost("it refuses the login")
            await found.clock.advance(REFUSED_WAIT_S - 0.1)
            assert found.camera.connections == 1, "an account is not shut by our asking"
            await found.clock.advance(2.1)
            await found.until(lambda: found.camera.connections == 2)
        async with asking(server.port) as found:
            await found.until_lost("none is given")
    assert "sesame" not in caplog.text


async def test_an_encrypted_camera_is_asked_only_when_its_certificate_is_believed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, shown = loopback_certificate(tmp_path)
    async with camera_server(encryption=shown).serving() as server:
        async with asking(server.port, scheme="rtsps") as found:
            await found.until_lost("self-signed certificate")
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        async with asking(server.port, scheme="rtsps") as found:
            await films(server, found, pictures=2)
            await found.until(lambda: len(found.units) == 2)
        async with asking(server.port, scheme="rtsps", host="localhost") as found:
            await found.until_lost("certificate is not valid for 'localhost'")


async def test_a_camera_that_went_is_asked_again_and_its_loss_and_return_are_said_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    async with camera_server().serving() as server, asking(server.port) as found:
        await films(server, found, pictures=12)
        await found.until(lambda: len(found.units) == 12)
        port = server.port
        server_gone = found.camera
    async with asking(port) as found:
        await found.until_lost("cannot be reached")
        for _ in range(5):
            connections = found.camera.connections
            await found.clock.advance(2.0)
            await found.until(lambda connections=connections: found.camera.connections > connections)  # type: ignore[misc]
        async with camera_server(port).serving() as server:
            await found.clock.advance(2.0)
            server.publish(film()[0], timestamp=0)
            while server.watched == 0:
                await found.clock.advance(0.5)
                await asyncio.sleep(DISPATCH)
            await films(server, found, pictures=2)
            await found.until(lambda: len(found.units) >= 2)
            found.camera.end()
            await found.until(lambda: server.watched == 0)
    assert server_gone.why == ""
    assert caplog.text.count("no picture of a camera") == 1
    assert caplog.text.count("the camera sends again") == 1
    (again,) = (record for record in caplog.records if record.message == "the camera sends again")
    assert again.__dict__["lasted_s"] >= 10.0


async def test_a_stream_that_stops_is_left_and_its_age_is_said(caplog: pytest.LogCaptureFixture) -> None:
    async with camera_server().serving() as server, asking(server.port) as found:
        await films(server, found, pictures=3)
        await found.until(lambda: len(found.units) == 3)
        await found.clock.advance(SILENT_S + 0.5)
        await found.until_lost("nothing has come")
    (lost,) = (record for record in caplog.records if record.message == "no picture of a camera")
    assert lost.__dict__["age_s"] == pytest.approx(SILENT_S + 0.6, abs=0.11)


async def test_what_a_link_held_back_counts_as_older_and_too_much_of_it_ends_the_connection() -> None:
    async with camera_server().serving() as server, asking(server.port) as found:
        await films(server, found, pictures=3)
        await found.until(lambda: len(found.units) == 3)
        await found.clock.advance(1.0)
        server.publish(film()[3], timestamp=3 * STEP)
        await found.until(lambda: len(found.units) == 4)
        held_s = found.clock.wall_s() - found.units[-1].received_unix_us / 1e6
        assert held_s == pytest.approx(1.0, abs=0.01)
        await found.clock.advance(TOO_LATE_S)
        server.publish(film()[4], timestamp=4 * STEP)
        await found.until_lost("s late")
        assert len(found.units) == 4


async def _says_nothing(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    while await reader.read(4096):
        pass


async def _hangs_up(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")


def _answers_with(data: bytes) -> Saying:
    async def says(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(data)
        await writer.drain()
        while await reader.read(4096):
            pass

    return says


def _goes_on_with(data: bytes) -> Saying:
    async def says(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        for _ in range(1000):
            writer.write(data)
            await writer.drain()

    return says


@pytest.mark.parametrize(
    ("says", "why"),
    [
        (_hangs_up, "closed the connection"),
        (_answers_with(b"HTTP/1.1 400 Bad Request\r\n\r\n"), "not RTSP"),
        (_answers_with(b"RTSP/1.0 302 Found\r\nCSeq: 1\r\nLocation: rtsp://127.0.0.1:22/\r\n\r\n"), "elsewhere"),
        (_answers_with(b"RTSP/1.0 401 No\r\nCSeq: 1\r\nWWW-Authenticate: Basic\r\n\r\n"), "login"),
        (_answers_with(b"RTSP/1.0 200 OK\r\nContent-Length: 999999\r\n\r\n"), "length"),
        (_goes_on_with(b"X-Long: " + b"x" * 8192), "bytes"),
        (_goes_on_with(16 * (b"$\x07\xff\xff" + bytes(65_535))), "MiB in a second"),
        (_goes_on_with(4096 * b"$\x07\x00\x00"), "messages in a second"),
        (_goes_on_with(4096 * b"ASK * RTSP/1.0\r\n\r\n"), "messages in a second"),
        (_goes_on_with(b"RTSP/1.0 100 Go on\r\nCSeq: 2\r\n\r\n"), "not asked"),
    ],
)
async def test_a_server_that_does_what_none_should_is_left_and_asked_again_later(says: Saying, why: str) -> None:
    async with server_that(says) as port, asking(port) as found:
        await found.until_lost(why)
        assert found.camera.connections == 1
        await found.clock.advance(REFUSED_WAIT_S + 2.0)
        await found.until(lambda: found.camera.connections > 1)
        assert found.units == []


async def test_a_server_that_says_nothing_is_left_in_time() -> None:
    async with server_that(_says_nothing) as port, asking(port) as found:
        await asyncio.sleep(DISPATCH)
        await found.clock.advance(ANSWER_WITHIN_S + 0.1)
        await found.until_lost("no answer to OPTIONS")


async def test_packets_that_nobody_asked_for_yet_are_no_pictures() -> None:
    flood = b"".join(b"$\x00\x00\x10" + bytes(16) for _ in range(200))
    async with server_that(_answers_with(flood)) as port, asking(port) as found:
        await asyncio.sleep(0.05)
        await found.clock.advance(ANSWER_WITHIN_S + 0.1)
        await found.until_lost("no answer")
        assert found.units == []


async def test_however_much_a_camera_sends_others_have_their_turn() -> None:
    turn, taken = 0, Counter[int]()

    def packet_taken() -> int:
        taken[turn] += 1
        return 0

    flood = 16_000 * b"$\x00\x00\x00"
    async with server_that(_answers_with(flood)) as port, asking(port, unix_us=packet_taken):
        while taken.total() < 16_000 and turn < 200_000:
            turn += 1
            await asyncio.sleep(0)
    assert taken.total() == 16_000
    assert max(taken.values()) <= 128
