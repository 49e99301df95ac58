"""Who may watch a flight, who does, and when its recording ran. Stream ``flight/{id}``."""

from __future__ import annotations

from uuid import UUID

from pydantic import AwareDatetime

from contracts.video import RecordedPart, RecordingException, Via
from dispatcher.events.event import Event
from dispatcher.events.watching import ViewReason


class VideoTicketGiven(Event):
    """``viewer`` may watch from now; written before the ticket leaves. Times are wall time."""

    flight_id: UUID
    ticket_id: UUID
    viewer: str
    reason: ViewReason
    opens_until: AwareDatetime
    lasts_until: AwareDatetime
    link_id: UUID | None = None
    """The watch link that it came through; a ticket is good no longer than its link."""


class VideoTicketWithdrawn(Event):
    """A ticket is good no more, and whoever watches by it is cut off."""

    flight_id: UUID
    ticket_id: UUID
    because: str


class VideoWatchBegan(Event):
    """The media process has a viewer, by this ticket."""

    flight_id: UUID
    ticket_id: UUID
    session_id: UUID
    via: Via
    since: AwareDatetime


class VideoWatchEnded(Event):
    """That viewer is gone."""

    flight_id: UUID
    session_id: UUID
    because: str


class VideoRecordingBegan(Event):
    """A file of the flight's recording is being written; as the media process says."""

    flight_id: UUID
    part: RecordedPart


class VideoRecordingEnded(Event):
    """It is complete."""

    flight_id: UUID
    part: RecordedPart


class VideoRecordingExcepted(Event):
    """The recording was not what it should have been."""

    flight_id: UUID
    exception: RecordingException
