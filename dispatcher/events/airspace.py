"""Where drones may not fly, or only so: streams ``airspace/{document}``.

Zones are recorded whole, each as one line of JSON (`geo.airspace.record`), so that a decision can be derived again
years later. They are texts in the event: a document of 10 MB is then journalled in milliseconds, and no press waits
for it.
"""

from __future__ import annotations

from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict

from dispatcher.events.event import Event


class AirspaceFinding(BaseModel):
    """What a person should know of a document: skipped, repaired or assumed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["skipped", "repaired", "assumed"]
    reason: str
    index: int | None = None
    """Place of the feature in its document, from 0; None: the document as a whole."""
    name: str = ""


class AirspaceLoaded(Event):
    """A document of zones is in force; one of the same name is in force no longer."""

    name: str
    format: str
    origin: Literal["file", "api"]
    """file: named in the settings, read at each start."""
    zones: tuple[str, ...]
    findings: tuple[AirspaceFinding, ...] = ()
    findings_left_out: int = 0
    """Of those repaired or assumed, when there are very many. What was skipped is never left out."""
    features: int
    """How many features the document held."""
    source_sha256: str
    """Of the bytes that were loaded."""


class ZoneDrawn(Event):
    """Somebody drew a zone for a time; a document of its own, with one zone."""

    name: str
    zone: str
    reason: str
    start: AwareDatetime
    end: AwareDatetime
    findings: tuple[AirspaceFinding, ...] = ()


class AirspaceWithdrawn(Event):
    """A document, or a drawn zone, is in force no longer."""

    name: str
    because: str = ""
