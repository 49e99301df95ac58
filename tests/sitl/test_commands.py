"""What a pilot may ask of a drone in the air, one after the other in as few flights as it takes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from contracts.orders import FlightOrder, SafetyAction
from contracts.position import Place, Waypoint
from contracts.reports import PhaseEntered, PlanChanged, TrackRecorded
from contracts.tasks import Altitude, Extend, Goto, LookAt, Orbit, Resume, Retask, Task
from contracts.vocabulary import Outcome, Phase
from geo.flight.corridor import Corridor
from geo.flight.fence import fence_around
from geo.flight.plan import straight_plan
from geo.flight.position import LatLon, bearing_deg, distance_m, offset
from tests.flight.rig import HOME, WHOLE, Controller, Rig

READY_S, OUT_S, HOME_S, DONE_S = 90.0, 120.0, 150.0, 60.0
"""Wall seconds allowed to be ready, to the scene, home from anywhere here, and for an order's outcome."""
BEARING_DEG, AWAY_M, ALT_M = 40.0, 200.0, 40.0


@pytest.mark.nightly  # `make test` flies the like in tests.flight
async def test_it_holds_moves_climbs_circles_looks_goes_on_and_comes_home(rig: Rig) -> None:
    async with rig.running() as desk:
        await desk.ready(within_s=READY_S)
        order = await desk.order(distance_m=AWAY_M, bearing_deg=BEARING_DEG, watch_s=1500.0, alt_m=ALT_M)
        await desk.phase(Phase.ON_SCENE, within_s=OUT_S)
        watch = (order.route_out[-1].lat_deg, order.route_out[-1].lon_deg)

        held = await desk.call(order, SafetyAction.HOLD)
        assert (await desk.settled(held, within_s=DONE_S)).outcome is Outcome.CONFIRMED
        await _shows(desk, lambda: _mode(desk) == "HOLD", "the mode hold")

        aside = offset(*watch, bearing_deg=BEARING_DEG + 90.0, distance_m=25.0)
        await _done(desk, order, Goto(place=_place(aside)))
        await _shows(desk, lambda: _metres_from(desk, aside) < 3.0, "25 m aside")
        assert _height_m(desk) == pytest.approx(ALT_M, abs=3.0)

        await _done(desk, order, Altitude(alt_above_home_m=55.0))
        await _shows(desk, lambda: abs(_height_m(desk) - 55.0) < 2.0, "55 m above home")
        assert _metres_from(desk, aside) < 5.0

        await _done(desk, order, Orbit(centre=_place(watch), radius_m=20.0, speed_m_s=5.0, alt_above_home_m=50.0))
        bearings: set[int] = set()

        def has_been_round() -> bool:
            if 12.0 < _metres_from(desk, watch) < 28.0:
                bearings.add(int(_bearing_from_deg(desk, watch) // 90))
            return len(bearings) == 4

        await _shows(desk, has_been_round, "all round the centre")

        await _done(desk, order, LookAt(place=_place(HOME)))
        await _done(desk, order, Resume())
        await _shows(desk, lambda: _mode(desk) == "MISSION" and _metres_from(desk, watch) < 5.0, "back on its mission")

        home = await desk.call(order, SafetyAction.RETURN)
        assert (await desk.settled(home, within_s=DONE_S)).outcome is Outcome.CONFIRMED
        await desk.phase(Phase.DOCKED, within_s=HOME_S)
        assert desk.phases() == WHOLE


@pytest.mark.nightly
async def test_it_is_given_another_scene_on_its_way_and_comes_home_from_there(rig: Rig) -> None:
    async with rig.running() as desk:
        await desk.ready(within_s=READY_S)
        order = await desk.order(distance_m=400.0, bearing_deg=BEARING_DEG, watch_s=60.0, alt_m=ALT_M)
        await desk.phase(Phase.EN_ROUTE, within_s=OUT_S)
        await _shows(desk, lambda: _metres_from(desk, HOME) > 60.0, "60 m out")
        retask = _retask(desk, order, scene=offset(*HOME, bearing_deg=95.0, distance_m=180.0), watch_s=15.0)
        await _done(desk, order, retask)
        changed = await desk.until(lambda: desk.facts(PlanChanged), within_s=DONE_S, saying="the new plan on record")
        assert changed[0].scene == retask.scene
        await desk.phase(Phase.ON_SCENE, within_s=OUT_S)
        await desk.phase(Phase.DOCKED, within_s=HOME_S)
        assert desk.phases() == WHOLE

        scene = next(fact for fact in desk.facts(PhaseEntered) if fact.phase is Phase.ON_SCENE).position
        new_watch = retask.route_out[-1]
        assert scene is not None
        assert distance_m(scene.lat_deg, scene.lon_deg, new_watch.lat_deg, new_watch.lon_deg) < 20.0
        left = next(fact for fact in desk.facts(PhaseEntered) if fact.phase is Phase.RETURNING)
        home = Corridor(path=(_pair(new_watch), *(_pair(point) for point in retask.route_home)))
        points = [point for fact in desk.facts(TrackRecorded) for point in fact.points]
        after = [point for point in points if left.position is not None and point.alt_above_home_m > 3.0][-20:]
        assert max(home.distance_m(point.lat_deg, point.lon_deg) for point in after) < 20.0


@pytest.mark.nightly
async def test_its_watch_is_made_longer_while_it_holds_and_ends_by_itself(rig: Rig) -> None:
    async with rig.running() as desk:
        await desk.ready(within_s=READY_S)
        order = await desk.order(distance_m=120.0, bearing_deg=BEARING_DEG, watch_s=40.0, alt_m=30.0)
        await desk.phase(Phase.ON_SCENE, within_s=OUT_S)
        await _done(desk, order, Extend(by_s=40.0))
        await desk.phase(Phase.DOCKED, within_s=HOME_S)
        entered = {
            fact.phase: event.mission_time for event in desk.told if isinstance(fact := event.fact, PhaseEntered)
        }
        watched_s = (entered[Phase.RETURNING] - entered[Phase.ON_SCENE]).total_seconds()
        assert watched_s == pytest.approx(80.0, abs=6.0 * rig.speed)


@pytest.mark.nightly
async def test_it_lands_where_it_is_when_it_is_told_to(rig: Rig) -> None:
    async with rig.running() as desk:
        await desk.ready(within_s=READY_S)
        order = await desk.order(distance_m=100.0, bearing_deg=BEARING_DEG, watch_s=900.0, alt_m=25.0)
        await desk.phase(Phase.ON_SCENE, within_s=OUT_S)
        landing = await desk.call(order, SafetyAction.LAND)
        assert (await desk.settled(landing, within_s=DONE_S)).outcome is Outcome.CONFIRMED
        away = await desk.phase(Phase.LANDED_AWAY, within_s=HOME_S)
        assert away.position is not None
        watch = order.route_out[-1]
        stopping_m = 25.0  # from cruise speed at PX4's acceleration
        assert distance_m(away.position.lat_deg, away.position.lon_deg, watch.lat_deg, watch.lon_deg) < stopping_m
        assert desk.phases() == [*WHOLE[:4], Phase.LANDING, Phase.LANDED_AWAY]


async def _done(desk: Controller, order: FlightOrder, task: Task) -> None:
    asked = await desk.task(order, task)
    settled = await desk.settled(asked, within_s=DONE_S)
    assert settled.outcome is Outcome.CONFIRMED, f"{task.type}: {settled.detail}"


async def _shows(desk: Controller, what: Callable[[], bool], words: str) -> None:
    await desk.until(what, within_s=DONE_S, saying=words)


def _retask(desk: Controller, order: FlightOrder, *, scene: LatLon, watch_s: float) -> Retask:
    """Straight from here to another scene, and straight home from there; the fence holds the old way as well."""
    now = desk.telemetry
    assert now is not None
    plan = straight_plan(home=HOME, scene=scene, transit_alt_m=ALT_M, scene_alt_m=ALT_M)
    old = [_pair(point) for point in (*order.route_out, *order.route_home)]
    path = (HOME, (now.lat_deg, now.lon_deg), *old, *(point.position for point in plan.route_out))
    fence = fence_around(path=path, scene=scene, margin_m=60.0)
    return Retask(
        scene=_place(scene),
        route_out=[_waypoint(*point.position) for point in plan.route_out],
        route_home=[_waypoint(*point.position) for point in plan.route_home],
        fence=[_place(vertex) for vertex in fence.vertices],
        watch_s=watch_s,
    )


def _mode(desk: Controller) -> str:
    return "" if desk.telemetry is None else desk.telemetry.flight_mode.upper()


def _metres_from(desk: Controller, place: LatLon) -> float:
    now = desk.telemetry
    return float("inf") if now is None else distance_m(now.lat_deg, now.lon_deg, *place)


def _bearing_from_deg(desk: Controller, place: LatLon) -> float:
    now = desk.telemetry
    assert now is not None
    return bearing_deg(*place, now.lat_deg, now.lon_deg)


def _height_m(desk: Controller) -> float:
    return float("nan") if desk.telemetry is None else desk.telemetry.alt_above_home_m


def _pair(point: Place) -> LatLon:
    return point.lat_deg, point.lon_deg


def _place(point: LatLon) -> Place:
    return Place(lat_deg=point[0], lon_deg=point[1])


def _waypoint(lat_deg: float, lon_deg: float) -> Waypoint:
    return Waypoint(lat_deg=lat_deg, lon_deg=lon_deg, alt_above_home_m=ALT_M)
