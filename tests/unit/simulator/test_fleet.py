"""Fifty aircraft in one process: each with its own ports, each flying."""

from __future__ import annotations

import asyncio
import os
import socket
from collections import Counter

import psutil  # type: ignore[import-untyped]
import pytest

from kestrel.ports import FreePorts
from simulator.app import Simulation
from simulator.errors import PortsCollide
from simulator.scenario import Scenario
from simulator.world import World
from tests.simfleet import fleet_of

AIRCRAFT = 50


def test_every_port_of_fifty_places_is_claimed_once_and_one_double_is_found() -> None:
    whole = fleet_of(AIRCRAFT, ports=iter(range(20_000, 30_000))).model_dump(by_alias=True, mode="json")
    Scenario.model_validate(whole).check()
    for field in ("modbus", "camera"):
        doubled = Scenario.model_validate(whole).model_dump(by_alias=True, mode="json")
        doubled["docks"][49][field] = doubled["docks"][0][field]
        with pytest.raises(PortsCollide, match="dock-0"):
            Scenario.model_validate(doubled).check()
    for field in ("bind", "send_to"):
        doubled = Scenario.model_validate(whole).model_dump(by_alias=True, mode="json")
        doubled["docks"][49]["aircraft"]["mavlink"][field] = doubled["docks"][0]["aircraft"]["mavlink"][field]
        with pytest.raises(PortsCollide, match="K0"):
            Scenario.model_validate(doubled).check()


async def test_no_two_sockets_of_fifty_aircraft_share_a_port() -> None:
    with FreePorts() as free:
        scenario = fleet_of(AIRCRAFT, ports=iter([free.take() for _ in range(4 * AIRCRAFT)]))
    ours = psutil.Process(os.getpid())
    before = {each.fd for each in ours.net_connections("inet")}
    async with Simulation(World(scenario)):
        bound = [each for each in ours.net_connections("inet") if each.fd not in before]
        ports = Counter((each.type, each.laddr.port) for each in bound)
        await asyncio.sleep(0)
    assert set(ports.values()) == {1}
    expected = {
        (socket.SOCK_DGRAM, _port(dock.aircraft.mavlink.bind)) for dock in scenario.docks if dock.aircraft.mavlink
    }
    expected |= {(socket.SOCK_STREAM, _port(dock.modbus)) for dock in scenario.docks}
    expected |= {(socket.SOCK_STREAM, _port(dock.camera)) for dock in scenario.docks if dock.camera}
    assert set(ports) == expected
    assert len(expected) == 3 * AIRCRAFT


def _port(address: str) -> int:
    return int(address.rpartition(":")[2])


def test_fifty_of_everything_are_told_apart() -> None:
    scenario = fleet_of(AIRCRAFT, ports=iter(range(20_000, 30_000)))
    world = World(scenario)
    world.run(1.0)
    assert len({world.vehicle(dock.id).identity.uid for dock in scenario.docks}) == AIRCRAFT
    assert {world.vehicle(dock.id).identity.system_id for dock in scenario.docks} == set(range(1, AIRCRAFT + 1))
