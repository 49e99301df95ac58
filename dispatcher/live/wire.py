"""The server's WebSocket protocol with one thing more: a frame that was made once goes out to many as it is.

ASGI hands each message to the protocol as text, which is then encoded, framed and joined anew for each of two hundred
viewers of the same words. Here the socket offers itself, as an extension of its scope (ASGI 3), to take whole frames.
"""

from __future__ import annotations

from starlette.types import Scope
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request

from dispatcher.live.outlet import Frame, Outlet

_EXTENSION = "kestrel.outlet"


def outlet_of(scope: Scope) -> Outlet | None:
    """The connection itself, where its server offers it."""
    offered: Outlet | None = scope.get("extensions", {}).get(_EXTENSION, {}).get("outlet")
    return offered


class PushingWebSocket(WebSocketsSansIOProtocol):
    """Uvicorn's ``websockets-sansio``, an outlet where nothing stands between a frame and the wire."""

    _full = False
    """The transport takes nothing now."""

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if self.response.status_code == 101 and not self.config.ws_per_message_deflate:
            # The application's task has been made and has not run yet.
            self.scope["extensions"] = {**(self.scope["extensions"] or {}), _EXTENSION: {"outlet": self}}

    def pause_writing(self) -> None:
        super().pause_writing()
        self._full = True

    def resume_writing(self) -> None:
        super().resume_writing()
        self._full = False

    def offer(self, frame: Frame) -> bool:
        """Write its bytes to the socket: no encoding, no task and no copy per viewer. See `Outlet`."""
        if self._full or self.close_sent or self.disconnected or not self.handshake_complete:
            return False
        if self.transport.is_closing():
            return False
        self.transport.write(frame.wire)
        return True
