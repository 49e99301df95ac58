"""Limits on a real socket: how much is taken, how long it may take, and that lying about it does not help."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import httpx
import pytest

from dispatcher.api.intake import MAX_BODY_BYTES, Intake
from tests.unit.api.house import House
from tests.unit.api.server import served

WITHIN_S = 20.0


@pytest.fixture
async def port(house: House) -> AsyncIterator[int]:
    async with served(house.application) as port:
        yield port


async def _raw(port: int, *parts: bytes, pause: bool = False) -> tuple[int, dict[str, object]]:
    """Send bytes as they are; the status and JSON of the answer. The server may close before all is sent."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        async with asyncio.timeout(WITHIN_S):
            try:
                for part in parts:
                    writer.write(part)
                    await writer.drain()
                    if pause:
                        await asyncio.sleep(0.01)
            except ConnectionError:
                pass
            head = await reader.readuntil(b"\r\n\r\n")
            length = next(
                int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")
            )
            body = await reader.readexactly(length)
    finally:
        writer.close()
    return int(head.split(b" ")[1]), json.loads(body)


def _head(house: House, *headers: str, role: str = "controller") -> bytes:
    lines = [
        "POST /api/v1/incidents HTTP/1.1",
        "Host: test",
        f"Authorization: Bearer {house.token(role)}",
        "Content-Type: application/json",
        *headers,
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def _chunk(data: bytes) -> bytes:
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


async def test_a_body_of_exactly_the_limit_is_read(house: House, port: int) -> None:
    report = house.report(summary="")
    body = json.dumps(report).encode()
    body += b" " * (MAX_BODY_BYTES - len(body))
    status, _ = await _raw(port, _head(house, f"Content-Length: {len(body)}"), body)
    assert status == 201


async def test_a_body_over_the_limit_is_refused_by_its_announced_length(house: House, port: int) -> None:
    status, problem = await _raw(port, _head(house, f"Content-Length: {MAX_BODY_BYTES + 1}"))
    assert (status, problem["type"]) == (413, "/problems/too-large")


async def test_a_client_that_sends_all_of_it_first_still_learns_why(house: House, port: int) -> None:
    headers = {"Authorization": f"Bearer {house.token('controller')}", "Content-Type": "application/json"}
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
        for size in (MAX_BODY_BYTES + 1, 3 * 1024 * 1024):
            answer = await client.post("/api/v1/incidents", content=b" " * size, headers=headers)
            assert (answer.status_code, answer.json()["type"]) == (413, "/problems/too-large")


async def test_a_chunked_body_is_counted_as_it_comes(house: House, port: int) -> None:
    head = _head(house, "Transfer-Encoding: chunked")
    status, problem = await _raw(port, head, *[_chunk(b" " * 65_536)] * 40)
    assert (status, problem["type"]) == (413, "/problems/too-large")
    report = json.dumps(house.report()).encode()
    status, _ = await _raw(
        port, head, *[_chunk(report[at : at + 20]) for at in range(0, len(report), 20)], b"0\r\n\r\n"
    )
    assert status == 201


async def test_nobody_without_a_role_is_listened_to_at_length(house: House, port: int) -> None:
    head = _head(house, f"Content-Length: {10**9}", role="officer")
    status, _ = await _raw(port, head)
    assert status == 403


async def test_a_body_that_does_not_come_to_its_end_is_given_up(house: House) -> None:
    context = house.application.state.context

    async def never(*_: object) -> None:
        raise AssertionError("the application must not see it")

    application = Intake(never, context=context, read_within_s=0.2)
    async with served(application) as port:
        status, problem = await _raw(port, _head(house, "Content-Length: 10"), b"{")
    assert (status, problem["type"]) == (408, "/problems/too-slow")


async def test_a_client_that_goes_away_in_the_middle_leaves_nothing_behind(house: House, port: int) -> None:
    before = await house.seq()
    for _ in range(5):
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(_head(house, "Content-Length: 100") + b'{"source": "cad"')
        await writer.drain()
        writer.close()
        await writer.wait_closed()
    status, _ = await _raw(port, _head(house, "Content-Length: 2"), b"{}")
    assert status == 422
    assert await house.seq() == before
