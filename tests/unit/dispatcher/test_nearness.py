"""Commands that are never refused, and what becomes of those who are in their way."""

from __future__ import annotations

import pytest

from contracts.orders import SafetyAction
from contracts.reports import OrderAccepted
from contracts.vocabulary import AlarmKind, Phase
from dispatcher import events as ev
from dispatcher.confirmation import Asked
from dispatcher.decision.facts import Policy
from dispatcher.entities import Flight
from geo.flight.position import LatLon, offset
from tests.desks import Scene

OVER = (52.4100, -1.5100)
EN_ROUTE = (Phase.PREPARING, Phase.LAUNCHING, Phase.EN_ROUTE)
ON_SCENE = (*EN_ROUTE, Phase.ON_SCENE)
POLICY = Policy(watch_s=300)


async def flown(scene: Scene, dock_id: str, *phases: Phase, at: LatLon | None = None) -> Flight:
    """A flight over one scene, seen where it watches or ``at`` another place."""
    flight = await scene.press(await scene.incident(*OVER), dock_id=dock_id, key=f"to-{dock_id}")
    await scene.says(dock_id, OrderAccepted(order_id=flight.order.order_id, flight_id=flight.id))
    await scene.fly(flight, *phases)
    await scene.all_report()
    watch = flight.order.route_out[-1]
    scene.seen(flight, *(at or (watch.lat_deg, watch.lon_deg)))
    return scene.desk.state.flights[flight.id]


async def stacked(scene: Scene, *phases: Phase, at: LatLon | None = None) -> tuple[Flight, Flight]:
    """The upper one hangs over the scene; the lower one has come as far as ``phases``, and is seen ``at`` a place."""
    lower = await flown(scene, "cov-1", *phases, at=at)
    upper = await flown(scene, "cov-2", *ON_SCENE)
    scene.seen(lower, *(at or (lower.order.route_out[-1].lat_deg, lower.order.route_out[-1].lon_deg)))
    assert upper.order.route_out[-1].alt_above_home_m > lower.order.route_out[-1].alt_above_home_m
    # It has come to hang right over where the lower one watches, and comes down there.
    spot = lower.order.route_out[-1]
    scene.seen(upper, spot.lat_deg, spot.lon_deg)
    return lower, upper


async def land(scene: Scene, flight: Flight) -> None:
    asked = await scene.desk.land_flight(flight.pilot, flight.id, "motor", None, None)
    assert isinstance(asked, Asked)
    await scene.desk.land_flight(flight.pilot, flight.id, "motor", None, asked.token)


def told(scene: Scene, flight: Flight) -> list[tuple[str, str]]:
    return [(each.action, each.actor) for each in scene.desk.state.flights[flight.id].commands]


def alarms(scene: Scene) -> list[ev.AlarmRaised]:
    found = [record.event for record in scene.log.records if isinstance(record.event, ev.AlarmRaised)]
    return [each for each in found if each.alarm is AlarmKind.TOO_NEAR]


async def test_who_hangs_below_another_that_comes_down_is_called_home_out_of_its_way_and_people_are_told() -> None:
    scene = await Scene.open(policy=POLICY)
    lower, upper = await stacked(scene, *ON_SCENE)
    await land(scene, upper)
    assert told(scene, upper) == [("land", upper.pilot)]
    assert told(scene, lower) == [("return", "system")]
    (alarm,) = alarms(scene)
    assert alarm.flight_id == upper.id
    assert alarm.text.startswith("K2 is not kept apart from K1: K2 comes down where it is")
    assert "30 m or 15 m are kept" in alarm.text
    await scene.desk.look_after_nearness()
    assert len(told(scene, lower)) == len(alarms(scene)) == 1, "once"
    await scene.fly(upper, Phase.LANDING, Phase.LANDED_AWAY)
    await scene.desk.look_after_nearness()
    (raised,) = [each for each in scene.desk.state.flights[upper.id].alarms if each.kind is AlarmKind.TOO_NEAR]
    assert not raised.active


async def test_who_is_on_its_way_there_is_held_before_it() -> None:
    scene = await Scene.open(policy=POLICY)
    on_its_way = (52.4075, -1.5175)
    lower, upper = await stacked(scene, *EN_ROUTE, at=on_its_way)
    await land(scene, upper)
    assert told(scene, lower) == [("hold", "system")]
    pilots = [record.event for record in scene.log.records if isinstance(record.event, ev.PilotTold)]
    assert [(each.flight_id, each.by) for each in pilots] == [(lower.id, "system")]


async def test_who_has_left_there_is_let_go_home() -> None:
    scene = await Scene.open(policy=POLICY)
    lower, upper = await stacked(scene, *ON_SCENE, Phase.RETURNING, at=(52.4075, -1.5175))
    await land(scene, upper)
    assert told(scene, lower) == []


async def test_a_hold_too_near_another_is_never_refused_and_is_an_alarm_that_says_what_to_do() -> None:
    scene = await Scene.open(policy=POLICY)
    lower, upper = await stacked(scene, *ON_SCENE)
    spot = lower.order.route_out[-1]
    # It has sunk, or was never at its height.
    scene.seen(upper, spot.lat_deg, spot.lon_deg, alt_above_home_m=spot.alt_above_home_m + 8.0)
    await scene.desk.command_flight("controller-1", upper.id, SafetyAction.HOLD, "wait", None)
    (alarm,) = alarms(scene)
    assert alarm.text.startswith("K2 is not kept apart from K1: send one of them to another height, or 40 m aside")
    assert told(scene, lower) == []
    away = offset(spot.lat_deg, spot.lon_deg, bearing_deg=60, distance_m=300)
    scene.seen(upper, *away)
    await scene.desk.look_after_nearness()
    assert not any(each.active for each in scene.desk.state.flights[upper.id].alarms)


@pytest.mark.parametrize("action", [SafetyAction.HOLD, SafetyAction.RETURN])
async def test_flights_that_are_apart_are_left_alone(action: SafetyAction) -> None:
    scene = await Scene.open(policy=POLICY)
    lower = await flown(scene, "cov-1", *ON_SCENE)
    upper = await flown(scene, "cov-2", *ON_SCENE)
    scene.seen(lower, lower.order.route_out[-1].lat_deg, lower.order.route_out[-1].lon_deg)
    await scene.desk.command_flight("controller-1", upper.id, action, "wait", None)
    before = len(scene.log.records)
    await scene.desk.look_after_nearness()
    assert alarms(scene) == []
    assert len(scene.log.records) == before
