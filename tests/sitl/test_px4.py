"""The same flights on a real PX4 in simulation, found through KESTREL_PX4_URL (as MAVSDK takes it, ``udpin://...``).

It must stand at the rig's home (PX4_HOME_LAT, PX4_HOME_LON, PX4_HOME_ALT of its start-up: see `tests.flight.rig.HOME`)
and run at real time; KESTREL_PX4_SYSTEM_ID is its system id (1). The box's presence sensor listens to its
ground-station link on port 14550.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from contracts.orders import SafetyAction
from contracts.reports import FlightFlown, PhaseEntered, TrackRecorded
from contracts.vocabulary import Outcome, Phase
from geo.flight.position import bearing_deg, distance_m
from tests.flight.rig import HOME, Controller, Rig
from tests.flight.test_flights import WHOLE

URL = os.environ.get("KESTREL_PX4_URL")
pytestmark = pytest.mark.skipif(URL is None, reason="no real PX4 here: KESTREL_PX4_URL is not set")
UP_S, OUT_S, HOME_S = 30.0, 120.0, 150.0
"""Wall seconds allowed from the order to the air, to the scene, and home from anywhere here."""


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    number = int(os.environ.get("KESTREL_PX4_SYSTEM_ID", "1"))
    return Rig(folder=tmp_path, speed=1.0, mavlink_url=URL, system_id=number)


async def test_a_px4_flies_out_watches_with_its_nose_on_the_scene_and_docks(rig: Rig) -> None:
    async with rig.running() as desk:
        await desk.ready(within_s=90.0)
        order = await desk.order(distance_m=200.0, watch_s=12.0, alt_m=30.0)
        launched = await desk.phase(Phase.EN_ROUTE, within_s=UP_S)
        assert launched.position is not None
        await desk.phase(Phase.ON_SCENE, within_s=OUT_S)
        await desk.until(
            lambda: abs(_nose_off_scene_deg(desk, order.scene.lat_deg, order.scene.lon_deg)) < 10.0,
            within_s=12.0,
            saying="the nose on the scene",
        )
        await desk.phase(Phase.DOCKED, within_s=HOME_S)
        assert desk.phases() == WHOLE
        await desk.until(lambda: desk.facts(FlightFlown), within_s=5.0, saying="what was flown")
        flown = desk.facts(FlightFlown)[0]
        assert flown.time_to_airborne_s <= 4.0 + 5.0  # the lid, and five seconds
        assert 12.0 <= flown.on_scene_s < 30.0


async def test_a_px4_called_home_from_the_scene_follows_the_way_home(rig: Rig) -> None:
    async with rig.running() as desk:
        await desk.ready(within_s=90.0)
        order = await desk.order(distance_m=150.0, watch_s=600.0, alt_m=30.0)
        await desk.phase(Phase.ON_SCENE, within_s=OUT_S)
        safety = await desk.call(order, SafetyAction.RETURN)
        assert (await desk.settled(safety, within_s=10.0)).outcome is Outcome.CONFIRMED
        await desk.phase(Phase.DOCKED, within_s=HOME_S)
        assert desk.phases() == WHOLE


async def test_a_px4_called_home_half_way_out_never_goes_on_to_the_scene(rig: Rig) -> None:
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


async def test_a_px4_cancelled_while_it_climbs_comes_down_again(rig: Rig) -> None:
    async with rig.running() as desk:
        await desk.ready(within_s=90.0)
        order = await desk.order(distance_m=300.0, watch_s=60.0, alt_m=30.0)
        await desk.phase(Phase.EN_ROUTE, within_s=UP_S)
        safety = await desk.call(order, SafetyAction.CANCEL)
        assert (await desk.settled(safety, within_s=10.0)).outcome is Outcome.CONFIRMED
        await desk.phase(Phase.DOCKED, within_s=HOME_S)
        points = [point for fact in desk.facts(TrackRecorded) for point in fact.points]
        assert max(distance_m(*HOME, point.lat_deg, point.lon_deg) for point in points) < 10.0


async def test_a_px4_whose_agent_is_killed_is_picked_up_again(rig: Rig) -> None:
    async with rig.running() as desk:
        await desk.ready(within_s=90.0)
        await desk.order(distance_m=150.0, watch_s=30.0, alt_m=30.0)
        await desk.phase(Phase.EN_ROUTE, within_s=UP_S)
        await rig.kill("agent")
        await rig.start_agent()
        await desk.phase(Phase.DOCKED, within_s=OUT_S + HOME_S)
        assert desk.phases() == WHOLE


async def test_a_px4_whose_agent_stays_dead_comes_home_by_itself(rig: Rig) -> None:
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


def _metres_away(desk: Controller) -> float:
    now = desk.telemetry
    return 0.0 if now is None else distance_m(*HOME, now.lat_deg, now.lon_deg)


def _nose_off_scene_deg(desk: Controller, lat_deg: float, lon_deg: float) -> float:
    now = desk.telemetry
    if now is None:
        return 180.0
    wanted = bearing_deg(now.lat_deg, now.lon_deg, lat_deg, lon_deg)
    return (now.heading_deg - wanted + 180.0) % 360.0 - 180.0
