"""The journal: append, read, follow, verify.

One writer. An append is one transaction, on the disk before it returns; what it returns is exactly what a later read
gives. Readers (a gateway, a checker) may open the same journal beside the writer.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Collection, Sequence
from typing import Any, Self

from sqlalchemy import func, insert, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from dispatcher.events import Event
from dispatcher.journal.chain import GENESIS, SALT_BYTES, Header, Verifier, VerifyReport
from dispatcher.journal.codec import decode, encode, link_of, time_text
from dispatcher.journal.database import engine_at, fault_of, name_of, parse_url, writer_connection
from dispatcher.journal.errors import (
    HeadMoved,
    JournalUnavailable,
    ReadOnly,
    UnreadableEvent,
    UnwritableEvent,
    WriterLost,
    WrongForce,
)
from dispatcher.journal.schema import upgrade
from dispatcher.journal.table import events
from dispatcher.record import Draft, Recorded
from kestrel.clock import Clock
from kestrel.identity import RandomBits, uuid7

PAGE = 256
"""Events read at a time: a page is decoded in one go, and nothing else runs meanwhile."""
RECENT = 1024
"""Events kept in memory for those who follow the tail."""
POLL_S = 0.2
"""Wall seconds between looks of a reader in another process than the writer."""


class Journal:
    """The journal of one force. Made by `open`."""

    def __init__(self, *, engine: AsyncEngine, force: str, clock: Clock, random_bits: RandomBits) -> None:
        self._engine = engine
        self._force = force
        self._clock = clock
        self._random_bits = random_bits
        self._writer: AsyncConnection | None = None
        self._lock = asyncio.Lock()
        self._appends: set[asyncio.Task[list[Recorded]]] = set()
        self._grown = asyncio.Condition()
        self._lost = asyncio.Event()
        self._recent: deque[Recorded] = deque(maxlen=RECENT)
        self._last_seq = 0
        self._told_seq = 0
        """Where the journal ends as far as those who append have been told."""
        self._head = GENESIS
        self._versions: dict[str, int] = {}

    @classmethod
    @contextlib.asynccontextmanager
    async def open(
        cls,
        *,
        url: str,
        force: str,
        clock: Clock,
        random_bits: RandomBits = secrets.randbits,
        writer: bool = True,
    ) -> AsyncIterator[Self]:
        """The journal at a database URL, inside the block; as its one writer (tables brought up to date), or to read.

        Raises `UnsupportedUrl`, `JournalInUse`, `JournalTooNew`, `WrongForce` or `JournalUnavailable`.
        """
        parsed = parse_url(url)
        async with contextlib.AsyncExitStack() as stack:
            engine = await stack.enter_async_context(engine_at(parsed))
            journal = cls(engine=engine, force=force, clock=clock, random_bits=random_bits)
            if writer:
                connection = await stack.enter_async_context(writer_connection(engine))
                try:
                    await connection.run_sync(upgrade)
                    await connection.commit()
                except SQLAlchemyError as error:
                    raise JournalUnavailable(
                        f"the journal {name_of(parsed)} cannot be made ready: {fault_of(error)}"
                    ) from error
                journal._writer = connection
            await journal._find_head()
            journal._told_seq = journal._last_seq
            try:
                yield journal
            finally:
                await journal._finish_appends()

    @property
    def last_seq(self) -> int:
        """The number of the last event; 0 when there is none."""
        return self._last_seq

    async def append(self, drafts: Sequence[Draft], *, expected_seq: int | None = None) -> list[Recorded]:
        """Write all of ``drafts`` or none, in their order; on the disk when it returns.

        ``expected_seq`` is where the caller believes the journal ends (None: where the last append left it). The append
        of a cancelled caller is completed all the same. Raises `HeadMoved`, `WriterLost`, `UnwritableEvent`,
        `ReadOnly` or `JournalUnavailable`.
        """
        if self._writer is None:
            raise ReadOnly("this journal was opened for reading")
        if not drafts:
            return []
        task = asyncio.create_task(
            self._append(self._writer, list(drafts), expected_seq=expected_seq), name="journal append"
        )
        self._appends.add(task)
        task.add_done_callback(self._appends.discard)
        return await asyncio.shield(task)

    async def read(
        self,
        after_seq: int = 0,
        limit: int | None = None,
        stream: str | None = None,
        *,
        types: Collection[type[Event]] | None = None,
        page_size: int = PAGE,
    ) -> AsyncGenerator[Recorded, None]:
        """The events after ``after_seq`` in their order, page by page; of one stream and of these types where named.

        Ends at what was written when it got there. Raises `UnreadableEvent` or `JournalUnavailable`.
        """
        left = limit
        while left is None or left > 0:
            size = page_size if left is None else min(page_size, left)
            page = await self._page(after_seq, size=size, stream=stream, types=types)
            for row in page:
                yield decode(row)
            if not page:
                return
            after_seq = page[-1]["seq"]
            left = None if left is None else left - len(page)

    async def read_raw(self, after_seq: int = 0, limit: int = PAGE) -> list[dict[str, Any]]:
        """At most ``limit`` rows as they lie in the table, hashes and salts included: for who checks them himself."""
        return await self._page(after_seq, size=limit)

    async def tail(self, after_seq: int) -> AsyncGenerator[Recorded, None]:
        """The events after ``after_seq`` and then each new one, for ever; a slow follower slows nobody."""
        while True:
            if self._recent and self._recent[0].seq <= after_seq + 1:
                # Numbers have no gap, so the place of the next one is known.
                ready = list(self._recent)[after_seq + 1 - self._recent[0].seq :]
                for recorded in ready:
                    yield recorded
                    after_seq = recorded.seq
            elif self._last_seq > after_seq:
                async for recorded in self.read(after_seq):
                    yield recorded
                    after_seq = recorded.seq
            if self._last_seq <= after_seq:
                await self._wait_for_more(after_seq)

    async def wait_lost(self) -> None:
        """Return when no append can follow in this process (see `WriterLost`)."""
        await self._lost.wait()

    async def verify(self) -> VerifyReport:
        """Walk the whole chain as it lies in the store; the first event at fault, or none."""
        verifier = Verifier()
        after_seq = 0
        while page := await self._page(after_seq, size=PAGE):
            for row in page:
                if not verifier.follow(link_of(row)):
                    return verifier.report()
            after_seq = page[-1]["seq"]
        return verifier.report()

    async def _append(
        self, connection: AsyncConnection, drafts: list[Draft], *, expected_seq: int | None
    ) -> list[Recorded]:
        async with self._lock:
            if self._lost.is_set():
                raise WriterLost("this process can be the journal's writer no more: start it anew")
            expected_seq = self._told_seq if expected_seq is None else expected_seq
            if expected_seq != self._last_seq:
                raise HeadMoved(expected_seq=expected_seq, last_seq=self._last_seq)
            try:
                await self._load_versions(connection, {draft.stream for draft in drafts})
                rows = self._rows_of(drafts)
                recorded = [decode(row) for row in rows]
                await connection.execute(insert(events), rows)
                await connection.commit()
            except UnreadableEvent as error:
                await connection.rollback()
                raise UnwritableEvent(error.type_name, f"could not be read back: {error.why}") from error
            except UnwritableEvent:
                await connection.rollback()
                raise
            except (SQLAlchemyError, OSError) as error:
                await self._recover(connection)
                raise JournalUnavailable(f"{len(drafts)} events could not be written: {fault_of(error)}") from error
            self._last_seq = self._told_seq = recorded[-1].seq
            self._head = recorded[-1].hash
            self._versions.update((each.stream, each.version) for each in recorded)
        self._recent.extend(recorded)
        async with self._grown:
            self._grown.notify_all()
        return recorded

    def _rows_of(self, drafts: list[Draft]) -> list[dict[str, Any]]:
        mission_now, wall_now = self._clock.mission_now(), self._clock.wall_now()
        mission_time, wall_time = time_text(mission_now), time_text(wall_now)
        versions: dict[str, int] = {}
        previous, rows = self._head, []
        for seq, draft in enumerate(drafts, start=self._last_seq + 1):
            version = versions.get(draft.stream, self._versions[draft.stream]) + 1
            versions[draft.stream] = version
            event_id = draft.id or uuid7(mission_now, random_bits=self._random_bits)
            header = Header(
                seq=seq,
                force=self._force,
                stream=draft.stream,
                version=version,
                id=str(event_id),
                type=draft.event.type_name(),
                schema_version=draft.event.schema_version,
                mission_time=mission_time,
                wall_time=wall_time,
                actor=draft.actor,
                causation_id=str(draft.causation_id) if draft.causation_id is not None else None,
            )
            salt = self._random_bits(SALT_BYTES * 8).to_bytes(SALT_BYTES, "big")
            row = encode(draft, header=header, previous=previous, salt=salt)
            previous = row["hash"]
            rows.append(row)
        return rows

    async def _load_versions(self, connection: AsyncConnection, streams: set[str]) -> None:
        unknown = streams - self._versions.keys()
        if not unknown:
            return
        query = select(events.c.stream, func.max(events.c.version)).where(events.c.stream.in_(unknown))
        for stream, version in await connection.execute(query.group_by(events.c.stream)):
            self._versions[stream] = version
        for stream in unknown:
            self._versions.setdefault(stream, 0)

    async def _recover(self, connection: AsyncConnection) -> None:
        # Whether a failed commit was written is only known by looking. If it was, nobody was told, and whatever is
        # built on this journal in this process is no fold of it any more. A lost connection had the writer's lock.
        self._versions.clear()
        with contextlib.suppress(SQLAlchemyError, OSError):
            await connection.rollback()
            await self._find_head()
        if connection.invalidated or self._last_seq != self._told_seq:
            self._lost.set()

    async def _find_head(self) -> None:
        query = select(events.c.seq, events.c.hash, events.c.force).order_by(events.c.seq.desc()).limit(1)
        try:
            async with self._engine.connect() as connection:
                last = (await connection.execute(query)).one_or_none()
        except (SQLAlchemyError, OSError) as error:
            raise JournalUnavailable(f"the journal cannot be read: {fault_of(error)}") from error
        if last is None:
            return
        if last.force != self._force:
            raise WrongForce(found=last.force, expected=self._force)
        self._last_seq, self._head = last.seq, bytes(last.hash)

    async def _page(
        self, after_seq: int, *, size: int, stream: str | None = None, types: Collection[type[Event]] | None = None
    ) -> list[dict[str, Any]]:
        query = select(events).where(events.c.seq > after_seq).order_by(events.c.seq).limit(size)
        if stream is not None:
            query = query.where(events.c.stream == stream)
        if types is not None:
            query = query.where(events.c.type.in_(sorted(kind.type_name() for kind in types)))
        try:
            async with self._engine.connect() as connection:
                result = await connection.execute(query)
                names = tuple(result.keys())
                return [dict(zip(names, row, strict=True)) for row in result]
        except (SQLAlchemyError, OSError) as error:
            raise JournalUnavailable(f"the journal cannot be read: {fault_of(error)}") from error

    async def _wait_for_more(self, after_seq: int) -> None:
        if self._writer is None:
            while self._last_seq <= after_seq:
                await self._clock.sleep_wall(POLL_S)
                await self._find_head()
            return
        async with self._grown:
            await self._grown.wait_for(lambda: self._last_seq > after_seq)

    async def _finish_appends(self) -> None:
        if self._appends:
            await asyncio.gather(*self._appends, return_exceptions=True)
