"""What the server does for connections beyond what it says on them."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from dispatcher.serving import STOP_WITHIN_S, UNACKNOWLEDGED_MS, listen, serving


@pytest.mark.skipif(
    sys.platform != "linux", reason="the kernel's time limit for what nobody acknowledges: Linux has it"
)
def test_a_machine_that_acknowledges_nothing_is_given_up_by_the_kernel() -> None:
    with listen("127.0.0.1", 0) as listening, socket.create_connection(listening.getsockname()):
        listening.setblocking(True)
        accepted, _ = listening.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == UNACKNOWLEDGED_MS


async def test_the_server_answers_with_the_date_and_ends_when_it_is_told() -> None:
    application = Starlette(routes=[Route("/", _hello)])
    with listen("127.0.0.1", 0) as listening:
        async with asyncio.timeout(STOP_WITHIN_S), asyncio.TaskGroup() as tasks, serving(tasks, application, listening):
            reader, writer = await asyncio.open_connection(*listening.getsockname())
            writer.write(b"GET / HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n")
            answer = await reader.read()
            with contextlib.closing(writer):
                assert answer.startswith(b"HTTP/1.1 200")
                assert b"\r\ndate: " in answer.lower()


async def _hello(_: Request) -> PlainTextResponse:
    return PlainTextResponse("hello")
