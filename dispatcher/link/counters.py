"""What went over the link, counted: for the metrics, and for tests that ask whether something was noticed."""

from __future__ import annotations

from collections import Counter


class LinkCounters:
    """Counts by name; names are made here alone, never from what came over the wire."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def count(self, name: str, by: int = 1) -> None:
        """One more (or ``by`` more) of ``name``."""
        self._counts[name] += by

    def __getitem__(self, name: str) -> int:
        return self._counts[name]

    def gauges(self) -> dict[str, float]:
        """All counts so far, in the order of their names."""
        return {f"link_{name}_total": float(count) for name, count in sorted(self._counts.items())}
