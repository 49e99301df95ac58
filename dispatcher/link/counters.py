"""What went over the link, counted: for the metrics, and for tests that ask whether something was noticed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable


class LinkCounters:
    """Counts by name; names are made here alone, never from what came over the wire."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._readings: dict[str, Callable[[], float]] = {}

    def count(self, name: str, by: int = 1) -> None:
        """One more (or ``by`` more) of ``name``."""
        self._counts[name] += by

    def read_also(self, name: str, reading: Callable[[], float]) -> None:
        """Give ``link_<name>`` too, as it reads at the time of asking."""
        self._readings[name] = reading

    def __getitem__(self, name: str) -> int:
        return self._counts[name]

    def gauges(self) -> dict[str, float]:
        """All counts so far, in the order of their names, then all readings."""
        counts = {f"link_{name}_total": float(count) for name, count in sorted(self._counts.items())}
        return counts | {f"link_{name}": float(reading()) for name, reading in sorted(self._readings.items())}
