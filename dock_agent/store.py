"""What the agent must never forget, in one SQLite file per dock: its events, the orders handled, the flight.

Written with ``synchronous=FULL`` before anything takes effect outside. A new boot id per start of the process numbers
events from 1 without a gap; what an earlier boot left unacknowledged is sent first, in order. The state of the flight
and the events that it gave rise to are one transaction, so a kill between them can neither repeat nor lose a phase.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from contracts.reports import AgentEvent
from dock_agent.flight import Flight

_SCHEMA = """
CREATE TABLE IF NOT EXISTS boot (rank INTEGER PRIMARY KEY AUTOINCREMENT, boot_id TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS outbox (
    boot_rank INTEGER NOT NULL, counter INTEGER NOT NULL, event TEXT NOT NULL, PRIMARY KEY (boot_rank, counter)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS handled (
    order_id TEXT PRIMARY KEY, flight_id TEXT NOT NULL, kind TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS barred (flight_id TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS flight (one INTEGER PRIMARY KEY CHECK (one = 1), state TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS text (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS number (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
"""
_SEQUENCES_PER_BOOT = 2**32


@dataclass(frozen=True, slots=True)
class Pending:
    """An event that nobody has acknowledged yet."""

    boot_rank: int
    counter: int
    event: AgentEvent


class Store:
    """The open file; one agent, one writer. ``boot_id`` is this start's."""

    def __init__(self, *, path: Path, boot_id: UUID) -> None:
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        self._db.executescript(_SCHEMA)
        self.boot_id = boot_id
        cursor = self._db.execute("INSERT INTO boot (boot_id) VALUES (?)", (str(boot_id),))
        self._rank = cursor.lastrowid or 0
        self._counter = 0
        self._sequence = self._rank * _SEQUENCES_PER_BOOT

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing, on disk when left."""
        self._db.execute("BEGIN IMMEDIATE")
        counter = self._counter
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            self._counter = counter
            raise
        self._db.execute("COMMIT")

    def next_sequence(self) -> int:
        """A number for an outgoing envelope that is higher than any before, over restarts too."""
        self._sequence += 1
        return self._sequence

    @property
    def last_counter(self) -> int:
        """Of the newest event of this boot; 0 before the first."""
        return self._counter

    def next_counter(self) -> int:
        """The number of the next event of this boot; to be used within the transaction that appends it."""
        self._counter += 1
        return self._counter

    def append(self, event: AgentEvent) -> None:
        """Put an event into the outbox."""
        self._db.execute("INSERT INTO outbox VALUES (?, ?, ?)", (self._rank, event.counter, event.model_dump_json()))

    def pending(self, *, limit: int) -> list[Pending]:
        """The oldest unacknowledged events, in their order over all boots."""
        rows = self._db.execute(
            "SELECT boot_rank, counter, event FROM outbox ORDER BY boot_rank, counter LIMIT ?", (limit,)
        )
        return [Pending(rank, counter, AgentEvent.model_validate_json(event)) for rank, counter, event in rows]

    def acknowledge(self, *, boot_id: UUID, counter: int) -> int:
        """Forget the events of a boot up to a counter; returns how many those were."""
        cursor = self._db.execute(
            "DELETE FROM outbox WHERE counter <= ? AND boot_rank = (SELECT rank FROM boot WHERE boot_id = ?)",
            (counter, str(boot_id)),
        )
        return cursor.rowcount

    def was_handled(self, order_id: UUID) -> bool:
        """True when an order of that id has been handled, by this or an earlier process."""
        return self._db.execute("SELECT 1 FROM handled WHERE order_id = ?", (str(order_id),)).fetchone() is not None

    def mark_handled(self, order_id: UUID, *, flight_id: UUID, kind: str) -> None:
        """Remember an order as handled."""
        self._db.execute("INSERT OR IGNORE INTO handled VALUES (?, ?, ?)", (str(order_id), str(flight_id), kind))

    def knows_flight(self, flight_id: UUID) -> bool:
        """True when the flight's order has been handled here."""
        query = "SELECT 1 FROM handled WHERE flight_id = ? AND kind = 'flight_order'"
        return self._db.execute(query, (str(flight_id),)).fetchone() is not None

    def bar(self, flight_id: UUID) -> None:
        """The flight was cancelled before its order came: that order will be refused."""
        self._db.execute("INSERT OR IGNORE INTO barred VALUES (?)", (str(flight_id),))

    def is_barred(self, flight_id: UUID) -> bool:
        """True when the flight was cancelled before its order came."""
        return self._db.execute("SELECT 1 FROM barred WHERE flight_id = ?", (str(flight_id),)).fetchone() is not None

    @property
    def last_order_sequence(self) -> int:
        """The highest envelope sequence of a handled flight order; -1 before the first."""
        row = self._db.execute("SELECT value FROM number WHERE name = 'order_sequence'").fetchone()
        return -1 if row is None else int(row[0])

    def raise_order_sequence(self, sequence: int) -> None:
        """Remember an order's sequence."""
        self._db.execute(
            "INSERT INTO number VALUES ('order_sequence', ?)"
            " ON CONFLICT (name) DO UPDATE SET value = max(value, excluded.value)",
            (sequence,),
        )

    def save_text(self, name: str, value: str | None) -> None:
        """Remember a text under a name; None forgets it."""
        if value is None:
            self._db.execute("DELETE FROM text WHERE name = ?", (name,))
        else:
            self._db.execute("INSERT OR REPLACE INTO text VALUES (?, ?)", (name, value))

    def load_text(self, name: str) -> str | None:
        """The text remembered under a name, if any."""
        row: Sequence[str] | None = self._db.execute("SELECT value FROM text WHERE name = ?", (name,)).fetchone()
        return None if row is None else row[0]

    def save_flight(self, flight: Flight | None) -> None:
        """Remember the flight under way, or that there is none."""
        if flight is None or flight.phase.is_end:
            self._db.execute("DELETE FROM flight")
        else:
            self._db.execute("INSERT OR REPLACE INTO flight VALUES (1, ?)", (flight.model_dump_json(),))

    def load_flight(self) -> Flight | None:
        """The flight that was under way when the last process ended."""
        row: Sequence[str] | None = self._db.execute("SELECT state FROM flight").fetchone()
        return None if row is None else Flight.model_validate_json(row[0])
