"""Whole flights: the agent as a process, MAVSDK in the loop, against the simulator at ten times real time."""

from __future__ import annotations

from pathlib import Path

import pytest

from contracts.orders import SafetyAction
from contracts.reports import FlightFlown, OrderAccepted, TrackRecorded
from contracts.vocabulary import Charger, DockState, Lid, Outcome, Phase
from tests.flight.rig import HOME, Rig

SPEED = 10.0
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
        assert flown.on_scene_s == pytest.approx(20.0, abs=8.0)
        assert flown.distance_m == pytest.approx(2 * 370.0, rel=0.1)
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
