"""Reported weather from the post to the option: journalled once, with age, and in a silent sensor's place."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest

from contracts.position import Weather
from dispatcher.decision.facts import facts_from_json
from dispatcher.state import State, apply
from dispatcher.weatherfile import WeatherFile
from tests.unit.api.house import House, Json


def report(house: House, body: str, *, station: str = "EGBE", ago_s: float = 840.0) -> str:
    """A METAR of so long ago."""
    at = house.scene.now_plus(-ago_s)
    return f"METAR {station} {at:%d%H%M}Z {body}"


async def post(house: House, *reports: str) -> Json:
    return await house.taken("POST", "/weather/reports", json={"reports": list(reports)})


async def silent_sensor(house: House, *, age_s: float = 4000.0) -> None:
    """The docks' stations have measured nothing for long."""
    weather = Weather(wind_speed_m_s=1, wind_from_deg=0, gust_m_s=1, rain_mm_h=0, temperature_c=10, age_s=age_s)
    for dock_id in house.desk.state.docks:
        await house.scene.status(dock_id, weather=weather)


def option_of(shown: Json, dock_id: str = "cov-1") -> Json:
    (found,) = [option for option in shown["options"] if option["dock_id"] == dock_id]
    return dict(found)


def risks(option: Json) -> dict[str, list[str]]:
    told: dict[str, list[str]] = {}
    for risk in option["risks"]:
        told.setdefault(risk["code"], []).append(risk["text"])
    return told


async def test_reports_are_journalled_once_and_shown_with_their_age(house: House) -> None:
    text = report(house, "24014KT 9999 -RA BKN018 08/06 Q1004")
    assert await post(house, text) == {"deployment": "simulation", "taken": 1, "known_before": 0}
    before = await house.seq()
    assert (await post(house, text))["taken"] == 0
    assert (await post(house, report(house, "27001KT 9999 08/06", ago_s=2000)))["taken"] == 0, "an older one"
    assert await house.seq() == before
    await house.clock.advance(60)
    (station,) = (await house.taken("GET", "/weather"))["stations"]
    assert station["metar"]["text"] == text
    assert 60 <= station["metar"]["age_s"] - 840 < 120 + 1
    state = State()
    async for recorded in house.journal.read():
        state = apply(state, recorded)
    assert state.weather == house.desk.state.weather


async def test_a_dock_whose_sensor_is_fresh_flies_by_its_own_wind(house: House) -> None:
    await post(house, report(house, "24030KT 9999 08/06 Q1004"))
    option = option_of(await house.incident())
    assert option["eligible"]
    assert "weather_reported" not in risks(option)


async def test_a_silent_sensor_is_stood_in_for_by_the_nearest_report_and_the_option_says_so(house: House) -> None:
    await silent_sensor(house)
    assert not option_of(await house.incident())["eligible"]
    await post(
        house,
        report(house, "24014KT 9999 NSC 08/06 Q1004"),
        report(house, "24001KT 9999 NSC 08/06 Q1004", station="EGBB"),
    )
    option = option_of(await house.incident())
    assert option["eligible"], option
    (told,) = risks(option)["weather_reported"]
    assert told == "wind from METAR EGBE 5 km away, 15 min old" or told == "wind from METAR EGBE 5 km away, 14 min old"


async def test_coverage_has_the_wind_of_the_options_whosever_it_is(house: House) -> None:
    async def winds() -> list[tuple[float, str | None]]:
        shown = await house.taken("GET", "/docks/coverage", role="pilot")
        return [
            (feature["properties"]["wind_speed_m_s"], feature["properties"]["wind_source"])
            for feature in shown["features"]
            if feature["properties"]["dock_id"] == "cov-1"
        ]

    assert set(await winds()) == {(4.0, "dock")}
    await post(house, report(house, "24014KT 9999 NSC 08/06 Q1004"))
    assert set(await winds()) == {(4.0, "dock")}, "its own is new enough"
    await silent_sensor(house)
    assert set(await winds()) == {(7.0, "METAR EGBE")}


async def test_gusts_that_a_report_need_not_tell_are_reckoned_with(house: House) -> None:
    await silent_sensor(house)
    # 22 kt are 11.3 m/s, below the wind limit of 12; a gust of 10 kt more need not be told, and is above 16 m/s.
    await post(house, report(house, "24022KT 9999 NSC 08/06 Q1004"))
    option = option_of(await house.incident())
    assert [reason["code"] for reason in option["reasons"]] == ["gust_over_limit"]


@pytest.mark.parametrize(
    "body",
    ["/////KT 9999 NSC 08/06 Q1004", "VRB12KT 9999 NSC 08/06 Q1004", "24014KT //// // ////// 08/06", "24014KT CAVOK"],
)
async def test_a_report_that_leaves_something_open_stands_in_for_nothing(house: House, body: str) -> None:
    await silent_sensor(house)
    await post(house, report(house, body))
    option = option_of(await house.incident())
    assert [reason["code"] for reason in option["reasons"]] == ["weather_unknown"]


async def test_a_report_that_is_old_or_far_stands_in_for_nothing(house: House) -> None:
    await silent_sensor(house)
    await post(
        house,
        report(house, "24004KT 9999 NSC 08/06 Q1004", ago_s=6000),
        report(house, "24004KT 9999 NSC 08/06 Q1004", station="EGLL"),
    )
    option = option_of(await house.incident())
    assert [reason["code"] for reason in option["reasons"]] == ["weather_unknown"]


def taf(house: House, *, start_s: float, wind: str, weather: str = "") -> str:
    now, start, end = house.clock.mission_now(), house.scene.now_plus(start_s), house.scene.now_plus(start_s + 7200)
    last = house.scene.now_plus(24 * 3600)
    return (
        f"TAF EGBB {now:%d%H%M}Z {now:%d%H}/{last:%d%H} 24008KT 9999 BKN020 "
        f"TEMPO {start:%d%H}/{end:%d%H} {wind} 9999 {weather}"
    ).strip()


async def test_weather_that_worsens_within_the_flight_is_a_risk_with_its_figure(house: House) -> None:
    await post(house, taf(house, start_s=1800, wind="27022G36KT", weather="TSRA"))
    option = option_of(await house.incident())
    assert option["eligible"]
    told = risks(option)["weather_worsens"]
    assert any("gust 18.5 m/s forecast from" in text and "limit 16.0 (TAF EGBB" in text for text in told), told
    assert any(text.startswith("thunderstorms forecast from") for text in told)


async def test_what_is_forecast_for_later_is_no_risk_now(house: House) -> None:
    await post(house, taf(house, start_s=5 * 3600, wind="27022G36KT", weather="TSRA"))
    assert "weather_worsens" not in risks(option_of(await house.incident()))


async def test_what_a_decision_was_made_with_stands_in_its_record(house: House) -> None:
    await silent_sensor(house)
    await post(house, report(house, "24014KT 9999 NSC 08/06 Q1004"), taf(house, start_s=1800, wind="27022G36KT"))
    await house.incident()
    decided: Any = [recorded async for recorded in house.journal.read() if recorded.type == "OptionsDecided"][-1]
    inputs = facts_from_json(decided.event.inputs)
    dock = next(dock for dock in inputs.docks if dock.dock_id == "cov-1")
    assert dock.weather is not None
    assert dock.weather.report is not None
    assert dock.weather.report.station == "EGBE"
    assert dock.forecast is not None
    assert dock.forecast.station == "EGBB"


async def test_one_report_that_cannot_be_read_refuses_all_and_says_which(house: House) -> None:
    before = await house.seq()
    body = {"reports": [report(house, "24014KT 9999 08/06 Q1004"), "rubbish"]}
    answer = await house.ask("POST", "/weather/reports", json=body)
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json()["errors"]] == ["/reports/1"]
    assert await house.seq() == before


async def test_a_file_is_taken_when_it_has_changed_and_what_is_wrong_in_it_is_told_once(
    house: House, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "weather.txt"
    file = WeatherFile(path, clock=house.clock)
    with caplog.at_level(logging.WARNING):
        assert await file.look(house.desk) == 0
        assert await file.look(house.desk) == 0
        assert [record.getMessage() for record in caplog.records] == [
            "the weather file cannot be read: No such file or directory"
        ]
        caplog.clear()
        path.write_text(report(house, "24014KT 9999 08/06 Q1004") + "\nrubbish\n")
        assert await file.look(house.desk) == 1
        assert await file.look(house.desk) == 0
        path.write_text(report(house, "24015KT 9999 08/06 Q1004", ago_s=60) + "\nrubbish\n\n")
        assert await file.look(house.desk) == 1
        assert [record.getMessage() for record in caplog.records] == ["a weather report cannot be used"]
