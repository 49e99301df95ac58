"""How late pictures come, against the soonest: TCP keeps what a bad link does not carry, and brings it later.

Whoever looks at a stream must know how old it is. The camera's clock is not ours, so the way itself is not known; but
what a picture took longer than others is. Pure: time is passed in.
"""

from __future__ import annotations

import math

from media.h264 import CLOCK_HZ

DRIFT = 2e-4
"""By so much may a camera's clock be slower than ours: two hundred parts in a million."""


class Lag:
    """Of one connection."""

    def __init__(self) -> None:
        self._soonest_s = math.inf
        self._last_s = 0.0

    def late_s(self, timestamp: int, *, now_s: float) -> float:
        """Of a picture that came now; ``timestamp`` counts 90 kHz and never wraps."""
        way_s = now_s - timestamp / CLOCK_HZ
        slower_s = DRIFT * max(0.0, now_s - self._last_s) if self._soonest_s < math.inf else 0.0
        self._soonest_s, self._last_s = min(self._soonest_s + slower_s, way_s), now_s
        return way_s - self._soonest_s
