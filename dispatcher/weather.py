"""What reports of aerodromes mean for a dock: its wind where its own sensor is silent, and what is forecast. Pure.

A dock's own sensor comes first. Where it is old or there is none, the nearest aerodrome's report stands in for it,
within a distance and an age that the policy states, and the option says so.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from dispatcher import events as ev
from dispatcher.decision.facts import ForecastFacts, Policy, ReportFacts, WeatherFacts
from dispatcher.entities import ReportedWeather, State
from dispatcher.errors import Conflict

UNTOLD_GUST_M_S = 10 * 1852 / 3600
"""Above the mean: gusts of less than 10 kt are not reported (ICAO Annex 3, 4.1.5.2 c), so they may be there."""
VARIABLE_UP_TO_M_S = 3.1
"""A wind of no direction that is stronger (above 6 kt) stands in for nobody's."""
MOST_STATIONS = 500


def take(state: State, reports: Iterable[ev.WeatherReport]) -> list[ev.Event]:
    """The events of reports that are newer than what is known, in their order. Raises `Conflict` for too many."""
    newest: dict[tuple[str, str], ev.WeatherReport] = {}
    taken: list[ev.Event] = []
    stations = set(state.weather.stations)
    for report in reports:
        known = state.weather.stations.get(report.station)
        last = newest.get((report.station, report.kind)) or (
            None if known is None else known.metar if report.kind == "METAR" else known.taf
        )
        # A correction is of the same time with other text.
        if last is not None and (report.at < last.at or report.text == last.text):
            continue
        stations.add(report.station)
        if len(stations) > MOST_STATIONS:
            raise Conflict(f"reports of at most {MOST_STATIONS} stations are kept")
        newest[report.station, report.kind] = report
        taken.append(ev.WeatherReported(station=report.station, report=report))
    return taken


class Around:
    """The reported weather at one moment, as docks ask for it."""

    def __init__(self, weather: ReportedWeather, *, policy: Policy, now: datetime) -> None:
        self._weather = weather
        self._policy = policy
        self._now = now
        self._worst: dict[str, ForecastFacts | None] = {}

    def reported(self, lat_deg: float, lon_deg: float) -> WeatherFacts | None:
        """The weather of the nearest report that can stand in for a sensor; None: there is none near or new enough."""
        for distance_m, station in self._weather.near(lat_deg, lon_deg):
            if distance_m > self._policy.report_within_m:
                return None
            if station.metar is not None:
                facts = self._facts(station.metar, distance_m)
                if facts is not None:
                    return facts
        return None

    def forecast(self, lat_deg: float, lon_deg: float) -> ForecastFacts | None:
        """The strongest wind and gust that the nearest forecast holds possible within the policy's time; None: none."""
        for distance_m, station in self._weather.near(lat_deg, lon_deg):
            if distance_m > self._policy.report_within_m:
                return None
            if station.taf is None:
                continue
            if station.station not in self._worst:
                self._worst[station.station] = self._worst_of(station.taf)
            worst = self._worst[station.station]
            if worst is not None:
                return ForecastFacts(
                    station=worst.station,
                    distance_m=distance_m,
                    wind_speed_m_s=worst.wind_speed_m_s,
                    gust_m_s=worst.gust_m_s,
                    gust_from=worst.gust_from,
                    storms_from=worst.storms_from,
                )
        return None

    def _facts(self, metar: ev.WeatherReport, distance_m: float) -> WeatherFacts | None:
        age_s, wind = (self._now - metar.at).total_seconds(), metar.wind
        if age_s > self._policy.report_max_age_s or wind is None:
            return None
        if metar.rain_mm_h is None or metar.temperature_c is None:
            return None
        if wind.from_deg is None and wind.speed_m_s > VARIABLE_UP_TO_M_S:
            return None
        return WeatherFacts(
            wind_speed_m_s=wind.speed_m_s,
            wind_from_deg=wind.from_deg or 0.0,
            gust_m_s=_gust_m_s(wind),
            rain_mm_h=metar.rain_mm_h,
            temperature_c=metar.temperature_c,
            age_s=max(0.0, age_s),
            report=ReportFacts(station=metar.station, distance_m=distance_m),
        )

    def _worst_of(self, taf: ev.WeatherReport) -> ForecastFacts | None:
        until = self._now + timedelta(seconds=self._policy.forecast_ahead_s)
        ahead = [period for period in taf.periods if period.end > self._now and period.start <= until]
        winds = [(period, period.wind) for period in ahead if period.wind is not None]
        if not winds:
            return None
        gusty, strongest = max(winds, key=lambda each: each[1].gust_m_s or each[1].speed_m_s)
        storms = [period.start for period in ahead if period.storms]
        return ForecastFacts(
            station=taf.station,
            distance_m=0.0,
            wind_speed_m_s=max(wind.speed_m_s for _, wind in winds),
            gust_m_s=strongest.gust_m_s or strongest.speed_m_s,
            gust_from=max(gusty.start, self._now),
            storms_from=max(min(storms), self._now) if storms else None,
        )


def _gust_m_s(wind: ev.ReportedWind) -> float:
    return wind.gust_m_s if wind.gust_m_s is not None else wind.speed_m_s + UNTOLD_GUST_M_S
