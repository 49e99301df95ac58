"""MAVProxy as a client in a process of its own: commands go in as a person would type them, words come out.

`make setup` installs it without its large dependencies (vtk, opencv), which it does not need for this.
"""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

_SLOWED = (30, 31, 32, 33, 105, 331, 132, 83, 85, 87, 36, 141, 74, 111)
"""Streams that a client written in Python could not read ten times as fast as real time."""


class MavProxy:
    """A running MAVProxy. ``heard`` is every line that it printed."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._news = asyncio.Event()
        self._read = 0
        self.heard: list[str] = []

    async def listen(self) -> None:
        """Take what it prints, until it ends."""
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            self.heard.append(line.decode(errors="replace").rstrip())
            self._news.set()

    async def say(self, command: str) -> None:
        """Type a command; what it printed before counts as read."""
        assert self._process.stdin is not None
        self._read = len(self.heard)
        self._process.stdin.write(f"{command}\n".encode())
        await self._process.stdin.drain()

    async def answer(self, pattern: str, *, patience_s: float = 30.0) -> str:
        """The first line since the last command that has the pattern in it."""
        try:
            async with asyncio.timeout(patience_s):
                while True:
                    for index in range(self._read, len(self.heard)):
                        if re.search(pattern, self.heard[index]):
                            self._read = index + 1
                            return self.heard[index]
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise AssertionError(f"no {pattern!r} in: {self.heard[-40:]}") from None

    async def asked(self, command: str, pattern: str, *, times: int = 5, pause_s: float = 3.0) -> str:
        """Type a command, and again while it is not answered: on UDP either may get lost."""
        for attempt in range(times):
            await self.say(command)
            try:
                return await self.answer(pattern, patience_s=pause_s)
            except AssertionError:
                if attempt == times - 1:
                    raise
        raise AssertionError("unreachable")


@asynccontextmanager
async def mavproxy(folder: Path, *, port: int, system_id: int) -> AsyncIterator[MavProxy]:
    """MAVProxy listening on a UDP port for the time of the block; it has found the aircraft and slowed its streams."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-u", "-m", "MAVProxy.mavproxy", f"--master=udpin:127.0.0.1:{port}", "--dialect=development",
        f"--target-system={system_id}", "--target-component=1", f"--state-basedir={folder}",
        f"--logfile={folder / 'client.tlog'}",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, cwd=folder,
    )  # fmt: skip
    client = MavProxy(process)
    listening = asyncio.create_task(client.listen(), name="mavproxy.listen")
    try:
        await client.answer(f"Detected vehicle {system_id}:1 ", patience_s=60.0)
        for message_id in _SLOWED:
            await client.say(f"long SET_MESSAGE_INTERVAL {message_id} 1000000 0 0 0 0 0")
            await asyncio.sleep(0.1)
        yield client
    finally:
        if process.returncode is None:
            process.terminate()
        try:
            async with asyncio.timeout(10):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()
        listening.cancel()
        await asyncio.wait([listening])
