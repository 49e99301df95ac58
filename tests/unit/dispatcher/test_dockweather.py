"""What the docks have measured in the last hours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from contracts.position import Weather
from dispatcher.dockweather import EVERY, KEPT, DockWeather
from tests.desks import Scene

START = datetime(2026, 1, 31, 9, 30, tzinfo=UTC)


def measured(wind: float = 4.0, *, gust: float = 7.0, rain: float = 0.0, age_s: float = 1.0) -> Weather:
    return Weather(wind_speed_m_s=wind, wind_from_deg=240, gust_m_s=gust, rain_mm_h=rain, temperature_c=11, age_s=age_s)


def test_a_minute_is_one_sample_with_the_last_wind_and_the_strongest_gust_and_rain() -> None:
    known = DockWeather(began_at=START)
    for second, wind, gust, rain in [(1, 4, 7, 0), (20, 6, 15, 2), (59, 5, 8, 1), (61, 3, 6, 0)]:
        known.take("d", measured(wind, gust=gust, rain=rain, age_s=0), START + timedelta(seconds=second))
    found = [(each.wind_speed_m_s, each.gust_m_s, each.rain_mm_h) for each in known.of("d", START)]
    assert found == [(5, 15, 2), (3, 6, 0)]
    assert known.of("other", START) == ()


def test_where_nothing_was_measured_there_is_no_sample() -> None:
    known = DockWeather(began_at=START)
    known.take("d", measured(), START)
    for minute in range(1, 10):
        at = START + minute * EVERY
        # The station is gone: first its last measurement is told again and again, older each time, then nothing.
        known.take("d", measured(age_s=1 + 60 * minute) if minute < 5 else None, at)
    known.take("d", measured(9), START + 10 * EVERY)
    found = known.of("d", START + 10 * EVERY)
    assert [(each.measured_at - START) // EVERY for each in found] == [-1, 9]


def test_a_clock_that_goes_back_puts_nothing_out_of_its_order() -> None:
    known = DockWeather(began_at=START)
    known.take("d", measured(4), START)
    known.take("d", measured(9), START - timedelta(hours=1))
    assert [each.wind_speed_m_s for each in known.of("d", START)] == [4]


def test_it_is_bounded_and_forgets_what_is_too_old() -> None:
    known = DockWeather(began_at=START)
    for minute in range(2 * (KEPT // EVERY)):
        known.take("d", measured(), START + minute * EVERY)
    last = START + (2 * (KEPT // EVERY) - 1) * EVERY
    assert len(known.of("d", last)) == KEPT // EVERY
    assert known.of("d", last + KEPT + EVERY) == ()


async def test_the_desk_keeps_what_heartbeats_tell() -> None:
    scene = await Scene.open()
    await scene.clock.advance(60)
    await scene.status("cov-1", weather=measured(9, gust=12))
    await scene.status("cov-2", weather=None)
    now = scene.clock.mission_now()
    assert [each.wind_speed_m_s for each in scene.desk.dock_weather.of("cov-1", now)] == [4, 9]
    assert [each.wind_speed_m_s for each in scene.desk.dock_weather.of("cov-2", now)] == [4]
