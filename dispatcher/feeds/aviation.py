"""METAR and TAF as text into what a decision needs of them, by `avwx-engine`: parsing alone, nothing is fetched.

What is read is checked against what can be: a report that is misread must not fly a drone. Reports carry only the day
of the month; which month it is follows from the time at which they are read.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

from dispatcher.events.weather import ForecastPeriod, ReportedWind, WeatherReport

MOST_CHARACTERS = 2_000
"""Of one report."""
OLDEST = timedelta(hours=36)
"""A forecast holds for 30 hours; nothing older is of use to anybody."""
AHEAD = timedelta(minutes=15)
STRONGEST_M_S = 75.0
"""More than was ever measured at an aerodrome that was still reporting: a slip of the pen."""
_TO_M_S = {"kt": 1852 / 3600, "m/s": 1.0, "km/h": 1 / 3.6}
_STORM = re.compile(r"(?:^|\s)(?:[+-]|VC)?TS[A-Z]*(?=\s|$)")
_WET = re.compile(r"(?:^|\s)([+-]|VC)?(?:MI|BC|PR|DR|BL|SH|TS|FZ)?((?:RA|SN|DZ|PL|GR|GS|SG|UP)+)(?=\s|$)")
RAIN_MM_H = {"-": 2.5, "": 10.0, "+": 50.0}
"""The upper ends of light, moderate and heavy rain (WMO-No. 8, volume I, chapter 14); heavy has none, 50 is violent."""


class NotAReport(Exception):
    """Text that is no METAR or TAF that can be relied on; says why."""


def split_reports(text: str) -> list[str]:
    """The reports of a file or a message: ended by ``=``, or each on a line of its own; a TAF goes on over lines that
    are indented. Lines of ``#`` are comments.
    """
    reports: list[str] = []
    going_on = False
    for line in text.splitlines():
        if line.lstrip().startswith("#"):
            continue
        stripped = " ".join(line.split())
        if not stripped:
            going_on = False
            continue
        if going_on and line[:1].isspace() and reports:
            reports[-1] += f" {stripped}"
        else:
            reports.append(stripped)
        going_on = not stripped.endswith("=")
    return [part.strip() for report in reports for part in report.split("=") if part.strip()]


def read_report(text: str, *, now: datetime) -> WeatherReport:
    """One report. Raises `NotAReport`. The first call takes a second: the list of stations is read then."""
    plain = " ".join(text.strip().rstrip("=").upper().split())
    if not plain or len(plain) > MOST_CHARACTERS or not plain.isascii() or not plain.isprintable():
        raise NotAReport(f"a report is 1 to {MOST_CHARACTERS} plain characters")
    taf = plain.startswith("TAF") or re.search(r"\s\d{4}/\d{4}\s", f"{plain} ") is not None
    parsed = _parsed(plain, taf=taf, day=_day_of(plain, now))
    station, data = parsed.station, parsed.data
    if station is None or station.latitude is None or station.longitude is None or not station.icao:
        raise NotAReport(f"its station {plain.removeprefix('TAF ').removeprefix('METAR ')[:4]!r} is not known")
    at = data.time.dt if data is not None and data.time is not None else None
    if at is None:
        raise NotAReport("it does not say when it is of (such as 281150Z)")
    if re.search(r"\bNIL\b|\bCNL\b", plain):
        raise NotAReport("it says that there is no report")
    at = at.astimezone(UTC)
    if not now - OLDEST <= at <= now + AHEAD:
        raise NotAReport(f"it is of {at:%Y-%m-%d %H:%M}Z, which is not within the last {OLDEST.days * 24 + 12} hours")
    units = parsed.units
    common: dict[str, Any] = {
        "station": station.icao,
        "lat_deg": float(station.latitude),
        "lon_deg": float(station.longitude),
        "text": plain,
        "at": at,
    }
    if taf:
        return WeatherReport(kind="TAF", periods=_periods(data, units), **common)
    body = plain.split(" RMK")[0]
    return WeatherReport(
        kind="METAR",
        wind=_wind(data, units),
        rain_mm_h=_rain(body),
        storms=_STORM.search(body) is not None,
        temperature_c=_bounded(data.temperature, -80, 60),
        visibility_m=_bounded(data.visibility, 0, 100_000) if units.visibility == "m" else None,
        **common,
    )


def _parsed(plain: str, *, taf: bool, day: date) -> Any:
    # Here, because it takes half a second that a start need not wait for.
    from avwx.current.metar import Metar
    from avwx.current.taf import Taf
    from avwx.exceptions import BadStation

    try:
        parsed = (Taf if taf else Metar).from_report(plain, issued=day)
    except BadStation as wrong:
        raise NotAReport(f"its station is not known: {wrong}") from None
    except Exception as wrong:
        raise NotAReport(f"it cannot be read ({type(wrong).__name__})") from None
    if parsed is None or parsed.data is None or parsed.units is None:
        raise NotAReport("it cannot be read as a METAR or TAF")
    return parsed


def _day_of(plain: str, now: datetime) -> date:
    """The date nearest to now whose day of the month is the report's."""
    found = re.search(r"\b(\d{2})\d{4}Z\b", plain)
    days = [(now + timedelta(days=offset)).date() for offset in (0, -1, 1, -2)]
    return next((day for day in days if found is not None and day.day == int(found[1])), days[0])


def _wind(data: Any, units: Any) -> ReportedWind | None:
    factor = _TO_M_S.get(units.wind_speed)
    speed = None if data.wind_speed is None else data.wind_speed.value
    if factor is None or speed is None:
        return None
    speed_m_s = round(float(speed) * factor, 2)
    gust = None if data.wind_gust is None or data.wind_gust.value is None else float(data.wind_gust.value)
    gust_m_s = None if gust is None else round(gust * factor, 2)
    if not 0 <= speed_m_s <= STRONGEST_M_S or (gust_m_s is not None and not speed_m_s <= gust_m_s <= STRONGEST_M_S):
        return None
    direction = None if data.wind_direction is None else data.wind_direction.value
    if direction is not None and not 0 <= direction <= 360:
        return None
    from_deg = 0.0 if direction is None and speed_m_s == 0 else None if direction is None else float(direction) % 360.0
    return ReportedWind(speed_m_s=speed_m_s, from_deg=from_deg, gust_m_s=gust_m_s)


def _rain(body: str) -> float | None:
    if " //" in body and _WET.search(body) is None:
        return None  # an automatic station that does not see the weather
    found = [match for match in _WET.finditer(f"{body} ") if match[1] != "VC"]
    return max((RAIN_MM_H[match[1] or ""] for match in found), default=0.0)


def _bounded(value: Any, low: float, high: float) -> float | None:
    number = None if value is None else value.value
    return float(number) if isinstance(number, int | float) and low <= number <= high else None


def _periods(data: Any, units: Any) -> tuple[ForecastPeriod, ...]:
    periods: list[ForecastPeriod] = []
    for line in data.forecast:
        # What becomes so may be so from the beginning of its change on.
        start = line.transition_start or line.start_time
        if start is None or start.dt is None or line.end_time is None or line.end_time.dt is None:
            raise NotAReport("a part of the forecast does not say from when to when it holds")
        first, last = start.dt.astimezone(UTC), line.end_time.dt.astimezone(UTC)
        if not first < last <= first + timedelta(hours=48):
            raise NotAReport("a part of the forecast ends before it begins")
        periods.append(
            ForecastPeriod(
                start=first,
                end=last,
                change=str(line.type)[:20],
                wind=_wind(line, units),
                storms=_STORM.search(f" {line.sanitized or line.raw} ") is not None,
            )
        )
    if not periods:
        raise NotAReport("it forecasts nothing")
    return tuple(periods)
