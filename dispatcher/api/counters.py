"""How often what was asked, and how it came out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping


class Counters:
    """Counts since the start of this process. Labels come from our own tables alone: so it is bounded."""

    def __init__(self) -> None:
        self._answers: Counter[tuple[str, str, int]] = Counter()
        self._seconds: Counter[tuple[str, str]] = Counter()
        self._refusals: Counter[str] = Counter()

    def answered(self, *, method: str, template: str, status: int, seconds: float) -> None:
        """A request has been answered after so many wall seconds."""
        self._answers[method, template, status] += 1
        self._seconds[method, template] += seconds  # type: ignore[assignment]  # a Counter adds floats as well

    def refused(self, slug: str) -> None:
        """Somebody was not let in."""
        self._refusals[slug] += 1

    def read(self) -> Mapping[str, float]:
        """Name with labels to value."""
        values: dict[str, float] = {}
        for (method, template, status), count in sorted(self._answers.items()):
            values[f'http_answers_total{{method="{method}",path="{template}",status="{status}"}}'] = count
        for (method, template), seconds in sorted(self._seconds.items()):
            values[f'http_seconds_total{{method="{method}",path="{template}"}}'] = round(seconds, 6)
        for slug, count in sorted(self._refusals.items()):
            values[f'http_refused_total{{because="{slug}"}}'] = count
        return values
