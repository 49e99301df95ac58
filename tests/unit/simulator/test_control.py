"""The control port: what it takes, what it says, and what it refuses."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import yaml

from simulator import control
from simulator.settings import from_arguments
from simulator.world import World
from tests.simcontrol import SimControl, control_port, sim_control
from tests.unit.simulator.ground import scenario
from tests.unit.simulator.test_network import on_free_ports


@pytest.fixture
def world() -> World:
    return World(scenario())


@pytest.fixture
async def client(world: World) -> AsyncIterator[SimControl]:
    async with control.serve(world, host="127.0.0.1", port=0) as port, sim_control(port) as connected:
        yield connected


async def test_a_fault_is_put_in_listed_and_mended(world: World, client: SimControl) -> None:
    world.run(2)
    number = await client.inject("gps_lost", dock="d1", for_s=30)
    later = await client.inject("lid_stuck_shut", dock="d1", at_s=10)
    world.step()
    assert world.vehicle("d1").troubles.gps_lost
    listed = await client.faults()
    assert [each["number"] for each in listed["active"]] == [number]
    assert listed["active"][0]["fault"] == {"kind": "gps_lost", "dock": "d1", "for_s": 30}
    assert [(each["number"], each["begins_s"]) for each in listed["waiting"]] == [(later, 12.0)]
    assert await client.mend(number) == [number]
    assert not world.vehicle("d1").troubles.gps_lost
    assert await client.mend(number) == []
    assert await client.mend() == [later]


async def test_it_says_what_it_did(client: SimControl) -> None:
    answer = await client.ask({"do": "inject", "fault": {"kind": "motor_failed", "aircraft": "K1"}})
    assert answer["did"] == "fault 1: motor_failed at K1 from 0.0 s, for good"


async def test_it_tells_the_truth_about_the_world(world: World, client: SimControl) -> None:
    await client.inject("position_wrong", dock="d1", north_m=100)
    await client.inject("weather", wind_speed_m_s=9, wind_from_deg=90)
    world.run(1)
    told = await client.world()
    assert told["weather"]["wind_speed_m_s"] == 9
    dock = told["docks"]["d1"]
    assert (dock["lid"], dock["seat"], dock["charger"]) == ("closed", "seated", "full")
    assert dock["aircraft"]["lat_deg"] == pytest.approx(52.4, abs=1e-7)
    assert (dock["aircraft"]["armed"], dock["aircraft"]["broken"]) == (False, "")


async def test_the_lid_has_a_button(world: World, client: SimControl) -> None:
    await client.ask({"do": "lid", "dock": "d1", "open": True})
    world.run(7)
    assert (await client.world())["docks"]["d1"]["lid"] == "open"
    await client.ask({"do": "lid", "dock": "d1", "open": False})
    world.run(7)
    assert (await client.world())["docks"]["d1"]["lid"] == "closed"
    with pytest.raises(AssertionError, match="'d9' is not in the scenario"):
        await client.ask({"do": "lid", "dock": "d9", "open": True})


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"not json\n", "Invalid JSON"),
        (b'{"do": "explode"}\n', "explode"),
        (b'{"do": "inject", "fault": {"kind": "gps_lost"}}\n', "exactly one of dock and aircraft"),
        (b'{"do": "inject", "fault": {"kind": "gps_lost", "dock": "d9"}}\n', "'d9' is not in the scenario"),
        (b'{"do": "mend", "number": "all"}\n', "mend.number"),
    ],
)
async def test_what_cannot_be_done_is_said_and_the_connection_stays(world: World, line: bytes, said: str) -> None:
    async with control.serve(world, host="127.0.0.1", port=0) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(line)
        answer = json.loads(await reader.readline())
        assert answer["ok"] is False
        assert said in answer["problem"]
        writer.write(b'{"do": "faults"}\n')
        assert json.loads(await reader.readline()) == {"ok": True, "sim_s": 0.0, "active": [], "waiting": []}
        writer.close()


async def test_a_line_without_end_ends_the_connection_and_nothing_else(world: World) -> None:
    async with control.serve(world, host="127.0.0.1", port=0) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"x" * 200_000)
        with contextlib.suppress(ConnectionResetError):  # it does not wait for the rest of the line
            assert await reader.read() == b""
        writer.close()
        async with sim_control(port) as client:
            assert (await client.faults())["active"] == []


def test_it_is_on_the_loopback_interface_or_not_at_all(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        from_arguments(["--scenario", "s.yaml", "--control", "0.0.0.0:7000"])
    assert "loopback" in capsys.readouterr().err
    assert from_arguments(["--scenario", "s.yaml", "--control", "127.0.0.1:0"]).control == ("127.0.0.1", 0)


async def test_a_simulator_process_tells_its_control_port_in_its_ready_file(tmp_path: Path) -> None:
    scenario_file, ready = tmp_path / "scenario.yaml", tmp_path / "ready.json"
    scenario_file.write_text(yaml.safe_dump(on_free_ports().model_dump(by_alias=True, mode="json", exclude_none=True)))
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "simulator", "--scenario", scenario_file, "--ready-file", ready,
        "--control", "127.0.0.1:0", "--speed", "10", stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        async with asyncio.timeout(30):
            while not ready.exists():
                assert process.returncode is None
                await asyncio.sleep(0.02)
            async with sim_control(control_port(ready)) as client:
                await client.inject("lid_stuck_shut", dock="d1")
                while True:
                    if (await client.faults())["active"]:
                        break
                    await asyncio.sleep(0.02)
                assert (await client.world())["sim_s"] > 0
    finally:
        process.terminate()
        _, said = await process.communicate()
    assert process.returncode == 0
    assert b"fault 1: lid_stuck_shut at d1" in said
