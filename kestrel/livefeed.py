"""Keeps a `LiveView` fed from ``WS /api/v1/live``: authenticates in the first frame, reconnects, resumes."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import AsyncIterator

from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from kestrel.backoff import Backoff
from kestrel.clock import Clock
from kestrel.liveview import LiveView

log = logging.getLogger(__name__)

OPEN_TIMEOUT_S = 5.0
MAX_FRAME_BYTES = 16 * 1024 * 1024


class LiveFeed:
    """One viewer. `view` is as old as `LiveView.frame_age_s` says."""

    def __init__(self, *, api_url: str, token: str, clock: Clock) -> None:
        self._url = api_url.replace("http", "ws", 1) + "/api/v1/live"
        self._token = token
        self._clock = clock
        self.view = LiveView()

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[LiveFeed]:
        """Listen inside the block."""
        task = asyncio.create_task(self._run(), name="live feed")
        try:
            yield self
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _run(self) -> None:
        backoff = Backoff()
        lost_said = False
        while True:
            try:
                async with connect(
                    self._url, open_timeout=OPEN_TIMEOUT_S, max_size=MAX_FRAME_BYTES, proxy=None, compression=None
                ) as socket:
                    await socket.send(json.dumps(self._greeting()))
                    async for message in socket:
                        self.view.apply(json.loads(message), now_s=self._clock.wall_s())
                        backoff.reset()
                        lost_said = False
                why = f"closed by the server ({socket.close_code} {socket.close_reason})"
            except (OSError, TimeoutError, WebSocketException, ValueError, KeyError, TypeError) as error:
                why = f"{type(error).__name__}: {error}"
            if not lost_said:
                log.warning("live feed lost", extra={"why": why[:200]})
                lost_said = True
            await asyncio.sleep(backoff.next_s())

    def _greeting(self) -> dict[str, object]:
        greeting: dict[str, object] = {"type": "auth", "token": self._token}
        if self.view.epoch is not None:
            greeting |= {"epoch": self.view.epoch, "seq": self.view.seq}
        return greeting
