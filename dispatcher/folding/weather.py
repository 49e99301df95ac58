"""The newest weather of each station, from the events."""

from __future__ import annotations

from dispatcher import events as ev
from dispatcher.entities import ReportedWeather, State, StationWeather
from dispatcher.folding.change import Handlers, replace
from dispatcher.record import Recorded


def _reported(state: State, _: Recorded, event: ev.WeatherReported) -> State:
    report, stations = event.report, state.weather.stations
    known = stations.get(event.station)
    station = StationWeather(
        station=event.station,
        lat_deg=report.lat_deg,
        lon_deg=report.lon_deg,
        metar=report if report.kind == "METAR" else None if known is None else known.metar,
        taf=report if report.kind == "TAF" else None if known is None else known.taf,
    )
    # Made anew, not replaced: what was found to be near must not go over to the next one.
    return replace(state, weather=ReportedWeather(stations=stations.set(event.station, station)))


HANDLERS: Handlers = {ev.WeatherReported: _reported}
