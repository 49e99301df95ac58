"""What aerodromes report, and which are near a place."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from immutables import Map

from dispatcher.events.weather import WeatherReport
from geo.flight.position import distance_m

REACH_M = 100_000.0
"""Reports of stations further away than this are nobody's weather."""


@dataclass(frozen=True, kw_only=True)
class StationWeather:
    """The newest of a station's reports; None: there was none."""

    station: str
    lat_deg: float
    lon_deg: float
    metar: WeatherReport | None = None
    taf: WeatherReport | None = None


@dataclass(frozen=True, kw_only=True)
class ReportedWeather:
    """The stations by name. A value: it is replaced whole when a report comes."""

    stations: Map[str, StationWeather] = field(default_factory=Map)

    @cached_property
    def _near(self) -> dict[tuple[float, float], tuple[tuple[float, StationWeather], ...]]:
        return {}

    def near(self, lat_deg: float, lon_deg: float) -> tuple[tuple[float, StationWeather], ...]:
        """Stations within `REACH_M` of a place with their distances in metres, the nearest first.

        What was found for a place is kept: a decision asks for each of a thousand docks.
        """
        found = self._near.get((lat_deg, lon_deg))
        if found is None:
            measured = (
                (distance_m(lat_deg, lon_deg, station.lat_deg, station.lon_deg), station)
                for station in self.stations.values()
            )
            within = [each for each in measured if each[0] <= REACH_M]
            found = self._near[lat_deg, lon_deg] = tuple(sorted(within, key=lambda each: (each[0], each[1].station)))
        return found
