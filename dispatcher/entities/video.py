"""The video of a flight: who may watch it, who does, what was recorded. Times are wall time."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from immutables import Map

from contracts.video import RecordedPart, RecordingException, Via
from dispatcher.events.watching import ViewReason


@dataclass(frozen=True, kw_only=True)
class VideoTicket:
    """A permission to watch."""

    id: UUID
    viewer: str
    reason: ViewReason
    lasts_until: datetime
    link_id: UUID | None = None
    withdrawn: bool = False


@dataclass(frozen=True, kw_only=True)
class VideoViewer:
    """Somebody who watches now."""

    session_id: UUID
    ticket_id: UUID
    via: Via
    since: datetime


@dataclass(frozen=True, kw_only=True)
class FlightVideo:
    """All of it."""

    tickets: Map[UUID, VideoTicket] = field(default_factory=Map)
    viewers: tuple[VideoViewer, ...] = ()
    parts: tuple[RecordedPart, ...] = ()
    exceptions: tuple[RecordingException, ...] = ()

    def part(self, number: int) -> RecordedPart | None:
        """A file of the recording, as it was last told."""
        return next((part for part in self.parts if part.part == number), None)
