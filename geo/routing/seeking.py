"""A search that is left and taken up again: each time it says what nothing that it may yet find can beat.

Who looks for the best of many goes on with whichever may still be it, and leaves the rest where they are.
"""

from __future__ import annotations

import math
from collections.abc import Generator
from typing import TypeVar

from geo.flight.performance import Performance
from geo.flight.wind import STEERAGE_M_S
from geo.routing.speed import StraightTimes

Found = TypeVar("Found")
Seeking = Generator[float, None, Found]
"""Yields seconds from lift-off that the outcome does not take less than; returns the outcome."""

_DISTORTION = 1e-4
"""More than what a projection of `geo.routing.prepared.REACH_M` lengthens (4e-5) or turns (in radians) anything by."""
_EARTH_M = 6_335_000.0
"""No meridian is curved more than a circle of this radius."""
_POLAR_DEG = 80.0
"""Beyond it north turns too fast for bounds."""


def outcome(seeking: Seeking[Found]) -> Found:
    """What it finds in the end."""
    while True:
        try:
            next(seeking)
        except StopIteration as end:
            found: Found = end.value
            return found


class Bounds:
    """What the fastest way of a relaxed world says of the flight along any legal one, over flat ground.

    Searches have one direction of north for the whole area, and no stops. A flight's legs are timed with north as it
    is where they begin, and with what stops cost.
    """

    def __init__(
        self,
        *,
        performance: Performance,
        times: StraightTimes,
        lat_deg: float,
        straight_m: float,
        wind_speed_m_s: float,
    ) -> None:
        """``straight_m``: from home to target."""
        self._times, self._cruise_m_s = times, performance.cruise_m_s
        self._turn_per_m = (
            math.tan(math.radians(abs(lat_deg) + 1.0)) / _EARTH_M if abs(lat_deg) < _POLAR_DEG else math.inf
        )
        slowest_m_s = min(performance.cruise_m_s, max(STEERAGE_M_S, performance.top_airspeed_m_s - wind_speed_m_s))
        ramps_s = slowest_m_s / performance.acceleration_m_s2
        # What ramps cost is concave in the time that a leg takes: legs cost no less than one leg of their sum.
        self._stop_s = performance.leg_settle_s if straight_m > 0 else 0.0
        if straight_m / performance.cruise_m_s >= ramps_s:
            self._stop_s += ramps_s

    def at_least_s(self, moving_s: float) -> float:
        """No flight takes less whose way the search would give ``moving_s`` or more; finite.

        Were one faster, it would not get further than ``moving_s`` at cruise speed, and so not see north turn by more
        than over that distance: then the search would have found it faster too.
        """
        turn = moving_s * self._cruise_m_s * self._turn_per_m + _DISTORTION
        share = self._times.share_when_turned(turn) * (1.0 + _DISTORTION)
        return moving_s / share + self._stop_s if share < math.inf else 0.0
