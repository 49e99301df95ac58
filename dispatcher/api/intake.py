"""Bodies are read here, whole and within limits, before any route sees them: ASGI middleware.

At most 256 KB, counted as they come, so that neither a missing nor a lying Content-Length helps; within 30 s; JSON
only, and only JSON that `read_document` takes. Of the few paths in `RAW` the bodies may be larger and are no JSON of
ours: they are handed on as they are, and the route reads them.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from types import MappingProxyType

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dispatcher.api.context import Context
from dispatcher.api.document import read_document
from dispatcher.api.problems import refusal
from dispatcher.errors import DispatcherError

MAX_BODY_BYTES = 256 * 1024
RAW: Mapping[tuple[str, str], int] = MappingProxyType({("POST", "/api/v1/airspace"): 10 * 1024 * 1024})
"""(method, path) whose bodies are handed on as they are, whatever they are, to how many bytes of each."""
READ_WITHIN_S = 30.0
READ_RAW_WITHIN_S = 120.0
MAX_DRAINED_BYTES = 16 * 1024 * 1024
"""What is too large is read to its end up to here and thrown away: who closes on unread bytes resets the connection,
and the sender would not see why."""
DRAIN_WITHIN_S = 2.0


class TooLarge(DispatcherError):
    """More than we take."""

    status = 413
    slug = "too-large"
    title = "The body is too large"


class TooSlow(DispatcherError):
    """The body did not come to its end in time."""

    status = 408
    slug = "too-slow"
    title = "The body took too long"


class NotJsonType(DispatcherError):
    """Some other media type."""

    status = 415
    slug = "not-json-type"
    title = "Only JSON is taken"


class _Gone(Exception):
    """The client went away while sending."""


class Intake:
    """Reads the body, checks it, and hands it on in one piece."""

    def __init__(self, app: ASGIApp, *, context: Context, read_within_s: float = READ_WITHIN_S) -> None:
        self._app = app
        self._context = context
        self._read_within_s = read_within_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD"):
            await self._app(scope, receive, send)
            return
        try:
            most = RAW.get((scope["method"], scope["path"]))
            if most is not None:
                body = await self._read(scope, receive, most, READ_RAW_WITHIN_S)
            else:
                body = await self._read(scope, receive, MAX_BODY_BYTES, self._read_within_s)
                _check(scope, body)
        except _Gone:
            return
        except DispatcherError as error:
            self._context.counters.refused(error.slug)
            answer = refusal(error, deployment=self._context.deployment, instance=scope["path"])
            if isinstance(error, TooLarge | TooSlow):
                answer.headers["Connection"] = "close"
            await answer(scope, receive, send)
            return
        handed_on = False

        async def receive_read() -> Message:
            nonlocal handed_on
            if handed_on:
                return await receive()
            handed_on = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self._app(scope, receive_read, send)

    async def _read(self, scope: Scope, receive: Receive, most: int, within_s: float) -> bytes:
        announced = Headers(scope=scope).get("content-length", "0")
        length = int(announced[:12]) if announced.isdecimal() else 0
        body, ended = bytearray(), False
        if length <= most:
            try:
                async with asyncio.timeout(within_s):
                    while not ended and len(body) <= most:
                        chunk, ended = await _next(receive)
                        body += chunk
            except TimeoutError:
                raise TooSlow(f"it must be here within {within_s:.0f} s") from None
            if len(body) <= most:
                return bytes(body)
        if not ended:
            await _drain(receive, max(length, len(body)), len(body))
        size = f"{most // 1024} KB" if most < 1024 * 1024 else f"{most // 1024 // 1024} MB"
        raise TooLarge(f"at most {size} are taken")


async def _next(receive: Receive) -> tuple[bytes, bool]:
    """The next part of the body, and whether it is the last."""
    message = await receive()
    if message["type"] == "http.disconnect":
        raise _Gone
    return message.get("body", b""), not message.get("more_body", False)


async def _drain(receive: Receive, length: int, size: int) -> None:
    """Throw away what is left of a body that is too large, within bounds."""
    if length > MAX_DRAINED_BYTES:
        return
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(DRAIN_WITHIN_S):
            while size <= MAX_DRAINED_BYTES:
                chunk, ended = await _next(receive)
                size += len(chunk)
                if ended:
                    return


def _check(scope: Scope, body: bytes) -> None:
    if not body:
        return
    media_type = Headers(scope=scope).get("content-type", "").split(";")[0].strip().lower()
    if media_type != "application/json":
        raise NotJsonType("send Content-Type: application/json")
    read_document(body)
