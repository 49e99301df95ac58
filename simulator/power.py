"""What flying costs: the simulator's own opinion of a multicopter's electrical power."""

from __future__ import annotations

import math

GRAVITY_M_S2 = 9.80665
AIR_DENSITY_KG_M3 = 1.225
_TIP_SPEED_M_S = 120.0
_BLADE_SHARE = 79.86 / (79.86 + 88.63)
"""Blade profile's share of hover power, from the example of the paper (P0 = 79.86 W, Pi = 88.63 W)."""
_CLIMB_EFFICIENCY = 0.75
_DESCENT_RECOVERY = 0.35
"""Share of the potential energy that lightens a descent; never below 60 % of level power (rotors keep turning)."""


class PowerCurve:
    """Rotary-wing power after Zeng, Xu, Zhang: "Energy Minimization for Wireless Communication With Rotary-Wing UAV",
    IEEE Trans. Wireless Commun. 18(4), 2019, eq. (12): blade profile + induced + parasite power over airspeed,
    scaled so that hover is the type's ``hover_power_w``; plus the power to climb.
    """

    __slots__ = ("_blade_w", "_induced_m_s", "_induced_w", "_parasite", "_weight_n")

    def __init__(self, *, mass_kg: float, hover_power_w: float, disc_area_m2: float, drag_area_m2: float) -> None:
        self._weight_n = mass_kg * GRAVITY_M_S2
        self._blade_w = hover_power_w * _BLADE_SHARE
        self._induced_w = hover_power_w - self._blade_w
        self._induced_m_s = math.sqrt(self._weight_n / (2 * AIR_DENSITY_KG_M3 * disc_area_m2))
        self._parasite = 0.5 * AIR_DENSITY_KG_M3 * drag_area_m2

    def watts(self, airspeed_m_s: float, climb_m_s: float) -> float:
        """Electrical power at this horizontal airspeed and climb rate (positive up)."""
        v2 = airspeed_m_s * airspeed_m_s
        ratio = v2 / (2 * self._induced_m_s * self._induced_m_s)
        induced = self._induced_w * math.sqrt(math.sqrt(1 + ratio * ratio) - ratio)
        blade = self._blade_w * (1 + 3 * v2 / (_TIP_SPEED_M_S * _TIP_SPEED_M_S))
        level = blade + induced + self._parasite * v2 * airspeed_m_s
        if climb_m_s >= 0:
            return level + self._weight_n * climb_m_s / _CLIMB_EFFICIENCY
        return max(0.6 * level, level + _DESCENT_RECOVERY * self._weight_n * climb_m_s)
