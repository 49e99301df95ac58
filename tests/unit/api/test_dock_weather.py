"""The last hours of a dock's weather over HTTP, with ages, for those who answer for docks."""

from __future__ import annotations

from contracts.position import Weather
from tests.unit.api.house import House


async def test_the_last_hours_are_told_sample_by_sample_with_their_age_and_from_when_they_are_complete(
    house: House,
) -> None:
    began = await house.taken("GET", "/docks/cov-1/weather")
    await house.clock.advance(90)
    gale = Weather(wind_speed_m_s=14, wind_from_deg=250, gust_m_s=19, rain_mm_h=2, temperature_c=9, age_s=5)
    await house.scene.status("cov-1", weather=gale)
    await house.clock.advance(10)
    shown = await house.taken("GET", "/docks/cov-1/weather", role="pilot")
    assert (shown["dock_id"], shown["every_s"]) == ("cov-1", 60.0)
    assert shown["complete_from"] == began["complete_from"]
    assert len(shown["samples"]) == len(began["samples"]) + 1
    last = shown["samples"][-1]
    assert (last["wind_speed_m_s"], last["wind_from_deg"], last["gust_m_s"]) == (14, 250, 19)
    assert (last["rain_mm_h"], last["temperature_c"], last["age_s"]) == (2, 9, 15)
    assert last["measured_at"] > shown["samples"][0]["measured_at"]


async def test_nothing_is_complete_from_before_the_time_that_is_kept(house: House) -> None:
    began = (await house.taken("GET", "/docks/cov-1/weather"))["complete_from"]
    await house.clock.leap(13 * 3600)
    later = await house.taken("GET", "/docks/cov-1/weather")
    assert (later["samples"], later["complete_from"] > began) == ([], True)


async def test_no_dock_has_no_weather_and_an_officer_sees_none(house: House) -> None:
    assert (await house.ask("GET", "/docks/cov-9/weather")).status_code == 404
    assert (await house.ask("GET", "/docks/cov-1/weather", role="officer")).status_code == 403
