"""One process of a measurement: started on the supervisor's leash, waited for until it is ready, ended by its id."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kestrel.supervisor import leashed, tail_of
from tests.bench.cpu import cpu_s
from tests.bench.errors import MeasurementFailed

READY_WITHIN_S = 60.0
STOP_WITHIN_S = 15.0
POLL_S = 0.002


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """A process that has said it is ready."""

    pid: int
    ready_after_s: float
    """Wall seconds from its start until its ready file was there."""
    ready_cpu_s: float
    """Seconds of processor time that it had used by then."""
    facts: Mapping[str, Any]
    """What stands in the ready file."""


@contextlib.asynccontextmanager
async def child(
    argv: Sequence[str], *, ready_file: Path, log_file: Path, env: Mapping[str, str] | None = None
) -> AsyncIterator[Child]:
    """The process inside the block; raises `MeasurementFailed` when it does not become ready."""
    _forget(ready_file)
    with log_file.open("ab") as output:
        began_s = time.monotonic()
        process = await asyncio.create_subprocess_exec(
            *leashed(argv), stdout=output, stderr=output, env={**os.environ, **(env or {})}
        )
        try:
            while not _is_there(ready_file):
                if process.returncode is not None or time.monotonic() > began_s + READY_WITHIN_S:
                    raise MeasurementFailed(f"{' '.join(argv[:4])} did not become ready:\n{tail_of(log_file)}")
                await asyncio.sleep(POLL_S)
            ready_after_s, ready_cpu_s = time.monotonic() - began_s, cpu_s(process.pid)
            facts = json.loads(await asyncio.to_thread(ready_file.read_text, encoding="utf-8"))
            yield Child(pid=process.pid, ready_after_s=ready_after_s, ready_cpu_s=ready_cpu_s, facts=facts)
            if process.returncode is not None:
                raise MeasurementFailed(f"{' '.join(argv[:4])} ended while it was measured:\n{tail_of(log_file)}")
        finally:
            await end(process)


async def end(process: asyncio.subprocess.Process) -> None:
    """Ask it to end, and kill it when it does not."""
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
    try:
        await asyncio.wait_for(process.wait(), STOP_WITHIN_S)
    except TimeoutError:
        process.kill()
        await process.wait()


def _forget(ready_file: Path) -> None:
    ready_file.unlink(missing_ok=True)


def _is_there(ready_file: Path) -> bool:
    return ready_file.exists()
