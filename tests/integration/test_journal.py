"""The journal in a real SQLite file: order, durability, one writer, followers, and what a changed file shows."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection

from dispatcher.events import DockHeardAgain, DockSilent, OptionsDecided
from dispatcher.journal.codec import PayloadErased
from dispatcher.journal.errors import (
    HeadMoved,
    JournalInUse,
    JournalTooNew,
    JournalUnavailable,
    ReadOnly,
    UnreadableEvent,
    UnsupportedUrl,
    UnwritableEvent,
    WriterLost,
    WrongForce,
)
from dispatcher.journal.journal import PAGE, RECENT, Journal
from dispatcher.record import SYSTEM, Draft
from kestrel.clock import VirtualClock
from tests.journals import FORCE, draft, numbers_of, open_journal, read_all, spoil, sqlite_url


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


async def test_events_come_back_as_they_went_in_and_in_order(path: Path) -> None:
    clock = VirtualClock(factor=10)
    async with open_journal(path, clock=clock) as journal:
        await clock.advance(3)
        first = await journal.append([draft(1), draft(2, dock_id="cov-2"), draft(3)])
        second = await journal.append([draft(4)], expected_seq=3)
    async with open_journal(path) as journal:
        assert await read_all(journal) == first + second
        assert journal.last_seq == 4
    assert [each.seq for each in first] == [1, 2, 3]
    assert [(each.stream, each.version) for each in first] == [("dock/cov-1", 1), ("dock/cov-2", 1), ("dock/cov-1", 2)]
    assert second[0].version == 3
    assert first[0].mission_time - first[0].wall_time == timedelta(seconds=27)


async def test_numbers_and_versions_go_on_after_a_restart(path: Path) -> None:
    for number in (1, 2, 3):
        async with open_journal(path, seed=number) as journal:
            await journal.append([draft(number)], expected_seq=number - 1)
    async with open_journal(path) as journal:
        records = await read_all(journal)
        assert [(each.seq, each.version) for each in records] == [(1, 1), (2, 2), (3, 3)]
        assert (await journal.verify()).ok


async def test_an_append_at_another_place_than_believed_is_refused_and_writes_nothing(path: Path) -> None:
    async with open_journal(path) as journal:
        await journal.append([draft(1)])
        with pytest.raises(HeadMoved) as refusal:
            await journal.append([draft(2)], expected_seq=7)
        assert (refusal.value.expected_seq, refusal.value.last_seq) == (7, 1)
        assert numbers_of(await read_all(journal)) == [1]


async def test_appends_from_many_tasks_leave_one_unbroken_chain(path: Path) -> None:
    async with open_journal(path) as journal:
        await asyncio.gather(*(journal.append([draft(n), draft(n, dock_id=f"cov-{n}")]) for n in range(40)))
        records = await read_all(journal)
        assert [each.seq for each in records] == list(range(1, 81))
        # Each append's two events stand side by side.
        numbers = numbers_of(records)
        assert numbers[0::2] == numbers[1::2]
        assert (await journal.verify()).ok


async def test_a_second_writer_refuses_to_start_and_a_reader_does_not(path: Path) -> None:
    async with open_journal(path) as journal:
        await journal.append([draft(1)])
        with pytest.raises(JournalInUse, match="another dispatcher"):
            async with open_journal(path):
                pytest.fail("two writers")
        async with open_journal(path, writer=False) as reader:
            assert numbers_of(await read_all(reader)) == [1]
            with pytest.raises(ReadOnly):
                await reader.append([draft(2)])
    async with open_journal(path):
        pass


@asynccontextmanager
async def program(text_: str, path: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", text_, str(path), stdout=asyncio.subprocess.PIPE
    )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.communicate()


HOLDER = """
import asyncio, sys
from pathlib import Path
from tests.journals import open_journal

async def main():
    async with open_journal(Path(sys.argv[1])):
        print("open", flush=True)
        await asyncio.sleep(60)

asyncio.run(main())
"""


async def test_a_writer_in_another_process_is_noticed_and_when_killed_holds_no_lock(path: Path) -> None:
    async with program(HOLDER, path) as other:
        assert other.stdout is not None
        assert await other.stdout.readline() == b"open\n"
        with pytest.raises(JournalInUse):
            async with open_journal(path):
                pytest.fail("two writers")
    async with open_journal(path) as journal:
        await journal.append([draft(1)])


WRITER = """
import asyncio, sys
from pathlib import Path
from tests.journals import draft, open_journal

async def main():
    async with open_journal(Path(sys.argv[1])) as journal:
        while True:
            recorded = await journal.append([draft(journal.last_seq + n) for n in (1, 2, 3)])
            print(recorded[-1].seq, flush=True)

asyncio.run(main())
"""


@pytest.mark.parametrize("kill_after", [1, 7, 40])
async def test_kill_9_in_the_middle_of_an_append_leaves_whole_appends_and_all_that_were_confirmed(
    path: Path, kill_after: int
) -> None:
    async with program(WRITER, path) as writer:
        assert writer.stdout is not None
        confirmed = 0
        for _ in range(kill_after):
            confirmed = int(await writer.stdout.readline())
        writer.kill()
        # The last line may be cut short.
        lines = (await writer.stdout.read()).split(b"\n")[:-1]
        confirmed = max([confirmed, *map(int, lines)])
    async with open_journal(path) as journal:
        numbers = numbers_of(await read_all(journal))
        assert len(numbers) >= confirmed
        assert len(numbers) % 3 == 0
        assert numbers == list(range(1, len(numbers) + 1))
        report = await journal.verify()
        assert (report.ok, report.events) == (True, len(numbers))
        await journal.append([draft(0)])


async def test_a_commit_is_synced_and_in_the_write_ahead_log(path: Path) -> None:
    async with open_journal(path) as journal:
        async with journal._engine.connect() as connection:
            pragmas = {
                name: await connection.scalar(text(f"PRAGMA {name}")) for name in ("journal_mode", "synchronous")
            }
        assert pragmas == {"journal_mode": "wal", "synchronous": 2}


async def test_what_an_append_returns_is_what_a_replay_gives(path: Path) -> None:
    decided = OptionsDecided(
        decision_id="018f0000-0000-7000-8000-000000000001",
        incident_id="018f0000-0000-7000-8000-000000000002",
        incident_revision=1,
        inputs={"places": (1.0, 2.5), "when": "é ✈ \u0000", "huge": 1e21, "tiny": 5e-324, "whole": 3.0},
        options=[{"dock_id": "cov-1", "eligible": True}],
        best_dock_id="cov-1",
        decision_version=6,
    )
    async with open_journal(path) as journal:
        live = await journal.append([Draft(stream="incident/1", event=decided, actor="controller-1")])
    async with open_journal(path) as journal:
        assert await read_all(journal) == live
    event = live[0].event
    assert isinstance(event, OptionsDecided)
    assert event.inputs["places"] == [1.0, 2.5]
    assert event.inputs["when"] == "é ✈ \u0000"


@pytest.mark.parametrize("bad", [2**60, "\ud800"])
async def test_an_event_without_a_canonical_form_is_refused_and_nothing_is_written(path: Path, bad: object) -> None:
    event = OptionsDecided(
        decision_id="018f0000-0000-7000-8000-000000000001",
        incident_id="018f0000-0000-7000-8000-000000000002",
        incident_revision=1,
        inputs={"bad": bad},
        options=[],
        best_dock_id=None,
        decision_version=6,
    )
    async with open_journal(path) as journal:
        with pytest.raises(UnwritableEvent):
            await journal.append([draft(1), Draft(stream="incident/1", event=event, actor=SYSTEM)])
        assert await read_all(journal) == []
        assert numbers_of(await journal.append([draft(1)])) == [1]


async def test_the_append_of_a_cancelled_caller_is_completed(path: Path) -> None:
    async with open_journal(path) as journal:
        task = asyncio.create_task(journal.append([draft(1)]))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await journal.append([draft(2)])
        assert numbers_of(await read_all(journal)) == [1, 2]
        assert (await journal.verify()).ok


async def test_reading_goes_by_pages_limits_and_streams(path: Path) -> None:
    total = PAGE + 10
    async with open_journal(path) as journal:
        await journal.append([draft(n, dock_id=f"cov-{n % 3}") for n in range(1, total + 1)])
        assert numbers_of(await read_all(journal)) == list(range(1, total + 1))
        assert numbers_of(await read_all(journal, total - 2)) == [total - 1, total]
        assert numbers_of([each async for each in journal.read(3, limit=4)]) == [4, 5, 6, 7]
        assert numbers_of([each async for each in journal.read(limit=PAGE + 1)]) == list(range(1, PAGE + 2))
        assert numbers_of([each async for each in journal.read(stream="dock/cov-0", limit=2)]) == [3, 6]
        assert numbers_of([each async for each in journal.read(total - 2, types=[DockSilent])]) == [total - 1, total]
        assert [each async for each in journal.read(types=[OptionsDecided])] == []
        assert [row["seq"] for row in await journal.read_raw(5, 2)] == [6, 7]


async def test_a_follower_gets_what_was_and_then_what_comes(path: Path) -> None:
    async with open_journal(path) as journal:
        await journal.append([draft(1), draft(2)])
        async with contextlib.aclosing(journal.tail(1)) as tail:
            assert numbers_of([await anext(tail)]) == [2]
            following = asyncio.ensure_future(anext(tail))
            await asyncio.sleep(0.01)
            assert not following.done()
            await journal.append([draft(3), draft(4)])
            assert numbers_of([await following, await anext(tail)]) == [3, 4]


async def test_a_follower_that_fell_far_behind_misses_nothing(path: Path) -> None:
    async with open_journal(path) as journal:
        await journal.append([draft(1)])
        async with contextlib.aclosing(journal.tail(0)) as tail:
            got = [await anext(tail)]
            total = RECENT + 500
            for start in range(2, total + 1, 250):
                await journal.append([draft(n) for n in range(start, min(start + 250, total + 1))])
            got += [await anext(tail) for _ in range(total - 1)]
            assert numbers_of(got) == list(range(1, total + 1))


async def test_a_follower_in_a_process_of_its_own_sees_what_the_writer_appends(path: Path) -> None:
    clock = VirtualClock()
    async with (
        open_journal(path) as journal,
        open_journal(path, clock=clock, writer=False) as reader,
        contextlib.aclosing(reader.tail(0)) as tail,
    ):
        following = asyncio.ensure_future(anext(tail))
        await asyncio.sleep(0.01)
        await journal.append([draft(1)])
        for _ in range(400):
            await clock.advance(0.1)
            await asyncio.sleep(0.005)
            if following.done():
                break
        assert numbers_of([await following]) == [1]


@pytest.mark.parametrize(
    ("statement", "values"),
    [
        ("UPDATE events SET payload = replace(payload, '3', '4') WHERE seq = 3", ()),
        ("UPDATE events SET payload = payload || ' ' WHERE seq = 3", ()),
        ("UPDATE events SET actor = 'controller-9' WHERE seq = 3", ()),
        ("UPDATE events SET wall_time = '2026-01-01T09:00:00.000000+00:00' WHERE seq = 3", ()),
        ("UPDATE events SET salt = ? WHERE seq = 3", (bytes(16),)),
        ("UPDATE events SET payload = NULL WHERE seq = 3", ()),
        ("DELETE FROM events WHERE seq = 3", ()),
    ],
)
async def test_a_change_behind_the_journals_back_is_found_at_its_event(
    path: Path, statement: str, values: tuple[object, ...]
) -> None:
    async with open_journal(path) as journal:
        await journal.append([draft(n) for n in range(1, 6)])
    assert spoil(path, statement, *values) == 1
    async with open_journal(path) as journal:
        report = await journal.verify()
        assert (report.ok, report.first_broken_seq) == (False, 3)
        assert report.because


async def test_an_erased_payload_is_read_as_erased_and_the_chain_holds(path: Path) -> None:
    async with open_journal(path) as journal:
        await journal.append([draft(n) for n in range(1, 4)])
    spoil(path, "UPDATE events SET payload = NULL, salt = NULL WHERE seq = 2")
    async with open_journal(path) as journal:
        records = await read_all(journal)
        assert isinstance(records[1].event, PayloadErased)
        assert records[1].type == "DockSilent"
        report = await journal.verify()
        assert (report.ok, report.erased) == (True, 1)
        await journal.append([draft(4)])
        assert (await journal.verify()).events == 4


async def test_a_journal_of_another_force_is_refused(path: Path) -> None:
    async with open_journal(path) as journal:
        await journal.append([draft(1)])
    with pytest.raises(WrongForce, match="'test'"):
        async with open_journal(path, force="other"):
            pytest.fail("another force's journal")


async def test_tables_of_a_newer_version_are_refused(path: Path) -> None:
    async with open_journal(path):
        pass
    spoil(path, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(JournalTooNew, match="9999"):
        async with open_journal(path):
            pytest.fail("tables of a newer version")


async def test_an_event_type_of_another_version_is_named(path: Path) -> None:
    async with open_journal(path) as journal:
        await journal.append([draft(1)])
    spoil(path, "UPDATE events SET type = 'DockPainted'")
    async with open_journal(path) as journal:
        with pytest.raises(UnreadableEvent, match="DockPainted"):
            await read_all(journal)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events SET id = 'none'",
        "UPDATE events SET causation_id = 'none'",
        "UPDATE events SET wall_time = 'yesterday'",
        "UPDATE events SET payload = '{'",
        "UPDATE events SET payload = '{}'",
    ],
)
async def test_a_record_that_no_journal_wrote_is_named(path: Path, statement: str) -> None:
    async with open_journal(path) as journal:
        await journal.append([draft(1)])
    spoil(path, statement)
    async with open_journal(path) as journal:
        with pytest.raises(UnreadableEvent, match="event 1"):
            await read_all(journal)


async def test_a_payload_of_a_newer_schema_version_is_named(path: Path) -> None:
    async with open_journal(path) as journal:
        await journal.append([draft(1)])
    spoil(path, "UPDATE events SET schema_version = 2")
    async with open_journal(path) as journal:
        with pytest.raises(UnreadableEvent, match="newer"):
            await read_all(journal)


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://localhost/x", "not a url"])
async def test_a_url_that_can_hold_no_journal_is_refused_with_what_to_write(url: str) -> None:
    with pytest.raises(UnsupportedUrl, match="sqlite:///file"):
        async with Journal.open(url=url, force=FORCE, clock=VirtualClock()):
            pytest.fail("opened")


async def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(JournalUnavailable, match="No such file"):
        async with open_journal(tmp_path / "missing" / "journal.db"):
            pytest.fail("opened")


async def test_a_full_disk_fails_the_append_and_nothing_of_it_is_there(path: Path) -> None:
    async with open_journal(path) as journal:
        await journal.append([draft(1)])
        assert journal._writer is not None
        pages = await journal._writer.scalar(text("PRAGMA page_count"))
        await journal._writer.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
        await journal._writer.commit()
        with pytest.raises(JournalUnavailable, match="full"):
            await journal.append([draft(n) for n in range(2, 400)])
        await journal._writer.exec_driver_sql("PRAGMA max_page_count = 1000000")
        assert numbers_of(await read_all(journal)) == [1]
        await journal.append([draft(2)], expected_seq=1)
        assert (await journal.verify()).ok


async def test_a_commit_that_failed_but_was_written_stops_the_writer(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_journal(path) as journal:
        await journal.append([draft(1)])
        commit = AsyncConnection.commit

        async def commit_and_lose_the_answer(connection: AsyncConnection) -> None:
            await commit(connection)
            raise OperationalError("COMMIT", {}, ConnectionError("connection lost"))

        monkeypatch.setattr(AsyncConnection, "commit", commit_and_lose_the_answer)
        with pytest.raises(JournalUnavailable):
            await journal.append([draft(2)])
        monkeypatch.undo()
        await asyncio.wait_for(journal.wait_lost(), 1)
        for expected_seq in (None, 1, 2):
            with pytest.raises(WriterLost):
                await journal.append([draft(3)], expected_seq=expected_seq)
    async with open_journal(path) as journal:
        assert numbers_of(await read_all(journal)) == [1, 2]
        await journal.append([draft(3)])


async def test_the_same_clock_and_random_bits_give_the_same_journal(tmp_path: Path) -> None:
    heads = []
    for name in ("one.db", "two.db"):
        async with open_journal(tmp_path / name, seed=7) as journal:
            heads.append((await journal.append([draft(1), draft(2)]))[-1].hash)
    assert heads[0] == heads[1]


async def test_the_table_is_what_its_description_says(path: Path) -> None:
    async with open_journal(path):
        pass
    with closing(sqlite3.connect(path)) as connection:
        columns = [row[1] for row in connection.execute("PRAGMA table_info(events)")]
    assert " ".join(columns) == (
        "seq force stream version id type schema_version mission_time wall_time actor causation_id payload salt "
        "payload_hash hash"
    )


async def test_events_of_different_types_keep_their_types(path: Path) -> None:
    async with open_journal(path) as journal:
        await journal.append(
            [
                draft(1),
                Draft(stream="dock/cov-1", event=DockHeardAgain(dock_id="cov-1"), actor="agent:cov-1"),
            ]
        )
        records = await read_all(journal)
    assert [type(each.event) for each in records] == [DockSilent, DockHeardAgain]
    assert records[1].actor == "agent:cov-1"


async def test_a_failed_append_does_not_say_what_was_in_it(path: Path) -> None:
    async with open_journal(path, seed=1) as journal:
        await journal.append([draft(1)])
    async with open_journal(path, seed=1) as journal:
        # The same random bits at the same time: the same id again.
        with pytest.raises(JournalUnavailable, match="UNIQUE") as refusal:
            await journal.append([draft(2, dock_id="secret-place")])
    assert "secret-place" not in str(refusal.value)
    assert "secret-place" not in repr(refusal.value.__cause__)


async def test_the_journals_url_never_shows_its_password() -> None:
    with pytest.raises(JournalUnavailable) as refusal:
        async with Journal.open(url="postgresql://kestrel:secret@127.0.0.1:1/none", force=FORCE, clock=VirtualClock()):
            pytest.fail("opened")
    assert "secret" not in str(refusal.value)


def test_a_written_journal_can_be_opened_by_its_url_with_or_without_the_driver(tmp_path: Path) -> None:
    async def write_and_read() -> None:
        url = sqlite_url(tmp_path / "journal.db")
        async with Journal.open(url=url, force=FORCE, clock=VirtualClock()) as journal:
            await journal.append([draft(1)])
        url = url.replace("sqlite:", "sqlite+aiosqlite:")
        async with Journal.open(url=url, force=FORCE, clock=VirtualClock()) as journal:
            assert journal.last_seq == 1

    asyncio.run(write_and_read())
