"""Placing docks over a county: the same each time, near the calls, and into files that are valid."""

from __future__ import annotations

import math
import random
from datetime import datetime

import pytest

from contracts.fleet import Fleet
from kestrel.callfile import Call
from kestrel.errors import WrongUsage
from kestrel.placement import county_files, place_docks

TOWNS = [(40.10, -75.30), (40.25, -75.60), (40.05, -75.10)]


def calls_around_towns(count: int = 300) -> list[Call]:
    rng = random.Random(5)
    return [
        Call(
            line=number + 1,
            lat_deg=TOWNS[number % 3][0] + rng.gauss(0, 0.01),
            lon_deg=TOWNS[number % 3][1] + rng.gauss(0, 0.01),
            kind="EMS",
            what="FALL",
            recorded_at=datetime(2026, 1, 1),  # noqa: DTZ001 - local, as the file has it
            township="",
            streets="",
        )
        for number in range(count)
    ]


def metres(one: tuple[float, float], other: tuple[float, float]) -> float:
    east = (one[1] - other[1]) * math.cos(math.radians(one[0]))
    return math.hypot(one[0] - other[0], east) * 111_195


def test_three_docks_for_three_towns_stand_one_in_each() -> None:
    places = place_docks(calls_around_towns(), 3)
    for town in TOWNS:
        assert min(metres(town, place) for place in places) < 600


def test_the_same_calls_give_the_same_docks() -> None:
    assert place_docks(calls_around_towns(), 6) == place_docks(calls_around_towns(), 6)


def test_each_dock_stands_at_a_call() -> None:
    calls = calls_around_towns()
    assert set(place_docks(calls, 5)) <= {(call.lat_deg, call.lon_deg) for call in calls}


def test_more_docks_than_places_is_refused() -> None:
    with pytest.raises(WrongUsage, match="fewer docks"):
        place_docks(calls_around_towns(4), 5)


def test_docks_on_top_of_each_other_are_refused() -> None:
    near = [call for call in calls_around_towns(30) if call.line % 3 == 1][:1] * 1
    crowd = [
        Call(
            line=number,
            lat_deg=near[0].lat_deg + number * 1e-5,
            lon_deg=near[0].lon_deg,
            kind="EMS",
            what="FALL",
            recorded_at=near[0].recorded_at,
            township="",
            streets="",
        )
        for number in range(20)
    ]
    with pytest.raises(WrongUsage, match="250 m apart"):
        place_docks(crowd, 4)


def test_the_fleet_is_valid_and_agrees_with_the_scenario() -> None:
    places = place_docks(calls_around_towns(), 6)
    ports = [(20_000 + 4 * index, 20_001 + 4 * index, 20_002 + 4 * index, 20_003 + 4 * index) for index in range(6)]
    fleet_data, scenario = county_files(places=places, force="county", name="A county", ports=ports)
    fleet = Fleet.model_validate(fleet_data)
    assert [(dock.lat_deg, dock.lon_deg) for dock in fleet.docks] == places
    for dock, box in zip(fleet.docks, scenario["docks"], strict=True):
        assert (dock.id, dock.aircraft.id, dock.links.modbus) == (box["id"], box["aircraft"]["id"], box["modbus"])
        assert dock.links.mavlink_url.endswith(box["aircraft"]["mavlink"]["send_to"])
        assert dock.aircraft.system_id == box["aircraft"]["system_id"]
        assert (dock.lat_deg, dock.lon_deg, dock.alt_amsl_m) == (box["lat_deg"], box["lon_deg"], box["alt_amsl_m"])
