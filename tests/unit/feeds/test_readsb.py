"""readsb's aircraft.json: its fields as they are documented, and whatever else may stand there."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatcher.feeds.readsb import (
    ERROR_WITH_QNH_M,
    ERROR_WITHOUT_QNH_M,
    FT_M,
    GEOID_SPREAD_M,
    KT_M_S,
    MOST_BYTES,
    NotTraffic,
    Sighting,
    read_aircraft,
)

Json = dict[str, Any]


def aircraft(**changes: Any) -> Json:
    known = {
        "hex": "40621d",
        "type": "adsb_icao",
        "flight": "HLE54   ",
        "alt_baro": 900,
        "alt_geom": 1150,
        "gs": 120.0,
        "track": 312.4,
        "baro_rate": -256,
        "squawk": "0020",
        "category": "A7",
        "lat": 52.3912,
        "lon": -1.4988,
        "seen_pos": 0.4,
        "seen": 0.1,
        "rssi": -12.3,
    }
    return {name: value for name, value in (known | changes).items() if value is not ...}


def document(*entries: Any, **changes: Any) -> bytes:
    return json.dumps({"now": 1_800_000_000.1, "messages": 7, "aircraft": list(entries)} | changes).encode()


def read(**changes: Any) -> Sighting:
    (found,) = read_aircraft(document(aircraft(**changes))).aircraft
    return found


def test_an_aircraft_has_its_place_its_speed_and_its_names_in_our_units() -> None:
    found = read()
    assert (found.address, found.callsign, found.category) == ("40621d", "HLE54", "A7")
    assert (found.lat_deg, found.lon_deg, found.position_age_s) == (52.3912, -1.4988, 0.4)
    assert found.ground_speed_m_s == pytest.approx(120 * KT_M_S)
    assert found.climb_m_s == pytest.approx(-256 * FT_M / 60)
    assert (found.track_deg, found.on_ground) == (312.4, False)


@pytest.mark.parametrize(
    ("changes", "alt_m", "error_m"),
    [
        ({"nav_qnh": 1003.25, "alt_geom": ...}, 900 * FT_M - 83.0, ERROR_WITH_QNH_M),
        ({"alt_geom": ...}, 900 * FT_M, ERROR_WITHOUT_QNH_M),
        ({"alt_baro": ...}, 1150 * FT_M + 10.5, GEOID_SPREAD_M),
        ({}, 1150 * FT_M + 10.5, GEOID_SPREAD_M),
        ({"alt_baro": ..., "alt_geom": ...}, None, 0.0),
        ({"alt_baro": "ground", "alt_geom": ...}, None, 0.0),
        ({"nav_qnh": 12.0, "alt_geom": ...}, 900 * FT_M, ERROR_WITHOUT_QNH_M),
    ],
)
def test_heights_are_brought_to_the_sea_as_well_as_can_be_and_say_by_how_much_they_may_be_wrong(
    changes: Json, alt_m: float | None, error_m: float
) -> None:
    found = read(**changes)
    assert found.alt_amsl_m == (None if alt_m is None else pytest.approx(alt_m))
    assert found.alt_error_m == error_m


def test_the_pressure_that_most_have_set_holds_for_one_that_does_not_say() -> None:
    others = [aircraft(hex=f"40000{n}", nav_qnh=hpa) for n, hpa in enumerate((998.0, 999.0, 1000.0, 1013.2))]
    found = read_aircraft(document(*others, aircraft(alt_geom=...))).aircraft[-1]
    assert found.alt_amsl_m == pytest.approx(900 * FT_M + (999 - 1013.25) * 8.3)
    assert found.alt_error_m == ERROR_WITH_QNH_M


def test_what_is_heard_without_a_position_is_counted() -> None:
    read_ = read_aircraft(document(aircraft(lat=...), aircraft(hex="400001", seen_pos=61.0), aircraft(hex="400002")))
    assert (len(read_.aircraft), read_.without_position, read_.faulty) == (1, 2, 0)


@pytest.mark.parametrize(
    "changes",
    [
        {"hex": "xyz"},
        {"hex": 5},
        {"lat": 91.0},
        {"lon": "1.0"},
        {"lat": True},
        {"lat": 1e400},
        {"seen_pos": -1},
        {"seen_pos": ...},
    ],
)
def test_an_entry_that_makes_no_sense_is_counted_and_the_others_are_taken(changes: Json) -> None:
    read_ = read_aircraft(document(aircraft(**changes), aircraft(hex="400001"), None, 7, "x", []))
    assert [each.address for each in read_.aircraft] == ["400001"]
    assert read_.faulty == 5


@pytest.mark.parametrize(
    ("changes", "name", "value"),
    [
        ({"gs": "fast"}, "ground_speed_m_s", None),
        ({"gs": -5}, "ground_speed_m_s", None),
        ({"track": 400}, "track_deg", None),
        ({"gs": ...}, "track_deg", None),
        ({"flight": "<script>"}, "callsign", None),
        ({"flight": 7}, "callsign", None),
        ({"category": "Z9"}, "category", None),
        ({"baro_rate": 1e9}, "climb_m_s", 0.0),
    ],
)
def test_a_value_that_cannot_be_is_unknown(changes: Json, name: str, value: object) -> None:
    assert getattr(read(**changes), name) == value


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"{}",
        b"null",
        b"\xff",
        b"[" * 100_000,
        document(now="x"),
        document(aircraft={}),
        b" " * (MOST_BYTES + 1),
    ],
)
def test_what_is_no_aircraft_json_is_refused(data: bytes) -> None:
    with pytest.raises(NotTraffic, match=r"\w"):
        read_aircraft(data)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)


@given(st.dictionaries(st.sampled_from(sorted(aircraft())), ANYTHING, max_size=15))
def test_whatever_stands_in_an_entry_it_is_taken_within_bounds_or_counted(entry: Json) -> None:
    read_ = read_aircraft(document(aircraft(**entry)))
    assert len(read_.aircraft) + read_.without_position + read_.faulty == 1
    for found in read_.aircraft:
        assert abs(found.lat_deg) <= 90
        assert abs(found.lon_deg) <= 180
        assert found.alt_amsl_m is None or abs(found.alt_amsl_m) < 40_000
