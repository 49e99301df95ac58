"""When zones apply: hours across midnight, offsets that move the day, spans."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.airspace.errors import ZoneError
from geo.airspace.finding import Notes
from geo.airspace.hours import read_daily
from geo.airspace.period import WEEK, DailyPeriod, Day, Period, read_clock, read_instant, written_instant
from geo.airspace.zone import Zone
from tests.unit.geo.airspace.documents import Json, features_269, read, zone_269

MONDAY = datetime(2026, 11, 23, tzinfo=UTC)


def some_zone() -> Zone:
    return read(features_269(zone_269())).zones[0]


def test_hours_past_midnight_belong_to_the_day_that_they_start_on() -> None:
    night = DailyPeriod(days=(Day.MON,), start=time(22), end=time(4))
    assert night.holds(MONDAY + timedelta(hours=23))
    assert night.holds(MONDAY + timedelta(hours=27))
    assert not night.holds(MONDAY + timedelta(hours=3))
    assert not night.holds(MONDAY + timedelta(hours=28))


def test_hours_without_an_end_go_to_midnight() -> None:
    evening = DailyPeriod(days=(Day.MON,), start=time(18))
    assert evening.holds(MONDAY + timedelta(hours=23, minutes=59))
    assert not evening.holds(MONDAY + timedelta(hours=24))


@given(
    st.sets(st.sampled_from(WEEK), min_size=1),
    st.integers(0, 23),
    st.integers(1, 23),
    st.integers(-14, 14),
    st.integers(0, 7 * 24 - 1),
)
def test_hours_in_local_time_hold_the_same_instants_as_local_clocks_show(
    days: set[Day], start: int, length: int, offset: int, hour: int
) -> None:
    end = (start + length) % 24
    sign = "+" if offset >= 0 else "-"
    suffix = f":00{sign}{abs(offset):02d}:00"
    daily = read_daily(
        {"day": [day.value for day in days], "startTime": f"{start:02d}{suffix}", "endTime": f"{end:02d}{suffix}"},
        Notes(),
    )
    instant = MONDAY + timedelta(hours=hour, minutes=30)
    local = instant.astimezone(timezone(timedelta(hours=offset)))
    since_start = (local.hour - start) % 24
    began = WEEK[(local - timedelta(hours=since_start)).weekday()]
    assert (daily is None or daily.holds(instant)) is (since_start < length and began in days)


def test_whole_days_of_the_whole_week_exclude_nothing() -> None:
    excluding_nothing: list[Json] = [
        {},
        {"day": ["ANY"]},
        {"day": [], "startTime": None},
        {"startTime": "00:00Z", "endTime": "24:00Z"},
        {"startTime": "00:00:00Z", "endTime": "23:59:59Z"},
    ]
    for fields in excluding_nothing:
        assert read_daily(fields, Notes()) is None


def test_an_unknown_day_is_every_day_and_told() -> None:
    notes = Notes()
    daily = read_daily({"day": ["HOL"], "startTime": "08:00Z"}, notes)
    assert daily is not None
    assert daily.days == WEEK
    assert "HOL" in notes.findings[0].reason


@pytest.mark.parametrize("text", ["", "noon", "25:00", "8", "12:00:00+99:00"])
def test_what_is_no_time_of_day_is_none(text: str) -> None:
    assert read_clock(text) is None


def test_instants_are_read_with_offset_with_z_and_as_utc_without() -> None:
    expected = datetime(2026, 1, 1, 11, tzinfo=UTC)
    for text in ("2026-01-01T12:00:00+01:00", "2026-01-01T11:00:00Z", "2026-01-01T11:00:00", "2026-01-01T11:00:00.00Z"):
        assert read_instant(text) == expected
    assert read_instant("0001-01-01T00:00:00+14:00") is None
    assert read_instant("soon") is None


@given(st.datetimes(timezones=st.just(UTC)))
def test_a_written_instant_is_read_again(instant: datetime) -> None:
    assert read_instant(written_instant(instant)) == instant


def test_a_span_holds_its_start_and_not_its_end() -> None:
    span = Period(start=MONDAY, end=MONDAY + timedelta(days=1))
    assert span.holds(MONDAY)
    assert not span.holds(MONDAY + timedelta(days=1))
    assert not span.holds(MONDAY - timedelta(microseconds=1))


def test_an_instant_without_an_offset_is_an_error_and_not_a_guess() -> None:
    with pytest.raises(ZoneError, match="offset"):
        some_zone().applies_at(datetime(2026, 1, 1))  # noqa: DTZ001 - that is the point


daily_periods = st.builds(
    DailyPeriod,
    days=st.sets(st.sampled_from(WEEK), min_size=1).map(tuple),
    start=st.none() | st.integers(0, 23).map(time),
    end=st.none() | st.integers(0, 23).map(time),
)
half_hours = st.integers(0, 48 * 20).map(lambda count: MONDAY + timedelta(minutes=30 * count))


@settings(deadline=None)
@given(
    st.lists(daily_periods, max_size=2).map(tuple),
    st.none() | half_hours,
    st.none() | half_hours,
    half_hours,
    st.integers(0, 48 * 9),
)
def test_a_span_touches_a_flight_exactly_when_it_holds_an_instant_of_it(
    daily: tuple[DailyPeriod, ...], start: datetime | None, end: datetime | None, since: datetime, length: int
) -> None:
    period = Period(start=start, end=end, daily=daily)
    instants = [since + timedelta(minutes=30 * step) for step in range(length + 1)]
    assert period.touches(since, instants[-1]) is any(period.holds(instant) for instant in instants)


def test_hours_that_a_span_ends_before_are_not_touched_however_long_is_asked_for() -> None:
    tuesdays = DailyPeriod(days=(Day.TUE,))
    period = Period(end=MONDAY + timedelta(minutes=30), daily=(tuesdays,))
    assert not period.touches(MONDAY, MONDAY + timedelta(days=8))


def test_a_zone_that_begins_during_a_flight_applies_during_it() -> None:
    zone = replace(some_zone(), periods=(Period(start=MONDAY + timedelta(minutes=10)),))
    assert zone.applies_during(MONDAY, MONDAY + timedelta(minutes=30))
    assert not zone.applies_during(MONDAY, MONDAY + timedelta(minutes=9))
    assert some_zone().applies_during(MONDAY, MONDAY)
