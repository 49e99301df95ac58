"""What one frame to one of 200 viewers costs the live hub, in processor time of its own process.

The rival is an asyncio server that writes the very frames that the hub has sent, ready-made, to as many sockets.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from contracts.fleet import Fleet
from dispatcher.security.access import LIVE
from kestrel.supervisor import leashed
from kestrel.tokens import Role, TokenKey
from kestrel.yamlfile import load_yaml
from tests.bench.child import Child, child, end
from tests.bench.cpu import cpu_s
from tests.bench.errors import MeasurementFailed
from tests.bench.figure import Figure, Measured, Say
from tests.bench.hubserver import ISSUER
from tests.bench.rounds import alternate
from tests.bench.stack import EXAMPLE_FLEET
from tests.bench.viewers import read_frames, write_frames

VIEWERS = 200
TICK_S = 0.2
"""The dispatcher's own default."""
CONNECT_WITHIN_S = 30.0
POLL_S = 0.1
SETTLE_S = 2.0
WINDOW_S = 8.0
MIN_SHARE = 0.5
"""Of the frames that ticks allow: fewer delivered means that something else was measured."""


async def measure(folder: Path, say: Say) -> Measured:
    """Microseconds of the server's processor time per delivered frame, ours and the rival's."""
    hello, jwks = _credentials(folder)
    ready_frames = folder / "frames"
    async with _hub_server(folder, jwks) as hub:
        await _keep_frames(hub, hello, ready_frames)
        sizes = [len(frame) for frame in read_frames(ready_frames)]
        say(f"{len(sizes)} frames kept, {sum(sizes) / len(sizes):.0f} bytes each on average")
        async with _bare_server(folder, ready_frames) as bare:

            async def ours() -> float:
                async with _viewers(hub, path=LIVE, hello=hello) as viewers:
                    return await _cpu_per_frame_us(hub, viewers)

            async def rival() -> float:
                async with _viewers(bare, path=None, hello=None) as viewers:
                    return await _cpu_per_frame_us(bare, viewers)

            mine, theirs = await alternate(ours, rival, say=say, unit="us")
    return Measured(ours=tuple(mine), rival=tuple(theirs))


def _credentials(folder: Path) -> tuple[Path, Path]:
    """The file with what an officer's tablet says first, and the one with the issuer's public keys."""
    key = TokenKey.load_or_make(folder / "issuer.pem")
    fleet = load_yaml(EXAMPLE_FLEET, Fleet)
    token = key.mint(issuer=ISSUER, subject="officer-1", roles=[Role.OFFICER], force=fleet.force, now=datetime.now(UTC))
    hello, jwks = folder / "hello.json", folder / "jwks.json"
    hello.write_text(json.dumps({"type": "auth", "token": token}), encoding="utf-8")
    jwks.write_text(json.dumps(key.jwks()), encoding="utf-8")
    return hello, jwks


def _hub_server(folder: Path, jwks: Path) -> contextlib.AbstractAsyncContextManager[Child]:
    ready_file = folder / "hub.ready"
    argv = (sys.executable, "-m", "tests.bench.hubserver", "--fleet", str(EXAMPLE_FLEET), "--folder", str(folder))
    more = ("--jwks-file", str(jwks), "--tick-s", str(TICK_S), "--ready-file", str(ready_file))
    return child((*argv, *more), ready_file=ready_file, log_file=folder / "hub.log")


def _bare_server(folder: Path, frames: Path) -> contextlib.AbstractAsyncContextManager[Child]:
    ready_file = folder / "bare.ready"
    argv = (sys.executable, "-m", "tests.bench.bareserver", "--frames", str(frames), "--tick-s", str(TICK_S))
    return child((*argv, "--ready-file", str(ready_file)), ready_file=ready_file, log_file=folder / "bare.log")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Viewers:
    process: asyncio.subprocess.Process

    async def ask(self, what: str) -> dict[str, int]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(what.encode() + b"\n")
        await self.process.stdin.drain()
        line = await self.process.stdout.readline()
        if not line:
            raise MeasurementFailed("the viewers' process has ended")
        answer: dict[str, int] = json.loads(line)
        return answer

    async def all_connected(self, number: int) -> None:
        try:
            async with asyncio.timeout(CONNECT_WITHIN_S):
                while True:
                    count = await self.ask("count")
                    if count["connected"] == number:
                        return
                    await asyncio.sleep(POLL_S)
        except TimeoutError:
            raise MeasurementFailed(f"not all of {number} viewers are connected") from None


@contextlib.asynccontextmanager
async def _viewers(server: Child, *, path: str | None, hello: Path | None) -> AsyncIterator[_Viewers]:
    argv = [sys.executable, "-m", "tests.bench.viewers", "--port", str(server.facts["port"]), "--number", str(VIEWERS)]
    if path is not None and hello is not None:
        argv += ["--path", path, "--hello-file", str(hello)]
    process = await asyncio.create_subprocess_exec(
        *leashed(argv), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    try:
        viewers = _Viewers(process=process)
        await viewers.all_connected(VIEWERS)
        await asyncio.sleep(SETTLE_S)
        yield viewers
    finally:
        await end(process)


async def _keep_frames(hub: Child, hello: Path, file: Path) -> None:
    """The frames of one viewer after its first, which is the snapshot."""
    async with _viewers(hub, path=LIVE, hello=hello) as viewers:
        await asyncio.sleep(WINDOW_S)
        await viewers.ask(f"keep {file}")
    write_frames(file, read_frames(file)[1:])


async def _cpu_per_frame_us(server: Child, viewers: _Viewers) -> float:
    before, cpu_before_s, began_s = await viewers.ask("count"), cpu_s(server.pid), time.monotonic()
    await asyncio.sleep(WINDOW_S)
    cpu_after_s, after = cpu_s(server.pid), await viewers.ask("count")
    took_s = time.monotonic() - began_s
    frames = after["frames"] - before["frames"]
    if after["closed"] or frames < MIN_SHARE * VIEWERS * took_s / TICK_S:
        raise MeasurementFailed(f"{frames} frames in {took_s:.1f} s to {VIEWERS} viewers, {after['closed']} closed")
    return (cpu_after_s - cpu_before_s) / frames * 1e6


FIGURE = Figure(
    name="live_hub_cpu_per_frame",
    unit="us",
    about=f"processor time per delivered frame, {VIEWERS} viewers; rival: ready-made frames from a bare asyncio server",
    measure=measure,
)
