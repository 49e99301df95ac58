"""What the hub needs: the journal's tail and the aircraft's latest values, never the dispatcher's objects."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Protocol

from contracts.reports import Telemetry
from dispatcher.record import Recorded


class Tail(Protocol):
    """A journal that can be followed."""

    def tail(self, after_seq: int) -> AsyncIterator[Recorded]:
        """Every event after ``after_seq`` in its order, and then each new one, for ever."""


class TelemetrySource(Protocol):
    """One slot per dock with its aircraft's last telemetry: whoever looks seldom misses samples, never the last."""

    @property
    def changes(self) -> int:
        """Counts up with every slot that is filled anew."""

    def latest(self) -> Mapping[str, Telemetry]:
        """Dock id to its last telemetry; a new sample is a new object."""


class NoTelemetry:
    """Where nothing speaks: a dispatcher without a link."""

    changes = 0

    def latest(self) -> Mapping[str, Telemetry]:
        return {}
