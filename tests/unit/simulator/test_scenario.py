"""The scenario file: what it accepts, and how it says what is wrong."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest
import yaml

from kestrel.errors import FileError
from kestrel.yamlfile import load_yaml
from simulator.control import Control
from simulator.errors import PortsCollide, UnknownType
from simulator.faults import Fault
from simulator.scenario import Scenario
from simulator.world import World
from tests.unit.simulator.ground import scenario

COVENTRY = Path(__file__).parents[3] / "examples" / "coventry" / "scenario.yaml"


def test_the_coventry_example_is_six_docks_on_ports_of_their_own() -> None:
    coventry = load_yaml(COVENTRY, Scenario)
    coventry.check()
    assert [dock.id for dock in coventry.docks] == [f"cov-{n}" for n in range(1, 7)]
    assert [dock.aircraft.system_id for dock in coventry.docks] == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize(
    ("line", "replacement", "field"),
    [
        ("    lid_s: 6", "    lid_seconds: 6", "lid_seconds"),
        ("    lat_deg: 52.4068", "    lat_deg: 137", "lat_deg"),
        ("      uid: 4b45535452454c01", "      uid: 4b", "uid"),
        ("    modbus: 127.0.0.1:15021", "    modbus: 127.0.0.1", "modbus"),
    ],
)
def test_a_wrong_field_is_named_with_its_line(tmp_path: Path, line: str, replacement: str, field: str) -> None:
    text = COVENTRY.read_text(encoding="utf-8")
    number = text.splitlines().index(next(one for one in text.splitlines() if one.startswith(line))) + 1
    file = tmp_path / "scenario.yaml"
    file.write_text(text.replace(line, replacement, 1), encoding="utf-8")
    with pytest.raises(FileError) as caught:
        load_yaml(file, Scenario)
    assert f"{file}:{number}:" in str(caught.value)
    assert field in str(caught.value)


def test_an_aircraft_of_an_unknown_type_is_refused() -> None:
    whole = scenario().model_dump(by_alias=True)
    whole["docks"][0]["aircraft"]["type"] = "airship"
    with pytest.raises(UnknownType, match="airship"):
        Scenario.model_validate(whole).check()


def test_one_port_for_two_sockets_is_refused() -> None:
    whole = scenario().model_dump(by_alias=True)
    second = {**whole["docks"][0], "id": "d2", "modbus": "127.0.0.1:15022"}
    second["aircraft"] = {**second["aircraft"], "id": "K2"}
    whole["docks"].append(second)
    with pytest.raises(PortsCollide) as caught:
        Scenario.model_validate(whole).check()
    assert (caught.value.first, caught.value.second) == ("K1", "K2")


def test_an_aircraft_is_simulated_or_real_but_not_both() -> None:
    whole = scenario().model_dump(by_alias=True)
    whole["docks"][0]["aircraft"]["px4"] = {"observe": "127.0.0.1:14550"}
    with pytest.raises(ValueError, match="exactly one of mavlink"):
        Scenario.model_validate(whole)


def test_gusts_below_the_mean_wind_are_refused() -> None:
    with pytest.raises(ValueError, match="gust_m_s"):
        scenario(weather={"wind_speed_m_s": 8, "gust_m_s": 5})


PAGE = (Path(__file__).parents[3] / "docs" / "simulator.md").read_text(encoding="utf-8")


def test_the_faults_of_the_simulator_s_page_are_faults_of_the_coventry_example() -> None:
    (block,) = re.findall(r"^```yaml\n(faults:.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    coventry = load_yaml(COVENTRY, Scenario).model_dump(by_alias=True, mode="json")
    whole = Scenario.model_validate(coventry | yaml.safe_load(block))
    whole.check()
    assert [fault.kind for fault in whole.faults] == ["link_lost", "lid_shuts_in_flight", "weather", "crewed_aircraft"]


def test_the_simulator_s_page_names_every_kind_of_fault() -> None:
    kinds = {kind for model in get_args(get_args(Fault)[0]) for kind in get_args(model.model_fields["kind"].annotation)}
    assert len(kinds) == 25
    assert {kind for kind in kinds if f"`{kind}`" not in PAGE} == set()


def test_what_the_simulator_s_page_says_to_the_control_port_is_understood() -> None:
    control = Control(world=World(load_yaml(COVENTRY, Scenario)))
    said = re.findall(r"echo '(\{.*?\})' >&3", PAGE)
    assert len(said) == 2
    assert [control.answer(line.encode())["ok"] for line in said] == [True, True]
