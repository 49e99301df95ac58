"""Wind as a vector, and what it leaves of an aircraft's speed over ground.

One wind for a whole flight today, as the dock's sensor measures it; growth with height comes with the weather work.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from geo.flight.errors import InvalidWindError
from geo.flight.performance import Performance

STEERAGE_M_S = 1.0
"""Below this speed over ground a leg counts as impossible: it would last for ever."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wind:
    """A steady wind: its speed, and the true bearing it comes *from*."""

    speed_m_s: float
    from_deg: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.speed_m_s) and self.speed_m_s >= 0 and math.isfinite(self.from_deg)):
            raise InvalidWindError(self.speed_m_s, self.from_deg)

    def along_across_m_s(self, track_deg: float) -> tuple[float, float]:
        """The components along a track (positive: tail wind) and across it (positive: pushes to the right)."""
        angle = math.radians(self.from_deg + 180.0 - track_deg)
        return self.speed_m_s * math.cos(angle), self.speed_m_s * math.sin(angle)


CALM = Wind(speed_m_s=0.0, from_deg=0.0)


def ground_speed_m_s(*, performance: Performance, wind: Wind, track_deg: float) -> float | None:
    """Speed over ground on a track: cruise, or what the wind triangle leaves at top airspeed; None: no such speed.

    With the across-track wind *c* cancelled by crabbing, an airspeed *V* leaves the tail wind plus or minus
    sqrt(V² - c²). A tail wind that is stronger than cruise by more than that drives it faster than it may fly.
    """
    along, across = wind.along_across_m_s(track_deg)
    top = performance.top_airspeed_m_s
    if abs(across) >= top:
        return None
    spare = math.sqrt(top * top - across * across)
    speed = min(performance.cruise_m_s, along + spare)
    return speed if speed >= max(STEERAGE_M_S, along - spare) else None


def airspeed_m_s(*, wind: Wind, track_deg: float, speed_m_s: float) -> float:
    """Speed through the air of an aircraft that makes ``speed_m_s`` over ground on a track."""
    along, across = wind.along_across_m_s(track_deg)
    return math.hypot(speed_m_s - along, across)
