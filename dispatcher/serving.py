"""How the dispatcher serves its API and its live view: what its sockets and its WebSockets are like."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys

from starlette.types import ASGIApp

from dispatcher.live.protocol import MAX_CLIENT_FRAME_CHARS
from dispatcher.live.wire import PushingWebSocket
from kestrel import serving as kestrel_serving

BACKLOG = 2048
MAX_FRAME_BYTES = 4 * MAX_CLIENT_FRAME_CHARS
"""Of a client's WebSocket message: a character has at most four bytes; longer ones are not even read."""
UNACKNOWLEDGED_MS = 20_000
"""A live viewer hears something every `HEARTBEAT_S`: one whose machine acknowledges nothing for so long has gone."""
STOP_WITHIN_S = 3
"""For requests and live connections that are open when it is asked to stop."""


def listen(host: str, port: int) -> socket.socket:
    """A listening socket. Raises `KestrelError`."""
    options: list[kestrel_serving.SocketOption] = []
    if sys.platform == "linux":
        options.append((socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNACKNOWLEDGED_MS))
    return kestrel_serving.listen(host, port, backlog=BACKLOG, options=options)


def serving(
    tasks: asyncio.TaskGroup, application: ASGIApp, listening: socket.socket
) -> contextlib.AbstractAsyncContextManager[None]:
    """Serve inside the block; open requests have `STOP_WITHIN_S` at its end."""
    return kestrel_serving.serving(
        tasks,
        application,
        listening,
        stop_within_s=STOP_WITHIN_S,
        ws=PushingWebSocket,  # uvicorn's websockets-sansio, and frames that are made once for all
        ws_max_size=MAX_FRAME_BYTES,
        ws_per_message_deflate=False,  # measured: deflate doubles the cost of a frame
        ws_ping_interval=None,  # the kernel watches over what was not acknowledged: see `listen`
    )
