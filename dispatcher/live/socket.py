"""The live view's WebSocket: the ASGI end of a `Viewer`."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from starlette.types import Message, Receive, Scope, Send

from dispatcher.live.audience import PATIENCE_S
from dispatcher.live.hub import Hub
from dispatcher.live.protocol import CloseCode
from dispatcher.live.viewer import Closing, Gone, Viewer
from dispatcher.live.wire import outlet_of
from dispatcher.security.person import Person
from dispatcher.security.tokens import Authenticator
from kestrel.clock import Clock

log = logging.getLogger(__name__)

GOODBYE_WITHIN_S = 2.0
"""A close frame waits in the same queue as the frames that were not taken off."""
MAX_UNKNOWN = 256
"""Connections that have not yet said who they are: a full control room that comes back at once, and no more."""


class LiveSocket:
    """An ASGI application for one WebSocket path."""

    def __init__(
        self,
        *,
        hub: Hub,
        authenticator: Authenticator,
        clock: Clock,
        on_here: Callable[[Person], Awaitable[None]] | None = None,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._hub = hub
        self._authenticator = authenticator
        self._clock = clock
        self._on_here = on_here
        self._patience_s = patience_s
        self._unknown: set[Viewer] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if (await receive())["type"] != "websocket.connect":
            return
        await send({"type": "websocket.accept"})

        async def receive_text() -> str | None:
            message: Message = await receive()
            if message["type"] == "websocket.disconnect":
                raise Gone
            text: str | None = message.get("text")
            return text

        async def send_text(text: str) -> None:
            try:
                await send({"type": "websocket.send", "text": text})
            except OSError:
                raise Gone from None

        viewer = Viewer(
            hub=self._hub,
            authenticator=self._authenticator,
            clock=self._clock,
            receive=receive_text,
            send=send_text,
            outlet=outlet_of(scope),
            on_known=lambda: self._unknown.discard(viewer),
            on_here=self._on_here,
            patience_s=self._patience_s,
        )
        try:
            self._enter(viewer)
            await viewer.run()
        except Closing as closing:
            log.info("live viewer closed", extra={"code": int(closing.code), "why": closing.reason})
            self._unknown.discard(viewer)
            await _say_goodbye(send, closing)
        finally:
            self._unknown.discard(viewer)

    def _enter(self, viewer: Viewer) -> None:
        if len(self._unknown) >= MAX_UNKNOWN:
            raise Closing(CloseCode.TRY_LATER, "too many connections without a token")
        self._unknown.add(viewer)


async def _say_goodbye(send: Send, closing: Closing) -> None:
    try:
        async with asyncio.timeout(GOODBYE_WITHIN_S):
            await send({"type": "websocket.close", "code": int(closing.code), "reason": closing.reason})
    except (TimeoutError, OSError):
        log.info("a live viewer went without its close frame")
