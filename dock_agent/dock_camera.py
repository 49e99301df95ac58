"""The dock's own camera: its newest still and how old that is, fetched over HTTP (``GET /picture``) again and again.

A person looks at the picture before the lid opens and on a landing; here it is only kept, with its age and its hash, so
that what was seen can be told from what was not. A camera that freezes goes on answering: its own word for the age of
the picture (``Picture-Age-S``, seconds) is what counts, and one that does not say is as old as it could be.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
import math
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol

from dock_agent.errors import CameraError
from kestrel.backoff import Backoff
from kestrel.clock import Clock

log = logging.getLogger(__name__)

POLL_S = 2.0
"""Wall seconds between two pictures when nobody asks for one."""
TIMEOUT_S = 3.0
MAX_HEAD = 8192
MAX_PICTURE = 4_000_000
OLD_S = 10.0
"""Mission seconds after which a picture no longer shows the dock as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One still; ``taken_s`` is mission time on the clock's monotonic scale."""

    image: bytes
    kind: str
    """Its media type."""
    taken_s: float

    @property
    def sha256(self) -> str:
        """Of the image, in hex."""
        return hashlib.sha256(self.image).hexdigest()


class PictureSource(Protocol):
    """A camera over a dock's plate."""

    def picture(self) -> Picture | None:
        """The newest picture; None while there was none."""

    def look_now(self) -> None:
        """Fetch one now, without waiting for it."""


class DockCamera:
    """A `PictureSource`. Use ``async with camera.running()``."""

    def __init__(self, *, host: str, port: int, clock: Clock, backoff: Backoff | None = None) -> None:
        self._host, self._port, self._clock = host, port, clock
        self._backoff = backoff or Backoff(first_s=POLL_S, cap_s=15.0)
        self._picture: Picture | None = None
        self._asked = asyncio.Event()

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[DockCamera]:
        """Fetch pictures inside the block."""
        task = asyncio.create_task(self._run(), name="dock camera")
        try:
            yield self
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    def picture(self) -> Picture | None:
        return self._picture

    def look_now(self) -> None:
        self._asked.set()

    async def _run(self) -> None:
        lost = False
        while True:
            wait_s = POLL_S
            try:
                self._picture = await self._fetch()
                self._backoff.reset()
                if lost:
                    log.info("the dock's camera is back")
                lost = False
            except CameraError as error:
                wait_s = max(POLL_S, self._backoff.next_s())
                if not lost:
                    log.warning("the dock's camera gives no picture", extra={"why": str(error)})
                lost = True
            await self._wait(wait_s)

    async def _wait(self, seconds: float) -> None:
        either = (asyncio.ensure_future(self._asked.wait()), asyncio.ensure_future(self._clock.sleep_wall(seconds)))
        try:
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in either:
                one.cancel()
        self._asked.clear()

    async def _fetch(self) -> Picture:
        """One picture; raises `CameraError` when there is none in time."""
        writer: asyncio.StreamWriter | None = None
        try:
            async with asyncio.timeout(TIMEOUT_S):
                reader, writer = await asyncio.open_connection(self._host, self._port, limit=MAX_HEAD)
                host = f"{self._host}:{self._port}"
                writer.write(f"GET /picture HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
                await writer.drain()
                head = await reader.readuntil(b"\r\n\r\n")
                headers = _headers(head)
                length = _number(headers.get("content-length"), "content-length")
                if not 0 < length <= MAX_PICTURE:
                    raise CameraError(f"a picture of {length:.0f} bytes")
                image = await reader.readexactly(int(length))
        except asyncio.LimitOverrunError:
            raise CameraError("its answer has no end") from None
        except (OSError, TimeoutError, asyncio.IncompleteReadError) as error:
            raise CameraError(str(error) or type(error).__name__) from error
        finally:
            if writer is not None:
                writer.close()
        age_s = max(0.0, _number(headers.get("picture-age-s", str(OLD_S)), "picture-age-s"))
        kind = headers.get("content-type", "application/octet-stream")
        return Picture(image=image, kind=kind[:80], taken_s=self._clock.mission_s() - age_s)


def _headers(head: bytes) -> dict[str, str]:
    status, *lines = head.decode("latin-1").split("\r\n")
    parts = status.split(" ", 2)
    if len(parts) < 2 or not parts[0].startswith("HTTP/1."):
        raise CameraError("its answer is no HTTP")
    if parts[1] != "200":
        raise CameraError(f"it answers {' '.join(parts[1:])[:80]}")
    pairs = (line.partition(":") for line in lines if ":" in line)
    return {name.strip().lower(): value.strip() for name, _, value in pairs}


def _number(text: str | None, what: str) -> float:
    try:
        value = float(text or "")
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise CameraError(f"its {what} is {text!r}")
    return value
