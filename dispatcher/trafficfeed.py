"""Fetches readsb's picture again and again, from a file on this machine or by HTTP on its network.

Each second with jitter while it works; with back-off while it does not. Loss is logged once, recovery once.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from dispatcher.feeds.readsb import MOST_BYTES, NotTraffic, read_aircraft
from dispatcher.traffic import TrafficPicture
from kestrel.backoff import Backoff
from kestrel.clock import Clock

log = logging.getLogger(__name__)

EACH_S = 1.0
WITHIN_S = 3.0
"""For one answer, from the question to its last byte."""


class TrafficFeed:
    """``source``: a path, or an http or https URL of an aircraft.json."""

    def __init__(self, source: str, *, picture: TrafficPicture, clock: Clock, rng: random.Random | None = None) -> None:
        self._source = source
        self._picture = picture
        self._clock = clock
        self._rng = rng or random.Random()  # noqa: S311 - jitter, not a secret
        self._backoff = Backoff(first_s=EACH_S, cap_s=15.0, rng=self._rng)
        self._lost = False

    async def run(self) -> None:
        """For ever."""
        async with self._fetching() as client:
            while True:
                worked = await self.look(client)
                pause_s = EACH_S * self._rng.uniform(0.9, 1.1) if worked else self._backoff.next_s() + EACH_S
                await self._clock.sleep_wall(pause_s)

    async def look(self, client: httpx.AsyncClient | None = None) -> bool:
        """One look; False when it did not work."""
        try:
            data = await self._data(client)
            # Thousands of aircraft take a tenth of a second: not on the loop.
            sightings = await asyncio.to_thread(read_aircraft, data)
        except (OSError, httpx.HTTPError, httpx.InvalidURL, NotTraffic, TimeoutError) as wrong:
            if not self._lost:
                log.warning("crewed traffic is not heard", extra={"source": self._source, "because": _why(wrong)})
            self._lost = True
            return False
        self._picture.put(sightings)
        self._backoff.reset()
        if self._lost:
            log.info("crewed traffic is heard again", extra={"source": self._source})
        self._lost = False
        return True

    async def _data(self, client: httpx.AsyncClient | None) -> bytes:
        if client is None or not self._by_http:
            return await asyncio.to_thread(self._read)
        async with asyncio.timeout(WITHIN_S), client.stream("GET", self._source) as answer:
            if answer.status_code != 200:
                raise NotTraffic(f"it is answered with status {answer.status_code}")
            data = bytearray()
            async for chunk in answer.aiter_bytes():
                data += chunk
                if len(data) > MOST_BYTES:
                    raise NotTraffic(f"it is larger than {MOST_BYTES // 1024 // 1024} MB")
            return bytes(data)

    def _read(self) -> bytes:
        with Path(self._source).open("rb") as file:
            return file.read(MOST_BYTES + 1)

    @property
    def _by_http(self) -> bool:
        return self._source.startswith(("http://", "https://"))

    @asynccontextmanager
    async def _fetching(self) -> AsyncIterator[httpx.AsyncClient | None]:
        if not self._by_http:
            yield None
            return
        # No proxy of the environment: the receiver is on this network.
        async with httpx.AsyncClient(timeout=WITHIN_S, follow_redirects=False, trust_env=False) as client:
            yield client


def _why(wrong: Exception) -> str:
    if isinstance(wrong, OSError) and wrong.strerror:
        return wrong.strerror
    return str(wrong) or type(wrong).__name__
