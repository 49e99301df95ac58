"""When each pilot's console was last heard, in wall seconds. Kept in memory: a restart begins to count anew."""

from __future__ import annotations

from collections.abc import Iterable

from kestrel.clock import Clock


class Consoles:
    """The heartbeats."""

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock
        self._heard_s: dict[str, float] = {}

    def heard(self, pilot: str) -> None:
        """It is there."""
        self._heard_s[pilot] = self._clock.wall_s()

    def silent_for_s(self, watched: Iterable[str]) -> dict[str, float]:
        """The silence of each of these consoles; one that is watched only now counts as just heard."""
        now_s = self._clock.wall_s()
        self._heard_s = {pilot: self._heard_s.get(pilot, now_s) for pilot in watched}
        return {pilot: now_s - last_s for pilot, last_s in self._heard_s.items()}
