"""Reads a journal's SQLite file with nothing of the dispatcher's: the checker's own eyes.

Only the standard library is used, and the hash chain is computed here a second time from the documented rule:
``hash = SHA-256(previous || canonical header || payload hash)``, ``payload hash = SHA-256(salt || payload)``, the first
previous being 32 zero bytes. Headers hold ASCII keys, text, whole numbers and null alone, for which sorted, compact
JSON is the canonical form of RFC 8785.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from kestrel.errors import FileError

HEADER = (
    "seq",
    "force",
    "stream",
    "version",
    "id",
    "type",
    "schema_version",
    "mission_time",
    "wall_time",
    "actor",
    "causation_id",
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One event as the file has it; ``payload`` is None once erased."""

    seq: int
    stream: str
    type: str
    mission_time: datetime
    wall_time: datetime
    actor: str
    payload: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class ChainFault:
    """Where the chain breaks, and how."""

    seq: int
    because: str


def read_journal(path: Path) -> tuple[list[Entry], list[ChainFault]]:
    """All events in order, and every fault of the chain (empty: it holds). Raises `FileError`."""
    if not path.is_file():
        raise FileError(path, "no such file")
    entries: list[Entry] = []
    faults: list[ChainFault] = []
    previous, seq = bytes(32), 0
    versions: dict[str, int] = {}
    for row in _rows(path):
        faults += [ChainFault(row["seq"], fault) for fault in _faults(row, previous, seq, versions)]
        previous, seq = bytes(row["hash"]), row["seq"]
        versions[row["stream"]] = row["version"]
        try:
            entries.append(_entry(row))
        except (ValueError, TypeError) as error:
            raise FileError(path, f"event {row['seq']} cannot be read: {error}") from None
    return entries, faults


def _rows(path: Path) -> Iterator[sqlite3.Row]:
    try:
        with closing(sqlite3.connect(f"file:{path.resolve()}?mode=ro", uri=True)) as connection:
            connection.row_factory = sqlite3.Row
            columns = ", ".join((*HEADER, "payload", "salt", "payload_hash", "hash"))
            yield from connection.execute(f"SELECT {columns} FROM events ORDER BY seq")  # noqa: S608 - our constants
    except sqlite3.Error as error:
        raise FileError(path, f"not a journal that can be read: {error}") from None


def _faults(row: sqlite3.Row, previous: bytes, seq: int, versions: dict[str, int]) -> Iterator[str]:
    if row["seq"] != seq + 1:
        yield f"follows event {seq}: events are missing"
    if row["version"] != versions.get(row["stream"], 0) + 1:
        yield f"version {row['version']} of {row['stream']} does not follow its last"
    if row["payload"] is not None and row["salt"] is not None:
        if hashlib.sha256(bytes(row["salt"]) + row["payload"].encode()).digest() != bytes(row["payload_hash"]):
            yield "its payload is not what was recorded"
    elif row["payload"] is not None or row["salt"] is not None:
        yield "payload and salt are not erased together"
    header = json.dumps({name: row[name] for name in HEADER}, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    if hashlib.sha256(previous + header.encode() + bytes(row["payload_hash"])).digest() != bytes(row["hash"]):
        yield "its hash does not follow from it and the event before"


def _entry(row: sqlite3.Row) -> Entry:
    payload = json.loads(row["payload"]) if row["payload"] is not None else None
    return Entry(
        seq=row["seq"],
        stream=row["stream"],
        type=row["type"],
        mission_time=datetime.fromisoformat(row["mission_time"]),
        wall_time=datetime.fromisoformat(row["wall_time"]),
        actor=row["actor"],
        payload=payload,
    )
