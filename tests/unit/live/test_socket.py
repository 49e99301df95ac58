"""The live view over a real socket: uvicorn and a WebSocket client, real time, the house behind it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.http11 import Response

from contracts.vocabulary import DockState
from dispatcher.live.outlet import Frame
from dispatcher.security.access import LIVE
from dispatcher.serving import MAX_FRAME_BYTES
from tests.unit.api.house import House, open_house
from tests.unit.api.server import served

WITHIN_S = 60.0
SMALL = 4096
"""Bytes of a socket's buffer in the kernel, so that a client that does not read is felt soon."""
Json = dict[str, Any]


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path) as house:
        yield house


@pytest.fixture
async def url(house: House) -> AsyncIterator[str]:
    async with served(house.application) as port:
        yield f"ws://127.0.0.1:{port}"


@contextlib.asynccontextmanager
async def _watching(
    url: str, house: House, role: str = "controller", *, sock: socket.socket | None = None, **hello: Any
) -> AsyncIterator[ClientConnection]:
    async with asyncio.timeout(WITHIN_S), connect(url + LIVE, proxy=None, max_size=2**24, sock=sock) as live:
        await live.send(json.dumps({"type": "auth", "token": house.token(role), **hello}))
        yield live


async def _frame(live: ClientConnection) -> Json:
    frame: Json = json.loads(await live.recv())
    return frame


async def _ticking(house: House, until: Callable[[], bool]) -> None:
    """Let the house's own time run until it holds."""
    while not until():
        await house.clock.advance(house.hub.tick_s)
        await asyncio.sleep(0.005)


async def _close_code(live: ClientConnection) -> int:
    with contextlib.suppress(ConnectionClosed):
        async for _ in live:
            pass
    assert live.close_code is not None
    return live.close_code


async def test_a_viewer_gets_a_snapshot_then_changes_and_resumes_after_a_break(house: House, url: str) -> None:
    async with _watching(url, house) as live:
        snapshot = await _frame(live)
        assert (snapshot["type"], snapshot["deployment"]) == ("snapshot", "simulation")
        assert {entity["id"] for entity in snapshot["entities"]} == {"cov-1", "cov-2", "cov-3", "pilot-1"}
        receiving = asyncio.create_task(_frame(live))
        await house.scene.status("cov-1", state=DockState.FAULT)
        await _ticking(house, receiving.done)
        changes = receiving.result()
        assert [(entity["id"], entity["data"]["state"]) for entity in changes["changed"]] == [("cov-1", "fault")]
    incident = await house.incident()
    await house.clock.advance(house.hub.tick_s * 2)
    async with _watching(url, house, epoch=snapshot["epoch"], seq=changes["seq"]) as live:
        assert (await _frame(live))["type"] == "resumed"
        receiving = asyncio.create_task(_frame(live))
        await _ticking(house, receiving.done)
        assert [entity["id"] for entity in receiving.result()["changed"]] == [incident["id"]]


@pytest.mark.parametrize("compression", [None, "deflate"])
async def test_frames_of_every_size_arrive_whole(house: House, url: str, compression: str | None) -> None:
    async with (
        asyncio.timeout(WITHIN_S),
        connect(url + LIVE, proxy=None, compression=compression, max_size=2**24) as live,
    ):
        await live.send(json.dumps({"type": "auth", "token": house.token("controller")}))
        await live.recv()
        for size in (0, 200, 4000, 4000):
            reports = [house.report(summary="é" * size) for _ in range(1 if size < 4000 else 18)]
            receiving = asyncio.create_task(_frame(live))
            for report in reports:
                await house.taken("POST", "/incidents", json=report)
            await _ticking(house, receiving.done)
            seen = {entity["data"]["reference"] for entity in receiving.result()["changed"]}
            while len(seen) < len(reports):
                receiving = asyncio.create_task(_frame(live))
                await _ticking(house, receiving.done)
                seen |= {entity["data"]["reference"] for entity in receiving.result()["changed"]}
            assert seen == {report["reference"] for report in reports}


async def test_a_role_that_changes_cannot_resume(house: House, url: str) -> None:
    async with _watching(url, house, role="officer") as live:
        snapshot = await _frame(live)
        assert {entity["kind"] for entity in snapshot["entities"]} == set()
    async with _watching(url, house, epoch=snapshot["epoch"], seq=snapshot["seq"]) as live:
        assert (await _frame(live))["type"] == "snapshot"


async def test_a_token_that_is_not_believed_closes_with_4401(house: House, url: str) -> None:
    house.tokens["stranger"] = house.issuer.token("x", "controller", force="elsewhere")
    async with _watching(url, house, role="stranger") as live:
        assert await _close_code(live) == 4401


async def test_silence_closes_with_4401(house: House, url: str) -> None:
    async with asyncio.timeout(WITHIN_S), connect(url + LIVE, proxy=None) as live:
        closing = asyncio.create_task(_close_code(live))
        await _ticking(house, closing.done)
        assert closing.result() == 4401


async def test_a_token_in_the_url_is_refused_before_the_socket_opens(house: House, url: str) -> None:
    for path in (f"{LIVE}?token={house.token('controller')}", "/api/v1/other", "/api/v1/incidents"):
        with pytest.raises(InvalidStatus) as refused:
            async with connect(url + path, proxy=None):
                pass
        response: Response = refused.value.response
        assert response.status_code == 403


async def test_a_tablet_that_stops_reading_is_closed_and_the_others_go_on(house: House) -> None:
    async with served(house.application, send_buffer_bytes=SMALL) as port:
        url = f"ws://127.0.0.1:{port}"
        stuck = socket.socket()
        stuck.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL)
        stuck.connect(("127.0.0.1", port))
        async with _watching(url, house) as quick, _watching(url, house, sock=stuck) as slow:
            for live in (quick, slow):
                await live.recv()
            frames = [0]

            async def count() -> None:
                async for _ in quick:
                    frames[0] += 1

            counting = asyncio.create_task(count())
            slow.transport.pause_reading()
            for _ in range(40):
                await house.incident(summary="x" * 4000)
                await house.clock.advance(house.hub.tick_s)
            counts = house.hub.audience.counts
            await _ticking(house, lambda: counts.too_slow == 1)
            seen = frames[0]
            await house.scene.status("cov-1", state=DockState.FAULT)
            await _ticking(house, lambda: frames[0] > seen)
            slow.transport.resume_reading()
            assert await _close_code(slow) in (4408, 1006)
            counting.cancel()


def test_a_text_frame_is_what_the_standard_says() -> None:
    assert Frame(1, "Hello").wire == b"\x81\x05Hello"
    assert Frame(1, "x" * 126).wire[:4] == b"\x81\x7e\x00\x7e"
    assert Frame(1, "é" * 32_768).wire[:10] == b"\x81\x7f\x00\x00\x00\x00\x00\x01\x00\x00"
    frame = Frame(1, "Hello")
    assert frame.wire is frame.wire, "made once"


async def test_a_message_far_longer_than_a_clients_may_be_is_not_even_read(house: House, url: str) -> None:
    async with _watching(url, house) as live:
        await live.send("x" * (MAX_FRAME_BYTES + 1))
        assert await _close_code(live) == 1009


async def test_of_those_who_do_not_say_who_they_are_only_so_many_may_wait(
    house: House, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dispatcher.live.socket.MAX_UNKNOWN", 1)
    async with _watching(url, house) as known:
        await _frame(known)  # is known, and takes nobody's place
        async with connect(url + LIVE, proxy=None), connect(url + LIVE, proxy=None) as second:
            assert await _close_code(second) == 4503


async def test_a_pilots_console_is_watched_from_its_first_sign_of_life_on_the_socket(house: House, url: str) -> None:
    async with _watching(url, house, "pilot") as live:
        await _frame(live)
        assert not house.desk.state.pilots["pilot-1"].console
        await live.send(json.dumps({"type": "here"}))
        await _ticking(house, lambda: house.desk.state.pilots["pilot-1"].console)
    await house.clock.advance(11)
    await house.desk.look_after_pilots()
    await house.clock.advance(11)
    await house.desk.look_after_pilots()
    assert house.desk.state.pilots["pilot-1"].silent_since is not None
    async with _watching(url, house, "pilot") as live:
        await _frame(live)
        await live.send(json.dumps({"type": "here"}))
        await _ticking(house, lambda: house.desk.state.pilots["pilot-1"].silent_since is None)


async def test_who_is_not_a_pilot_on_duty_may_say_that_they_are_here_to_no_effect(house: House, url: str) -> None:
    async with _watching(url, house, "controller") as live:
        await _frame(live)
        before = house.desk.state.seq
        await live.send(json.dumps({"type": "here"}))
        await live.send(json.dumps({"type": "auth", "token": house.token("controller")}))
        for _ in range(20):
            await house.clock.advance(0.2)
            await asyncio.sleep(0.005)
        assert house.desk.state.seq == before
        assert live.close_code is None


async def test_anything_else_ends_the_connection(house: House, url: str) -> None:
    async with _watching(url, house, "pilot") as live:
        await _frame(live)
        await live.send(json.dumps({"type": "here", "pilot": "pilot-2"}))
        assert await _close_code(live) == 4400
