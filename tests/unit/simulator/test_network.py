"""The sockets: docks over Modbus TCP, aircraft over UDP, and ports that are taken."""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import yaml
from pymavlink.dialects.v20 import development as mav
from pymodbus.client import AsyncModbusTcpClient
from pymodbus.constants import ExcCodes
from pymodbus.exceptions import ModbusException

from contracts.dock_registers import DEVICE_ID, INPUT_REGISTER_COUNT, Coil, InputRegister, LidState, Presence
from simulator.app import Simulation
from simulator.dock import Dock
from simulator.errors import PortTaken
from simulator.frames import Packer, Parser
from simulator.scenario import Scenario
from simulator.world import World
from tests.unit.simulator.ground import scenario


def free_port(kind: socket.SocketKind) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def on_free_ports() -> Scenario:
    whole = scenario().model_dump(by_alias=True)
    dock = whole["docks"][0]
    dock["modbus"] = f"127.0.0.1:{free_port(socket.SOCK_STREAM)}"
    dock["aircraft"]["mavlink"] = {
        "bind": f"127.0.0.1:{free_port(socket.SOCK_DGRAM)}",
        "send_to": f"127.0.0.1:{free_port(socket.SOCK_DGRAM)}",
    }
    return Scenario.model_validate(whole)


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with Simulation(World(on_free_ports(), speed=20)) as running:
        yield running


async def test_the_lid_is_opened_and_read_over_modbus(world: World) -> None:
    host, _, port = world.scenario.docks[0].modbus.rpartition(":")
    client = AsyncModbusTcpClient(host, port=int(port))
    assert await client.connect()
    try:
        assert not (await client.write_coil(Coil.LID_OPEN, True, device_id=DEVICE_ID)).isError()
        coils = await client.read_coils(0, count=2, device_id=DEVICE_ID)
        assert coils.bits[:2] == [True, False]
        assert not (await client.write_coils(0, [True, True], device_id=DEVICE_ID)).isError()
        async with asyncio.timeout(10):
            while True:
                read = await client.read_input_registers(0, count=INPUT_REGISTER_COUNT, device_id=DEVICE_ID)
                if read.registers[InputRegister.LID_STATE] == LidState.OPEN:
                    break
                await asyncio.sleep(0.02)
        assert world.places["d1"].dock.charger_enabled
        assert (await client.write_coil(7, True, device_id=DEVICE_ID)).isError()
        assert (await client.read_input_registers(20, count=1, device_id=DEVICE_ID)).isError()
    finally:
        client.close()


async def test_a_fault_in_a_dock_is_logged_by_us_and_answered_as_a_failure(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_: Dock) -> list[int]:
        raise ValueError("a fault of ours")

    monkeypatch.setattr(Dock, "registers", broken)
    host, _, port = world.scenario.docks[0].modbus.rpartition(":")
    client = AsyncModbusTcpClient(host, port=int(port))
    assert await client.connect()
    try:
        answer = await client.read_input_registers(0, count=1, device_id=DEVICE_ID)
    finally:
        client.close()
    assert answer.exception_code == ExcCodes.DEVICE_FAILURE
    said = [record for record in caplog.records if record.name == "simulator.dockserver"]
    assert [record.levelname for record in said] == ["ERROR"]
    assert said[0].exc_info is not None


async def test_a_dock_that_hangs_keeps_its_connection_and_answers_nothing_until_it_is_mended(world: World) -> None:
    host, _, port = world.scenario.docks[0].modbus.rpartition(":")
    client = AsyncModbusTcpClient(host, port=int(port), timeout=0.3, retries=0)
    assert await client.connect()
    try:
        assert not (await client.read_input_registers(0, count=1, device_id=DEVICE_ID)).isError()
        world.places["d1"].dock.troubles.modbus_silent = True
        with pytest.raises(ModbusException):
            await client.read_input_registers(0, count=1, device_id=DEVICE_ID)
        world.places["d1"].dock.troubles.modbus_silent = False
        assert client.connected or await client.connect()
        assert not (await client.read_input_registers(0, count=1, device_id=DEVICE_ID)).isError()
    finally:
        client.close()


async def test_what_strangers_send_to_a_dock_is_not_dumped_into_the_log(tmp_path: Path) -> None:
    whole = on_free_ports()
    (tmp_path / "scenario.yaml").write_text(yaml.safe_dump(whole.model_dump(by_alias=True, mode="json")))
    ready = tmp_path / "ready"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "simulator", "--scenario", tmp_path / "scenario.yaml", "--ready-file", ready,
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        async with asyncio.timeout(30):
            while True:
                if ready.exists() or process.returncode is not None:
                    break
                await asyncio.sleep(0.02)
        host, _, port = whole.docks[0].modbus.rpartition(":")
        client = AsyncModbusTcpClient(host, port=int(port), retries=0)
        assert await client.connect()
        assert (await client.read_coils(0, count=2, device_id=DEVICE_ID + 1)).isError()
        client.close()
    finally:
        process.terminate()
        _, said = await process.communicate()
    assert process.returncode == 0
    assert b"docks at" in said
    assert b"pymodbus" not in said


async def test_the_aircraft_sends_to_its_address_before_anybody_spoke(world: World) -> None:
    link = world.scenario.docks[0].aircraft.mavlink
    assert link is not None
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", int(link.send_to.rpartition(":")[2])))
        listener.setblocking(False)
        parser, kinds = Parser(), set[str]()
        async with asyncio.timeout(10):
            while not {"HEARTBEAT", "GLOBAL_POSITION_INT"} <= kinds:
                data = await asyncio.get_running_loop().sock_recv(listener, 2048)
                kinds |= {message.get_type() for message in parser.messages(data)}


async def test_a_real_px4_in_the_dock_s_place_is_listened_to() -> None:
    whole = on_free_ports().model_dump(by_alias=True)
    port = free_port(socket.SOCK_DGRAM)
    whole["docks"][0]["aircraft"] |= {"mavlink": None, "px4": {"observe": f"127.0.0.1:{port}"}}
    px4, stranger = Packer(system_id=7, component_id=1), Packer(system_id=9, component_id=1)
    position = mav.MAVLink_global_position_int_message(0, 524_000_000, -15_100_000, 90_000, 0, 0, 0, 0, 0)
    landed, in_air = (mav.MAVLink_extended_sys_state_message(0, state) for state in (1, 2))

    async def felt(dock: Dock, presence: Presence) -> None:
        async with asyncio.timeout(10):
            while True:
                if dock.registers()[InputRegister.PRESENCE] == presence:
                    break
                await asyncio.sleep(0.02)

    async with Simulation(World(Scenario.model_validate(whole), speed=20)) as running:
        dock = running.places["d1"].dock
        dock.lid_open_wanted = True
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(stranger.pack(position) + stranger.pack(in_air), ("127.0.0.1", port))
            await asyncio.sleep(0.5)
            assert dock.registers()[InputRegister.PRESENCE] == Presence.SEATED
            sender.sendto(px4.pack(position) + px4.pack(in_air), ("127.0.0.1", port))
            await felt(dock, Presence.EMPTY)
            sender.sendto(px4.pack(position) + px4.pack(landed), ("127.0.0.1", port))
            await felt(dock, Presence.SEATED)


async def test_a_taken_port_is_named_with_its_owner_and_nothing_stays_bound() -> None:
    wanted = on_free_ports()
    link = wanted.docks[0].aircraft.mavlink
    assert link is not None
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", int(link.bind.rpartition(":")[2])))
        with pytest.raises(PortTaken, match="K1: cannot bind udp") as caught:
            async with Simulation(World(wanted)):
                pass
        assert caught.value.address == f"udp {link.bind}"
    async with Simulation(World(wanted)):
        pass  # the dock's port was given back


async def test_a_taken_modbus_port_is_named_too() -> None:
    wanted = on_free_ports()
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as taken:
        taken.bind(("127.0.0.1", int(wanted.docks[0].modbus.rpartition(":")[2])))
        taken.listen()
        with pytest.raises(PortTaken, match="d1: cannot bind tcp"):
            async with Simulation(World(wanted)):
                pass
