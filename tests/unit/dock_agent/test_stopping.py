"""Hold and land: past everything else, and confirmed by what telemetry shows."""

from __future__ import annotations

import pytest

from contracts.orders import SafetyAction
from contracts.tasks import Goto, Resume
from contracts.vocabulary import Condition, Outcome, Phase
from dock_agent.flight_link import Command
from dock_agent.readings import Mode
from dock_agent.stopping import ASKS_UNTIL_UNKNOWN
from geo.flight.position import distance_m
from tests.unit.dock_agent.fakeaircraft import DENIED, HOME
from tests.unit.dock_agent.fakes import Bench
from tests.unit.dock_agent.places import ahead_of, place


@pytest.mark.parametrize("phase", [Phase.EN_ROUTE, Phase.ON_SCENE, Phase.RETURNING])
async def test_a_hold_is_confirmed_once_it_stands_still_in_hold(bench: Bench, phase: Phase) -> None:
    order = bench.fly(watch_s=30.0)
    await bench.until(phase)
    await bench.run(3.0)
    held = bench.call(order, SafetyAction.HOLD)
    assert await bench.settled(held, within_s=10.0) == Outcome.CONFIRMED
    assert bench.aircraft.mode is Mode.HOLD
    await bench.run(0.5)
    assert (Condition.HOLDING, True) in bench.conditions()


async def test_a_hold_before_arming_is_a_cancel(bench: Bench) -> None:
    order = bench.fly()
    await bench.run(1.0)
    held = bench.call(order, SafetyAction.HOLD)
    assert await bench.settled(held) == Outcome.CONFIRMED
    assert bench.phases() == [Phase.PREPARING, Phase.CANCELLED]
    assert bench.given() == []


async def test_a_hold_ends_a_goto_although_the_mode_was_hold_already(bench: Bench) -> None:
    order = bench.fly(distance_m=600.0, watch_s=300.0)
    await bench.until(Phase.ON_SCENE)
    bench.task(order, Goto(place=place(HOME)))
    await bench.run(6.0)
    assert bench.aircraft.moved_m_s > 10.0
    held = bench.call(order, SafetyAction.HOLD)
    assert await bench.settled(held, within_s=10.0) == Outcome.CONFIRMED
    where = (bench.aircraft.lat_deg, bench.aircraft.lon_deg)
    await bench.run(5.0)
    assert (bench.aircraft.lat_deg, bench.aircraft.lon_deg) == pytest.approx(where, abs=1e-5)
    assert bench.given()[-2:] == [Command.HOLD, Command.GOTO]


@pytest.mark.parametrize("held_before", [False, True])
async def test_a_hold_just_after_a_goto_keeps_it_where_it_is(bench: Bench, held_before: bool) -> None:
    order = bench.fly(distance_m=600.0, watch_s=300.0)
    await bench.until(Phase.ON_SCENE)
    await bench.run(5.0)
    if held_before:
        assert await bench.settled(bench.call(order, SafetyAction.HOLD), within_s=10.0) == Outcome.CONFIRMED
    where = (bench.aircraft.lat_deg, bench.aircraft.lon_deg)
    bench.task(order, Goto(place=place(HOME)))
    await bench.run(0.3)
    held = bench.call(order, SafetyAction.HOLD)
    assert await bench.settled(held, within_s=10.0) == Outcome.CONFIRMED
    await bench.run(10.0)
    now = (bench.aircraft.lat_deg, bench.aircraft.lon_deg)
    assert distance_m(*where, *now) < 40.0, "the way that it takes to be heard and to stop"


async def test_a_goto_given_before_a_hold_that_passed_it_is_not_flown_when_it_comes(bench: Bench) -> None:
    order = bench.fly(distance_m=600.0, watch_s=300.0)
    await bench.until(Phase.ON_SCENE)
    await bench.run(5.0)
    given_at = bench.clock.mission_now()
    await bench.run(0.5)
    assert await bench.settled(bench.call(order, SafetyAction.HOLD), within_s=10.0) == Outcome.CONFIRMED
    where = (bench.aircraft.lat_deg, bench.aircraft.lon_deg)
    late = bench.task(order, Goto(place=place(ahead_of(bench, 100.0))), issued_at=given_at)
    assert bench.outcome(late) == Outcome.REFUSED
    assert "newer order" in bench.detail(late)
    await bench.run(10.0)
    assert distance_m(*where, bench.aircraft.lat_deg, bench.aircraft.lon_deg) < 5.0
    meant = bench.task(order, Goto(place=place(ahead_of(bench, 100.0))))
    assert await bench.settled(meant, within_s=30.0) == Outcome.CONFIRMED, "one given after the hold is flown"


async def test_a_hold_that_is_acknowledged_and_not_done_is_unknown_and_still_asked_for(bench: Bench) -> None:
    order = bench.fly(watch_s=300.0)
    await bench.until(Phase.ON_SCENE)
    bench.aircraft.ignores.add(Command.HOLD)
    held = bench.call(order, SafetyAction.HOLD)
    await bench.run(30.0)
    assert bench.outcome(held) == Outcome.UNKNOWN
    assert bench.given().count(Command.HOLD) > ASKS_UNTIL_UNKNOWN
    bench.aircraft.ignores.clear()
    await bench.run(6.0)
    assert bench.aircraft.mode is Mode.HOLD


async def test_a_hold_that_is_denied_is_asked_for_again(bench: Bench) -> None:
    order = bench.fly(watch_s=300.0)
    await bench.until(Phase.ON_SCENE)
    bench.aircraft.answers[Command.HOLD] = DENIED
    held = bench.call(order, SafetyAction.HOLD)
    await bench.run(0.5)
    bench.aircraft.answers.clear()
    assert await bench.settled(held, within_s=10.0) == Outcome.CONFIRMED


async def test_a_hold_pre_empts_a_task_and_a_return_pre_empts_the_hold(bench: Bench) -> None:
    order = bench.fly(watch_s=300.0)
    await bench.until(Phase.ON_SCENE)
    bench.aircraft.ignores |= {Command.GOTO, Command.HOLD}
    going = bench.task(order, Goto(place=place(ahead_of(bench, 60.0))))
    await bench.run(0.3)
    held = bench.call(order, SafetyAction.HOLD)
    assert bench.outcome(going) == Outcome.UNKNOWN
    assert "superseded" in bench.detail(going)
    await bench.run(0.3)
    called = bench.call(order, SafetyAction.RETURN)
    assert bench.outcome(held) == Outcome.UNKNOWN
    assert await bench.settled(called) == Outcome.CONFIRMED
    await bench.until(Phase.DOCKED)


async def test_after_a_hold_on_the_way_home_a_resume_or_a_return_goes_on(bench: Bench) -> None:
    order = bench.fly(distance_m=900.0)
    await bench.until(Phase.RETURNING)
    await bench.run(5.0)
    assert await bench.settled(bench.call(order, SafetyAction.HOLD)) == Outcome.CONFIRMED
    assert await bench.settled(bench.task(order, Resume())) == Outcome.CONFIRMED
    await bench.run(2.0)
    assert await bench.settled(bench.call(order, SafetyAction.HOLD)) == Outcome.CONFIRMED
    assert await bench.settled(bench.call(order, SafetyAction.RETURN)) == Outcome.CONFIRMED
    await bench.until(Phase.DOCKED)


@pytest.mark.parametrize("phase", [Phase.EN_ROUTE, Phase.ON_SCENE, Phase.RETURNING])
async def test_land_comes_down_where_it_is_and_ends_as_landed_away(bench: Bench, phase: Phase) -> None:
    order = bench.fly(distance_m=600.0)
    await bench.until(phase)
    await bench.run(20.0 if phase is Phase.EN_ROUTE else 2.0)
    landed = bench.call(order, SafetyAction.LAND)
    assert await bench.settled(landed, within_s=10.0) == Outcome.CONFIRMED
    assert "told to land here" in bench.because(Phase.LANDING)
    await bench.until(Phase.LANDED_AWAY)
    assert not bench.aircraft.armed


async def test_one_that_was_told_to_land_may_be_called_home_instead(bench: Bench) -> None:
    order = bench.fly(watch_s=300.0)
    await bench.until(Phase.ON_SCENE)
    assert await bench.settled(bench.call(order, SafetyAction.LAND)) == Outcome.CONFIRMED
    await bench.run(2.0)
    assert await bench.settled(bench.call(order, SafetyAction.RETURN)) == Outcome.CONFIRMED
    await bench.until(Phase.DOCKED)
    assert bench.given()[-2:] == [Command.JUMP, Command.START]


async def test_a_landing_before_arming_is_a_cancel_and_while_arming_a_return(bench: Bench) -> None:
    order = bench.fly()
    await bench.until(Phase.LAUNCHING)
    landed = bench.call(order, SafetyAction.LAND)
    await bench.until(Phase.DOCKED, within_s=120.0)
    assert bench.outcome(landed) == Outcome.CONFIRMED
    assert Command.LAND not in bench.given() or bench.aircraft.height_m == 0.0


async def test_a_restarted_agent_looks_before_it_asks_for_the_hold_again(bench: Bench) -> None:
    order = bench.fly(watch_s=300.0)
    await bench.until(Phase.ON_SCENE)
    bench.aircraft.ignores.add(Command.HOLD)
    held = bench.call(order, SafetyAction.HOLD)
    await bench.run(0.3)
    bench.aircraft.obey(Command.HOLD)  # it is done late, while nobody looks
    given = bench.given().count(Command.HOLD)
    await bench.restart(away_s=2.0)
    assert await bench.settled(held) == Outcome.CONFIRMED
    assert bench.given().count(Command.HOLD) == given


async def test_the_watch_ends_also_for_one_that_holds(bench: Bench) -> None:
    order = bench.fly(watch_s=40.0)
    await bench.until(Phase.ON_SCENE)
    assert await bench.settled(bench.call(order, SafetyAction.HOLD)) == Outcome.CONFIRMED
    await bench.run(30.0)
    assert bench.phases()[-1] is Phase.ON_SCENE
    await bench.until(Phase.RETURNING, within_s=20.0)
    assert bench.because(Phase.RETURNING) == "the watch is over"
    await bench.until(Phase.DOCKED)
