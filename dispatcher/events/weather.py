"""What aerodromes report and forecast: streams ``weather/{station}``."""

from __future__ import annotations

from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from contracts.position import LatDeg, LonDeg
from dispatcher.events.event import Event


class ReportedWind(BaseModel):
    """At 10 m above ground, in metres per second."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    speed_m_s: float = Field(ge=0)
    from_deg: float | None
    """True; None: variable."""
    gust_m_s: float | None = None
    """None: none is told, and there may be some up to 10 kt above the mean (ICAO Annex 3, 4.1.5.2)."""


class ForecastPeriod(BaseModel):
    """A part of a forecast, from the first instant at which it may hold to its end."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    start: AwareDatetime
    end: AwareDatetime
    change: str
    """FROM, BECMG, TEMPO, PROB, as the report says."""
    wind: ReportedWind | None = None
    storms: bool = False
    """Thunderstorms."""


class WeatherReport(BaseModel):
    """One METAR or TAF: its text, and what was understood of it."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    kind: Literal["METAR", "TAF"]
    station: str
    lat_deg: LatDeg
    lon_deg: LonDeg
    text: str
    at: AwareDatetime
    """When it was observed, or the forecast issued."""
    wind: ReportedWind | None = None
    rain_mm_h: float | None = None
    """The most that its words for rain or snow allow; None: it says nothing of the present weather."""
    storms: bool = False
    temperature_c: float | None = None
    visibility_m: float | None = None
    periods: tuple[ForecastPeriod, ...] = ()


class WeatherReported(Event):
    """A newer report of a station than the one before."""

    station: str
    report: WeatherReport
