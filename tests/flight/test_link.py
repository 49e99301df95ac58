"""The MAVSDK link itself, in this process: nothing stands in front of a safety command, and ages tell the truth."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from dock_agent.flight_link import Command, Reply
from dock_agent.mavsdk_link import MavsdkLink, guard_port
from dock_agent.mission import Item, MissionPlan, RawItem, same_on_board
from dock_agent.readings import Mode
from dock_agent.tuning import Wanted
from tests.flight.rig import DOCK, Rig


async def test_a_hold_is_answered_while_missing_parameters_are_still_being_read_and_ages_grow(tmp_path: Path) -> None:
    rig = Rig(folder=tmp_path, speed=1.0)
    async with rig.simulated() as fleet:
        dock = fleet.dock(DOCK)
        changes: list[int] = []
        link = MavsdkLink(
            dock=dock, aircraft_type=fleet.type_of(dock), clock=rig.clock, on_change=lambda: changes.append(1)
        )
        async with link.running():
            async with asyncio.timeout(30.0):
                while not (link.reading().tuned and link.reading().armable):  # noqa: ASYNC110 - never announced
                    await asyncio.sleep(0.1)
            parameters = link._parameters
            assert parameters is not None
            missing = [
                asyncio.create_task(parameters.tune_one(Wanted(name=f"NOT_THERE_{number}", value=1, integer=True)))
                for number in range(6)
            ]
            await asyncio.sleep(0.2)
            upload = asyncio.create_task(link.upload(_long_plan()))
            await asyncio.sleep(0)
            answer = await link.command(Command.HOLD)
            assert answer.reply is Reply.ACKNOWLEDGED
            assert not any(task.done() for task in missing)
            assert not upload.done()
            assert (await upload).reply is Reply.ACKNOWLEDGED
            board = await link.download()
            assert board is not None
            assert same_on_board(_long_plan(), board)
            assert link.reading().mode is Mode.HOLD

            with rig.wire.cut():
                await asyncio.sleep(4.0)
                stale = link.reading()
                assert stale.link_age_s > 3.0
                assert stale.position_age_s > 3.0
                assert stale.mode is Mode.HOLD  # the getter still says so: the age is what tells
                silent = await link.command(Command.HOLD)
                assert silent.reply is Reply.SILENCE
            for task in missing:
                task.cancel()
            await asyncio.gather(*missing, return_exceptions=True)
        assert not link.hung
        assert changes


def _long_plan() -> MissionPlan:
    """Of 500 items, round and round."""
    fence = tuple(
        RawItem(command=Item.FENCE_INCLUSION, frame=0, params=(3.0, 0.0, 0.0, 0.0), x=x, y=y, mission_type=1)
        for x, y in (
            (523_000_000, -16_000_000),
            (525_000_000, -16_000_000),
            (525_000_000, -14_000_000),
            (523_000_000, -14_000_000),
        )
    )
    items = tuple(
        RawItem(command=Item.WAYPOINT, frame=6, x=524_081_000 + 100 * number, y=-15_106_000, z=40.0)
        for number in range(500)
    )
    return MissionPlan(items=items, fence=fence, watch_item=0, home_items=(1,), land_item=499, homeward_from=1)


def test_the_port_guard_leaves_other_kinds_of_links_alone() -> None:
    guard_port("serial:///dev/ttyS0:57600")
    guard_port("udpout://127.0.0.1:14540")


@pytest.mark.parametrize("url", ["udpin://127.0.0.1:0", "udpin://127.0.0.1"])
def test_the_port_guard_passes_what_it_cannot_test(url: str) -> None:
    guard_port(url)
