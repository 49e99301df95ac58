"""Whoever breaks things in a running simulator: a client of its control port (docs/simulator.md)."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

Json = dict[str, Any]


class SimControl:
    """One connection. An answer that is not ``ok`` is an `AssertionError` with its problem."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def ask(self, request: Json) -> Json:
        """Send a request; its answer."""
        self._writer.write(json.dumps(request).encode() + b"\n")
        await self._writer.drain()
        answer: Json = json.loads(await self._reader.readline())
        assert answer["ok"], answer["problem"]
        return answer

    async def inject(self, kind: str, **fields: Any) -> int:
        """Put a fault in, now or ``at_s`` later; its number."""
        return int((await self.ask({"do": "inject", "fault": {"kind": kind, **fields}}))["number"])

    async def mend(self, number: int | None = None) -> list[int]:
        """End a fault, or all; the numbers of those that were there."""
        mended: list[int] = (await self.ask({"do": "mend", "number": number}))["mended"]
        return mended

    async def faults(self) -> Json:
        """``active`` and ``waiting``."""
        return await self.ask({"do": "faults"})

    async def world(self) -> Json:
        """The truth: ``sim_s``, ``weather``, and for each of ``docks`` its lid, seat and ``aircraft``."""
        return await self.ask({"do": "world"})

    async def aircraft(self, dock_id: str) -> Json:
        """The truth about one aircraft."""
        found: Json = (await self.world())["docks"][dock_id]["aircraft"]
        return found


@contextlib.asynccontextmanager
async def sim_control(port: int) -> AsyncIterator[SimControl]:
    """Connected to the control port of a simulator on this machine."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 22)
    try:
        yield SimControl(reader, writer)
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


def control_port(ready_file: Path) -> int:
    """As the simulator's ready file tells it."""
    return int(json.loads(ready_file.read_text(encoding="utf-8"))["control_port"])
