"""Who answers on the wire is checked before the first write (port, system id, place), and until then none is made."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from contracts.reports import OrderRefused
from geo.flight.position import offset
from tests.flight.rig import AIRCRAFT_UID, DOCK, HOME, Controller, Rig

SPEED = 2.0
ANOTHER_UID = "4b45535452454c99"
WRITES = frozenset({"PARAM_SET", "MISSION_COUNT", "MISSION_ITEM_INT", "MISSION_SET_CURRENT"})
HARMLESS_COMMANDS = frozenset({511, 512, 520})
"""Set a message's rate, ask for a message, ask for capabilities: MAVSDK says these by itself when it connects."""


def written(rig: Rig) -> list[str]:
    """What the agent has written to the aircraft, requests for data left out."""
    names = [message.get_type() for message in rig.wire.said if message.get_type() in WRITES]
    return names + [str(number) for number in rig.wire.commands() if number not in HARMLESS_COMMANDS]


async def order_is_refused(desk: Controller) -> None:
    """An order for a dock with a stranger is refused."""

    await desk.order()
    await desk.until(lambda: desk.facts(OrderRefused), within_s=10.0, saying="a refusal")


async def test_another_system_than_the_fleet_files_is_named_and_never_written_to(tmp_path: Path) -> None:
    rig = Rig(folder=tmp_path, speed=SPEED, system_id=2, fleet_system_id=1)
    async with rig.running() as desk:
        await desk.blocked("system 2 answers on udpin://")
        await order_is_refused(desk)
        assert written(rig) == []


@pytest.mark.nightly
async def test_an_aircraft_away_from_its_site_is_named_and_never_written_to(tmp_path: Path) -> None:
    rig = Rig(folder=tmp_path, speed=SPEED, site=offset(*HOME, bearing_deg=90.0, distance_m=80.0))
    async with rig.running() as desk:
        await desk.blocked("the aircraft is 80 m from its site; 50 m is the most")
        await order_is_refused(desk)
        assert written(rig) == []


async def test_a_port_with_a_listener_is_left_alone_until_it_is_free(tmp_path: Path) -> None:
    rig = Rig(folder=tmp_path, speed=SPEED)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", rig.agent_port))
        async with rig.running() as desk:
            await desk.blocked(f"127.0.0.1:{rig.agent_port} is taken by another process")
            assert rig.wire.said == []
            other.close()
            await desk.ready()


async def test_a_cut_link_is_noticed_and_found_again(tmp_path: Path) -> None:
    rig = Rig(folder=tmp_path, speed=SPEED)
    async with rig.running() as desk:
        await desk.ready()
        with rig.wire.cut():
            await desk.blocked("the aircraft is not connected")
        await desk.ready()


@pytest.mark.nightly
async def test_an_aircraft_swapped_for_another_while_its_link_was_cut_is_named_and_never_written_to(
    tmp_path: Path,
) -> None:
    rig = Rig(folder=tmp_path, speed=SPEED, uid=AIRCRAFT_UID)
    async with rig.running() as desk, rig.sim_control() as sim:
        await desk.ready()
        with rig.wire.cut():
            await desk.blocked("the aircraft is not connected")
            number = await sim.inject("swapped", dock=DOCK, uid=ANOTHER_UID)
        await desk.blocked(f"the aircraft's uid is {ANOTHER_UID}")
        rig.wire.said.clear()
        await order_is_refused(desk)
        assert written(rig) == []
        with rig.wire.cut():
            await desk.until(
                lambda: desk.status is not None and not desk.status.aircraft_connected,
                within_s=30.0,
                saying="a cut link",
            )
            await sim.mend(number)
        await desk.ready()
