"""The server's WebSocket protocol with one thing more: a frame that was made once goes out to many as it is.

ASGI hands each message to the protocol as text, which is then encoded, framed and joined anew for each of two hundred
viewers of the same words. Here the socket offers, as an extension of its scope (ASGI 3), to take a whole frame at once.
"""

from __future__ import annotations

from collections.abc import Callable

from starlette.types import Scope
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame, Opcode
from websockets.http11 import Request

Push = Callable[[bytes], bool]
"""Writes a whole frame at once; False when the socket takes nothing now, or nothing any more."""

_EXTENSION = "kestrel.push"


def text_frame(text: str) -> bytes:
    """A server's text frame (RFC 6455, section 5.2), uncompressed."""
    return Frame(Opcode.TEXT, text.encode()).serialize(mask=False)


def push_of(scope: Scope) -> Push | None:
    """The connection's push, where its server offers one."""
    offered: Push | None = scope.get("extensions", {}).get(_EXTENSION, {}).get("push")
    return offered


class PushingWebSocket(WebSocketsSansIOProtocol):
    """Uvicorn's ``websockets-sansio``, offering a push where nothing stands between a frame and the wire."""

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if self.response.status_code == 101 and not self.config.ws_per_message_deflate:
            # The application's task has been made and has not run yet.
            self.scope["extensions"] = {**(self.scope["extensions"] or {}), _EXTENSION: {"push": self._push}}

    def _push(self, frame: bytes) -> bool:
        if not self.handshake_complete or self.close_sent or self.disconnected or self.transport.is_closing():
            return False
        if not self.writable.is_set():
            return False
        self.transport.write(frame)
        return True
