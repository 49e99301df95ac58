"""Reported weather as it is shown."""

from __future__ import annotations

from datetime import datetime

from dispatcher.entities import StationWeather
from dispatcher.events import ForecastPeriod, ReportedWind, WeatherReport
from dispatcher.presentation.view import Json, instant


def station_weather(entity: StationWeather, *, now: datetime) -> Json:
    """A station's newest reports, with their ages."""
    return {
        "station": entity.station,
        "place": {"lat_deg": entity.lat_deg, "lon_deg": entity.lon_deg},
        "metar": None if entity.metar is None else _metar(entity.metar, now),
        "taf": None if entity.taf is None else _taf(entity.taf, now),
    }


def _metar(report: WeatherReport, now: datetime) -> Json:
    return {
        **_common(report, now),
        "wind": None if report.wind is None else _wind(report.wind),
        "rain_mm_h": report.rain_mm_h,
        "storms": report.storms,
        "temperature_c": report.temperature_c,
        "visibility_m": report.visibility_m,
    }


def _taf(report: WeatherReport, now: datetime) -> Json:
    return {**_common(report, now), "periods": [_period(period) for period in report.periods]}


def _common(report: WeatherReport, now: datetime) -> Json:
    age_s = max(0.0, (now - report.at).total_seconds())
    return {"text": report.text, "at": instant(report.at), "age_s": round(age_s, 1)}


def _wind(wind: ReportedWind) -> Json:
    return {"speed_m_s": wind.speed_m_s, "from_deg": wind.from_deg, "gust_m_s": wind.gust_m_s}


def _period(period: ForecastPeriod) -> Json:
    return {
        "start": instant(period.start),
        "end": instant(period.end),
        "change": period.change,
        "wind": None if period.wind is None else _wind(period.wind),
        "storms": period.storms,
    }
