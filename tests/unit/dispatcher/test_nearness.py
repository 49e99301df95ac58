"""Commands that are never refused, and what becomes of those who are in their way."""

from __future__ import annotations

from dataclasses import replace

import pytest

from contracts.orders import SafetyAction, SafetyOrder
from contracts.position import Place
from contracts.reports import AlarmChanged, CommandSettled, OrderAccepted
from contracts.tasks import Avoid, Goto
from contracts.vocabulary import AlarmKind, Deployment, Outcome, Phase
from dispatcher import events as ev
from dispatcher import nearness
from dispatcher.confirmation import Asked
from dispatcher.decision.facts import Policy
from dispatcher.entities import Flight
from dispatcher.link.outgoing import outgoing_of
from dispatcher.volumes import Sky
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
    # As the look-out does, once that is answered.
    await scene.desk.look_after_nearness()


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
    await scene.desk.look_after_nearness()
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


ON_ITS_WAY = (52.4075, -1.5175)


async def confirmed(scene: Scene, flight: Flight) -> None:
    """The flight's last command has been carried out."""
    last = scene.desk.state.flights[flight.id].commands[-1]
    done = CommandSettled(flight_id=flight.id, order_id=last.order_id, outcome=Outcome.CONFIRMED, detail=last.action)
    await scene.says(flight.dock_id, done)


async def look(scene: Scene) -> None:
    await scene.clock.advance(1)
    await scene.desk.look_after_nearness()


@pytest.mark.parametrize("action", [SafetyAction.RETURN, SafetyAction.CANCEL, SafetyAction.HOLD, SafetyAction.LAND])
@pytest.mark.parametrize("before", [True, False], ids=["before the landing", "after the system's hold"])
async def test_what_a_person_told_a_flight_for_safety_is_never_undone(action: SafetyAction, before: bool) -> None:
    scene = await Scene.open(policy=POLICY)
    lower, upper = await stacked(scene, *EN_ROUTE, at=ON_ITS_WAY)

    async def press() -> None:
        if action is SafetyAction.LAND:
            await land(scene, lower)
        else:
            await scene.desk.command_flight("controller-1", lower.id, action, "it burns", None)

    if before:
        await press()
        await land(scene, upper)
    else:
        await land(scene, upper)
        assert told(scene, lower) == [("hold", "system")]
        await confirmed(scene, lower)
        await scene.clock.advance(1)
        await press()
    await look(scene)
    await confirmed(scene, lower)
    await look(scene)
    (last, actor) = told(scene, lower)[-1]
    assert last == action.value
    assert actor != "system"


async def test_a_person_who_holds_below_another_that_comes_down_is_obeyed_and_told() -> None:
    scene = await Scene.open(policy=POLICY)
    lower, upper = await stacked(scene, *ON_SCENE)
    await land(scene, upper)
    await confirmed(scene, lower)
    await scene.desk.command_flight("controller-1", lower.id, SafetyAction.HOLD, "a helicopter on its way home", None)
    await look(scene)
    assert told(scene, lower) == [("return", "system"), ("hold", "controller-1")]
    assert any(each.active for each in scene.desk.state.flights[upper.id].alarms)


@pytest.mark.parametrize("pressed", [True, False], ids=["a person", "its agent"])
async def test_who_gives_way_to_a_crewed_aircraft_is_let_do_it(pressed: bool) -> None:
    scene = await Scene.open(policy=POLICY)
    lower, upper = await stacked(scene, *EN_ROUTE, at=ON_ITS_WAY)
    if pressed:
        await scene.desk.give_task(lower.pilot, lower.id, Avoid(), "helicopter", None)
    else:
        near = AlarmChanged(alarm=AlarmKind.TRAFFIC, active=True, flight_id=lower.id, text="G-POLA converges")
        await scene.says("cov-1", near)
    await land(scene, upper)
    await look(scene)
    assert told(scene, lower) == ([("avoid", lower.pilot)] if pressed else [])


@pytest.mark.parametrize("at", [None, ON_ITS_WAY], ids=["below", "on its way"])
async def test_what_makes_safer_is_given_once_and_the_pilot_has_the_aircraft_again(at: LatLon | None) -> None:
    scene = await Scene.open(policy=POLICY)
    lower, upper = await stacked(scene, *(EN_ROUTE if at else ON_SCENE), at=at)
    await land(scene, upper)
    (first,) = told(scene, lower)
    assert first[1] == "system"
    await confirmed(scene, lower)
    spot = at or (lower.order.route_out[-1].lat_deg, lower.order.route_out[-1].lon_deg)
    for _ in range(2):
        lat_deg, lon_deg = offset(*spot, bearing_deg=200, distance_m=100)
        away = Goto(place=Place(lat_deg=lat_deg, lon_deg=lon_deg))
        await scene.desk.give_task(lower.pilot, lower.id, away, "out from under it", None)
        await look(scene)
        await confirmed(scene, lower)
        await look(scene)
    assert told(scene, lower) == [first, ("goto", lower.pilot), ("goto", lower.pilot)]


async def test_a_refused_act_of_the_system_is_not_given_again() -> None:
    scene = await Scene.open(policy=POLICY)
    lower, upper = await stacked(scene, *EN_ROUTE, at=ON_ITS_WAY)
    await land(scene, upper)
    last = scene.desk.state.flights[lower.id].commands[-1]
    refused = CommandSettled(flight_id=lower.id, order_id=last.order_id, outcome=Outcome.REFUSED, detail="no")
    await scene.says("cov-1", refused)
    await look(scene)
    assert told(scene, lower) == [("hold", "system")]


async def test_who_is_flown_by_hand_is_judged_by_where_it_is_flown_to() -> None:
    scene = await Scene.open(policy=POLICY)
    lower, upper = await stacked(scene, *EN_ROUTE, at=ON_ITS_WAY)
    # Away from where the other comes down: its plan would lead there.
    lat_deg, lon_deg = offset(*ON_ITS_WAY, bearing_deg=200, distance_m=200)
    away = Goto(place=Place(lat_deg=lat_deg, lon_deg=lon_deg))
    await scene.desk.give_task(lower.pilot, lower.id, away, "look", None)
    await scene.clock.advance(1)
    await land(scene, upper)
    assert told(scene, lower) == [("goto", lower.pilot)]


async def test_who_is_flown_out_from_under_another_is_let_go_on() -> None:
    scene = await Scene.open(policy=POLICY)
    lower, upper = await stacked(scene, *ON_SCENE)
    spot = lower.order.route_out[-1]
    lat_deg, lon_deg = offset(spot.lat_deg, spot.lon_deg, bearing_deg=200, distance_m=150)
    away = Goto(place=Place(lat_deg=lat_deg, lon_deg=lon_deg))
    await scene.desk.give_task(lower.pilot, lower.id, away, "out from under it", None)
    await scene.clock.advance(1)
    await land(scene, upper)
    assert told(scene, lower) == [("goto", lower.pilot)]


async def test_an_alarm_that_names_k10_is_not_taken_for_one_that_names_k1() -> None:
    scene = await Scene.open(policy=POLICY)
    _, upper = await stacked(scene, *ON_SCENE)
    await land(scene, upper)
    (raised,) = alarms(scene)
    assert raised.text.startswith("K2 is not kept apart from K1:")
    state, sky = scene.desk.state, Sky(now=scene.clock.mission_now(), telemetry=scene.desk._whereabouts.latest())
    now = scene.clock.mission_now()
    assert nearness.look(state, sky, now=now, new_id=scene.desk._new_id) == []
    flight = state.flights[upper.id]
    (lasting,) = flight.alarms
    other = replace(lasting, text=lasting.text.replace("from K1:", "from K10:"))
    known = replace(state, flights=state.flights.set(flight.id, replace(flight, alarms=(other,))))
    assert nearness.look(known, sky, now=now, new_id=scene.desk._new_id) == [raised]


async def test_only_a_hold_of_the_system_gives_way_to_what_is_done_for_a_crewed_aircraft() -> None:
    scene = await Scene.open(policy=POLICY)
    lower, upper = await stacked(scene, *EN_ROUTE, at=ON_ITS_WAY)
    await land(scene, upper)
    await scene.desk.command_flight("controller-1", upper.id, SafetyAction.HOLD, "wait", None)
    for flight, gives_way in ((lower, True), (upper, False)):
        sent = [each.message for each in outgoing_of(scene.desk.state.flights[flight.id], Deployment.SIMULATION)]
        hold = next(each for each in sent if isinstance(each, SafetyOrder) and each.action is SafetyAction.HOLD)
        assert hold.yields_to_avoidance is gives_way
        assert ("yields_to_avoidance" in hold.model_dump(mode="json")) is gives_way, "older agents know no such field"
        assert SafetyOrder.model_validate_json(hold.model_dump_json()) == hold
