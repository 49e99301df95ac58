"""The database under a journal: engine, durability, and the lock that leaves it one writer.

SQLite: write-ahead log with ``synchronous=FULL`` (a commit is on the disk when it returns) and a lock file beside the
database, held by the operating system and so gone with a killed process. PostgreSQL: a session advisory lock on the
writer's own connection, gone with that.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from dispatcher.journal.errors import JournalInUse, JournalUnavailable, UnsupportedUrl

ADVISORY_LOCK = 0x6B65_7374_7265_6C31
"""The key of PostgreSQL's advisory lock: ``kestrel1`` in ASCII. One journal per database."""
DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg"}


def parse_url(url: str) -> URL:
    """The database URL with the driver filled in; raises `UnsupportedUrl`."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise UnsupportedUrl("the database URL cannot be read: use sqlite:///file.db or postgresql://...") from None
    backend = parsed.get_backend_name()
    if backend not in DRIVERS:
        raise UnsupportedUrl(f"no journal on {backend!r}: use sqlite:///file.db or postgresql://...")
    if backend == "sqlite" and parsed.database in (None, "", ":memory:"):
        raise UnsupportedUrl("a journal needs a file: use sqlite:///file.db")
    return parsed.set(drivername=DRIVERS[backend])


def name_of(url: URL) -> str:
    """What to call the database in a message: never with its password."""
    return url.database or "" if url.get_backend_name() == "sqlite" else url.render_as_string(hide_password=True)


def fault_of(error: SQLAlchemyError | OSError) -> str:
    """What the database said, without the statement."""
    return str(error.orig) if isinstance(error, DBAPIError) else str(error)


@contextlib.asynccontextmanager
async def engine_at(url: URL) -> AsyncIterator[AsyncEngine]:
    """An engine inside the block."""
    # Without hidden parameters an error's text would show the payload.
    engine = create_async_engine(url, hide_parameters=True)
    if url.get_backend_name() == "sqlite":
        event.listen(engine.sync_engine, "connect", _make_durable)
    try:
        yield engine
    finally:
        await engine.dispose()


def _make_durable(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    try:
        for pragma in ("busy_timeout=5000", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            cursor.execute(f"PRAGMA {pragma}")
    finally:
        cursor.close()


@contextlib.asynccontextmanager
async def writer_connection(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """The one connection that may write, inside the block; raises `JournalInUse` when there is another."""
    url = engine.url
    with contextlib.ExitStack() as stack:
        if url.get_backend_name() == "sqlite":
            stack.enter_context(_file_lock(Path(url.database or "")))
        async with _connected(engine) as connection:
            if url.get_backend_name() == "postgresql":
                await _advisory_lock(connection)
            yield connection


@contextlib.asynccontextmanager
async def _connected(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    try:
        connection = await engine.connect()
    except (SQLAlchemyError, OSError) as error:
        raise JournalUnavailable(f"the journal {name_of(engine.url)} cannot be opened: {fault_of(error)}") from error
    try:
        yield connection
    finally:
        await connection.close()


async def _advisory_lock(connection: AsyncConnection) -> None:
    got = await connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": ADVISORY_LOCK})
    await connection.commit()
    if not got:
        raise JournalInUse(name_of(connection.engine.url))


@contextlib.contextmanager
def _file_lock(database: Path) -> Iterator[None]:
    path = database.with_name(database.name + ".writer")
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise JournalUnavailable(f"the journal {database} cannot be opened: {error.strerror}") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise JournalInUse(str(database)) from None
    try:
        yield
    finally:
        os.close(descriptor)
