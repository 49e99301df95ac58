"""Whole flights: the agent as a process, MAVSDK in the loop, against the simulator at ten times real time."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from contracts.orders import SafetyAction
from contracts.reports import ConditionChanged, FlightFlown, OrderAccepted, PhaseEntered, TrackRecorded
from contracts.vocabulary import Charger, Condition, DockState, Lid, Outcome, Phase
from geo.flight.position import distance_m
from tests.flight.rig import DOCK, HOME, Controller, Rig

SPEED = 10.0
LOST = Condition.LINK_LOST
ARM = 400
FLYING_COMMANDS = frozenset({ARM, 22, 176, 192, 34, 21, 20})
"""Arm, take off, change mode, go to, orbit, land, return."""
WHOLE = [
    Phase.PREPARING,
    Phase.LAUNCHING,
    Phase.EN_ROUTE,
    Phase.ON_SCENE,
    Phase.RETURNING,
    Phase.LANDING,
    Phase.DOCKED,
]


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    return Rig(folder=tmp_path, speed=SPEED)


async def test_a_flight_goes_out_watches_and_docks(rig: Rig) -> None:
    async with rig.running() as desk:
        await desk.ready()
        order = await desk.order(distance_m=400.0, watch_s=20.0)
        await desk.phase(Phase.DOCKED, within_s=60.0)
        assert desk.phases() == WHOLE
        assert [fact.order_id for fact in desk.facts(OrderAccepted)] == [order.order_id]
        await desk.until(lambda: desk.facts(FlightFlown), within_s=5.0, saying="what was flown")
        flown = desk.facts(FlightFlown)[0]
        assert flown.time_to_airborne_s < flown.time_to_scene_s
        assert 12.0 < flown.on_scene_s < 60.0  # 20 s ordered; a busy machine sees both ends late, tenfold
        assert flown.distance_m == pytest.approx(370.0, rel=0.1)
        assert flown.whole_distance_m == pytest.approx(2 * 370.0, rel=0.1)
        points = [point for fact in desk.facts(TrackRecorded) for point in fact.points]
        assert [point.t for point in points] == sorted({point.t for point in points})
        assert max(point.alt_above_home_m for point in points) == pytest.approx(40.0, abs=3.0)
        end = points[-1]
        assert (end.lat_deg, end.lon_deg) == pytest.approx(HOME, abs=2e-5)
        await desk.until(
            lambda: desk.status is not None and desk.status.charger in (Charger.CHARGING, Charger.FULL),
            within_s=10.0,
            saying="charging",
        )
        assert desk.status is not None
        assert (desk.status.lid, desk.status.state) in {(Lid.CLOSED, DockState.CHARGING), (Lid.CLOSED, DockState.READY)}


@pytest.mark.nightly
async def test_a_return_on_scene_comes_home_along_the_mission(rig: Rig) -> None:
    async with rig.running() as desk:
        await desk.ready()
        order = await desk.order(watch_s=900.0)
        await desk.phase(Phase.ON_SCENE, within_s=40.0)
        safety = await desk.call(order, SafetyAction.RETURN)
        settled = await desk.settled(safety, within_s=10.0)
        assert settled.outcome is Outcome.CONFIRMED
        await desk.phase(Phase.DOCKED, within_s=40.0)
        assert desk.phases() == WHOLE
        said = [message.get_type() for message in rig.wire.said]
        assert "MISSION_SET_CURRENT" in said


@pytest.mark.nightly
async def test_a_return_half_way_out_never_goes_on_to_the_scene(rig: Rig) -> None:
    async with rig.running() as desk:
        await desk.ready()
        order = await desk.order(distance_m=1500.0, watch_s=60.0)
        await desk.phase(Phase.EN_ROUTE, within_s=30.0)
        await desk.until(lambda: _metres_away(desk) > 400.0, within_s=30.0, saying="400 m out")
        safety = await desk.call(order, SafetyAction.RETURN)
        assert (await desk.settled(safety, within_s=10.0)).outcome is Outcome.CONFIRMED
        await desk.phase(Phase.DOCKED, within_s=60.0)
        assert desk.phases() == [phase for phase in WHOLE if phase is not Phase.ON_SCENE]
        points = [point for fact in desk.facts(TrackRecorded) for point in fact.points]
        furthest_m = max(distance_m(*HOME, point.lat_deg, point.lon_deg) for point in points)
        assert 400.0 < furthest_m < 900.0


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
async def test_an_agent_killed_in_mid_flight_comes_back_and_carries_on(rig: Rig) -> None:
    async with rig.running() as desk:
        await desk.ready()
        await desk.order(distance_m=500.0, watch_s=120.0)
        await desk.phase(Phase.EN_ROUTE, within_s=30.0)
        await rig.kill("agent")
        commands = len(rig.wire.commands())
        await rig.start_agent()
        await desk.phase(Phase.DOCKED, within_s=60.0)
        assert desk.phases() == WHOLE
        flown_after = [number for number in rig.wire.commands()[commands:] if number in FLYING_COMMANDS]
        assert flown_after == []
        assert len(desk.events) == 2


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


async def test_a_dead_agents_aircraft_comes_home_by_itself_and_the_record_is_whole(rig: Rig) -> None:
    async with rig.running() as desk:
        await desk.ready()
        await desk.order(distance_m=300.0, watch_s=3600.0)
        await desk.phase(Phase.ON_SCENE, within_s=40.0)
        await rig.kill("agent")
        await asyncio.sleep(14.0)  # wall seconds: the autopilot waits 10 for its client, then returns
        await rig.start_agent()
        await desk.phase(Phase.DOCKED, within_s=40.0)
        assert desk.phases() == WHOLE
        returning = next(fact for fact in desk.facts(PhaseEntered) if fact.phase is Phase.RETURNING)
        assert "restart" in returning.because


async def test_a_second_agent_of_a_dock_refuses_to_start(rig: Rig) -> None:
    async with rig.running() as desk:
        await desk.ready()
        await rig.start("second", "dock_agent", "--dock", DOCK)
        assert await rig.ended("second") == 1
        assert "another agent of dock dock-1 is running" in rig.log("second")


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


def _metres_away(desk: Controller) -> float:
    now = desk.telemetry
    return 0.0 if now is None else distance_m(*HOME, now.lat_deg, now.lon_deg)
