"""What flights of the day take: `geo.flight`'s model, in a plane over the county.

Nothing here has an opinion of its own about flying: times and energies are those of `geo.flight.energy`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property

from geo.flight.energy import Leg, Stretch, climb_stretch, hang_power_w, landing_stretch, leg_stretch
from geo.flight.performance import Performance
from geo.flight.wind import CALM, Wind

Point = tuple[float, float]
"""Metres east and north."""

HOLDING = Performance(
    cruise_m_s=15.0,
    climb_m_s=3.0,
    descent_m_s=1.5,
    battery_wh=184.0,
    hover_power_w=270.0,
    cruise_power_w=235.0,
    climb_power_w=370.0,
    wind_limit_m_s=12.0,
    gust_limit_m_s=16.0,
)
"""The quadrotor of the demonstration. In 8 m/s of wind it holds its 15 m/s over ground in most directions."""
FLAT_OUT = replace(
    HOLDING, cruise_m_s=20.0, airspeed_max_m_s=20.0, cruise_power_w=round(HOLDING.level_power_w(20.0), 1)
)
"""The same one sent as fast as it flies, as a first responder is: 20 m/s through the air, so that wind tells."""


@dataclass(frozen=True)
class Physics:
    """One type in one wind at one height. Heights and the stand-off are those of the dispatcher's policy."""

    wind: Wind = CALM
    aircraft: Performance = FLAT_OUT
    height_m: float = 60.0
    standoff_m: float = 30.0
    order_s: float = 0.5
    lid_s: float = 6.0
    arming_s: float = 4.0
    charge_percent_per_min: float = 2.5

    @cached_property
    def airborne_s(self) -> float:
        """From the order until it lifts off."""
        return self.order_s + self.lid_s + self.arming_s

    @cached_property
    def climb(self) -> Stretch:
        """Over the dock."""
        return climb_stretch(performance=self.aircraft, rise_m=self.height_m, wind=self.wind)

    @cached_property
    def landing(self) -> Stretch:
        """On to the plate."""
        return landing_stretch(performance=self.aircraft, drop_m=self.height_m, wind=self.wind)

    @cached_property
    def hang_w(self) -> float:
        """While it watches."""
        return hang_power_w(performance=self.aircraft, wind=self.wind)

    @cached_property
    def reserve_wh(self) -> float:
        """Never planned with."""
        return self.aircraft.reserve_percent / 100 * self.aircraft.battery_wh

    def leg(self, start: Point, end: Point, *, short_m: float = 0.0) -> Stretch:
        """Straight from one point to ``short_m`` before another."""
        east, north = end[0] - start[0], end[1] - start[1]
        long_m = max(0.0, math.hypot(east, north) - short_m)
        bearing_deg = math.degrees(math.atan2(east, north)) % 360.0
        stretch = leg_stretch(
            performance=self.aircraft, leg=Leg(distance_m=long_m, bearing_deg=bearing_deg), wind=self.wind
        )
        if stretch is None:
            raise ValueError("the wind of the day leaves no speed over ground")
        return stretch

    def watch_place(self, start: Point, scene: Point) -> Point:
        """Where it hangs that came straight from ``start``."""
        away_m = math.dist(start, scene)
        if away_m <= self.standoff_m:
            return start
        share = 1 - self.standoff_m / away_m
        return start[0] + share * (scene[0] - start[0]), start[1] + share * (scene[1] - start[1])

    def charged_wh(self, wh: float, seconds: float) -> float:
        """The battery after so long at the charger."""
        gained_wh = max(0.0, seconds) / 60 * self.charge_percent_per_min / 100 * self.aircraft.battery_wh
        return min(self.aircraft.battery_wh, wh + gained_wh)

    def charging_s(self, wh: float, wanted_wh: float) -> float:
        """How long the charger takes."""
        return max(0.0, wanted_wh - wh) / (self.charge_percent_per_min / 100 * self.aircraft.battery_wh) * 60
