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


class Wind:
    """The wind at one place: mean plus a first-order Gauss-Markov gust in both horizontal components.

    The exact discretisation of the Ornstein-Uhlenbeck process (Gillespie, Phys. Rev. E 54, 1996), renewed every
    ``interval_s`` with correlation time ``tau_s``; in between it is constant.
    """

    __slots__ = ("_gust_east", "_gust_north", "_interval_s", "_keep", "_random", "_until_s", "air", "weather")

    def __init__(self, *, weather: Weather, seed: str, tau_s: float = 4.0, interval_s: float = 0.1) -> None:
        self.weather = weather
        self._random = random.Random(seed)
        self._interval_s = interval_s
        self._keep = math.exp(-interval_s / tau_s)
        self._gust_north = 0.0
        self._gust_east = 0.0
        self._until_s = 0.0
        self.air = STILL_AIR

    def step(self, sim_s: float) -> Air:
        """The air at this time; call with times that do not go back."""
        if sim_s < self._until_s:
            return self.air
        self._until_s = sim_s + self._interval_s
        weather = self.weather
        sigma = weather.gust_sigma_m_s
        if sigma > 0.0:
            renewed = sigma * math.sqrt(1 - self._keep * self._keep)
            self._gust_north = self._keep * self._gust_north + self._random.gauss(0.0, renewed)
            self._gust_east = self._keep * self._gust_east + self._random.gauss(0.0, renewed)
        towards = math.radians(weather.wind_from_deg + 180.0)
        self.air = Air(
            weather.wind_speed_m_s * math.cos(towards) + self._gust_north,
            weather.wind_speed_m_s * math.sin(towards) + self._gust_east,
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
            return self.weather.wind_from_deg
        return math.degrees(math.atan2(-self.air.east_m_s, -self.air.north_m_s)) % 360.0
