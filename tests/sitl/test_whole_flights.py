"""A flight out and home, and every way of coming home early: the same on a real PX4 and on the simulator."""

from __future__ import annotations

import pytest

from contracts.orders import SafetyAction
from contracts.reports import ConditionChanged, FlightFlown, OrderAccepted, PhaseEntered, TrackRecorded
from contracts.vocabulary import Charger, Condition, DockState, Lid, Outcome, Phase
from geo.flight.position import bearing_deg, distance_m
from tests.flight.rig import HOME, LID_S, WHOLE, Controller, Rig

UP_S, OUT_S, HOME_S = 30.0, 120.0, 150.0
"""Wall seconds allowed from the order to the air, to the scene, and home from anywhere here."""


@pytest.mark.nightly
async def test_it_flies_out_watches_with_its_nose_on_the_scene_and_docks(rig: Rig) -> None:
    async with rig.running() as desk:
        await desk.ready(within_s=90.0)
        order = await desk.order(distance_m=200.0, watch_s=30.0, alt_m=30.0)
        launched = await desk.phase(Phase.EN_ROUTE, within_s=UP_S)
        assert launched.position is not None
        await desk.phase(Phase.ON_SCENE, within_s=OUT_S)
        await desk.until(
            lambda: abs(_nose_off_scene_deg(desk, order.scene.lat_deg, order.scene.lon_deg)) < 10.0,
            within_s=30.0,
            saying="the nose on the scene",
        )
        await desk.phase(Phase.DOCKED, within_s=HOME_S)
        assert desk.phases() == WHOLE
        assert [fact.order_id for fact in desk.facts(OrderAccepted)] == [order.order_id]
        await desk.until(lambda: desk.facts(FlightFlown), within_s=5.0, saying="what was flown")
        flown = desk.facts(FlightFlown)[0]
        assert flown.time_to_airborne_s < flown.time_to_scene_s
        if rig.speed == 1.0:
            assert flown.time_to_airborne_s <= LID_S + 5.0
        assert 30.0 - 2.0 * rig.speed < flown.on_scene_s < 30.0 + 5.0 * rig.speed  # both ends are seen late
        assert flown.distance_m == pytest.approx(170.0, rel=0.15)
        assert flown.whole_distance_m == pytest.approx(2 * 170.0, rel=0.15)
        points = [point for fact in desk.facts(TrackRecorded) for point in fact.points]
        assert [point.t for point in points] == sorted({point.t for point in points})
        assert max(point.alt_above_home_m for point in points) == pytest.approx(30.0, abs=3.0)
        assert (points[-1].lat_deg, points[-1].lon_deg) == pytest.approx(HOME, abs=2e-5)
        await desk.until(
            lambda: desk.status is not None and desk.status.state in (DockState.CHARGING, DockState.READY),
            within_s=30.0,
            saying="checked after its flight",
        )
        assert desk.status is not None
        assert desk.status.lid is Lid.CLOSED
        assert desk.status.charger in (Charger.CHARGING, Charger.FULL)


@pytest.mark.nightly
async def test_called_home_from_the_scene_it_follows_the_way_home(rig: Rig) -> None:
    async with rig.running() as desk:
        await desk.ready(within_s=90.0)
        order = await desk.order(distance_m=150.0, watch_s=600.0, alt_m=30.0)
        await desk.phase(Phase.ON_SCENE, within_s=OUT_S)
        safety = await desk.call(order, SafetyAction.RETURN)
        assert (await desk.settled(safety, within_s=10.0)).outcome is Outcome.CONFIRMED
        await desk.phase(Phase.DOCKED, within_s=HOME_S)
        assert desk.phases() == WHOLE


@pytest.mark.nightly
async def test_called_home_half_way_out_it_never_goes_on_to_the_scene(rig: Rig) -> None:
    async with rig.running() as desk:
        await desk.ready(within_s=90.0)
        order = await desk.order(distance_m=600.0, watch_s=60.0, alt_m=30.0)
        await desk.phase(Phase.EN_ROUTE, within_s=UP_S)
        await desk.until(lambda: _metres_away(desk) > 120.0, within_s=60.0, saying="120 m out")
        safety = await desk.call(order, SafetyAction.RETURN)
        assert (await desk.settled(safety, within_s=10.0)).outcome is Outcome.CONFIRMED
        await desk.phase(Phase.DOCKED, within_s=HOME_S)
        assert Phase.ON_SCENE not in desk.phases()
        points = [point for fact in desk.facts(TrackRecorded) for point in fact.points]
        assert max(distance_m(*HOME, point.lat_deg, point.lon_deg) for point in points) < 250.0


@pytest.mark.nightly
async def test_cancelled_while_it_climbs_it_comes_down_again(rig: Rig) -> None:
    async with rig.running() as desk:
        await desk.ready(within_s=90.0)
        order = await desk.order(distance_m=300.0, watch_s=60.0, alt_m=30.0)
        await desk.phase(Phase.EN_ROUTE, within_s=UP_S)
        safety = await desk.call(order, SafetyAction.CANCEL)
        assert (await desk.settled(safety, within_s=10.0)).outcome is Outcome.CONFIRMED
        await desk.phase(Phase.DOCKED, within_s=HOME_S)
        points = [point for fact in desk.facts(TrackRecorded) for point in fact.points]
        assert max(distance_m(*HOME, point.lat_deg, point.lon_deg) for point in points) < 10.0


@pytest.mark.nightly
async def test_its_agent_killed_and_back_picks_it_up_again(rig: Rig) -> None:
    async with rig.running() as desk:
        await desk.ready(within_s=90.0)
        await desk.order(distance_m=150.0, watch_s=30.0, alt_m=30.0)
        await desk.phase(Phase.EN_ROUTE, within_s=UP_S)
        await rig.kill("agent")
        await rig.start_agent()
        await desk.phase(Phase.DOCKED, within_s=OUT_S + HOME_S)
        assert desk.phases() == WHOLE


@pytest.mark.nightly
async def test_its_agent_dead_it_comes_home_by_itself(rig: Rig) -> None:
    async with rig.running() as desk:
        await desk.ready(within_s=90.0)
        await desk.order(distance_m=150.0, watch_s=600.0, alt_m=30.0)
        await desk.phase(Phase.ON_SCENE, within_s=OUT_S)
        await rig.kill("agent")
        await desk.clock.sleep_wall(14.0)
        await rig.start_agent()
        returning = await desk.phase(Phase.RETURNING, within_s=15.0)
        assert "restart" in returning.because
        await desk.phase(Phase.DOCKED, within_s=HOME_S)
        assert desk.phases() == WHOLE
        assert len([fact for fact in desk.facts(PhaseEntered) if fact.phase is Phase.RETURNING]) == 1


@pytest.mark.nightly
async def test_its_link_gone_for_five_seconds_it_goes_on_with_its_watch(rig: Rig) -> None:
    async with rig.running() as desk:
        await desk.ready(within_s=90.0)
        await desk.order(distance_m=120.0, watch_s=15.0 * rig.speed, alt_m=30.0)
        await desk.phase(Phase.ON_SCENE, within_s=OUT_S)
        with rig.wire.cut():
            await desk.clock.sleep_wall(5.0)
        await desk.phase(Phase.DOCKED, within_s=HOME_S)
        assert desk.phases() == WHOLE
        lost = [fact.active for fact in desk.facts(ConditionChanged) if fact.condition is Condition.LINK_LOST]
        assert lost == [True, False]
        left = next(fact for fact in desk.facts(PhaseEntered) if fact.phase is Phase.RETURNING)
        assert left.because == "the watch is over"


@pytest.mark.nightly
async def test_its_link_gone_for_good_it_comes_home_and_the_box_closes_over_it(rig: Rig) -> None:
    async with rig.running() as desk:
        await desk.ready(within_s=90.0)
        await desk.order(distance_m=120.0, watch_s=1500.0, alt_m=30.0)
        await desk.phase(Phase.ON_SCENE, within_s=OUT_S)
        with rig.wire.cut():
            await desk.phase(Phase.DOCKED, within_s=HOME_S + 60.0)
            assert desk.phases() == WHOLE
            await desk.until(
                lambda: desk.status is not None and desk.status.lid is Lid.CLOSED, within_s=30.0, saying="a closed lid"
            )
            await desk.blocked("", within_s=1.0)


def _metres_away(desk: Controller) -> float:
    now = desk.telemetry
    return 0.0 if now is None else distance_m(*HOME, now.lat_deg, now.lon_deg)


def _nose_off_scene_deg(desk: Controller, lat_deg: float, lon_deg: float) -> float:
    now = desk.telemetry
    if now is None:
        return 180.0
    wanted = bearing_deg(now.lat_deg, now.lon_deg, lat_deg, lon_deg)
    return (now.heading_deg - wanted + 180.0) % 360.0 - 180.0
