"""Flights in the air that get another way keep apart from all others: by another height, or by not being sent there."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.orders import SafetyAction
from contracts.position import Place
from contracts.reports import CommandSettled, OrderAccepted
from contracts.tasks import Altitude, Divert, Goto, Nudge, Orbit, Resume, Retask
from contracts.vocabulary import DockState, Outcome, Phase
from dispatcher import events as ev
from dispatcher.decision.facts import Policy
from dispatcher.entities import Flight
from dispatcher.errors import Conflict, NotApart
from dispatcher.events import IncidentPlace
from geo.flight.position import LatLon, offset
from tests.desks import Scene

NEAR = (52.4100, -1.5100)
"""800 m from cov-1; the flights of cov-1 and cov-2 meet here."""
FAR = (52.4000, -1.5150)
"""South of that, where cov-1's flight is sent first."""
POLICY = Policy(watch_s=300)


async def sent(scene: Scene, dock_id: str, place: LatLon, *phases: Phase) -> Flight:
    """On scene unless ``phases`` say otherwise, and seen there."""
    flight = await scene.press(await scene.incident(*place), dock_id=dock_id, key=f"to-{dock_id}")
    await scene.says(dock_id, OrderAccepted(order_id=flight.order.order_id, flight_id=flight.id))
    await scene.fly(flight, *(phases or (Phase.PREPARING, Phase.LAUNCHING, Phase.EN_ROUTE, Phase.ON_SCENE)))
    watch = flight.order.route_out[-1]
    scene.seen(flight, watch.lat_deg, watch.lon_deg)
    return scene.desk.state.flights[flight.id]


async def two(scene: Scene) -> tuple[Flight, Flight]:
    """K2 watches over `NEAR`, K1 over `FAR`, both 60 m above docks of one height."""
    second = await sent(scene, "cov-2", NEAR)
    await scene.all_report()
    first = await sent(scene, "cov-1", FAR)
    scene.seen(second, second.order.route_out[-1].lat_deg, second.order.route_out[-1].lon_deg)
    assert first.order.route_out[-1].alt_above_home_m == second.order.route_out[-1].alt_above_home_m == 60.0
    return first, second


def place(at: LatLon, **changes: Any) -> IncidentPlace:
    return IncidentPlace(lat_deg=at[0], lon_deg=at[1], **changes)


def point(at: LatLon) -> Place:
    return Place(lat_deg=at[0], lon_deg=at[1])


async def given(scene: Scene, flight: Flight, task: Any) -> Any:
    return await scene.desk.give_task(flight.pilot, flight.id, task, "look", None)


async def low(scene: Scene) -> None:
    """Docks whose ceiling leaves room for one height alone."""
    for view in list(scene.desk.state.docks.values()):
        limits = view.dock.limits.model_copy(update={"ceiling_above_home_m": 60.0})
        await scene.desk.record(
            [
                ev.DockRegistered(
                    dock=view.dock.model_copy(update={"limits": limits}),
                    aircraft_type=view.aircraft_type,
                )
            ]
        )


async def test_a_retask_to_a_scene_that_another_watches_goes_at_another_height() -> None:
    scene = await Scene.open(policy=POLICY)
    first, _ = await two(scene)
    command = await scene.desk.retask(first.pilot, first.id, place(NEAR), None, "nearer", None)
    assert isinstance(command.task, Retask)
    assert command.task.route_out[-1].alt_above_home_m == 80.0


async def test_a_retask_to_where_nobody_is_keeps_its_height() -> None:
    scene = await Scene.open(policy=POLICY)
    first, _ = await two(scene)
    command = await scene.desk.retask(first.pilot, first.id, place((52.3950, -1.5250)), None, "there", None)
    assert isinstance(command.task, Retask)
    assert command.task.route_out[-1].alt_above_home_m == 60.0


async def test_where_no_height_is_free_the_retask_is_refused_with_the_flight_and_the_figures() -> None:
    scene = await Scene.open(policy=Policy(watch_s=300, transit_alt_m=45.0, scene_alt_m=45.0))
    await low(scene)
    await scene.all_report()
    second = await sent(scene, "cov-2", NEAR)
    await scene.all_report()
    first = await sent(scene, "cov-1", FAR)
    scene.seen(second, second.order.route_out[-1].lat_deg, second.order.route_out[-1].lon_deg)
    with pytest.raises(NotApart, match=r"K1: no retask there: it would come near K2 \(0 m beside it") as refusal:
        await scene.desk.retask(first.pilot, first.id, place(NEAR), None, "nearer", None)
    assert refusal.value.extra["near"] == [{"callsign": "K2", "beside_m": 0.0, "above_m": 0.0}]


async def test_a_plan_that_is_sent_and_not_confirmed_is_kept_free_beside_the_one_that_is_flown() -> None:
    scene = await Scene.open(policy=POLICY)
    first = await sent(scene, "cov-1", FAR)
    await scene.desk.retask(first.pilot, first.id, place(NEAR), None, "nearer", None)
    await scene.all_report()
    for at in (NEAR, FAR):
        incident = await scene.incident(*at)
        shown = await scene.desk.decide("controller-1", incident.id)
        option = next(each for each in shown.options if each["dock_id"] == "cov-2")
        assert option["route"][-1]["alt_above_home_m"] != 60.0, at


@pytest.mark.parametrize(
    "task",
    [
        Goto(place=point(NEAR)),
        Orbit(centre=point(offset(*NEAR, bearing_deg=200, distance_m=90)), radius_m=60, speed_m_s=5),
    ],
    ids=["goto", "orbit"],
)
async def test_a_pilot_is_not_let_fly_to_where_another_watches(task: Goto | Orbit) -> None:
    scene = await Scene.open(policy=POLICY)
    first, _ = await two(scene)
    with pytest.raises(NotApart, match=f"K1: no {task.type} there: it would come near K2"):
        await given(scene, first, task)
    away = point(offset(*NEAR, bearing_deg=200, distance_m=300))
    elsewhere = {"place": away} if isinstance(task, Goto) else {"centre": away}
    assert (await given(scene, first, task.model_copy(update=elsewhere))).outcome is Outcome.PENDING


async def test_nobody_climbs_through_another_s_height() -> None:
    scene = await Scene.open(policy=POLICY)
    await sent(scene, "cov-2", NEAR)
    await scene.all_report()
    below = await sent(scene, "cov-1", NEAR)
    own_m = below.order.route_out[-1].alt_above_home_m
    assert own_m != 60.0
    through_m = 30.0 if own_m > 60.0 else 100.0
    with pytest.raises(NotApart, match="K1: no altitude there: it would come near K2"):
        await given(scene, below, Altitude(alt_above_home_m=through_m))


async def test_a_nudge_towards_another_is_refused_and_one_that_turns_is_not() -> None:
    scene = await Scene.open(policy=POLICY)
    first, second = await two(scene)
    watch = second.order.route_out[-1]
    beside = offset(watch.lat_deg, watch.lon_deg, bearing_deg=270, distance_m=60)
    scene.seen(first, *beside, alt_above_home_m=84.0)
    with pytest.raises(NotApart, match="K2"):
        await scene.desk.nudge(first.pilot, first.id, Nudge(up=-1.0), "down")
    assert (await scene.desk.nudge(first.pilot, first.id, Nudge(turn_right=1.0), "turn")).outcome is Outcome.PENDING


async def test_what_is_flown_by_hand_is_kept_free_for_others() -> None:
    scene = await Scene.open(policy=POLICY)
    first = await sent(scene, "cov-1", FAR)
    aside = offset(*FAR, bearing_deg=90, distance_m=300)
    command = await given(scene, first, Goto(place=point(aside)))
    await scene.says("cov-1", CommandSettled(order_id=command.order_id, flight_id=first.id, outcome=Outcome.CONFIRMED))
    scene.seen(first, *aside)
    await scene.all_report()
    shown = await scene.desk.decide("controller-1", (await scene.incident(*aside)).id)
    option = next(each for each in shown.options if each["dock_id"] == "cov-2")
    assert option["route"][-1]["alt_above_home_m"] != 60.0


async def test_who_is_too_near_may_move_away_and_not_on() -> None:
    scene = await Scene.open(policy=POLICY)
    first, second = await two(scene)
    watch = second.order.route_out[-1]
    # Blown there, or held there: nobody asked the desk.
    scene.seen(first, *offset(watch.lat_deg, watch.lon_deg, bearing_deg=250, distance_m=45))
    with pytest.raises(NotApart, match="K2"):
        await given(scene, first, Goto(place=point((watch.lat_deg, watch.lon_deg))))
    away = offset(watch.lat_deg, watch.lon_deg, bearing_deg=250, distance_m=200)
    assert (await given(scene, first, Goto(place=point(away)))).outcome is Outcome.PENDING


async def test_a_resume_from_off_the_plan_through_another_is_refused_and_the_way_home_is_not() -> None:
    scene = await Scene.open(policy=POLICY)
    first, second = await two(scene)
    watch = second.order.route_out[-1]
    # North of K2's watch, on the far side of its way from K1's own scene.
    scene.seen(first, *offset(watch.lat_deg, watch.lon_deg, bearing_deg=10, distance_m=160))
    with pytest.raises(NotApart, match="K1: no resume there: it would come near K2"):
        await given(scene, first, Resume())
    await scene.desk.command_flight(first.pilot, first.id, SafetyAction.RETURN, "enough", None)
    assert scene.desk.state.flights[first.id].commands[-1].action == "return"


async def test_where_nobody_knows_from_where_it_goes_nobody_is_let_near_others() -> None:
    scene = await Scene.open(policy=POLICY)
    first, _ = await two(scene)
    await scene.clock.advance(120)
    with pytest.raises(Conflict, match="where K1 is now is not known"):
        await given(scene, first, Goto(place=point(FAR)))


async def test_a_divert_past_another_goes_at_another_height() -> None:
    scene = await Scene.open(policy=POLICY)
    first, second = await two(scene)
    await scene.status("cov-3", state=DockState.EMPTY, aircraft_seated=False)
    watch = second.order.route_out[-1]
    # Straight from here to cov-3 it would go through K2's watch.
    scene.seen(first, *offset(watch.lat_deg, watch.lon_deg, bearing_deg=50, distance_m=160))
    await scene.desk.divert(first.pilot, first.id, "cov-3", "wet", None)
    diversion = scene.desk.state.flights[first.id].diversion
    assert diversion is not None
    opened = CommandSettled(order_id=diversion.receive.order_id, flight_id=first.id, outcome=Outcome.CONFIRMED)
    await scene.says("cov-3", opened)
    await scene.desk.look_after_diversions()
    command = scene.desk.state.flights[first.id].commands[-1]
    assert isinstance(command.task, Divert)
    heights = {each.alt_above_home_m for each in (*command.task.route_out, *command.task.route_home)}
    assert min(abs(height_m - 60.0) for height_m in heights) >= 20.0
