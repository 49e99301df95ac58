"""The journal on a real PostgreSQL, where there is one: its URL in KESTREL_TEST_POSTGRES_URL (an empty database)."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from pathlib import Path
from random import Random

import pytest
import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from dispatcher.journal import Journal
from dispatcher.journal.database import parse_url
from dispatcher.journal.errors import JournalInUse, JournalUnavailable, WriterLost
from kestrel.clock import SystemClock, VirtualClock
from tests.journals import FORCE, draft, numbers_of, read_all, sqlite_url

URL = os.environ.get("KESTREL_TEST_POSTGRES_URL", "")
pytestmark = pytest.mark.skipif(not URL, reason="no PostgreSQL: set KESTREL_TEST_POSTGRES_URL to an empty database")


async def on_server(statement: str) -> None:
    engine = create_async_engine(parse_url(URL), isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.execute(text(statement))
    await engine.dispose()


@pytest_asyncio.fixture(autouse=True)
async def empty() -> AsyncIterator[None]:
    """No tables before and after."""
    await on_server("DROP TABLE IF EXISTS events, alembic_version")
    yield
    await on_server("DROP TABLE IF EXISTS events, alembic_version")


def opened(*, writer: bool = True) -> contextlib.AbstractAsyncContextManager[Journal]:
    return Journal.open(url=URL, force=FORCE, clock=SystemClock(), writer=writer)


async def test_events_come_back_in_order_and_the_chain_holds() -> None:
    async with opened() as journal:
        first = await journal.append([draft(n) for n in range(1, 301)])
        second = await journal.append([draft(301)], expected_seq=300)
    async with opened() as journal:
        assert await read_all(journal) == first + second
        report = await journal.verify()
        assert (report.ok, report.events, report.head) == (True, 301, second[-1].hash)


async def test_a_second_writer_refuses_and_a_reader_follows() -> None:
    async with opened() as journal:
        with pytest.raises(JournalInUse):
            async with opened():
                pytest.fail("two writers")
        async with opened(writer=False) as reader, contextlib.aclosing(reader.tail(0)) as tail:
            await journal.append([draft(1)])
            assert numbers_of([await asyncio.wait_for(anext(tail), 30)]) == [1]
    async with opened():
        pass


async def test_the_same_events_have_the_same_hashes_on_every_database(tmp_path: Path) -> None:
    heads = []
    for url in (URL, sqlite_url(tmp_path / "journal.db")):
        bits = Random(7).getrandbits
        async with Journal.open(url=url, force=FORCE, clock=VirtualClock(), random_bits=bits) as journal:
            heads.append((await journal.append([draft(1), draft(2)]))[-1].hash)
    assert heads[0] == heads[1]


async def test_a_writer_that_lost_its_connection_and_so_its_lock_writes_no_more() -> None:
    async with opened() as journal:
        await journal.append([draft(1)])
        await on_server("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'")
        with pytest.raises(JournalUnavailable):
            await journal.append([draft(2)])
        await asyncio.wait_for(journal.wait_lost(), 10)
        with pytest.raises(WriterLost):
            await journal.append([draft(2)])
        async with opened() as other:
            await other.append([draft(2)])
            assert numbers_of(await read_all(other)) == [1, 2]
            assert (await other.verify()).ok
