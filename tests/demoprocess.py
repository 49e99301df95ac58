"""``kestrel demo`` as a person starts it: a process of its own, with its children in sight."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]

from kestrel.supervisor import tail_of

LOOK_S = 0.1


@dataclass(kw_only=True)
class DemoProcess:
    """A running demo."""

    process: asyncio.subprocess.Process
    run_dir: Path
    output_file: Path

    @property
    def output(self) -> str:
        """All that it has said."""
        return self.output_file.read_text(encoding="utf-8", errors="replace")

    def children(self) -> list[psutil.Process]:
        """All processes beneath it, now."""
        return list(psutil.Process(self.process.pid).children(recursive=True))

    async def access(self, *, within_s: float = 90.0) -> dict[str, Any]:
        """The API's address and the tokens, once it is up."""
        deadline = asyncio.get_running_loop().time() + within_s
        path = self.run_dir / "tokens.json"
        while not path.exists():
            assert self.process.returncode is None, f"ended with {self.process.returncode}:\n{self.tails()}"
            assert asyncio.get_running_loop().time() < deadline, f"not up after {within_s:.0f} s:\n{self.tails()}"
            await asyncio.sleep(LOOK_S)
        access: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return access

    async def ended(self, *, within_s: float) -> int:
        """Its exit status; `AssertionError` when it does not end in time."""
        try:
            return await asyncio.wait_for(self.process.wait(), within_s)
        except TimeoutError:
            raise AssertionError(f"still runs after {within_s:.0f} s:\n{self.tails()}") from None

    def tails(self) -> str:
        """The end of what it and its processes have said."""
        logs = sorted((self.run_dir / "logs").glob("*.log"))
        parts = [f"--- demo\n{tail_of(self.output_file, lines=40)}"]
        return "\n".join([*parts, *(f"--- {log.stem}\n{tail_of(log)}" for log in logs)])


async def left_of(processes: list[psutil.Process], *, within_s: float) -> list[psutil.Process]:
    """Those of ``processes`` that are still there after ``within_s`` wall seconds."""
    deadline = asyncio.get_running_loop().time() + within_s
    while True:
        alive = [each for each in processes if each.is_running() and each.status() != psutil.STATUS_ZOMBIE]
        if not alive or asyncio.get_running_loop().time() >= deadline:
            return alive
        await asyncio.sleep(LOOK_S)


@contextlib.asynccontextmanager
async def demo(folder: Path, *arguments: str, python: str = sys.executable) -> AsyncIterator[DemoProcess]:
    """``kestrel demo --headless ARGUMENTS`` inside the block; whatever is left of it at the end is killed.

    ``python`` is that of the installation that is tried.
    """
    run_dir, output = folder / "run", folder / "demo.out"
    # A test that is killed takes its demonstration with it.
    command = (python, "-m", "kestrel", "demo", "--headless", "--with-parent", "--run-dir", str(run_dir), *arguments)
    with output.open("wb") as file:
        process = await asyncio.create_subprocess_exec(
            *command, stdin=asyncio.subprocess.DEVNULL, stdout=file, stderr=file, start_new_session=True
        )
    running = DemoProcess(process=process, run_dir=run_dir, output_file=output)
    try:
        yield running
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGKILL)
            await process.wait()
