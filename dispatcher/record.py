"""An event as the journal holds it, and as it is before the journal has given it its place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from dispatcher.events import Event

SYSTEM = "system"
"""The actor of what no person did."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An event to append. ``stream`` is ``{kind}/{id}``; ``actor`` a person's id, ``agent:{dock}`` or `SYSTEM`."""

    stream: str
    event: Event
    actor: str
    id: UUID | None = None
    """Given by who must name it as a cause; None: the journal makes one."""
    causation_id: UUID | None = None
    """The event that this one follows from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """An event of the journal. ``seq`` counts all events from 1 without a gap; ``version`` those of its stream."""

    seq: int
    force: str
    stream: str
    version: int
    id: UUID
    type: str
    schema_version: int
    mission_time: datetime
    wall_time: datetime
    actor: str
    causation_id: UUID | None
    event: Event
    hash: bytes
    """32 bytes: H(previous hash, header, H(salt, canonical payload)); see `dispatcher.journal.chain`."""
