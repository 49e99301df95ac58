"""The errors of terrain.

TerrainError (a GeoError)
├── TerrainRefused   a file that is no elevation model that can be relied on; ``reason`` says why and what to do
├── InvalidPathError   a path that cannot be asked about
└── InvalidGridError   a grid that cannot be asked about
"""

from __future__ import annotations

from geo.errors import GeoError


class TerrainError(GeoError):
    """Base of all errors of this package."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class TerrainRefused(TerrainError):
    """A file that cannot be relied on."""


class InvalidPathError(TerrainError):
    """A path of too few points, or one so long that it has too many samples."""


class InvalidGridError(TerrainError):
    """A grid of too many heights, or of an area that is too large or around a pole."""
