"""What the media process and the dispatcher tell each other, once a second, over the dispatcher's API.

The media process reports who watches and what it has recorded; it is answered with the flights that are on. It asks
again until it is answered: a report is the whole of what is true now and of what was not acknowledged, so that one
that is lost or comes twice changes nothing.
"""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from contracts.screentext import Said
from contracts.topics import Identifier
from contracts.vocabulary import Deployment


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Via(StrEnum):
    """How somebody watches."""

    WHEP = "whep"
    SOCKET = "socket"


class Watching(_Part):
    """One session that is open now. The dispatcher knows from the ticket who that is."""

    session_id: UUID
    ticket_id: UUID
    flight_id: UUID
    via: Via
    since: AwareDatetime
    """Wall time."""


class RecordedPart(_Part):
    """A file of a flight's recording, as it is now; parts count from 1."""

    flight_id: UUID
    part: int = Field(ge=1, le=10_000)
    began_at: AwareDatetime
    """Wall time of the first picture, as it came."""
    mission_began_at: AwareDatetime
    duration_s: float = Field(ge=0)
    bytes: int = Field(ge=0)
    complete: bool
    because: Said = Field(default="", max_length=200)
    """Why it ended."""
    sha256: str | None = Field(default=None, pattern=r"^[0-9a-f]{64}$")


class RecordingException(_Part):
    """Recording was, for a time, not what it should have been. ``id`` makes it one however often it is told."""

    id: UUID
    flight_id: UUID
    at: AwareDatetime
    """Wall time."""
    text: Said = Field(min_length=1, max_length=200)


class VideoReport(_Part):
    """From the media process."""

    watching: list[Watching] = Field(default=[], max_length=2000)
    parts: list[RecordedPart] = Field(default=[], max_length=200)
    """Those that the dispatcher has not acknowledged as they are now."""
    exceptions: list[RecordingException] = Field(default=[], max_length=200)


class VideoFlight(_Part):
    """A flight that is on."""

    flight_id: UUID
    dock_id: Identifier
    aircraft_id: Identifier
    callsign: Said = Field(max_length=120)
    recording: bool
    """The camera's recording runs, by policy or by order: so must ours."""


class VideoOrders(BaseModel):
    """From the dispatcher, in answer to a report that is in the journal now."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    deployment: Deployment
    flights: list[VideoFlight]
    withdrawn: list[UUID] = Field(default=[])
    """Tickets of those flights that are good no more."""
