"""What a flight may be asked in the air: each limit, all at once, with its figure."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from contracts.orders import FlightOrder
from contracts.position import Place, Waypoint
from contracts.tasks import (
    Altitude,
    Avoid,
    Divert,
    Extend,
    Goto,
    LookAt,
    Nudge,
    Orbit,
    Parachute,
    Resume,
    Retask,
    Task,
    Zoom,
)
from contracts.vocabulary import Avoidance, Phase
from dock_agent import guards
from dock_agent.taskguards import FLOOR_M, START_M
from geo.flight.fence import fence_around
from geo.flight.position import offset
from tests.unit.dock_agent.fakeaircraft import HOME
from tests.unit.dock_agent.fakes import CALM, Bench


def place(bearing_deg: float, distance_m: float, start: tuple[float, float] = HOME) -> Place:
    lat_deg, lon_deg = offset(*start, bearing_deg=bearing_deg, distance_m=distance_m)
    return Place(lat_deg=lat_deg, lon_deg=lon_deg)


def over(spot: Place, height_m: float = 40.0) -> Waypoint:
    return Waypoint(lat_deg=spot.lat_deg, lon_deg=spot.lon_deg, alt_above_home_m=height_m)


class Scene:
    """A flight on scene, 770 m north-east of home, and the guards' word about a task."""

    def __init__(self, bench: Bench, order: FlightOrder) -> None:
        self.bench, self.order = bench, order

    def reasons(self, task: Task, **changes: Any) -> list[str]:
        agent = self.bench.agent
        assert agent.flight is not None
        seen = agent.seen()
        seen = replace(seen, aircraft=replace(seen.aircraft, **changes))
        return guards.task_reasons(task, flight=agent.flight, seen=seen, standing=agent.standing)

    @property
    def watch(self) -> Place:
        return self.order.route_out[-1]


@pytest.fixture
async def scene(bench: Bench) -> Scene:
    order = bench.fly(distance_m=800.0, watch_s=300.0)
    await bench.until(Phase.ON_SCENE)
    await bench.run(1.0)
    return Scene(bench, order)


async def test_what_stays_inside_all_limits_has_no_reason_against_it(scene: Scene) -> None:
    spot = place(45.0, 790.0)
    for task in (
        Goto(place=spot),
        Goto(place=spot, alt_above_home_m=60.0),
        Altitude(alt_above_home_m=80.0),
        Orbit(centre=spot, radius_m=30.0, speed_m_s=5.0),
        Extend(by_s=120.0),
        Nudge(forward=1.0),
        Resume(),
        LookAt(place=spot),
        Zoom(level=0.5),
        Avoid(),
    ):
        assert scene.reasons(task) == [], task


@pytest.mark.parametrize(
    ("task", "words"),
    [
        (Goto(place=place(45.0, 1000.0)), "the place is 150 m outside the fence"),
        (Goto(place=place(45.0, 770.0), alt_above_home_m=130.0), "130 m above home is asked; the ceiling is 120 m"),
        (Goto(place=place(45.0, 770.0), alt_above_home_m=15.0), f"15 m above home is asked; {FLOOR_M:.0f} m"),
        (Altitude(alt_above_home_m=121.0), "121 m above home is asked; the ceiling is 120 m"),
        (Altitude(alt_above_home_m=19.0), "19 m above home is asked; 20 m is the least but for landing"),
        (Orbit(centre=place(45.0, 800.0), radius_m=60.0, speed_m_s=5.0), "which has room for 50 m"),
        (Orbit(centre=place(45.0, 900.0), radius_m=10.0, speed_m_s=5.0), "which ends 50 m before its centre"),
        (Orbit(centre=place(45.0, 800.0), radius_m=45.0, speed_m_s=16.0), "the aircraft's speed is 15.0 m/s"),
        (Orbit(centre=place(45.0, 800.0), radius_m=10.0, speed_m_s=10.0), "takes 10.0 m/s²; 2.0 m/s² is the most"),
        (Extend(by_s=3600.0), "min more on scene with 20 % in reserve"),
    ],
)
async def test_what_breaks_a_limit_is_refused_with_its_figure(scene: Scene, task: Task, words: str) -> None:
    found = scene.reasons(task)
    assert any(words in reason for reason in found), found


async def test_a_nudge_out_of_the_fence_is_refused(scene: Scene) -> None:
    at_edge = scene.reasons(Nudge(forward=1.0), heading_deg=45.0)
    assert at_edge == []
    position = scene.bench.aircraft.reading().position
    assert position is not None
    spot = place(45.0, 845.0)
    edge = replace(position, lat_deg=spot.lat_deg, lon_deg=spot.lon_deg)
    (reason,) = scene.reasons(Nudge(forward=1.0), position=edge, heading_deg=45.0)
    assert reason == "the place is 5 m outside the fence"
    assert scene.reasons(Nudge(forward=-1.0), position=edge, heading_deg=45.0) == []


async def test_a_nudge_up_is_taken_below_the_floor_and_down_is_not(scene: Scene) -> None:
    position = scene.bench.aircraft.reading().position
    assert position is not None
    low = replace(position, alt_above_home_m=FLOOR_M - 5.0)
    assert scene.reasons(Nudge(up=0.2), position=low) == []
    assert len(scene.reasons(Nudge(up=-0.2), position=low)) == 1


async def test_all_reasons_come_at_once(scene: Scene) -> None:
    far = Goto(place=place(45.0, 9000.0), alt_above_home_m=150.0)
    found = scene.reasons(far, battery_percent=21.0)
    assert len(found) == 4, found


@pytest.mark.parametrize("task", [Goto(place=place(45.0, 790.0)), Altitude(alt_above_home_m=60.0), Resume()])
async def test_a_charge_that_brings_it_home_no_more_refuses_everything_that_moves(scene: Scene, task: Task) -> None:
    (reason,) = scene.reasons(task, battery_percent=22.0)
    assert reason.startswith("the battery is at 22 %: there and home takes ")
    assert reason.endswith("20 % is the reserve")


async def test_an_unknown_charge_is_no_charge(scene: Scene) -> None:
    assert scene.reasons(Altitude(alt_above_home_m=60.0), battery_percent=None) == ["the battery's charge is unknown"]


async def test_a_stronger_head_wind_home_shortens_what_may_be_asked(scene: Scene) -> None:
    task = Goto(place=place(45.0, 790.0))
    least = {}
    for wind_m_s in (0.0, 11.0):
        scene.bench.hardware.weather = CALM.model_copy(update={"wind_speed_m_s": wind_m_s, "wind_from_deg": 225.0})
        least[wind_m_s] = next(p for p in range(100) if not scene.reasons(task, battery_percent=float(p)))
    assert least[0.0] < least[11.0]


@pytest.mark.parametrize("age_s", [1.01, 30.0])
async def test_an_old_position_lets_nothing_that_moves_pass_but_down(scene: Scene, age_s: float) -> None:
    for task in (Goto(place=scene.watch), Nudge(forward=1.0), Resume(), Extend(by_s=10.0)):
        (reason,) = scene.reasons(task, position_age_s=age_s)
        assert reason == f"the aircraft's position is {age_s:.1f} s old: only hold, return and land until it is fresh"
    assert scene.reasons(Avoid(), position_age_s=age_s) == []
    assert scene.reasons(Zoom(level=1.0), position_age_s=age_s) == []


async def test_nothing_is_begun_with_an_aircraft_that_is_not_heard(scene: Scene) -> None:
    for task in (Goto(place=scene.watch), Avoid(), Zoom(level=1.0), Parachute()):
        assert scene.reasons(task, link_age_s=4.0) == ["nothing is heard of the aircraft"]


async def test_while_a_crewed_aircraft_converges_only_down_is_allowed(scene: Scene) -> None:
    lookout = scene.bench.agent._lookout
    lookout.watch = replace(lookout.watch, avoid=Avoidance.DESCEND, converging="GPOLA converges")
    assert scene.reasons(Altitude(alt_above_home_m=25.0)) == []
    (reason,) = scene.reasons(Altitude(alt_above_home_m=60.0))
    assert reason.startswith("a crewed aircraft converges (GPOLA converges)")


def retask(scene: Scene, **changes: Any) -> Retask:
    """From where it is to a scene 400 m north of home."""
    watch = place(0.0, 400.0)
    path = [HOME, (scene.watch.lat_deg, scene.watch.lon_deg), (watch.lat_deg, watch.lon_deg)]
    fence = fence_around(path=path, margin_m=50.0)
    fields: dict[str, Any] = {
        "scene": place(0.0, 430.0),
        "route_out": [over(scene.watch), over(watch)],
        "route_home": [over(watch), over(scene.order.home)],
        "fence": [Place(lat_deg=lat, lon_deg=lon) for lat, lon in fence.vertices],
        "watch_s": 120.0,
    }
    return Retask(**{**fields, **changes})


async def test_a_new_plan_that_holds_everything_has_no_reason_against_it(scene: Scene) -> None:
    assert scene.reasons(retask(scene)) == []


async def test_a_new_fence_must_hold_where_it_is_the_new_ways_and_the_way_home_on_board(scene: Scene) -> None:
    watch = place(0.0, 400.0)
    narrow = fence_around(path=[HOME, (watch.lat_deg, watch.lon_deg)], margin_m=50.0)
    task = retask(
        scene,
        fence=[Place(lat_deg=lat, lon_deg=lon) for lat, lon in narrow.vertices],
        route_home=[over(watch), over(place(0.0, 200.0)), over(scene.order.home)],
    )
    found = scene.reasons(task)
    assert any(reason.startswith("the new fence does not hold the aircraft: it is ") for reason in found), found
    assert any(reason.startswith("the new fence does not hold the new ways") for reason in found), found
    only_here = fence_around(path=[(scene.watch.lat_deg, scene.watch.lon_deg)], margin_m=30.0)
    task = retask(scene, fence=[Place(lat_deg=lat, lon_deg=lon) for lat, lon in only_here.vertices])
    assert any("the way home that is on board: a point of it is " in reason for reason in scene.reasons(task))


async def test_a_drone_that_must_come_home_is_not_sent_elsewhere(scene: Scene) -> None:
    agent = scene.bench.agent
    assert agent.flight is not None
    seen = replace(agent.seen(), must_return="the charge is at the reserve")
    found = guards.task_reasons(retask(scene), flight=agent.flight, seen=seen, standing=agent.standing)
    assert "it must come home: the charge is at the reserve" in found


async def test_a_new_way_that_begins_elsewhere_or_flies_too_high_is_refused(scene: Scene) -> None:
    far = retask(scene, route_out=[over(place(45.0, 20.0), 130.0), over(place(0.0, 400.0))])
    found = scene.reasons(far)
    assert any(f"from the aircraft; {START_M:.0f} m is the most" in reason for reason in found), found
    assert any("130 m above home is asked" in reason for reason in found), found


async def test_a_new_way_that_does_not_end_over_home_is_refused_in_words(scene: Scene) -> None:
    lost = retask(scene, route_home=[over(place(0.0, 400.0))])
    assert scene.reasons(lost) == ["what is asked cannot be flown: the way home must end over home"]


async def test_a_divert_may_use_the_reserve_and_a_retask_may_not(scene: Scene) -> None:
    new_home = place(45.0, 600.0)
    fields = retask(scene).model_dump(exclude={"type", "watch_s", "incident_id", "route_home", "route_out"})
    divert = Divert(
        **fields,
        route_out=[over(scene.watch)],
        route_home=[over(new_home)],
        dock_id="dock-2",
        home=new_home,
        landing_above_home_m=3.0,
    )
    assert scene.reasons(divert, battery_percent=18.0) == []
    (short,) = scene.reasons(divert, battery_percent=11.0)
    assert "10 % is the reserve" in short
    assert scene.reasons(retask(scene), battery_percent=18.0) != []


async def test_a_flight_on_its_way_to_another_dock_is_not_retasked(scene: Scene) -> None:
    agent = scene.bench.agent
    assert agent.flight is not None
    agent.flight = agent.flight.model_copy(update={"home_dock_id": "dock-2"})
    (reason,) = scene.reasons(retask(scene))
    assert reason == "it is on its way to dock dock-2, which keeps its lid open for it"
