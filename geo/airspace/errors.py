"""The errors of airspace documents.

AirspaceError (a GeoError)
├── DocumentRefused   the document as a whole cannot be read: not one of the formats, too large, unsafe XML
├── FeatureSkipped    one feature cannot be a zone; readers turn it into a finding, it never reaches the caller
└── ZoneError         a zone value that contradicts itself
"""

from __future__ import annotations

from geo.errors import GeoError


class AirspaceError(GeoError):
    """Base of all errors of this package."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class DocumentRefused(AirspaceError):
    """The document as a whole cannot be read; ``reason`` is fit for the person who loaded it."""


class FeatureSkipped(AirspaceError):
    """One feature cannot be a zone."""


class ZoneError(AirspaceError):
    """A zone value that contradicts itself."""
