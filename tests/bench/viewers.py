"""Many viewers of one server, in a process of their own: asked by a line on standard input, it says what they got.

``count``: a JSON line {"frames", "payload_bytes", "connected", "closed"}. ``keep FILE``: the frames that the first
connection was sent so far, each behind its length in four bytes, go into the file. The end of the input ends it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from functools import partial
from pathlib import Path

from tests.bench.framecount import Count, FrameCounter

AT_ONCE = 20
"""Connections opened together: a server's backlog is not what is measured."""
LENGTH_BYTES = 4


def write_frames(path: Path, frames: list[bytes]) -> None:
    """Frames, each behind its length."""
    path.write_bytes(b"".join(len(frame).to_bytes(LENGTH_BYTES, "big") + frame for frame in frames))


def read_frames(path: Path) -> list[bytes]:
    """What `write_frames` wrote."""
    data, frames, at = path.read_bytes(), [], 0
    while at < len(data):
        length = int.from_bytes(data[at : at + LENGTH_BYTES], "big")
        at += LENGTH_BYTES
        frames.append(data[at : at + length])
        at += length
    return frames


async def _watch(*, host: str, port: int, number: int, path: str | None, hello: bytes) -> None:
    count = Count()
    loop = asyncio.get_running_loop()

    def counter(index: int) -> FrameCounter:
        return FrameCounter(count=count, path=path, hello=hello, keep=index == 0)

    for first in range(0, number, AT_ONCE):
        indices = range(first, min(first + AT_ONCE, number))
        await asyncio.gather(*(loop.create_connection(partial(counter, index), host, port) for index in indices))
    while line := (await asyncio.to_thread(sys.stdin.readline)).strip():
        what, _, argument = line.partition(" ")
        if what == "keep":
            await asyncio.to_thread(write_frames, Path(argument), list(count.kept))
        answer = {
            "frames": count.frames,
            "payload_bytes": count.payload_bytes,
            "connected": count.connected,
            "closed": count.closed,
        }
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--number", type=int, required=True)
    parser.add_argument("--path", help="upgrade here; else frames are expected at once")
    parser.add_argument("--hello-file", type=Path, help="what each says first")
    options = parser.parse_args()
    hello = options.hello_file.read_bytes() if options.hello_file else b""
    asyncio.run(_watch(host=options.host, port=options.port, number=options.number, path=options.path, hello=hello))


if __name__ == "__main__":
    main()
