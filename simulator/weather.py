"""The weather of a scenario: a mean wind with gusts on it, rain and temperature, the same for every run of a seed."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from typing import NamedTuple


class Air(NamedTuple):
    """The moving air around one aircraft: whole wind and the gust's part of it, m/s towards north and east."""

    north_m_s: float = 0.0
    east_m_s: float = 0.0
    gust_north_m_s: float = 0.0
    gust_east_m_s: float = 0.0


STILL_AIR = Air()


@dataclass(frozen=True, slots=True, kw_only=True)
class Weather:
    """Mean conditions; ``gust_m_s`` is the highest wind expected in ten minutes (None: steady air)."""

    wind_speed_m_s: float = 0.0
    wind_from_deg: float = 0.0
    gust_m_s: float | None = None
    rain_mm_h: float = 0.0
    temperature_c: float = 15.0

    @property
    def gust_sigma_m_s(self) -> float:
        """Standard deviation of one component: the ten-minute maximum taken as three sigma above the mean."""
        return 0.0 if self.gust_m_s is None else max(0.0, self.gust_m_s - self.wind_speed_m_s) / 3.0


class Turning:
    """Weather that changes from what it is to something else, in a straight line over some time."""

    def __init__(self, weather: Weather) -> None:
        self._was = weather
        self._will_be = weather
        self._since_s = 0.0
        self._over_s = 0.0

    def turn(self, weather: Weather, *, now_s: float, over_s: float) -> None:
        """Become this from what it is now."""
        self._was = self.at(now_s)
        self._will_be = weather
        self._since_s = now_s
        self._over_s = over_s

    def settled(self, sim_s: float) -> bool:
        """Whether it does not change any more."""
        return sim_s >= self._since_s + self._over_s

    def at(self, sim_s: float) -> Weather:
        """The weather at this time; the direction of the wind turns the short way."""
        if self.settled(sim_s):
            return self._will_be
        was, will_be, share = self._was, self._will_be, (sim_s - self._since_s) / self._over_s
        turn_deg = (will_be.wind_from_deg - was.wind_from_deg + 180.0) % 360.0 - 180.0
        gust = None
        if was.gust_m_s is not None or will_be.gust_m_s is not None:
            gust = _between(was.gust_m_s or was.wind_speed_m_s, will_be.gust_m_s or will_be.wind_speed_m_s, share)
        return Weather(
            wind_speed_m_s=_between(was.wind_speed_m_s, will_be.wind_speed_m_s, share),
            wind_from_deg=(was.wind_from_deg + share * turn_deg) % 360.0,
            gust_m_s=gust,
            rain_mm_h=_between(was.rain_mm_h, will_be.rain_mm_h, share),
            temperature_c=_between(was.temperature_c, will_be.temperature_c, share),
        )


def _between(was: float, will_be: float, share: float) -> float:
    return was + share * (will_be - was)


MAST_M = 10.0
"""Height above ground for which a wind is given: the standard of the World Meteorological Organization's Guide to
Instruments and Methods of Observation (WMO-No. 8), and so what a dock's mast is taken to tell.
"""
_SHEAR = 0.143
"""Exponent of the wind's growth with height: 1/7 for open country in near-neutral air (Justus and Mikhail, "Height
variation of wind speed and wind distributions statistics", Geophys. Res. Lett. 3(5), 1976).
"""
_LOWEST_M = 1.0
_HIGHEST_M = 300.0
"""Where the law holds; below and above it the wind is that of these heights."""


def at_height(height_m: float) -> float:
    """The mean wind at a height above ground, as a share of that at the mast: the power law."""
    return float((min(max(height_m, _LOWEST_M), _HIGHEST_M) / MAST_M) ** _SHEAR)


class Wind:
    """The wind at one place: a mean that grows with height, plus a first-order Gauss-Markov gust in both horizontal
    components.

    The exact discretisation of the Ornstein-Uhlenbeck process (Gillespie, Phys. Rev. E 54, 1996), renewed every
    ``interval_s`` with correlation time ``tau_s``; in between it is constant. First-order low-pass turbulence is the
    Dryden form of MIL-HDBK-1797; its correlation time of 4 s is an eddy of 60 m passing at 15 m/s. The gust does not
    depend on the height.
    """

    __slots__ = (
        "_gust_east",
        "_gust_north",
        "_interval_s",
        "_keep",
        "_mean_east",
        "_mean_north",
        "_random",
        "_renewed",
        "_until_s",
        "_weather",
        "air",
    )

    def __init__(self, *, weather: Weather, seed: str, tau_s: float = 4.0, interval_s: float = 0.1) -> None:
        self._random = random.Random(seed)
        self._interval_s = interval_s
        self._keep = math.exp(-interval_s / tau_s)
        self._gust_north = 0.0
        self._gust_east = 0.0
        self._until_s = 0.0
        self.air = STILL_AIR
        self.weather = weather

    @property
    def weather(self) -> Weather:
        """The mean conditions; they may be changed at any time."""
        return self._weather

    @weather.setter
    def weather(self, weather: Weather) -> None:
        towards = math.radians(weather.wind_from_deg + 180.0)
        self._weather = weather
        self._mean_north = weather.wind_speed_m_s * math.cos(towards)
        self._mean_east = weather.wind_speed_m_s * math.sin(towards)
        self._renewed = weather.gust_sigma_m_s * math.sqrt(1 - self._keep * self._keep)

    def step(self, sim_s: float, height_m: float = MAST_M) -> Air:
        """The air at this time and height above ground; call with times that do not go back."""
        if sim_s < self._until_s:
            return self.air
        self._until_s = sim_s + self._interval_s
        if self._renewed > 0.0 or self._gust_north != 0.0:
            self._gust_north = self._keep * self._gust_north + self._random.gauss(0.0, self._renewed)
            self._gust_east = self._keep * self._gust_east + self._random.gauss(0.0, self._renewed)
        share = 1.0 if height_m == MAST_M else at_height(height_m)
        self.air = Air(
            share * self._mean_north + self._gust_north,
            share * self._mean_east + self._gust_east,
            self._gust_north,
            self._gust_east,
        )
        return self.air

    @property
    def speed_m_s(self) -> float:
        """Of the wind as it blows now."""
        return math.hypot(self.air.north_m_s, self.air.east_m_s)

    @property
    def from_deg(self) -> float:
        """Direction it comes from now, 0 to 360, true."""
        if self.air.north_m_s == 0.0 and self.air.east_m_s == 0.0:
            return self._weather.wind_from_deg
        return math.degrees(math.atan2(-self.air.east_m_s, -self.air.north_m_s)) % 360.0
