"""The examples: every file is valid, and fleet, scenario and incidents agree with each other."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from contracts.fleet import Fleet
from kestrel.callfile import read_calls
from kestrel.errors import FileError
from kestrel.refusals import great_circle_m
from kestrel.trickle import read_incidents
from kestrel.yamlfile import load_yaml
from simulator.scenario import Scenario
from simulator.schema import split_host_port

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"


@pytest.mark.parametrize("name", ["coventry", "county"])
def test_fleet_and_scenario_describe_the_same_docks(name: str) -> None:
    fleet = load_yaml(EXAMPLES / name / "fleet.yaml", Fleet)
    scenario = load_yaml(EXAMPLES / name / "scenario.yaml", Scenario)
    scenario.check()
    assert [dock.id for dock in fleet.docks] == [box.id for box in scenario.docks]
    for dock, box in zip(fleet.docks, scenario.docks, strict=True):
        assert (dock.lat_deg, dock.lon_deg, dock.alt_amsl_m) == (box.lat_deg, box.lon_deg, box.alt_amsl_m)
        assert dock.lid_s == box.lid_s
        assert dock.links.modbus == box.modbus
        assert dock.links.camera == box.camera is not None
        assert dock.aircraft.system_id == box.aircraft.system_id
        assert dock.aircraft.uid == box.aircraft.uid.ljust(36, "0"), "as MAVSDK reports it: 18 bytes"
        assert box.aircraft.mavlink is not None
        assert dock.links.mavlink_url == f"udpin://{box.aircraft.mavlink.send_to}"


@pytest.mark.parametrize("name", ["coventry", "county"])
def test_what_the_fleet_promises_the_simulated_aircraft_can_do(name: str) -> None:
    fleet = load_yaml(EXAMPLES / name / "fleet.yaml", Fleet)
    scenario = load_yaml(EXAMPLES / name / "scenario.yaml", Scenario)
    for type_name, promised in fleet.aircraft_types.items():
        able = scenario.aircraft_types[type_name]
        assert promised.cruise_m_s <= able.max_speed_m_s
        assert promised.climb_m_s <= able.climb_m_s
        assert promised.descent_m_s <= able.descent_m_s
        assert 0.95 * able.battery_wh <= promised.battery_wh <= able.battery_wh
        assert able.hover_power_w <= promised.hover_power_w <= able.hover_power_w + 1.5 * able.idle_power_w
        carried = able.payload
        assert (promised.has_gimbal, promised.has_zoom) == (carried.gimbal, carried.zoom_max > 1)
        assert promised.has_thermal == carried.thermal
        assert (promised.has_light, promised.has_speaker) == (carried.light, carried.speaker)
        assert (promised.has_parachute, promised.has_adsb_in) == (carried.parachute, carried.adsb_receiver)


def test_no_two_examples_share_a_port() -> None:
    scenarios = [load_yaml(EXAMPLES / name / "scenario.yaml", Scenario) for name in ("coventry", "county")]
    ports = []
    for box in (box for scenario in scenarios for box in scenario.docks):
        assert box.aircraft.mavlink is not None
        assert box.camera is not None
        addresses = (box.modbus, box.camera, box.aircraft.mavlink.bind, box.aircraft.mavlink.send_to)
        ports += [split_host_port(address)[1] for address in addresses]
    assert len(set(ports)) == len(ports)


def test_each_incident_of_coventry_is_within_reach_of_some_dock() -> None:
    fleet = load_yaml(EXAMPLES / "coventry" / "fleet.yaml", Fleet)
    for occurrence in read_incidents(EXAMPLES / "coventry" / "incidents.json"):
        place = occurrence.place
        nearest_m = min(great_circle_m(d.lat_deg, d.lon_deg, place.lat_deg, place.lon_deg) for d in fleet.docks)
        assert nearest_m < 5000, occurrence.summary


def test_the_countys_calls_hold_some_that_no_dock_can_reach() -> None:
    fleet = load_yaml(EXAMPLES / "county" / "fleet.yaml", Fleet)
    reach_m = fleet.docks[0].limits.max_range_m
    nearest = [
        min(great_circle_m(dock.lat_deg, dock.lon_deg, call.lat_deg, call.lon_deg) for dock in fleet.docks)
        for call in read_calls(EXAMPLES / "county" / "calls.csv")
    ]
    assert sum(distance_m > reach_m * 1.05 for distance_m in nearest) == 2
    assert sum(distance_m < reach_m * 0.5 for distance_m in nearest) == 10


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("{", "not JSON"),
        ('{"schema": "kestrel.incidents/1", "incidents": []}', "incidents"),
        ('{"schema": "other/1", "incidents": []}', "schema"),
        (json.dumps({"schema": "kestrel.incidents/1", "incidents": [{"grade": "1"}]}), "incidents.0.category"),
    ],
)
def test_an_incidents_file_that_is_wrong_names_its_fault(tmp_path: Path, content: str, problem: str) -> None:
    (tmp_path / "incidents.json").write_text(content)
    with pytest.raises(FileError, match=problem):
        read_incidents(tmp_path / "incidents.json")
