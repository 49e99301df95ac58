"""How long a dispatcher takes from its start until it serves, with 10,000 events in its journal.

The real command on a real SQLite file, beside the real broker and issuer. The rival is what no dispatcher in Python can
be faster than: an interpreter that imports the libraries and ends.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from kestrel.supervisor import leashed
from tests.bench.child import child
from tests.bench.errors import MeasurementFailed
from tests.bench.figure import Figure, Measured, Say
from tests.bench.past import lived_through, write_journal
from tests.bench.rounds import alternate
from tests.bench.stack import BROKER, DISPATCHER, ISSUER, Stack, planned_stack

EVENTS = 10_000
LIBRARIES = "import fastapi, sqlalchemy, geopandas"


async def measure(folder: Path, say: Say) -> Measured:
    """Seconds from spawn to ready, five times, each on a fresh copy of the journal."""
    with planned_stack(folder / "run") as stack:
        journal = folder / "journal.sqlite3"
        say(f"writing a journal of {EVENTS} events")
        await write_journal(
            f"sqlite:///{journal}", fleet=stack.plan.fleet, drafts=await lived_through(stack.plan.fleet, events=EVENTS)
        )

        env = _compiled_once(folder)

        async def ours() -> float:
            shutil.copyfile(journal, _emptied(stack.run.journal_file))
            return await _dispatcher_start_s(stack, env, say)

        async def rival() -> float:
            return await _imports_s(env)

        async with stack.running({BROKER, ISSUER}):
            await ours()  # the first start compiles and fills the disk's cache: everybody's second start is meant
            await rival()
            starts, imports = await alternate(ours, rival, say=say, unit="s")
    return Measured(ours=tuple(starts), rival=tuple(imports))


def _compiled_once(folder: Path) -> dict[str, str]:
    """Bytecode is kept from the first start on, as on any machine that is in use, whatever our own environment says."""
    return {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(folder / "bytecode")}


def _emptied(journal: Path) -> Path:
    """The place of a journal, with nothing there that an earlier one left."""
    for path in journal.parent.glob(journal.name + "*"):
        path.unlink()
    return journal


async def _dispatcher_start_s(stack: Stack, env: Mapping[str, str], say: Say) -> float:
    spec = stack.spec(DISPATCHER)
    async with child(
        spec.argv, ready_file=spec.ready_file, log_file=spec.log_file, env={**spec.env, **env}
    ) as dispatcher:
        say(f"ready after {dispatcher.ready_after_s:.2f} s, {dispatcher.ready_cpu_s:.2f} s of them on the processor")
        return dispatcher.ready_after_s


async def _imports_s(env: Mapping[str, str]) -> float:
    began_s = time.monotonic()
    process = await asyncio.create_subprocess_exec(
        *leashed((sys.executable, "-c", LIBRARIES)), env={**os.environ, **env}
    )
    if await process.wait() != 0:
        raise MeasurementFailed(f"{LIBRARIES!r} failed")
    return time.monotonic() - began_s


FIGURE = Figure(
    name="dispatcher_start_10k_events",
    unit="s",
    about=f"dispatcher from spawn to ready with {EVENTS} events in its journal; rival: {LIBRARIES!r} alone",
    measure=measure,
)
