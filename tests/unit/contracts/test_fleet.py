"""The fleet file: consistent, or refused with what is wrong."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from pydantic import ValidationError

from contracts.fleet import Fleet

TYPE = {
    "cruise_m_s": 15,
    "climb_m_s": 3,
    "descent_m_s": 1.5,
    "battery_wh": 150,
    "hover_power_w": 200,
    "cruise_power_w": 190,
    "climb_power_w": 320,
    "wind_limit_m_s": 12,
    "gust_limit_m_s": 16,
    "rain_limit_mm_h": 8,
    "temperature_min_c": -10,
    "temperature_max_c": 40,
}


def fleet() -> dict[str, Any]:
    docks = [
        {
            "id": f"cov-{number}",
            "name": f"Dock {number}",
            "lat_deg": 52.4,
            "lon_deg": -1.5,
            "alt_amsl_m": 90,
            "aircraft": {"id": f"k{number}", "callsign": f"K{number}", "type": "quad", "system_id": number},
            "links": {"mavlink_url": f"udpin://127.0.0.1:1454{number}", "modbus": f"127.0.0.1:1502{number}"},
        }
        for number in (1, 2)
    ]
    return {
        "schema": "kestrel.fleet/1",
        "force": "wmp",
        "name": "West Midlands",
        "deployment": "simulation",
        "aircraft_types": {"quad": dict(TYPE)},
        "docks": docks,
    }


def test_a_fleet_is_read() -> None:
    read = Fleet.model_validate(fleet())
    assert read.dock("cov-2").aircraft.callsign == "K2"
    assert read.type_of(read.dock("cov-2")).cruise_m_s == 15
    with pytest.raises(KeyError):
        read.dock("cov-9")


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        (("docks", 1, "id"), "cov-1", "docks.1.id: 'cov-1' stands at dock 'cov-1' already"),
        (("docks", 1, "aircraft", "id"), "k1", "docks.1.aircraft.id: 'k1' stands at dock 'cov-1' already"),
        (("docks", 1, "links", "docks.1.links.mavlink_url: "), "udpin://127.0.0.1:14541", "mavlink_url"),
        (("docks", 1, "links", "modbus"), "127.0.0.1:15021", "docks.1.links.modbus: "),
        (("docks", 1, "aircraft", "type"), "plane", "docks.1.aircraft.type: 'plane' is not one of: quad"),
        (("docks", 0, "id"), "dispatcher", "reserved"),
        (("docks", 0, "lat_deg"), 137, "less than or equal to 90"),
        (("aircraft_types", "quad", "temperature_min_c"), 50, "must be below"),
        (("docks", 0, "colour"), "red", "Extra inputs"),
        (("deployment",), "exercise", "'live', 'training' or 'simulation'"),
    ],
)
def test_what_cannot_be_is_refused_with_its_reason(path: tuple[str | int, ...], value: object, words: str) -> None:
    document = copy.deepcopy(fleet())
    target: Any = document
    for part in path[:-1]:
        target = target[part]
    target[path[-1]] = value
    with pytest.raises(ValidationError, match=words):
        Fleet.model_validate(document)


@pytest.mark.parametrize(
    ("path", "first", "second"),
    [
        (("aircraft", "callsign"), "K1", "K1"),
        (("aircraft", "callsign"), "K1", "k-1"),
        (("aircraft", "callsign"), "K1", "\uff2b 1"),
        (("aircraft", "uid"), "4b4553", "4b4553"),
        (("aircraft", "uid"), "4b4553", "4B4553000000"),
        (("links", "modbus"), "dock:502", "DOCK:502"),
        (("links", "video"), "rtsp://cam/a", "rtsp://CAM:554/a"),
        (("links", "video"), "rtsps://cam", "rtsps://cam.:0322/"),
        (("links", "video"), "rtsp://cam/live?a=b", "rtsp://cam:554/l%69ve?a=b"),
        (("links", "video"), "rtp://h:5600", "rtp://H:05600"),
    ],
)
def test_what_two_docks_cannot_share_is_refused_however_it_is_spelt(
    path: tuple[str, str], first: str, second: str
) -> None:
    document = fleet()
    for site, value in zip(document["docks"], (first, second), strict=True):
        site[path[0]][path[1]] = value
    with pytest.raises(ValidationError) as refused:
        Fleet.model_validate(document)
    (fault,) = refused.value.errors()
    ((where, told),) = fault["ctx"]["faults"]
    assert where == ("docks", 1, *path)
    assert "stands at dock 'cov-1' already" in told
    assert (f", as {first!r}:" in told) is (first != second)


def test_what_only_looks_alike_is_not_the_same() -> None:
    document = fleet()
    one, other = document["docks"]
    one["aircraft"] |= {"callsign": "K1", "uid": "4b01"}
    other["aircraft"] |= {"callsign": "K11", "uid": "4b001"}
    one["links"]["video"], other["links"]["video"] = "rtsp://cam/a?channel=1", "rtsp://cam/a?channel=2"
    Fleet.model_validate(document)
    one["links"]["video"], other["links"]["video"] = "rtsp://cam:8554/a", "rtsp://cam:554/A"
    Fleet.model_validate(document)
    for site in (one, other):
        site["aircraft"]["uid"] = None
    Fleet.model_validate(document)
