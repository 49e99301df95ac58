"""An agent as a process and what breaks around it, MAVSDK in the loop, against the simulator at ten times real time.

Whole flights, which a real PX4 can fly as well, are in `tests.sitl`.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from contracts.orders import SafetyAction
from contracts.reports import ConditionChanged, TrackRecorded
from contracts.vocabulary import Condition, Lid, Outcome, Phase
from tests.flight.rig import DOCK, WHOLE, Controller, Rig

SPEED = 10.0
LOST = Condition.LINK_LOST
ARM = 400
FLYING_COMMANDS = frozenset({ARM, 22, 176, 192, 34, 21, 20})
"""Arm, take off, change mode, go to, orbit, land, return."""


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    return Rig(folder=tmp_path, speed=SPEED)


@pytest.mark.nightly
async def test_a_cancel_before_arming_closes_the_lid(tmp_path: Path) -> None:
    rig = Rig(folder=tmp_path, speed=SPEED, lid_s=60.0)
    async with rig.running() as desk:
        await desk.ready()
        order = await desk.order()
        await desk.phase(Phase.PREPARING, within_s=5.0)
        safety = await desk.call(order, SafetyAction.CANCEL)
        assert (await desk.settled(safety, within_s=5.0)).outcome is Outcome.CONFIRMED
        await desk.phase(Phase.CANCELLED, within_s=5.0)
        assert desk.phases() == [Phase.PREPARING, Phase.CANCELLED]
        closed = (Lid.CLOSED,)
        await desk.until(lambda: desk.status and desk.status.lid in closed, within_s=20.0, saying="a closed lid")
        assert ARM not in rig.wire.commands()


@pytest.mark.nightly
async def test_stopping_the_agent_in_mid_flight_sends_nothing_to_the_aircraft(rig: Rig) -> None:
    async with rig.running() as desk:
        await desk.ready()
        await desk.order(distance_m=500.0, watch_s=300.0)
        await desk.phase(Phase.ON_SCENE, within_s=40.0)
        said = len(rig.wire.said)
        assert await rig.stop("agent") == 0
        assert [message.get_type() for message in rig.wire.said[said:]] == []
        await rig.start_agent()
        await desk.phase(Phase.DOCKED, within_s=90.0)
        assert desk.phases() == WHOLE


async def test_a_second_agent_of_a_dock_refuses_to_start(rig: Rig) -> None:
    async with rig.running() as desk:
        await desk.ready()
        await rig.start("second", "dock_agent", "--dock", DOCK)
        assert await rig.ended("second") == 2
        assert "another agent of dock dock-1 is running" in rig.log("second")


@pytest.mark.nightly
async def test_a_link_cut_in_mid_flight_is_a_condition_and_the_flight_goes_on(rig: Rig) -> None:
    async with rig.running() as desk:
        await desk.ready()
        await desk.order(watch_s=120.0)
        await desk.phase(Phase.ON_SCENE, within_s=40.0)
        with rig.wire.cut():
            await desk.until(lambda: _conditions(desk) == [(LOST, True)], within_s=15.0, saying="a lost link")
        await desk.until(lambda: _conditions(desk) == [(LOST, True), (LOST, False)], within_s=15.0, saying="a link")
        await desk.phase(Phase.DOCKED, within_s=60.0)
        assert desk.phases() == WHOLE


@pytest.mark.nightly
async def test_a_broker_away_for_twenty_seconds_costs_no_event_of_the_flight(rig: Rig) -> None:
    async with rig.running() as desk:
        await desk.ready()
        await desk.order(distance_m=500.0, watch_s=60.0)
        await desk.phase(Phase.EN_ROUTE, within_s=30.0)
        await rig.stop("broker")
        await asyncio.sleep(20.0)
        await rig.start_broker()
        await desk.phase(Phase.DOCKED, within_s=60.0)
        assert desk.phases() == WHOLE
        points = [point.t for fact in desk.facts(TrackRecorded) for point in fact.points]
        assert points == sorted(set(points))


def _conditions(desk: Controller) -> list[tuple[Condition, bool]]:
    return [(fact.condition, fact.active) for fact in desk.facts(ConditionChanged)]
