"""Where drones may not fly: documents of zones, and zones drawn for a time.

Zones stand as recorded text until somebody needs them, and are made once: a start that replays ten loads of one
document makes the zones of the last alone. What has been made is kept with its document, whichever other
document changes.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Literal

from immutables import Map

from dispatcher.events.airspace import AirspaceFinding
from geo.airspace.record import read_zone
from geo.airspace.zone import Zone


@dataclass(frozen=True, kw_only=True)
class AirspaceDocument:
    """A document as it is in force."""

    name: str
    format: str
    origin: Literal["file", "api", "drawn"]
    texts: tuple[str, ...]
    """Its zones as they are recorded."""
    features: int
    findings: tuple[AirspaceFinding, ...] = ()
    findings_left_out: int = 0
    source_sha256: str = ""
    loaded_by: str
    loaded_at: datetime
    revision: int
    """Of the airspace, when this document came in."""
    reason: str = ""
    """Of a drawn zone."""
    start: datetime | None = None
    end: datetime | None = None
    """Of a drawn zone: it is withdrawn by itself then."""

    @property
    def temporary(self) -> bool:
        """A zone that somebody drew."""
        return self.origin == "drawn"

    @cached_property
    def zones(self) -> tuple[Zone, ...]:
        """Made when they are first asked for, and kept."""
        return tuple(read_zone(text) for text in self.texts)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of its zones as they are recorded."""
        return hashlib.sha256("\n".join(self.texts).encode()).hexdigest()

    def of_kind(self, kind: str) -> int:
        """How many findings are of a kind."""
        return sum(1 for finding in self.findings if finding.kind == kind)


@dataclass(frozen=True, kw_only=True)
class Airspace:
    """All that is in force. A value: it is replaced whole when a document comes or goes."""

    revision: int = 0
    """How often it has changed."""
    documents: Map[str, AirspaceDocument] = field(default_factory=Map)

    @cached_property
    def in_order(self) -> tuple[AirspaceDocument, ...]:
        """The documents by name."""
        return tuple(self.documents[name] for name in sorted(self.documents))

    @cached_property
    def zones(self) -> tuple[Zone, ...]:
        """Of all documents, by the document's name, in its own order."""
        return tuple(zone for document in self.in_order for zone in document.zones)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the whole set: equal digests, equal names and zones."""
        lines = (f"{document.name}\n{document.digest}\n" for document in self.in_order)
        return hashlib.sha256("".join(lines).encode()).hexdigest()
