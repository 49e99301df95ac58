"""Alarms of flights and docks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from contracts.vocabulary import AlarmKind


@dataclass(frozen=True, kw_only=True)
class Shelf:
    """Put out of sight for a while by a person, who says why (EEMUA 191: shelved). It comes back by itself."""

    by: str
    at: datetime
    until: datetime
    because: str


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """Something that needs an action of somebody."""

    id: UUID
    kind: AlarmKind
    flight_id: UUID | None
    dock_id: str | None
    raised_at: datetime
    text: str
    bearing_deg: float | None = None
    above_m: float | None = None
    distance_m: float | None = None
    in_s: float | None = None
    """At ``changed_at``, as are the three before it."""
    changed_at: datetime
    ended_at: datetime | None = None
    acknowledged_by: str | None = None
    acknowledged_at: datetime | None = None
    shelf: Shelf | None = None
    """As it was last put; over once its ``until`` has passed."""

    @property
    def active(self) -> bool:
        """True while what it is about lasts."""
        return self.ended_at is None
