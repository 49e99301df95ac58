"""Pilots on duty, and what they are told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID


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
