"""Who is shown an incident, and what they say: links to it, notes, views, exports.

Streams ``incident/{id}`` and ``flight/{id}``. No token is ever journalled, only its SHA-256: it is 256 random bits, so
that the hash gives nothing away.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from dispatcher.events.event import Event

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class ViewReason(StrEnum):
    """Why somebody looks: one of a few, so that looking can be counted and answered for."""

    ATTENDING = "attending"
    """On the way to the scene, or there."""
    COMMANDING = "commanding"
    """Commands those who are, or the flight."""
    DISPATCHING = "dispatching"
    """Sends them, from the control room."""
    ASSISTING = "assisting"
    """Of another service at the same incident."""
    SUPERVISING = "supervising"
    """Answers for how Kestrel is used."""
    REVIEWING = "reviewing"
    """Learns from it afterwards."""
    INVESTIGATING = "investigating"
    """Evidence."""
    COMPLAINT = "complaint"
    """Somebody has complained."""
    TRAINING = "training"
    TESTING = "testing"


class Viewed(StrEnum):
    """What was looked at."""

    FLIGHT = "flight"
    VIDEO = "video"
    REPLAY = "replay"
    RECORDING = "recording"


class ExportFormat(StrEnum):
    """In which form a flight left the building."""

    GEOJSON = "geojson"
    KML = "kml"
    CSV = "csv"


class WatchLinkGiven(Event):
    """A link that opens this incident, and nothing else, for whom it names."""

    incident_id: UUID
    link_id: UUID
    given_to: str
    reason: ViewReason
    token_sha256: Sha256
    expires_wall_time: AwareDatetime


class WatchLinkBound(Event):
    """The first device has opened it; from now it opens on that one alone."""

    incident_id: UUID
    link_id: UUID
    device_sha256: Sha256


class WatchLinkOpened(Event):
    """Its device looks, after it had not for a while."""

    incident_id: UUID
    link_id: UUID


class WatchLinkDeclined(Event):
    """Another device has tried to open it."""

    incident_id: UUID
    link_id: UUID
    device_sha256: Sha256


class WatchLinkRevoked(Event):
    """It opens nothing any more."""

    incident_id: UUID
    link_id: UUID
    because: str


class NoteMade(Event):
    """A line from the field to the control room, or from the control room to those on their way."""

    incident_id: UUID
    note_id: UUID
    origin: Literal["field", "control"]
    by_name: str
    text: str
    link_id: UUID | None = None
    idempotency_key: str | None = None


class FlightViewed(Event):
    """Somebody looks at a flight, its picture or its replay."""

    flight_id: UUID
    what: Viewed
    reason: ViewReason
    link_id: UUID | None = None


class FlightExported(Event):
    """A flight's record was handed out."""

    flight_id: UUID
    format: ExportFormat
    reason: ViewReason
