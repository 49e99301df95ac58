"""The weather on the way: what may begin a flight must also hold for going on with it, give or take a gust.

Launching and going on have the same limits, those of the aircraft's type: they are what its maker stands for in the
air. In flight a limit must be broken for a while before it counts, because the dock's mast is not where the aircraft
is, and one gust over the limit does not make a flight unsafe that a return would then fly through anyway. What is too
much for the way home is for the energy to say (`dock_agent.energywatch`), at once. A limit that was set aside for this
launch yields on the way as well, as far as it was set aside.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from contracts.fleet import AircraftType
from contracts.position import Weather
from contracts.warnings import WarningCode, WarningOverride
from dock_agent.energywatch import WEATHER_OLD_S
from dock_agent.findings import Finding, against
from dock_agent.flight import since

BEYOND_LASTS_S = 20.0
"""Mission seconds for which a limit must be broken before the flight is brought home."""


def beyond(weather: Weather, aircraft_type: AircraftType) -> list[Finding]:
    """Each limit of the type that this weather breaks, with both figures."""
    found = []
    for code, what, value, limit, unit in (
        (WarningCode.WIND_OVER_LIMIT, "wind", weather.wind_speed_m_s, aircraft_type.wind_limit_m_s, "m/s"),
        (WarningCode.GUST_OVER_LIMIT, "gusts", weather.gust_m_s, aircraft_type.gust_limit_m_s, "m/s"),
        (WarningCode.RAIN_OVER_LIMIT, "rain", weather.rain_mm_h, aircraft_type.rain_limit_mm_h, "mm/h"),
        (
            WarningCode.TEMPERATURE_OUT_OF_LIMITS,
            "temperature",
            weather.temperature_c,
            aircraft_type.temperature_max_c,
            "°C",
        ),
    ):
        if value > limit:
            text = f"{what} {_beyond(value, limit)} {unit}, limit {limit:.1f} {unit}"
            found.append(Finding(text=text, warning=code, value=value, limit=limit))
    celsius, least = weather.temperature_c, aircraft_type.temperature_min_c
    if celsius < least:
        text = f"temperature {_beyond(celsius, least)} °C, least {least:.1f} °C"
        code = WarningCode.TEMPERATURE_OUT_OF_LIMITS
        found.append(Finding(text=text, warning=code, value=celsius, limit=least))
    return found


def _beyond(value: float, limit: float) -> str:
    """In tenths; where these would read as the limit itself, that it is just beyond it."""
    tenths, side = f"{value:.1f}", "over" if value > limit else "under"
    return f"just {side} {limit:.1f}" if tenths == f"{limit:.1f}" else tenths


def unknown(weather: Weather | None) -> str | None:
    """Why the weather counts as unknown; None while a sample is fresh."""
    if weather is None:
        return "the weather is unknown: the dock has no sensor value"
    if weather.age_s > WEATHER_OLD_S:
        return f"the weather is unknown: the last sample is {weather.age_s:.0f} s old"
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class WeatherWatch:
    """Since when the weather has been beyond the limits, and which."""

    since_at: datetime | None = None
    broken: tuple[str, ...] = ()
    unknown: str | None = None

    def after(
        self,
        *,
        weather: Weather | None,
        aircraft_type: AircraftType,
        now: datetime,
        overrides: Iterable[WarningOverride] = (),
    ) -> WeatherWatch:
        """The state after a look; ``now`` is mission time, ``overrides`` those of the flight's order."""
        missing = unknown(weather)
        if weather is None or missing is not None:
            return WeatherWatch(unknown=missing)
        broken = tuple(each.text for each in against(beyond(weather, aircraft_type), overrides))
        return WeatherWatch(since_at=(self.since_at or now) if broken else None, broken=broken)

    def must_return(self, now: datetime) -> str | None:
        """Why it must come home; None while the weather allows it to go on."""
        if self.since_at is None or since(self.since_at, now) < BEYOND_LASTS_S:
            return None
        return "the weather is beyond the aircraft's limits: " + "; ".join(self.broken)
