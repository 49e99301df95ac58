"""Short ways to fill and to spoil a journal, for the tests of everything that has one."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from pathlib import Path
from random import Random

from dispatcher.events import DockSilent, Event
from dispatcher.journal import Journal
from dispatcher.record import SYSTEM, Draft, Recorded
from kestrel.clock import Clock, VirtualClock

FORCE = "test"


def draft(number: int, *, dock_id: str = "cov-1") -> Draft:
    """An event that can be told from others by its number."""
    return Draft(stream=f"dock/{dock_id}", event=DockSilent(dock_id=dock_id, silent_s=float(number)), actor=SYSTEM)


def numbers_of(records: Sequence[Recorded]) -> list[float]:
    """The numbers of events made by `draft`."""
    return [event.silent_s for event in map(event_of, records) if isinstance(event, DockSilent)]


def event_of(recorded: Recorded) -> Event:
    """Its event."""
    return recorded.event


def sqlite_url(path: Path) -> str:
    """The URL of a journal in a file."""
    return f"sqlite:///{path}"


@asynccontextmanager
async def open_journal(
    path: Path, *, clock: Clock | None = None, force: str = FORCE, seed: int | None = None, writer: bool = True
) -> AsyncIterator[Journal]:
    """A journal in a file; the same ids and salts for the same seed, others each time without one."""
    clock = clock or VirtualClock()
    bits = Random(seed).getrandbits
    async with Journal.open(url=sqlite_url(path), force=force, clock=clock, random_bits=bits, writer=writer) as journal:
        yield journal


async def read_all(journal: Journal, after_seq: int = 0) -> list[Recorded]:
    """Everything in it."""
    return [recorded async for recorded in journal.read(after_seq)]


def spoil(path: Path, statement: str, *values: object) -> int:
    """Change a journal's file behind its back; returns how many rows were hit."""
    with closing(sqlite3.connect(path)) as connection, connection:
        return connection.execute(statement, values).rowcount
