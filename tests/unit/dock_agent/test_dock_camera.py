"""The dock's camera over real HTTP: pictures, their ages, and cameras that freeze, fail, lie or never end."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

import pytest

from dock_agent.dock_camera import MAX_PICTURE, POLL_S, DockCamera
from kestrel.backoff import Backoff
from kestrel.clock import VirtualClock

STILL = b"\x89PNG still"


def answer(
    body: bytes = STILL, *, status: str = "200 OK", age: str | None = "0.40", length: int | None = None
) -> bytes:
    size = len(body) if length is None else length
    lines = [f"HTTP/1.1 {status}", "Content-Type: image/png", f"Content-Length: {size}"]
    if age is not None:
        lines.append(f"Picture-Age-S: {age}")
    return "\r\n".join([*lines, "", ""]).encode() + body


class Server:
    """Answers every request with what it holds; None: takes the connection and says nothing."""

    def __init__(self) -> None:
        self.says: bytes | None = answer()
        self.requests: list[bytes] = []
        self.port = 0

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[Server]:
        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
                self.requests.append(await reader.readuntil(b"\r\n\r\n"))
                if self.says is not None:
                    writer.write(self.says)
                    await writer.drain()
            writer.close()

        server = await asyncio.start_server(talk, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            await server.wait_closed()


async def until(what: Callable[[], bool], clock: VirtualClock, *, step_s: float = 0.0) -> None:
    async with asyncio.timeout(5.0):
        while not what():
            await clock.advance(step_s)
            await asyncio.sleep(0.005)


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with Server().running() as server:
        yield server


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(factor=10.0)


@pytest.fixture
async def camera(server: Server, clock: VirtualClock) -> AsyncIterator[DockCamera]:
    async with DockCamera(
        host="127.0.0.1", port=server.port, clock=clock, backoff=Backoff(first_s=POLL_S, cap_s=POLL_S)
    ).running() as camera:
        yield camera


async def test_a_picture_is_fetched_with_its_own_word_for_its_age(
    camera: DockCamera, server: Server, clock: VirtualClock
) -> None:
    await until(lambda: camera.picture() is not None, clock)
    picture = camera.picture()
    assert picture is not None
    assert (picture.image, picture.kind) == (STILL, "image/png")
    assert len(picture.sha256) == 64
    assert clock.mission_s() - picture.taken_s == pytest.approx(0.4)
    assert server.requests[0].startswith(b"GET /picture HTTP/1.1\r\n")


async def test_a_frozen_camera_grows_old_although_it_answers(
    camera: DockCamera, server: Server, clock: VirtualClock
) -> None:
    await until(lambda: camera.picture() is not None, clock)
    server.says = answer(age="90.0")
    await until(lambda: len(server.requests) >= 2, clock, step_s=POLL_S)
    await until(lambda: clock.mission_s() - (camera.picture() or pytest.fail("no picture")).taken_s >= 90.0, clock)


async def test_one_that_does_not_say_how_old_its_picture_is_is_taken_for_old(
    camera: DockCamera, server: Server, clock: VirtualClock
) -> None:
    server.says = answer(age=None)
    camera.look_now()
    await until(lambda: len(server.requests) >= 2, clock, step_s=POLL_S)
    await until(lambda: clock.mission_s() - (camera.picture() or pytest.fail("no picture")).taken_s >= 10.0, clock)


@pytest.mark.parametrize(
    "says",
    [
        answer(status="503 Service Unavailable"),
        answer(age="soon"),
        answer(age="nan"),
        answer(length=MAX_PICTURE + 1),
        answer(length=0, body=b""),
        answer(length=100),
        b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\n",
        b"220 smtp.example.org\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 20_000,
        b"",
    ],
    ids=[
        "503",
        "age in words",
        "age nan",
        "huge",
        "empty",
        "cut off",
        "no length",
        "not HTTP",
        "endless head",
        "closed",
    ],
)
async def test_what_is_no_picture_leaves_the_last_one_and_is_tried_again(
    camera: DockCamera, server: Server, clock: VirtualClock, says: bytes
) -> None:
    await until(lambda: camera.picture() is not None, clock)
    first = camera.picture()
    server.says = says
    asked = len(server.requests)
    await until(lambda: len(server.requests) >= asked + 2, clock, step_s=POLL_S)
    assert camera.picture() == first
    server.says = answer(b"another")
    await until(lambda: camera.picture() != first, clock, step_s=POLL_S)


async def test_a_camera_that_is_asked_looks_at_once(camera: DockCamera, server: Server, clock: VirtualClock) -> None:
    await until(lambda: camera.picture() is not None, clock)
    await until(lambda: len(server.requests) == 1, clock)
    camera.look_now()
    await until(lambda: len(server.requests) == 2, clock)
