"""Tasks in the air: begun when the guards let them pass, confirmed by telemetry, done once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from contracts.fleet import AircraftType
from contracts.orders import FlightOrder, SafetyAction
from contracts.reports import CommandSettled, PayloadChanged, PlanChanged
from contracts.tasks import (
    NUDGE_HOLDS_S,
    NUDGE_M,
    Altitude,
    Avoid,
    Extend,
    Goto,
    Light,
    LookAt,
    Nudge,
    Orbit,
    Parachute,
    Record,
    Resume,
    SelectSensor,
    Sensor,
    Snapshot,
    Speaker,
    Turning,
    Zoom,
)
from contracts.vocabulary import Avoidance, Deployment, Outcome, Phase, RecordingFrom
from dock_agent import phases
from dock_agent.flight_link import Command
from dock_agent.moving import ASKS
from dock_agent.readings import Mode
from geo.flight.position import distance_m
from tests.unit.dock_agent.fakeaircraft import DENIED, HOME, SILENCE
from tests.unit.dock_agent.fakes import QUAD, Bench
from tests.unit.dock_agent.places import ahead_of, here, place

FITTED: AircraftType = QUAD.model_copy(
    update={"has_thermal": True, "has_light": True, "has_speaker": True, "has_parachute": True}
)


@pytest.fixture
async def fitted(tmp_path: Path) -> AsyncIterator[Bench]:
    bench = Bench.set_up(tmp_path, aircraft_type=FITTED)
    yield bench
    await bench.agent.drain()
    bench.store.close()


async def _on_scene(bench: Bench, **changes: Any) -> FlightOrder:
    order = bench.fly(watch_s=changes.pop("watch_s", 600.0), **changes)
    await bench.until(Phase.ON_SCENE)
    return order


def _mode(bench: Bench) -> Mode:
    return bench.aircraft.mode


async def test_a_goto_is_confirmed_on_its_way_and_holds_there(bench: Bench) -> None:
    order = await _on_scene(bench)
    spot = ahead_of(bench, 100.0)
    given = bench.task(order, Goto(place=place(spot), alt_above_home_m=50.0))
    assert await bench.settled(given, within_s=10.0) == Outcome.CONFIRMED
    await bench.run(15.0)
    assert distance_m(*here(bench), *spot) < 1.0
    assert bench.aircraft.height_m == pytest.approx(50.0, abs=0.5)
    assert _mode(bench) is Mode.HOLD
    assert bench.phases()[-1] is Phase.ON_SCENE
    assert await bench.settled(bench.task(order, Resume())) == Outcome.CONFIRMED
    assert _mode(bench) is Mode.MISSION


async def test_a_goto_that_is_acknowledged_and_not_flown_is_unknown(bench: Bench) -> None:
    order = await _on_scene(bench)
    bench.aircraft.ignores.add(Command.GOTO)
    given = bench.task(order, Goto(place=place(ahead_of(bench, 100.0))))
    assert await bench.settled(given, within_s=60.0) == Outcome.UNKNOWN
    assert bench.given().count(Command.GOTO) == ASKS


async def test_a_goto_that_is_denied_is_refused_with_the_autopilots_word(bench: Bench) -> None:
    order = await _on_scene(bench)
    bench.aircraft.answers[Command.GOTO] = DENIED
    given = bench.task(order, Goto(place=place(ahead_of(bench, 100.0))))
    assert await bench.settled(given, within_s=5.0) == Outcome.REFUSED
    assert "COMMAND_DENIED" in bench.detail(given)


async def test_a_goto_that_timed_out_and_is_flown_late_is_confirmed_without_being_asked_for_again(bench: Bench) -> None:
    order = await _on_scene(bench)
    bench.aircraft.answers[Command.GOTO] = SILENCE
    given = bench.task(order, Goto(place=place(ahead_of(bench, 100.0))))
    await bench.run(3.0)
    bench.aircraft.obey(Command.GOTO, target=bench.aircraft.targets[-1])
    assert await bench.settled(given, within_s=5.0) == Outcome.CONFIRMED
    assert bench.given().count(Command.GOTO) == 1


async def test_a_killed_agent_looks_for_what_its_task_did(bench: Bench) -> None:
    order = await _on_scene(bench, distance_m=600.0)
    bench.aircraft.ignores.add(Command.GOTO)
    given = bench.task(order, Goto(place=place(ahead_of(bench, 200.0))))
    await bench.run(0.3)
    bench.aircraft.obey(Command.GOTO, target=bench.aircraft.targets[-1])
    await bench.restart(away_s=2.0)
    assert await bench.settled(given, within_s=5.0) == Outcome.CONFIRMED
    assert bench.given().count(Command.GOTO) == 1


@pytest.mark.parametrize("turning", list(Turning))
async def test_an_orbit_circles_its_centre_the_way_it_was_told(bench: Bench, turning: Turning) -> None:
    order = await _on_scene(bench)
    centre = ahead_of(bench, 60.0)
    given = bench.task(order, Orbit(centre=place(centre), radius_m=20.0, speed_m_s=4.0, turning=turning))
    assert await bench.settled(given, within_s=15.0) == Outcome.CONFIRMED
    target = bench.aircraft.targets[-1]
    assert target is not None
    assert target.radius_m == (20.0 if turning is Turning.CLOCKWISE else -20.0)
    await bench.run(10.0)
    assert distance_m(*here(bench), *centre) == pytest.approx(20.0, abs=3.0)
    called = bench.call(order, SafetyAction.RETURN)
    assert await bench.settled(called) == Outcome.CONFIRMED
    await bench.until(Phase.DOCKED)


async def test_an_altitude_is_confirmed_by_the_climb(bench: Bench) -> None:
    order = await _on_scene(bench)
    spot = here(bench)
    given = bench.task(order, Altitude(alt_above_home_m=70.0))
    assert await bench.settled(given, within_s=10.0) == Outcome.CONFIRMED
    await bench.run(12.0)
    assert bench.aircraft.height_m == pytest.approx(70.0, abs=0.5)
    assert distance_m(*here(bench), *spot) < 2.0


async def test_avoiding_by_one_press_goes_down_to_the_policys_height_and_never_up(bench: Bench) -> None:
    order = await _on_scene(bench, avoidance_alt_above_home_m=25.0)
    assert await bench.settled(bench.task(order, Avoid()), within_s=15.0) == Outcome.CONFIRMED
    await bench.run(15.0)
    assert bench.aircraft.height_m == pytest.approx(25.0, abs=0.5)
    bench.aircraft.height_m = 22.0
    assert await bench.settled(bench.task(order, Avoid()), within_s=15.0) == Outcome.CONFIRMED
    await bench.run(5.0)
    assert bench.aircraft.height_m < 23.0


async def test_a_newer_task_supersedes_the_older(bench: Bench) -> None:
    order = await _on_scene(bench)
    bench.aircraft.ignores.add(Command.GOTO)
    first = bench.task(order, Goto(place=place(ahead_of(bench, 50.0))))
    await bench.run(0.3)
    bench.aircraft.ignores.clear()
    second = bench.task(order, Goto(place=place(ahead_of(bench, 150.0))))
    assert bench.outcome(first) == Outcome.UNKNOWN
    assert "superseded" in bench.detail(first)
    assert await bench.settled(second) == Outcome.CONFIRMED


async def test_an_older_task_that_comes_late_is_not_done_any_more(bench: Bench) -> None:
    order = await _on_scene(bench)
    earlier = bench.clock.mission_now()
    await bench.run(2.0)
    newer = bench.task(order, Goto(place=place(ahead_of(bench, 50.0))))
    older = bench.task(order, Goto(place=place(HOME)), issued_at=earlier)
    assert bench.outcome(older) == Outcome.REFUSED
    assert await bench.settled(newer) == Outcome.CONFIRMED


async def test_a_task_that_arrives_twice_is_done_once(bench: Bench) -> None:
    order = await _on_scene(bench)
    given = bench.task(order, Goto(place=place(ahead_of(bench, 50.0))))
    bench.agent.take_task(given)
    await bench.settled(given)
    bench.agent.take_task(given)
    await bench.run(2.0)
    await bench.restart()
    bench.agent.take_task(given)
    await bench.run(2.0)
    assert bench.given().count(Command.GOTO) == 1
    assert [fact.order_id for fact in bench.facts(CommandSettled)].count(given.order_id) == 1


async def test_a_task_is_refused_with_all_reasons_at_once(bench: Bench) -> None:
    order = await _on_scene(bench)
    now = bench.clock.mission_now()
    given = bench.task(
        order, Goto(place=place(HOME)), deployment=Deployment.LIVE, expires_at=now - timedelta(seconds=1)
    )
    assert bench.outcome(given) == Outcome.REFUSED
    for words in ("for live", "expired"):
        assert words in bench.detail(given)
    assert Command.GOTO not in bench.given()


async def test_a_task_without_its_flight_or_off_the_ground_is_refused(bench: Bench) -> None:
    order = bench.fly()
    await bench.run(1.0)
    assert bench.outcome(bench.task(order, Goto(place=place(HOME)))) == Outcome.REFUSED
    await bench.until(Phase.DOCKED)
    assert bench.outcome(bench.task(order, Goto(place=place(HOME)))) == Outcome.REFUSED


async def test_a_nudge_moves_a_little_and_holds_when_the_keys_are_released(bench: Bench) -> None:
    order = await _on_scene(bench)
    assert await bench.settled(bench.call(order, SafetyAction.HOLD)) == Outcome.CONFIRMED
    start = here(bench)
    first = bench.task(order, Nudge(forward=-1.0))
    await bench.run(0.3)
    middle = bench.task(order, Nudge(forward=-1.0))
    await bench.run(0.3)
    last = bench.task(order, Nudge(forward=-1.0))
    assert await bench.settled(first, within_s=2.0) == Outcome.CONFIRMED
    assert await bench.settled(last, within_s=NUDGE_HOLDS_S + 8.0) == Outcome.CONFIRMED
    assert bench.outcome(middle) is None, "a burst is told by its first and its last"
    assert 1.0 < distance_m(*start, *here(bench)) < 3 * NUDGE_M
    where = here(bench)
    await bench.run(3.0)
    assert here(bench) == pytest.approx(where, abs=1e-6)


async def test_nudges_into_a_limit_end_in_a_hold_and_are_told_once(bench: Bench) -> None:
    order = await _on_scene(bench)
    assert await bench.settled(bench.call(order, SafetyAction.HOLD)) == Outcome.CONFIRMED
    given = []
    for _ in range(60):
        given.append(bench.task(order, Nudge(up=1.0)))
        await bench.run(0.4)
    await bench.run(6.0)
    limits = bench.dock.limits
    assert bench.aircraft.height_m <= limits.ceiling_above_home_m
    assert bench.aircraft.mode is Mode.HOLD
    assert bench.outcome(given[0]) == Outcome.CONFIRMED
    told = [bench.detail(one) for one in given if bench.outcome(one) == Outcome.REFUSED]
    assert 1 <= len(told) < 20
    assert "ceiling" in told[0]


async def test_an_extended_watch_holds_past_the_missions_end_without_an_upload(bench: Bench) -> None:
    order = await _on_scene(bench, watch_s=40.0)
    given = bench.task(order, Extend(by_s=60.0))
    assert await bench.settled(given) == Outcome.CONFIRMED
    assert bench.facts(PlanChanged)[-1].watch_s == 100.0
    assert len(bench.aircraft.uploads) == 1
    await bench.run(80.0)
    assert bench.phases()[-1] is Phase.ON_SCENE
    await bench.until(Phase.RETURNING, within_s=30.0)
    await bench.until(Phase.DOCKED)


async def test_one_that_resumes_after_an_extension_flies_its_mission_again(bench: Bench) -> None:
    order = await _on_scene(bench, watch_s=40.0)
    assert await bench.settled(bench.task(order, Extend(by_s=600.0))) == Outcome.CONFIRMED
    await bench.run(10.0)
    assert await bench.settled(bench.task(order, Resume())) == Outcome.CONFIRMED
    await bench.run(10.0)
    assert _mode(bench) is Mode.MISSION
    assert await bench.settled(bench.task(order, Extend(by_s=60.0))) == Outcome.CONFIRMED
    assert _mode(bench) is Mode.HOLD


async def test_a_watch_extended_on_the_way_out_is_held_past_the_loiter(bench: Bench) -> None:
    order = bench.fly(watch_s=20.0)
    await bench.until(Phase.EN_ROUTE)
    assert await bench.settled(bench.task(order, Extend(by_s=40.0))) == Outcome.CONFIRMED
    await bench.until(Phase.ON_SCENE)
    await bench.run(45.0)
    assert bench.phases()[-1] is Phase.ON_SCENE
    await bench.until(Phase.RETURNING, within_s=30.0)


@pytest.mark.parametrize(
    ("task", "what", "value"),
    [
        (Zoom(level=0.75), "zoom", "0.75"),
        (SelectSensor(sensor=Sensor.THERMAL), "sensor", "thermal"),
        (Snapshot(), "snapshot", "taken"),
        (Record(on=True), "recording", "on"),
        (Light(on=True), "light", "on"),
        (Speaker(announcement=7), "speaker", "7"),
        (LookAt(), "look_at", "ahead"),
    ],
)
async def test_the_payload_is_confirmed_by_what_it_says_of_itself(
    fitted: Bench, task: Any, what: str, value: str
) -> None:
    order = await _on_scene(fitted, recording_from=RecordingFrom.ASKED)
    given = fitted.task(order, task)
    assert await fitted.settled(given, within_s=5.0) == Outcome.CONFIRMED
    told = fitted.facts(PayloadChanged)[-1]
    assert (told.order_id, told.what, told.value) == (given.order_id, what, value)


async def test_what_the_payload_does_not_show_is_unknown_and_not_asked_for_again(bench: Bench) -> None:
    order = await _on_scene(bench, recording_from=RecordingFrom.ASKED)
    bench.aircraft.ignores_payload = True
    given = bench.task(order, Snapshot())
    assert await bench.settled(given, within_s=15.0) == Outcome.UNKNOWN
    assert bench.aircraft.acts == [Snapshot()]


async def test_what_the_aircraft_does_not_have_is_refused(bench: Bench) -> None:
    order = await _on_scene(bench)
    for task in (Light(on=True), Speaker(announcement=1), SelectSensor(sensor=Sensor.THERMAL), Parachute()):
        assert bench.outcome(bench.task(order, task)) == Outcome.REFUSED


async def test_a_look_turns_the_camera_onto_the_place_and_moves_nothing(bench: Bench) -> None:
    order = await _on_scene(bench)
    spot = ahead_of(bench, 120.0)
    given = bench.task(order, LookAt(place=place(spot)))
    assert await bench.settled(given, within_s=5.0) == Outcome.CONFIRMED
    assert _mode(bench) is Mode.MISSION
    assert bench.given()[-1] is Command.LOOK


async def test_without_a_gimbal_the_nose_looks_while_it_holds(bench: Bench) -> None:
    bench.aircraft.gimbal = False
    order = await _on_scene(bench)
    assert await bench.settled(bench.call(order, SafetyAction.HOLD)) == Outcome.CONFIRMED
    where = here(bench)
    given = bench.task(order, LookAt(place=place(ahead_of(bench, 120.0))))
    assert await bench.settled(given, within_s=8.0) == Outcome.CONFIRMED
    assert distance_m(*here(bench), *where) < 1.0


@pytest.mark.parametrize("moment", [RecordingFrom.LAUNCH, RecordingFrom.SCENE, RecordingFrom.ASKED])
async def test_the_camera_records_from_the_policys_moment_on(bench: Bench, moment: RecordingFrom) -> None:
    order = bench.fly(recording_from=moment, watch_s=30.0)
    await bench.until(Phase.EN_ROUTE)
    await bench.run(2.0)
    assert bool(bench.aircraft.eyes.recording) == (moment is RecordingFrom.LAUNCH)
    await bench.until(Phase.ON_SCENE)
    await bench.run(2.0)
    assert bool(bench.aircraft.eyes.recording) == (moment is not RecordingFrom.ASKED)
    told = [(fact.order_id, fact.what) for fact in bench.facts(PayloadChanged)]
    assert told == ([] if moment is RecordingFrom.ASKED else [(None, "recording")])
    if moment is RecordingFrom.SCENE:
        assert await bench.settled(bench.task(order, Record(on=False))) == Outcome.CONFIRMED
        await bench.run(5.0)
        assert not bench.aircraft.eyes.recording, "what somebody asked for stands"
    await bench.until(Phase.DOCKED)
    assert not bench.aircraft.eyes.recording


async def test_positions_that_are_old_allow_nothing_but_safety(bench: Bench) -> None:
    order = await _on_scene(bench)
    good = bench.aircraft.reading

    def stale() -> Any:
        return replace(good(), position_age_s=1.5)

    bench.aircraft.reading = stale  # type: ignore[method-assign]
    refused = bench.task(order, Goto(place=place(ahead_of(bench, 50.0))))
    assert bench.outcome(refused) == Outcome.REFUSED
    assert await bench.settled(bench.call(order, SafetyAction.HOLD)) == Outcome.CONFIRMED
    assert await bench.settled(bench.call(order, SafetyAction.RETURN)) == Outcome.CONFIRMED


@pytest.mark.parametrize("pressed", [True, False], ids=["by a press", "by itself"])
async def test_a_hold_that_nobody_pressed_does_not_end_coming_down_for_a_crewed_aircraft(
    bench: Bench, pressed: bool
) -> None:
    order = await _on_scene(bench, avoidance_alt_above_home_m=25.0)
    if pressed:
        down = bench.task(order, Avoid())
        hold = bench.call(order, SafetyAction.HOLD, yields_to_avoidance=True)
        await bench.run(15.0)
        assert (bench.outcome(hold), bench.outcome(down)) == (Outcome.REFUSED, Outcome.CONFIRMED)
        assert bench.aircraft.height_m == pytest.approx(25.0, abs=0.5)
        return
    flight, mission = bench.agent.flight, bench.agent.plan()
    assert flight is not None
    seen = replace(bench.agent.seen(), avoid=Avoidance.DESCEND)
    flight, _ = phases.look(flight, seen=seen, mission=mission)
    assert flight.task is not None
    for yields in (True, False):
        hold = bench.call(order, SafetyAction.HOLD, yields_to_avoidance=yields, flight_id=UUID(int=1))
        mine = hold.model_copy(update={"flight_id": order.flight_id})
        after, _ = phases.safety(flight, order=mine, seen=seen, mission=mission)
        assert (after.task is not None) is yields, "what a person pressed is done"


async def test_a_hold_that_nobody_pressed_is_done_where_nothing_converges(bench: Bench) -> None:
    order = await _on_scene(bench)
    hold = bench.call(order, SafetyAction.HOLD, yields_to_avoidance=True)
    assert await bench.settled(hold) == Outcome.CONFIRMED
