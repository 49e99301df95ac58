"""Wind as a vector, and what it leaves of an aircraft's speed over ground.

A wind is measured near the ground and flown in higher up, where there is more of it: `wind_at` says how much.
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


STANDARD_HEIGHT_M = 10.0
"""Above ground: where a surface wind is measured, of a METAR too (WMO-No. 8, volume I, chapter 5)."""
SHEAR_EXPONENT = 1.0 / 7.0
"""Of the mean wind's growth with height over open country in near-neutral air: Justus and Mikhail, "Height variation of
wind speed and wind distributions statistics", Geophysical Research Letters 3(5), 1976. Over towns it is larger, in
strong sunshine smaller.
"""
SHEAR_ENDS_M = 300.0
"""Above ground. Beyond it the power law has left the surface layer: the wind is held as it is there."""
CALM = Wind(speed_m_s=0.0, from_deg=0.0)


def wind_at(
    wind: Wind,
    height_m: float,
    *,
    measured_at_m: float = STANDARD_HEIGHT_M,
    exponent: float = SHEAR_EXPONENT,
) -> Wind:
    """The wind at a height above ground, by the power law *v(h) = v(m) · (h / m)^p*; its direction stays.

    Below the height where it was measured it is held as measured, which promises no shelter that there may not be.
    Raises `InvalidWindError` where a height or the exponent is no number, or the exponent or the sensor's height is
    below zero; a sensor on the ground counts as one at 1 m.
    """
    factor = shear(height_m, measured_at_m=measured_at_m, exponent=exponent)
    return Wind(speed_m_s=wind.speed_m_s * factor, from_deg=wind.from_deg)


def shear(height_m: float, *, measured_at_m: float = STANDARD_HEIGHT_M, exponent: float = SHEAR_EXPONENT) -> float:
    """How many times as strong as measured the mean wind is at a height above ground; at least 1. As `wind_at`."""
    if not (math.isfinite(height_m) and 0 <= measured_at_m < math.inf and 0 <= exponent < math.inf):
        raise InvalidWindError(measured_at_m, height_m)
    sensor_m = max(1.0, measured_at_m)
    return math.pow(max(1.0, min(height_m, SHEAR_ENDS_M) / sensor_m), exponent)


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
