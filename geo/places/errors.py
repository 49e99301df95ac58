"""The errors of places, each with the field that is wrong and what to write instead.

PlaceError (a GeoError)
├── UnreadablePlaceError   words that are no place in any spelling known here
└── OffTheGridError        a place that the British National Grid does not hold
"""

from __future__ import annotations

from geo.errors import GeoError


class PlaceError(GeoError):
    """Base of all errors of this package: ``field`` is wrong because of ``reason``; ``remedy`` says what to do."""

    def __init__(self, field: str, reason: str, remedy: str) -> None:
        super().__init__(f"{field}: {reason}; {remedy}")
        self.field = field
        self.reason = reason
        self.remedy = remedy


class UnreadablePlaceError(PlaceError):
    """Words that are no place in any spelling known here."""


class OffTheGridError(PlaceError):
    """A place that the British National Grid does not hold."""
