"""METAR and TAF: what is understood, what is cautiously left unknown, and what is no report."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatcher.feeds.aviation import STRONGEST_M_S, NotAReport, read_report, split_reports

NOW = datetime(2026, 11, 28, 12, 30, tzinfo=UTC)
KT = 1852 / 3600


def test_a_metar_gives_wind_in_metres_per_second_rain_and_temperature() -> None:
    report = read_report("METAR EGBB 281150Z AUTO 24012G24KT 9999 -RA BKN012 08/05 Q1002=", now=NOW)
    assert (report.kind, report.station) == ("METAR", "EGBB")
    assert report.at == datetime(2026, 11, 28, 11, 50, tzinfo=UTC)
    assert report.lat_deg == pytest.approx(52.454, abs=0.01)
    assert report.wind is not None
    assert report.wind.speed_m_s == pytest.approx(12 * KT, abs=0.01)
    assert report.wind.gust_m_s == pytest.approx(24 * KT, abs=0.01)
    assert report.wind.from_deg == 240
    assert (report.rain_mm_h, report.temperature_c, report.storms) == (2.5, 8.0, False)


@pytest.mark.parametrize(
    ("group", "speed_m_s", "from_deg", "gust_m_s"),
    [
        ("24006MPS", 6.0, 240.0, None),
        ("24006MPS 210V270", 6.0, 240.0, None),
        ("00000KT", 0.0, 0.0, None),
        ("VRB03KT", 3 * KT, None, None),
        ("36010KT", 10 * KT, 0.0, None),
        ("24010G25KT", 10 * KT, 240.0, 25 * KT),
    ],
)
def test_wind_in_any_of_its_forms(group: str, speed_m_s: float, from_deg: float | None, gust_m_s: float | None) -> None:
    wind = read_report(f"EGBE 281150Z {group} CAVOK M08/M10 Q1002", now=NOW).wind
    assert wind is not None
    assert wind.speed_m_s == pytest.approx(speed_m_s, abs=0.01)
    assert wind.from_deg == from_deg
    assert wind.gust_m_s == (None if gust_m_s is None else pytest.approx(gust_m_s, abs=0.01))


@pytest.mark.parametrize("group", ["/////KT", "24099G120KT", "240P99KT", "24040G20KT", ""])
def test_a_wind_that_is_not_told_or_cannot_be_is_unknown(group: str) -> None:
    assert read_report(f"EGBE 281150Z {group} CAVOK 08/06 Q1002", now=NOW).wind is None


@pytest.mark.parametrize(
    ("weather", "rain_mm_h", "storms"),
    [
        ("9999 FEW020", 0.0, False),
        ("9999 -SHRA FEW020", 2.5, False),
        ("4000 RADZ BKN008", 10.0, False),
        ("2000 +TSRA BKN008CB", 50.0, True),
        ("9999 VCSH FEW020", 0.0, False),
        ("9999 VCTS FEW020CB", 0.0, True),
        ("//// // //////", None, False),
        ("9999 NSC RMK RAB20", 0.0, False),
    ],
)
def test_rain_is_the_most_that_its_words_allow(weather: str, rain_mm_h: float | None, storms: bool) -> None:
    report = read_report(f"EGBE 281150Z AUTO 24006KT {weather}", now=NOW)
    assert (report.rain_mm_h, report.storms) == (rain_mm_h, storms)


def test_a_taf_holds_its_parts_from_when_they_may_begin() -> None:
    report = read_report(
        "TAF EGBB 281058Z 2812/2912 24012KT 9999 BKN020 TEMPO 2814/2818 27020G35KT 4000 +SHRA BKN008 "
        "BECMG 2900/2903 30008KT PROB30 TEMPO 2906/2909 VRB25G40KT TSRA",
        now=NOW,
    )
    shown = [(part.start.strftime("%d%H"), part.end.strftime("%d%H"), part.storms) for part in report.periods]
    assert shown == [
        ("2812", "2900", False),
        ("2814", "2818", False),
        ("2900", "2912", False),
        ("2906", "2909", True),
    ]
    gusts = [None if part.wind is None else part.wind.gust_m_s for part in report.periods]
    assert gusts == [None, pytest.approx(35 * KT, abs=0.01), None, pytest.approx(40 * KT, abs=0.01)]


@pytest.mark.parametrize(
    ("now", "day", "at"),
    [
        (datetime(2026, 12, 1, 0, 10, tzinfo=UTC), "302350Z", datetime(2026, 11, 30, 23, 50, tzinfo=UTC)),
        (datetime(2027, 1, 1, 0, 10, tzinfo=UTC), "312350Z", datetime(2026, 12, 31, 23, 50, tzinfo=UTC)),
        (datetime(2026, 11, 30, 23, 55, tzinfo=UTC), "010000Z", datetime(2026, 12, 1, 0, 0, tzinfo=UTC)),
    ],
)
def test_the_month_of_a_report_follows_from_when_it_is_read(now: datetime, day: str, at: datetime) -> None:
    assert read_report(f"EGBE {day} 24006KT CAVOK 08/06 Q1002", now=now).at == at


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello world",
        "XXXX 281150Z 24012KT",
        "EGBE NIL",
        "EGBE 24012KT",
        "EGBE 251150Z 24012KT",
        "EGBE 281300Z 24012KT",
        "TAF EGBB 281058Z NIL",
        "EGBE 281150Z 24012KT " + "X" * 3000,
        "EGBE 281150Z 240\u0661\u0662KT",
    ],
)
def test_what_is_no_report_that_can_be_relied_on_says_why(text: str) -> None:
    with pytest.raises(NotAReport, match=r"\w"):
        read_report(text, now=NOW)


WORDS = st.sampled_from(
    (
        *("METAR", "TAF", "EGBE", "EGBB", "281150Z", "281058Z", "2812/2912", "24012KT", "24012G40KT", "VRB99KT"),
        *("00000MPS", "/////KT", "9999", "////", "+TSRA", "-SN", "VCSH", "CAVOK", "08/05", "M99/M99", "Q1002"),
        *("TEMPO", "BECMG", "PROB30", "FM281500", "2814/2818", "2818/2814", "NIL", "AUTO", "RMK", "=", "999999Z", "ß"),
    )
)


@settings(max_examples=150, deadline=None)
@given(st.lists(WORDS, max_size=20).map(" ".join) | st.text(max_size=80))
def test_any_text_is_a_report_within_bounds_or_none(text: str) -> None:
    try:
        report = read_report(text, now=NOW)
    except NotAReport:
        return
    winds = [report.wind, *(period.wind for period in report.periods)]
    for wind in (each for each in winds if each is not None):
        assert 0 <= wind.speed_m_s <= (wind.gust_m_s or wind.speed_m_s) <= STRONGEST_M_S
    assert abs(report.at - NOW) < timedelta(days=3)


def test_a_file_holds_reports_by_line_or_by_their_end_and_a_taf_goes_on_where_it_is_indented() -> None:
    text = (
        "# from the receiver\nMETAR EGBE 281150Z 24006KT\nTAF EGBB 281058Z 2812/2912 24012KT\n"
        "     TEMPO 2814/2818 27020G35KT=\n\nMETAR A 1=METAR B 2=\n"
    )
    assert split_reports(text) == [
        "METAR EGBE 281150Z 24006KT",
        "TAF EGBB 281058Z 2812/2912 24012KT TEMPO 2814/2818 27020G35KT",
        "METAR A 1",
        "METAR B 2",
    ]
