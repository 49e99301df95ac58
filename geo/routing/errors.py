"""The errors of routing. That there is no way is not among them: it is a result, `geo.routing.route.NoWay`.

RoutingError (a GeoError)
├── InvalidObstacleError   a zone that has no area or no height
└── InvalidRequestError    heights, a margin or a place that cannot be asked for; ``field`` names which
"""

from __future__ import annotations

from geo.errors import GeoError


class RoutingError(GeoError):
    """Base of all errors of this package."""


class InvalidObstacleError(RoutingError):
    """A zone that has no area or no height; ``name`` says which, ``reason`` why."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"zone {name}: {reason}")
        self.name = name
        self.reason = reason


class InvalidRequestError(RoutingError):
    """Something that cannot be asked for; ``field`` names it."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason
