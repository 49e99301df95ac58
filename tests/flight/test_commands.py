"""What a flight may be asked to do in the air, with MAVSDK in the loop: each outcome is what telemetry shows."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from contracts.orders import FlightOrder, SafetyAction
from contracts.position import Place, Waypoint
from contracts.reports import ConditionChanged, PayloadChanged, PlanChanged
from contracts.tasks import (
    Altitude,
    Goto,
    Light,
    LookAt,
    Nudge,
    Orbit,
    Resume,
    Retask,
    SelectSensor,
    Sensor,
    Snapshot,
    Speaker,
    Zoom,
)
from contracts.vocabulary import Condition, Outcome, Phase
from geo.flight.fence import fence_around
from geo.flight.position import bearing_deg, distance_m, offset
from tests.flight.rig import HOME, WHOLE, Controller, Rig

SPEED = 10.0


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    return Rig(folder=tmp_path, speed=SPEED, carries=("thermal", "light", "speaker"))


async def test_a_flight_holds_moves_circles_goes_on_and_is_sent_to_another_scene(rig: Rig) -> None:
    async with rig.running() as desk:
        await desk.ready()
        order = await desk.order(distance_m=300.0, watch_s=900.0)
        await desk.phase(Phase.ON_SCENE, within_s=40.0)

        held = await desk.call(order, SafetyAction.HOLD)
        await _confirmed(desk, held)
        assert (Condition.HOLDING, True) in _conditions(desk)

        spot = offset(*HOME, bearing_deg=40.0, distance_m=200.0)
        await _confirmed(desk, await desk.task(order, Goto(place=_place(spot))))
        await desk.until(lambda: _metres_from(desk, spot) < 8.0, within_s=15.0, saying="the place")

        await _confirmed(desk, await desk.task(order, Altitude(alt_above_home_m=55.0)))
        await desk.until(lambda: _height_m(desk) > 52.0, within_s=15.0, saying="the height")

        orbit = Orbit(centre=_place(spot), radius_m=25.0, speed_m_s=5.0)
        await _confirmed(desk, await desk.task(order, orbit))
        await desk.until(lambda: 18.0 < _metres_from(desk, spot) < 32.0, within_s=15.0, saying="the circle")

        for act in (
            LookAt(place=order.scene),
            Zoom(level=0.5),
            SelectSensor(sensor=Sensor.THERMAL),
            Snapshot(),
            Light(on=True),
            Speaker(announcement=7),
            LookAt(),
        ):
            await _confirmed(desk, await desk.task(order, act))
        told = {fact.what for fact in desk.facts(PayloadChanged)}
        assert told >= {"look_at", "zoom", "sensor", "snapshot", "light", "speaker"}

        nudges = []
        for _ in range(3):
            nudges.append(await desk.task(order, Nudge(forward=0.6, right=0.6)))
            await asyncio.sleep(0.2)
        await _confirmed(desk, nudges[0])
        await _confirmed(desk, nudges[-1])

        await _confirmed(desk, await desk.task(order, Resume()))

        scene = offset(*HOME, bearing_deg=60.0, distance_m=260.0)
        task = retask(order, _here(desk), scene)
        await _confirmed(desk, await desk.task(order, task))
        changed = desk.facts(PlanChanged)
        assert [fact.scene for fact in changed] == [task.scene]
        watch = (task.route_out[-1].lat_deg, task.route_out[-1].lon_deg)
        await desk.until(lambda: _metres_from(desk, watch) < 8.0, within_s=20.0, saying="the new watch position")

        home = await desk.call(order, SafetyAction.RETURN)
        await _confirmed(desk, home)
        await desk.phase(Phase.DOCKED, within_s=60.0)
        assert desk.phases() == WHOLE
        assert [fact.value for fact in desk.facts(PayloadChanged) if fact.what == "recording"][:1] == ["on"]


@pytest.mark.nightly
async def test_one_that_is_told_to_land_comes_down_where_it_is(rig: Rig) -> None:
    async with rig.running() as desk:
        await desk.ready()
        order = await desk.order(distance_m=300.0, watch_s=900.0)
        await desk.phase(Phase.ON_SCENE, within_s=40.0)
        await _confirmed(desk, await desk.call(order, SafetyAction.LAND))
        away = await desk.phase(Phase.LANDED_AWAY, within_s=40.0)
        assert "from the box" in away.because
        assert _metres_from(desk, HOME) > 200.0


@pytest.mark.nightly
async def test_an_agent_killed_while_a_new_plan_goes_up_carries_on_with_it(rig: Rig) -> None:
    async with rig.running() as desk:
        await desk.ready()
        order = await desk.order(distance_m=300.0, watch_s=900.0)
        await desk.phase(Phase.ON_SCENE, within_s=40.0)
        uploads = _count(rig, "MISSION_COUNT")
        given = await desk.task(order, retask(order, _here(desk), offset(*HOME, bearing_deg=60.0, distance_m=260.0)))
        await desk.until(lambda: _count(rig, "MISSION_COUNT") > uploads, within_s=10.0, saying="an upload begun")
        await rig.kill("agent")
        await rig.start_agent()
        settled = await desk.settled(given, within_s=40.0)
        assert settled.outcome is Outcome.CONFIRMED, settled
        await _confirmed(desk, await desk.call(order, SafetyAction.RETURN))
        await desk.phase(Phase.DOCKED, within_s=60.0)


def _count(rig: Rig, name: str) -> int:
    return sum(message.get_type() == name for message in rig.wire.said)


def retask(order: FlightOrder, here: tuple[float, float], scene: tuple[float, float]) -> Retask:
    """Straight from here to short of a scene and straight home from there, in one fence with the old way home."""
    away_m = max(0.0, distance_m(*here, *scene) - 30.0)
    watch = offset(*here, bearing_deg=bearing_deg(*here, *scene), distance_m=away_m)
    old = [(point.lat_deg, point.lon_deg) for point in (*order.route_out, *order.route_home)]
    fence = fence_around(path=(HOME, *old, here, watch, HOME), scene=scene, margin_m=60.0)
    return Retask(
        scene=_place(scene),
        route_out=[_waypoint(here), _waypoint(watch)],
        route_home=[_waypoint(HOME)],
        fence=[_place(vertex) for vertex in fence.vertices],
        watch_s=600.0,
    )


async def _confirmed(desk: Controller, given: Any) -> None:
    settled = await desk.settled(given, within_s=20.0)
    assert settled.outcome is Outcome.CONFIRMED, f"{given}: {settled}"


def _conditions(desk: Controller) -> list[tuple[Condition, bool]]:
    return [(fact.condition, fact.active) for fact in desk.facts(ConditionChanged)]


def _here(desk: Controller) -> tuple[float, float]:
    assert desk.telemetry is not None
    return desk.telemetry.lat_deg, desk.telemetry.lon_deg


def _metres_from(desk: Controller, place: tuple[float, float]) -> float:
    return distance_m(*_here(desk), *place)


def _height_m(desk: Controller) -> float:
    return 0.0 if desk.telemetry is None else desk.telemetry.alt_above_home_m


def _place(point: tuple[float, float]) -> Place:
    return Place(lat_deg=point[0], lon_deg=point[1])


def _waypoint(point: tuple[float, float]) -> Waypoint:
    return Waypoint(lat_deg=point[0], lon_deg=point[1], alt_above_home_m=45.0)
