"""Alarms of the dispatcher itself, and who has seen an alarm: streams ``flight/{id}`` and ``dock/{id}``.

What an agent raises is journalled as the fact that it is, in `AgentReported`.
"""

from __future__ import annotations

from uuid import UUID

from pydantic import AwareDatetime

from contracts.vocabulary import AlarmKind
from dispatcher.events.event import Event


class AlarmRaised(Event):
    """Something needs somebody; of a flight or, without one, of a dock."""

    alarm: AlarmKind
    flight_id: UUID | None = None
    dock_id: str | None = None
    text: str
    """What it is and what to do about it."""


class AlarmEnded(Event):
    """What the alarm was about is over."""

    alarm: AlarmKind
    flight_id: UUID | None = None
    dock_id: str | None = None


class AlarmShelved(Event):
    """Somebody, by name, has put the alarm out of sight until then, and says why."""

    alarm_id: UUID
    flight_id: UUID | None = None
    dock_id: str | None = None
    until: AwareDatetime
    """Mission time; it is in sight again from then on, without another event."""
    because: str


class AlarmUnshelved(Event):
    """It is in sight again before its time."""

    alarm_id: UUID
    flight_id: UUID | None = None
    dock_id: str | None = None


class AlarmAcknowledged(Event):
    """Somebody, by name, has seen the alarm and answers for what is done about it."""

    alarm_id: UUID
    flight_id: UUID | None = None
    dock_id: str | None = None
