"""A flight of which nobody knows what became of it is kept apart from, whatever incident it was for."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from contracts.orders import SafetyAction
from contracts.position import Place
from contracts.tasks import Goto
from contracts.vocabulary import AlarmKind, Phase
from dispatcher import events as ev
from dispatcher.decision.choice import redecide
from dispatcher.decision.facts import facts_from_json
from dispatcher.entities import Flight
from dispatcher.errors import Conflict, DispatcherError, NotApart
from dispatcher.missing import FRESH_WALL_S, empty_at, last_known, may_still_fly, seen_at_home
from dispatcher.volumes import flying
from geo.flight.position import offset
from tests.desks import QUAD, Scene
from tests.unit.dispatcher.test_nearness import EN_ROUTE, ON_SCENE, OVER, POLICY, flown

ALONE_M = 60.0
"""The policy's height over a scene."""


async def missing(scene: Scene, flight: Flight) -> Flight:
    """The dispatcher ends it, as it does when the dock's agent knows nothing of it."""
    lost = ev.FlightEnded(flight_id=flight.id, phase=Phase.MISSING, because="its dock's agent knows nothing of it")
    await scene.desk.record([lost])
    await scene.all_report()
    return scene.desk.state.flights[flight.id]


async def lost(scene: Scene, *phases: Phase) -> Flight:
    return await missing(scene, await flown(scene, "cov-1", *phases))


async def height_of_another(scene: Scene) -> float:
    """Of a flight to another incident, 15 m beside."""
    incident = await scene.incident(*offset(*OVER, bearing_deg=10, distance_m=15))
    flight = await scene.press(incident, dock_id="cov-2", key=f"another-{scene.references}")
    return flight.order.route_out[-1].alt_above_home_m


@pytest.mark.parametrize("phases", [(), EN_ROUTE, ON_SCENE, (*ON_SCENE, Phase.RETURNING)], ids=len)
async def test_a_missing_flight_takes_what_it_took_before(phases: tuple[Phase, ...]) -> None:
    scene = await Scene.open(policy=POLICY)
    flight = await flown(scene, "cov-1", *phases)
    before = flying(scene.desk.state, descending=True)
    flight = await missing(scene, flight)
    assert flight.ended
    assert not scene.desk.state.unfinished
    assert flying(scene.desk.state, descending=True) == before


async def test_a_flight_for_another_incident_keeps_above_a_missing_one_and_the_record_says_so() -> None:
    scene = await Scene.open(policy=POLICY)
    flight = await lost(scene, *ON_SCENE)
    assert flight.order.route_out[-1].alt_above_home_m == ALONE_M
    assert await height_of_another(scene) >= ALONE_M + 20.0
    decided = [each.event for each in scene.log.records if isinstance(each.event, ev.OptionsDecided)][-1]
    facts = facts_from_json(decided.inputs)
    (apart,) = [each for each in facts.apart if each.dock_id == "cov-2"]
    assert apart.beside == ("K1",)
    assert redecide(facts).options_json() == decided.options


async def test_once_no_battery_could_hold_it_up_a_missing_flight_takes_nothing() -> None:
    scene = await Scene.open(policy=POLICY)
    flight = await lost(scene, *ON_SCENE)
    state = scene.desk.state
    up = next(entry.mission_time for entry in flight.phases if entry.phase is Phase.EN_ROUTE)
    empty = empty_at(flight, state.docks["cov-1"])
    assert empty - up == timedelta(seconds=1.5 * 150 * 3600 / 190), (
        "all of it, at the least that it draws, and half more"
    )
    assert may_still_fly(state, empty - timedelta(seconds=1)) == [flight]
    assert may_still_fly(state, empty) == []
    assert may_still_fly(state, None) == [flight], "where the time is not known"
    await scene.clock.advance((empty - scene.clock.mission_now()).total_seconds())
    await scene.all_report()
    assert await height_of_another(scene) == ALONE_M


async def test_one_that_never_said_that_it_is_up_may_have_taken_off_until_it_was_missing() -> None:
    scene = await Scene.open(policy=POLICY)
    flight = await flown(scene, "cov-1")
    await scene.clock.advance(600)
    flight = await missing(scene, flight)
    lasts = timedelta(seconds=1.5 * 150 * 3600 / 190)
    assert empty_at(flight, scene.desk.state.docks["cov-1"]) == scene.clock.mission_now() + lasts


async def test_a_flight_that_is_found_and_home_takes_nothing_any_more() -> None:
    scene = await Scene.open(policy=POLICY)
    flight = await lost(scene, *ON_SCENE)
    assert list(scene.desk.state.missing) == [flight.id]
    await scene.fly(flight, Phase.RETURNING)
    assert not scene.desk.state.missing
    assert list(scene.desk.state.unfinished) == [flight.id], "found, it counts as any that flies"
    assert len(flying(scene.desk.state, descending=False)) == 1
    await scene.fly(flight, Phase.LANDING, Phase.DOCKED)
    await scene.all_report()
    assert await height_of_another(scene) == ALONE_M


async def test_where_a_missing_flight_was_last_seen_off_its_plan_counts_long_after() -> None:
    scene = await Scene.open(policy=POLICY)
    flight = await flown(scene, "cov-1", *ON_SCENE)
    scene.seen(flight, *offset(*OVER, bearing_deg=90, distance_m=400))
    await scene.desk.command_flight("controller-1", flight.id, SafetyAction.HOLD, "wait", None)
    before = flying(scene.desk.state, descending=False, sky=scene.desk._sky())
    await missing(scene, flight)
    await scene.clock.advance(600)
    assert flying(scene.desk.state, descending=False, sky=scene.desk._sky()) == before
    assert flying(scene.desk.state, descending=False) != before, "nowhere on its plan"


async def test_nobody_is_flown_by_hand_to_where_a_missing_one_watched_and_return_always_works() -> None:
    scene = await Scene.open(policy=POLICY)
    first = await lost(scene, *ON_SCENE)
    away = await scene.incident(*offset(*OVER, bearing_deg=0, distance_m=900))
    second = await scene.press(away, dock_id="cov-2", key="second")
    await scene.fly(second, *ON_SCENE)
    spot = second.order.route_out[-1]
    scene.seen(second, spot.lat_deg, spot.lon_deg)
    watched = first.order.route_out[-1]
    there = Goto(
        place=Place(lat_deg=watched.lat_deg, lon_deg=watched.lon_deg), alt_above_home_m=watched.alt_above_home_m
    )
    with pytest.raises(NotApart, match="K1"):
        await scene.desk.give_task(second.pilot, second.id, there, "look there", None)
    await scene.desk.command_flight("controller-1", second.id, SafetyAction.RETURN, "enough", None)
    assert scene.desk.state.flights[second.id].commands[-1].action == SafetyAction.RETURN.value


async def test_who_is_near_a_missing_flight_is_an_alarm_of_the_one_that_hears_and_the_missing_one_is_told_nothing() -> (
    None
):
    scene = await Scene.open(policy=POLICY)
    first = await flown(scene, "cov-1", *ON_SCENE)
    second = await flown(scene, "cov-2", *ON_SCENE)
    spot = first.order.route_out[-1]
    scene.seen(second, spot.lat_deg, spot.lon_deg, alt_above_home_m=spot.alt_above_home_m + 8.0)
    first = await missing(scene, first)
    await scene.desk.look_after_nearness()
    alarms = [each for each in scene.desk.state.flights[second.id].alarms if each.kind is AlarmKind.TOO_NEAR]
    (alarm,) = alarms
    assert alarm.text.startswith("K2 is not kept apart from K1: K1 is missing and may be there: send K2 to another")
    assert not scene.desk.state.flights[first.id].commands
    spot = second.order.route_out[-1]
    scene.seen(second, spot.lat_deg, spot.lon_deg)
    await scene.desk.look_after_nearness()
    assert not any(each.active for each in scene.desk.state.flights[second.id].alarms)


async def test_its_own_dock_launches_nothing_until_its_battery_must_be_empty() -> None:
    scene = await Scene.open(policy=POLICY)
    flight = await lost(scene, *ON_SCENE)
    incident = await scene.incident(*offset(*OVER, bearing_deg=200, distance_m=1200))
    with pytest.raises(DispatcherError, match="K1"):
        await scene.press(incident, dock_id="cov-1", key="own")
    empty = empty_at(flight, scene.desk.state.docks["cov-1"])
    await scene.clock.advance((empty - scene.clock.mission_now()).total_seconds())
    await scene.all_report()
    assert (await scene.press(incident, dock_id="cov-1", key="own later")).callsign == "K1"


async def test_what_is_not_missing_is_as_it_is() -> None:
    scene = await Scene.open(policy=POLICY)
    flight = await flown(scene, "cov-1", *EN_ROUTE)
    assert last_known(flight) is flight
    assert last_known(await missing(scene, flight)) == flight


def stands_in_its_box(scene: Scene, flight: Flight, **changes: Any) -> None:
    """The aircraft's own values, from its box."""
    site = scene.desk.state.docks[flight.dock_id].dock
    home: dict[str, Any] = {"flight_id": None, "armed": False, "in_air": False, "alt_above_home_m": 0.2}
    place = {"lat_deg": site.lat_deg, "lon_deg": site.lon_deg} | {
        key: changes.pop(key) for key in ("lat_deg", "lon_deg") if key in changes
    }
    scene.seen(flight, place["lat_deg"], place["lon_deg"], **(home | changes))


async def test_a_missing_drone_that_its_box_feels_and_that_answers_from_there_is_found_with_what_shows_it() -> None:
    scene = await Scene.open(policy=POLICY)
    flight = await lost(scene, *ON_SCENE)
    await scene.clock.advance(5)
    await scene.all_report()
    stands_in_its_box(scene, flight)
    await scene.desk.look_after_flights()
    flight = scene.desk.state.flights[flight.id]
    assert (flight.phase, flight.ended, list(scene.desk.state.missing)) == (Phase.DOCKED, True, [])
    (event,) = [each.event for each in scene.log.records if isinstance(each.event, ev.FlightFound)]
    said = "it stands in its box: Dock 1 feels it, and 0x1 answers from there, disarmed, 0 m from its site"
    assert event.because == said
    assert event.evidence is not None
    evidence = event.evidence
    assert (evidence.aircraft_uid, evidence.aircraft_system_id, evidence.off_site_m) == ("0x1", 1, 0.0)
    assert evidence.status_at == evidence.telemetry_at == scene.clock.mission_now()
    await scene.desk.look_after_flights()
    assert scene.log.types().count("FlightFound") == 1
    incident = await scene.incident()
    with pytest.raises(DispatcherError, match="held for maintenance by system: K1 was missing and stands in its box"):
        await scene.press(incident, dock_id="cov-1", key="unseen")
    with pytest.raises(Conflict, match="is held by system, not by engineer-1"):
        await scene.desk.release_dock("engineer-1", "cov-1")
    await scene.desk.release_dock("engineer-1", "cov-1", held_by="system")
    assert (await scene.press(incident, dock_id="cov-1", key="looked at")).dock_id == "cov-1"


async def test_a_uid_that_the_aircraft_writes_otherwise_is_the_same_uid() -> None:
    scene = await Scene.open(policy=POLICY)
    flight = await lost(scene, *ON_SCENE)
    await scene.clock.advance(5)
    await scene.status("cov-1", aircraft_uid="0X1000000000000000")
    stands_in_its_box(scene, flight)
    await scene.desk.look_after_flights()
    assert scene.desk.state.flights[flight.id].phase is Phase.DOCKED


async def test_what_finds_a_drone_and_what_holds_its_dock_are_journalled_together_and_its_agent_is_told() -> None:
    scene = await Scene.open(policy=POLICY)
    flight = await lost(scene, *ON_SCENE)
    await scene.clock.advance(5)
    await scene.all_report()
    stands_in_its_box(scene, flight)
    await scene.desk.hold_dock("engineer-1", "cov-1", "rotor blades")
    await scene.desk.look_after_flights()
    assert scene.log.types()[-3:] == ["FlightFound", "DockHeld", "MaintenanceOrdered"]
    view = scene.desk.state.docks["cov-1"]
    assert [each.by for each in view.holds] == ["engineer-1", "system"]
    assert view.maintenance is not None
    assert [each.by for each in view.maintenance.order.holds] == ["engineer-1", "system"]
    await scene.desk.release_dock("engineer-1", "cov-1")
    assert [each.by for each in scene.desk.state.docks["cov-1"].holds] == ["system"], (
        "whoever else is done has not looked"
    )


async def test_a_drone_of_which_its_agent_speaks_again_is_found_and_its_dock_is_not_held() -> None:
    scene = await Scene.open(policy=POLICY)
    flight = await lost(scene, *ON_SCENE)
    await scene.clock.advance(5)
    await scene.status("cov-1", flight_id=flight.id, phase=Phase.RETURNING)
    await scene.desk.look_after_flights()
    assert scene.log.types()[-1] == "FlightFound"
    assert scene.desk.state.docks["cov-1"].holds == ()


async def test_a_journal_of_before_docks_were_held_reads_as_it_did() -> None:
    scene = await Scene.open(policy=POLICY)
    flight = await lost(scene, *ON_SCENE)
    await scene.desk.record([ev.FlightFound(flight_id=flight.id, phase=Phase.DOCKED, because="it stands in its box")])
    assert (list(scene.desk.state.missing), scene.desk.state.docks["cov-1"].holds) == ([], ())


async def test_one_that_is_missing_still_is_found_once_its_dock_has_no_flight() -> None:
    scene = await Scene.open(policy=POLICY)
    flight = await lost(scene, *ON_SCENE)
    empty = empty_at(flight, scene.desk.state.docks["cov-1"])
    await scene.clock.advance((empty - scene.clock.mission_now()).total_seconds())
    await scene.all_report()
    later = await scene.press(await scene.incident(), dock_id="cov-1", key="later")
    await scene.status("cov-1")
    stands_in_its_box(scene, flight)
    await scene.desk.look_after_flights()
    assert list(scene.desk.state.missing) == [flight.id]
    await scene.desk.command_flight("controller-1", later.id, SafetyAction.CANCEL, "not needed", None)
    await scene.fly(later, Phase.CANCELLED)
    await scene.status("cov-1")
    stands_in_its_box(scene, flight)
    await scene.desk.look_after_flights()
    assert not scene.desk.state.missing
    assert [each.by for each in scene.desk.state.docks["cov-1"].holds] == ["system"]


STATUS: list[dict[str, Any]] = [
    {"aircraft_seated": False},
    {"aircraft_seated": None},
    {"aircraft_connected": False},
    {"aircraft_uid": "0x2"},
    {"aircraft_uid": None},
    {"aircraft_system_id": 2},
    {"receiving_flight_id": UUID(int=9)},
]
VALUES: list[dict[str, Any]] = [
    {"armed": True},
    {"in_air": True},
    {"aircraft_id": "k2"},
    {"link_age_s": 60.0},
    {"position_age_s": 60.0},
    {"lat_deg": 52.4100},
]


@pytest.mark.parametrize(
    ("status", "values"),
    [*((each, {}) for each in STATUS), *(({}, each) for each in VALUES)],
    ids=lambda each: ",".join(each),
)
async def test_one_sign_alone_finds_nobody(status: dict[str, Any], values: dict[str, Any]) -> None:
    scene = await Scene.open(policy=POLICY)
    flight = await lost(scene, *ON_SCENE)
    await scene.clock.advance(5)
    await scene.status("cov-1", **status)
    stands_in_its_box(scene, flight, **values)
    await scene.desk.look_after_flights()
    assert list(scene.desk.state.missing) == [flight.id]


async def test_what_was_heard_before_it_went_missing_or_long_ago_finds_nobody() -> None:
    scene = await Scene.open(policy=POLICY)
    flight = await flown(scene, "cov-1", *ON_SCENE)
    stands_in_its_box(scene, flight)
    gone = ev.FlightEnded(flight_id=flight.id, phase=Phase.MISSING, because="forgotten")
    await scene.desk.record([gone])
    await scene.desk.look_after_flights()
    await scene.clock.advance(5)
    await scene.all_report()
    await scene.desk.look_after_flights()
    assert list(scene.desk.state.missing) == [flight.id], "its own values are of before"
    stands_in_its_box(scene, flight)
    await scene.clock.advance(FRESH_WALL_S + 1)
    await scene.desk.look_after_flights()
    assert list(scene.desk.state.missing) == [flight.id], "long ago"


async def test_a_drone_that_is_put_back_once_its_battery_must_be_empty_is_found_too() -> None:
    scene = await Scene.open(policy=POLICY)
    flight = await lost(scene, *ON_SCENE)
    empty = empty_at(flight, scene.desk.state.docks["cov-1"])
    await scene.clock.advance((empty - scene.clock.mission_now()).total_seconds() + 3600)
    await scene.all_report()
    stands_in_its_box(scene, flight)
    assert may_still_fly(scene.desk.state, scene.clock.mission_now()) == []
    await scene.desk.look_after_flights()
    assert (list(scene.desk.state.missing), scene.desk.state.flights[flight.id].phase) == ([], Phase.DOCKED)


@pytest.mark.parametrize("age", ["link_age_s", "position_age_s"])
@pytest.mark.parametrize(("age_wall_s", "found"), [(FRESH_WALL_S, 1), (FRESH_WALL_S + 1, 0), (90.0, 0)])
async def test_what_an_aircraft_calls_old_is_old_however_fast_the_mission_runs(
    age: str, age_wall_s: float, found: int
) -> None:
    scene = await Scene.open(policy=POLICY)
    flight = await lost(scene, *ON_SCENE)
    await scene.clock.advance(5)
    await scene.all_report()
    stands_in_its_box(scene, flight, **{age: age_wall_s})
    await scene.clock.advance(50)
    desk = scene.desk
    heard, telemetry, now = desk._statuses(), desk._whereabouts.latest(), scene.clock.mission_now()
    fast = seen_at_home(desk.state, heard=heard, telemetry=telemetry, now=now, factor=10.0)
    slow = seen_at_home(desk.state, heard=heard, telemetry=telemetry, now=now, factor=1.0)
    assert len(fast) == found, "50 s of the mission are 5 s of the wall at ten times"
    assert slow == []


async def test_an_aircraft_that_was_registered_in_its_place_since_is_not_the_one_that_is_missing() -> None:
    scene = await Scene.open(policy=POLICY)
    flight = await lost(scene, *ON_SCENE)
    await scene.clock.advance(5)
    site = scene.desk.state.docks["cov-1"].dock
    other = site.model_copy(update={"aircraft": site.aircraft.model_copy(update={"uid": "0x77"})})
    await scene.desk.record([ev.DockRegistered(dock=other, aircraft_type=QUAD)])
    await scene.status("cov-1", aircraft_uid="0x77")
    stands_in_its_box(scene, flight)
    await scene.desk.look_after_flights()
    assert list(scene.desk.state.missing) == [flight.id]
