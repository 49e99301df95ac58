"""How long straight stretches take in the wind, for whole arrays of them.

The same wind triangle as `geo.flight.wind`, without what a stop costs: while speeds do not depend on how a way is cut
into legs, the velocities that an aircraft can make are a convex set, a straight stretch is never slower than a bent
one, and the fastest way bends at corners of zones alone. What stops cost is added when a route is timed.
"""

from __future__ import annotations

import math

import numpy as np

from geo.flight.performance import Performance
from geo.flight.wind import STEERAGE_M_S, Wind
from geo.geodesy import Array


class StraightTimes:
    """Seconds over ground for a displacement. ``turned_deg`` is the true bearing of the frame's north."""

    def __init__(self, *, performance: Performance, wind: Wind, turned_deg: float = 0.0) -> None:
        towards = math.radians(wind.from_deg + 180.0 - turned_deg)
        self._east_m_s = wind.speed_m_s * math.sin(towards)
        self._north_m_s = wind.speed_m_s * math.cos(towards)
        self._calm = wind.speed_m_s == 0
        self._cruise_m_s = performance.cruise_m_s
        self._top_m_s = performance.top_airspeed_m_s
        self._wind_m_s = wind.speed_m_s
        self._always_able = wind.speed_m_s + STEERAGE_M_S < self._top_m_s - 1e-6 and self._cruise_m_s >= STEERAGE_M_S

    def seconds(self, east_m: Array, north_m: Array) -> Array:
        """Of displacements of shape (n,); infinite where the wind leaves no speed that way."""
        way_m = np.hypot(east_m, north_m)
        if self._calm:
            return np.asarray(way_m / self._cruise_m_s)
        if self._always_able:
            # The same figures in fewer steps: of nothing, nothing; and no direction without a speed.
            long_m = np.where(way_m > 0, way_m, 1.0)
            along = (east_m * self._east_m_s + north_m * self._north_m_s) / long_m
            across = (east_m * self._north_m_s - north_m * self._east_m_s) / long_m
            spare = np.sqrt(self._top_m_s * self._top_m_s - across * across)
            return np.asarray(way_m / np.minimum(self._cruise_m_s, along + spare))
        with np.errstate(divide="ignore", invalid="ignore"):
            along = (east_m * self._east_m_s + north_m * self._north_m_s) / way_m
            across = (east_m * self._north_m_s - north_m * self._east_m_s) / way_m
            spare = np.sqrt(self._top_m_s * self._top_m_s - across * across)
            speed = np.minimum(self._cruise_m_s, along + spare)
            held = speed >= np.maximum(STEERAGE_M_S, along - spare)
            taken = np.where(held, way_m / speed, np.inf)
        return np.where(way_m > 0, taken, 0.0)

    def least(self, east_m: Array, north_m: Array) -> Array:
        """A time that no way between the ends of these displacements can beat."""
        taken = self.seconds(east_m, north_m)
        held = np.isfinite(taken)
        return taken if held.all() else np.where(held, taken, np.hypot(east_m, north_m) / self._cruise_m_s)

    def share_when_turned(self, turn: float) -> float:
        """By how much at most the time of a displacement grows where the wind is turned by up to ``turn`` radians.

        The ground speed *g* of a wind *w* that comes at an angle *a* changes by *g w sin a* / sqrt(V² - (w sin a)²) for
        a radian. Infinite where the wind is as fast as the aircraft.
        """
        if self._calm:
            return 1.0
        spare = self._top_m_s * self._top_m_s - self._wind_m_s * self._wind_m_s
        exponent = turn * self._wind_m_s / math.sqrt(spare) if spare > 0 else math.inf
        return math.exp(exponent) if exponent < 1.0 else math.inf
