"""The rival of the live hub: an asyncio server that writes ready-made frames to whoever is connected, each tick one.

No authentication, no state, no back-pressure, no encoding: what sending these bytes costs in Python at the least.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
from pathlib import Path

from kestrel.readiness import announce_ready
from kestrel.stopping import until_asked_to_stop
from tests.bench.viewers import read_frames


class _Writer(asyncio.Protocol):
    def __init__(self, transports: set[asyncio.Transport]) -> None:
        self._transports = transports
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._transports.add(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._transport is not None:
            self._transports.discard(self._transport)


async def _serve(*, frames: list[bytes], tick_s: float, ready_file: Path) -> None:
    transports: set[asyncio.Transport] = set()
    server = await asyncio.get_running_loop().create_server(lambda: _Writer(transports), "127.0.0.1", 0, backlog=512)

    async def write_for_ever() -> None:
        for frame in itertools.cycle(frames):
            await asyncio.sleep(tick_s)
            for transport in transports:
                transport.write(frame)

    async with server, asyncio.TaskGroup() as tasks:
        writing = tasks.create_task(write_for_ever(), name="write")
        announce_ready(ready_file, {"port": server.sockets[0].getsockname()[1]})
        await until_asked_to_stop()
        writing.cancel()
        for transport in list(transports):
            transport.abort()


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--frames", type=Path, required=True)
    parser.add_argument("--tick-s", type=float, required=True)
    parser.add_argument("--ready-file", type=Path, required=True)
    options = parser.parse_args()
    asyncio.run(_serve(frames=read_frames(options.frames), tick_s=options.tick_s, ready_file=options.ready_file))


if __name__ == "__main__":
    main()
