"""Who is on duty, what they have read and were told, and what one shift leaves to the next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from dispatcher.events.duty import Briefed, DutyRole


@dataclass(frozen=True, kw_only=True)
class Notice:
    """What a pilot is told of something that somebody else did."""

    id: UUID
    flight_id: UUID
    by: str
    order_id: UUID | None
    text: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Acknowledgement:
    """What somebody on duty has read."""

    what: tuple[Briefed, ...]
    at: datetime
    seq: int
    """Of the last event that the briefing knew."""
    airspace_revision: int


@dataclass(frozen=True, kw_only=True)
class ControllerOnDuty:
    """A controller who has signed on."""

    id: str
    since: datetime
    until: datetime | None = None
    acknowledged: Acknowledgement | None = None


@dataclass(frozen=True, kw_only=True)
class Handover:
    """What one shift left to the next."""

    id: UUID
    by: str
    role: DutyRole
    at: datetime
    note: str
    flights: tuple[UUID, ...]
    alarms: tuple[UUID, ...]
    docks_unfit: tuple[str, ...]
    accepted_by: str | None = None
    accepted_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class PilotOnDuty:
    """A pilot who has signed on."""

    id: str
    accepts: Literal["beforehand", "ask"]
    max_flights: int
    since: datetime
    until: datetime | None = None
    console: bool = False
    """True: the heartbeat of their console is watched."""
    silent_since: datetime | None = None
    """Since when that console is silent; None while it is heard, or where none is watched."""
    notices: tuple[Notice, ...] = ()
    """The latest, oldest first."""
    acknowledged: Acknowledgement | None = None
    """None: nothing since they signed on."""
