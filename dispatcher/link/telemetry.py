"""The latest telemetry of each dock's aircraft, for live views: one slot a dock, replaced and never queued.

Not journalled: agents put the flown track into their events. Whoever looks seldom misses samples, never the last one.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from contracts.reports import Telemetry


class TelemetrySlots:
    """One slot per dock."""

    def __init__(self) -> None:
        self._latest: dict[str, Telemetry] = {}
        self._changes = 0

    @property
    def changes(self) -> int:
        """Counts up with every slot that is filled anew: unchanged means that there is nothing to look at."""
        return self._changes

    def latest(self) -> Mapping[str, Telemetry]:
        """Dock id to its last telemetry; a new sample is a new object."""
        return MappingProxyType(self._latest)

    def put(self, dock_id: str, telemetry: Telemetry) -> None:
        """Replace a dock's value."""
        self._latest[dock_id] = telemetry
        self._changes += 1
