"""A viewer of ``WS /api/v1/live`` written from the protocol alone: it keeps every frame, and their fold."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

Json = dict[str, Any]


class LiveClient:
    """One connection. ``frames`` in their order; ``entities`` by (kind, id)."""

    def __init__(self, *, earlier: LiveClient | None = None) -> None:
        self.frames: list[Json] = []
        self.entities: dict[tuple[str, str], Json] = dict(earlier.entities) if earlier else {}
        self.epoch: str | None = earlier.epoch if earlier else None
        self.seq: int = earlier.seq if earlier else 0
        self.closed_with: int | None = None
        self._changed = asyncio.Condition()

    def of(self, kind: str) -> dict[str, Json]:
        """All entities of a kind, by id."""
        return {known: data for (this, known), data in self.entities.items() if this == kind}

    def history(self, kind: str, entity_id: str) -> list[Json]:
        """Every state of one entity that came over this connection."""
        return [
            entity["data"]
            for frame in self.frames
            for entity in (*frame.get("entities", ()), *frame.get("changed", ()))
            if (entity["kind"], entity["id"]) == (kind, entity_id)
        ]

    async def until(self, wanted: Callable[[LiveClient], bool], *, within_s: float, what: str) -> None:
        """Wait until it holds; `AssertionError` after ``within_s``, or when the connection is closed."""
        try:
            async with asyncio.timeout(within_s), self._changed:
                await self._changed.wait_for(lambda: wanted(self) or self.closed_with is not None)
        except TimeoutError:
            raise AssertionError(f"not within {within_s:.0f} s: {what}") from None
        assert wanted(self), f"closed with {self.closed_with} before {what}"

    async def listen(self, socket: ClientConnection) -> None:
        """Take frames until the connection ends."""
        try:
            async for text in socket:
                await self._take(json.loads(text))
        except ConnectionClosed:
            pass
        finally:
            async with self._changed:
                self.closed_with = socket.close_code
                self._changed.notify_all()

    async def _take(self, frame: Json) -> None:
        async with self._changed:
            self.frames.append(frame)
            if frame["type"] == "snapshot":
                self.entities.clear()
            self.epoch = frame.get("epoch", self.epoch)
            self.seq = frame.get("seq", self.seq)
            for entity in (*frame.get("entities", ()), *frame.get("changed", ())):
                self.entities[entity["kind"], entity["id"]] = entity["data"]
            for gone in frame.get("removed", ()):
                self.entities.pop((gone["kind"], gone["id"]), None)
            self._changed.notify_all()


@contextlib.asynccontextmanager
async def live_client(
    *, url: str, token: str, earlier: LiveClient | None = None, resume: bool = False
) -> AsyncIterator[LiveClient]:
    """Connected and authenticated inside the block; ``resume`` sends the epoch and seq of ``earlier``."""
    client = LiveClient(earlier=earlier)
    async with connect(url, proxy=None, compression=None, max_size=16 * 1024 * 1024) as socket:
        greeting: Json = {"type": "auth", "token": token}
        if resume:
            greeting |= {"epoch": client.epoch, "seq": client.seq}
        await socket.send(json.dumps(greeting))
        listening = asyncio.create_task(client.listen(socket), name="live client")
        try:
            yield client
        finally:
            await socket.close()
            await listening
