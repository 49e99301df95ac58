"""What an aircraft type can do, as figures from configuration.

Everything that reasons about a flight takes these figures as an argument, so that one energy model serves every type.
The defaults for the slow metres near the ground and for the time lost at each stop were measured on PX4 v1.17 (SIH):
below 10 m it climbs at 1.5 m/s, comes down at 0.7 m/s, and sees its own landing about 4 s late.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from geo.flight.errors import InvalidPerformanceError


@dataclass(frozen=True, slots=True, kw_only=True)
class Performance:
    """One aircraft type in still air at sea level; raises `InvalidPerformanceError` for a figure that cannot be."""

    cruise_m_s: float
    """Ground speed commanded on the legs. A PX4 multicopter holds speed over ground, not through the air."""
    climb_m_s: float
    descent_m_s: float
    battery_wh: float
    hover_power_w: float
    cruise_power_w: float
    """At cruise speed through the air."""
    climb_power_w: float
    """While climbing at ``climb_m_s`` without wind."""
    acceleration_m_s2: float = 5.0
    reserve_percent: float = 20.0
    """Of the battery, never planned with."""
    wind_limit_m_s: float = 12.0
    gust_limit_m_s: float = 15.0
    rain_limit_mm_h: float = 2.0
    temperature_min_c: float = -10.0
    temperature_max_c: float = 40.0
    ceiling_agl_m: float = 120.0
    """120 m: the open category's limit, Regulation (EU) 2019/947 UAS.OPEN.010, kept in UK law."""
    airspeed_max_m_s: float | None = None
    """Highest speed through the air that it can hold; None: 1.4 times cruise."""
    drag_share: float = 0.21
    """Share of the cruise power that grows with the cube of the airspeed above cruise (parasite power): as much as the
    aircraft of Zeng, Xu and Zhang 2019 (eq. 12, table I) needs more at 18 to 21 m/s than at 15."""
    near_ground_m: float = 10.0
    """Height below which it climbs at ``takeoff_m_s`` and comes down at ``landing_m_s``."""
    takeoff_m_s: float = 1.5
    landing_m_s: float = 0.7
    climb_settle_s: float = 6.5
    """Lost to the ramps at the start and end of the climb, from when it leaves the ground: recorded 6.2 s on a climb to
    40 m that took 22.9 s. The 2 s before, from arming on, are the dock's arming time.
    """
    leg_settle_s: float = 3.0
    """Lost to jerk limits, turning and acceptance at the end of each leg."""
    touchdown_s: float = 4.0
    """From contact until the landing is seen and the motors stop."""

    def __post_init__(self) -> None:
        for name in _POSITIVE:
            value = getattr(self, name)
            if not (math.isfinite(value) and value > 0):
                raise InvalidPerformanceError(name, value, "a number above 0")
        for name in _NOT_NEGATIVE:
            value = getattr(self, name)
            if not (math.isfinite(value) and value >= 0):
                raise InvalidPerformanceError(name, value, "a number of at least 0")
        if not 0 <= self.reserve_percent < 100:
            raise InvalidPerformanceError("reserve_percent", self.reserve_percent, "at least 0 and below 100")
        if not 0 <= self.drag_share <= 1:
            raise InvalidPerformanceError("drag_share", self.drag_share, "between 0 and 1")
        if not (math.isfinite(self.temperature_min_c) and math.isfinite(self.temperature_max_c)):
            raise InvalidPerformanceError("temperature_min_c", self.temperature_min_c, "a number")
        if self.temperature_min_c >= self.temperature_max_c:
            raise InvalidPerformanceError("temperature_min_c", self.temperature_min_c, "below temperature_max_c")
        top = self.airspeed_max_m_s
        if top is not None and not (math.isfinite(top) and top >= self.cruise_m_s):
            raise InvalidPerformanceError("airspeed_max_m_s", top, "at least cruise_m_s")

    @property
    def top_airspeed_m_s(self) -> float:
        """Highest speed through the air that it can hold."""
        return 1.4 * self.cruise_m_s if self.airspeed_max_m_s is None else self.airspeed_max_m_s

    def level_power_w(self, airspeed_m_s: float) -> float:
        """Electrical power in level flight at a speed through the air (0: hover).

        Between hover and cruise a straight line, which lies above the dip that rotary wings have there (Zeng, Xu and
        Zhang 2019, fig. 2): the model errs to the safe side. Above cruise, ``drag_share`` of the power grows with the
        cube of the speed.
        """
        ratio = abs(airspeed_m_s) / self.cruise_m_s
        if ratio <= 1:
            return self.hover_power_w + (self.cruise_power_w - self.hover_power_w) * ratio
        return self.cruise_power_w * (1 + self.drag_share * (ratio**3 - 1))


_POSITIVE = (
    "cruise_m_s",
    "climb_m_s",
    "descent_m_s",
    "battery_wh",
    "hover_power_w",
    "cruise_power_w",
    "climb_power_w",
    "acceleration_m_s2",
    "ceiling_agl_m",
    "takeoff_m_s",
    "landing_m_s",
)
_NOT_NEGATIVE = (
    "wind_limit_m_s",
    "gust_limit_m_s",
    "rain_limit_mm_h",
    "near_ground_m",
    "climb_settle_s",
    "leg_settle_s",
    "touchdown_s",
)
