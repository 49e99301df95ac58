"""What the docks have measured in the last hours, a sample a minute each: to see whether the wind is getting up.

Kept in memory from the docks' heartbeats and bounded. The journal has no more of it than decisions rested on, so a
restart of the dispatcher begins anew. Where nothing was measured there is no sample.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from contracts.position import Weather

EVERY = timedelta(minutes=1)
"""Mission time that one sample stands for."""
KEPT = timedelta(hours=12)
"""Mission time for which samples are kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A minute at a dock: what was measured last in it, but the strongest gust and rain. Wind: from, true north."""

    measured_at: datetime
    """Mission time."""
    wind_speed_m_s: float
    wind_from_deg: float
    gust_m_s: float
    rain_mm_h: float
    temperature_c: float


class DockWeather:
    """The last hours of every dock; at most ``KEPT / EVERY`` samples of each."""

    def __init__(self, *, began_at: datetime) -> None:
        self.began_at = began_at
        """Mission time; nothing is known of before."""
        self._samples: dict[str, deque[Sample]] = {}

    def take(self, dock_id: str, weather: Weather | None, at: datetime) -> None:
        """A heartbeat of mission time ``at`` has it; one that repeats an old measurement says nothing new."""
        if weather is None:
            return
        measured_at = at - timedelta(seconds=weather.age_s)
        samples = self._samples.setdefault(dock_id, deque(maxlen=KEPT // EVERY))
        last = samples[-1] if samples else None
        if last is not None and measured_at <= last.measured_at:
            return
        sample = Sample(
            measured_at=measured_at,
            wind_speed_m_s=weather.wind_speed_m_s,
            wind_from_deg=weather.wind_from_deg,
            gust_m_s=weather.gust_m_s,
            rain_mm_h=weather.rain_mm_h,
            temperature_c=weather.temperature_c,
        )
        if last is not None and _minute(last.measured_at) == _minute(measured_at):
            gust_m_s, rain_mm_h = max(last.gust_m_s, sample.gust_m_s), max(last.rain_mm_h, sample.rain_mm_h)
            samples[-1] = replace(sample, gust_m_s=gust_m_s, rain_mm_h=rain_mm_h)
        else:
            samples.append(sample)

    def of(self, dock_id: str, now: datetime) -> tuple[Sample, ...]:
        """Its samples of the last hours, the first first."""
        return tuple(each for each in self._samples.get(dock_id, ()) if now - each.measured_at <= KEPT)


def _minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)
