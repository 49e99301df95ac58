"""The table of events. Times and ids are text, so that their bytes under the hash are the same on every database."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, MetaData, Table, Text, UniqueConstraint

metadata = MetaData()

events = Table(
    "events",
    metadata,
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("force", Text, nullable=False),
    Column("stream", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("id", Text, nullable=False, unique=True),
    Column("type", Text, nullable=False),
    Column("schema_version", Integer, nullable=False),
    Column("mission_time", Text, nullable=False),
    Column("wall_time", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("causation_id", Text, nullable=True),
    Column("payload", Text, nullable=True),
    Column("salt", LargeBinary, nullable=True),
    Column("payload_hash", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    UniqueConstraint("stream", "version", name="events_stream_version"),
)
"""``payload`` and ``salt`` are null once erased; nothing else ever changes."""
