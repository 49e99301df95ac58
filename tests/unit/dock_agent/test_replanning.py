"""A new plan in the air, killed and failing at every step: there is always a complete way home on board."""

from __future__ import annotations

from uuid import UUID

import pytest

from contracts.orders import FlightOrder, SafetyAction, TaskOrder
from contracts.reports import FlightFlown, PlanChanged
from contracts.tasks import Retask
from contracts.vocabulary import Condition, Lid, Outcome, Phase
from contracts.warnings import WarningCode, WarningOverride
from dock_agent.flight import Step
from dock_agent.flight_link import Command
from dock_agent.mission import Item
from dock_agent.readings import Mode
from dock_agent.replanning import new_plan, order_after
from geo.flight.position import distance_m
from tests.unit.dock_agent.fakeaircraft import DENIED, SILENCE
from tests.unit.dock_agent.fakes import Bench
from tests.unit.dock_agent.places import NEW_SCENE, OTHER_DOCK, divert, here, place, retask

STEPS = list(Step)
ANOTHER_INCIDENT = UUID(int=0xBEEF)


def _complete(bench: Bench) -> None:
    """What is on board leads from a landing section over waypoints to a landing."""
    plan = bench.aircraft.plan
    assert plan is not None
    commands = [item.command for item in plan.items]
    start = commands.index(Item.LAND_START)
    assert commands[start + 1 :] == [Item.WAYPOINT] * (len(commands) - start - 2) + [Item.LAND]
    assert len(commands) - start >= 3


async def _at(bench: Bench, step: Step) -> None:
    """Run in small steps until the new plan is at a step."""
    for _ in range(400):
        flight = bench.agent.flight
        _complete(bench)
        if flight is not None and flight.replanning is not None and flight.replanning.step is step:
            return
        await bench.clock.advance(0.01)
    raise AssertionError(f"{step} was not reached")


async def _on_scene(bench: Bench) -> FlightOrder:
    order = bench.fly(watch_s=600.0)
    await bench.until(Phase.ON_SCENE)
    return order


async def _watches_the_new_scene(bench: Bench, given: TaskOrder) -> None:
    assert await bench.settled(given, within_s=60.0) == Outcome.CONFIRMED
    changed = bench.facts(PlanChanged)
    assert [(fact.order_id, fact.scene) for fact in changed] == [(given.order_id, place(NEW_SCENE))]
    await bench.run(40.0)
    assert distance_m(*here(bench), *NEW_SCENE) == pytest.approx(30.0, abs=3.0)


async def test_a_retask_on_scene_goes_to_the_new_scene_watches_it_and_comes_home(bench: Bench) -> None:
    order = await _on_scene(bench)
    given = bench.task(order, retask(bench, order, watch_s=60.0))
    await _watches_the_new_scene(bench, given)
    assert Phase.RETURNING not in bench.phases()
    await bench.until(Phase.RETURNING, within_s=80.0)
    await bench.until(Phase.DOCKED)
    assert bench.aircraft.plan is bench.aircraft.uploads[-1]


async def test_a_retask_on_the_way_out_stays_on_the_way_until_the_new_scene(bench: Bench) -> None:
    order = bench.fly(distance_m=500.0, watch_s=600.0)
    await bench.until(Phase.EN_ROUTE)
    await bench.run(15.0)
    given = bench.task(order, retask(bench, order))
    assert await bench.settled(given) == Outcome.CONFIRMED
    assert bench.phases()[-1] is Phase.EN_ROUTE
    await bench.until(Phase.ON_SCENE, within_s=60.0)
    assert distance_m(*here(bench), *NEW_SCENE) == pytest.approx(30.0, abs=5.0)
    await bench.until(Phase.DOCKED)


async def test_a_retask_on_the_way_home_is_refused(bench: Bench) -> None:
    order = bench.fly(distance_m=900.0)
    await bench.until(Phase.RETURNING)
    given = bench.task(order, retask(bench, order))
    assert bench.outcome(given) == Outcome.REFUSED
    await bench.until(Phase.DOCKED)


def _turned(bench: Bench, order: FlightOrder) -> Retask:
    """To another incident."""
    return retask(bench, order, watch_s=60.0).model_copy(update={"incident_id": ANOTHER_INCIDENT})


async def test_turned_to_another_incident_on_scene_it_is_on_its_way_again_and_then_on_scene(bench: Bench) -> None:
    order = await _on_scene(bench)
    given = bench.task(order, _turned(bench, order))
    assert await bench.settled(given, within_s=60.0) == Outcome.CONFIRMED
    assert bench.phases()[-2:] == [Phase.ON_SCENE, Phase.EN_ROUTE]
    await bench.run(60.0)
    assert bench.phases()[-1] is Phase.ON_SCENE
    assert distance_m(*here(bench), *NEW_SCENE) == pytest.approx(30.0, abs=5.0)
    flight = bench.agent.flight
    assert flight is not None
    assert flight.order.incident_id == ANOTHER_INCIDENT
    await bench.until(Phase.DOCKED)
    (flown,) = bench.facts(FlightFlown)
    assert flown.on_scene_s is not None
    assert flown.on_scene_s < 20.0, "what was flown is of the scene that was promised"


async def test_what_was_set_aside_for_the_launch_does_not_go_to_another_incident_with_it(bench: Bench) -> None:
    at = bench.clock.mission_now()
    gusts = WarningOverride(
        warning=WarningCode.GUST_OVER_LIMIT, text="gusts", value=17.0, limit=16.0, note="look", by="pilot-1", at=at
    )
    order = bench.order(watch_s=600.0).model_copy(update={"overrides": [gusts]})
    same = retask(bench, order)
    for task in (same, same.model_copy(update={"incident_id": order.incident_id})):
        assert order_after(order, task).overrides == [gusts]
    assert order_after(order, _turned(bench, order)).overrides == []
    assert order_after(order, divert(bench, order)).overrides == [gusts]


async def test_turned_on_its_way_home_it_goes_out_again_and_what_is_on_board_ends_in_a_landing(bench: Bench) -> None:
    order = bench.fly(distance_m=900.0, watch_s=5.0)
    await bench.until(Phase.RETURNING)
    await bench.run(5.0)
    given = bench.task(order, _turned(bench, order))
    assert await bench.settled(given, within_s=60.0) == Outcome.CONFIRMED
    _complete(bench)
    assert bench.phases()[-2:] == [Phase.RETURNING, Phase.EN_ROUTE]
    for _ in range(120):
        if bench.phases()[-1] is Phase.ON_SCENE:
            break
        await bench.run(1.0)
    assert distance_m(*here(bench), *NEW_SCENE) == pytest.approx(30.0, abs=5.0)
    await bench.until(Phase.DOCKED)
    assert bench.phases()[-4:] == [Phase.ON_SCENE, Phase.RETURNING, Phase.LANDING, Phase.DOCKED]


async def test_what_was_never_over_the_scene_that_was_promised_says_so(bench: Bench) -> None:
    order = bench.fly(distance_m=500.0, watch_s=600.0)
    await bench.until(Phase.EN_ROUTE)
    await bench.run(10.0)
    given = bench.task(order, _turned(bench, order))
    assert await bench.settled(given) == Outcome.CONFIRMED
    await bench.until(Phase.DOCKED, within_s=300.0)
    (flown,) = bench.facts(FlightFlown)
    assert flown.time_to_scene_s is None
    assert bench.phases().count(Phase.EN_ROUTE) == 1


@pytest.mark.parametrize("step", STEPS)
async def test_an_agent_killed_at_any_step_looks_at_what_is_on_board_and_carries_on(bench: Bench, step: Step) -> None:
    order = await _on_scene(bench)
    given = bench.task(order, retask(bench, order, watch_s=60.0))
    await _at(bench, step)
    await bench.restart(away_s=1.0)
    _complete(bench)
    await _watches_the_new_scene(bench, given)
    await bench.until(Phase.DOCKED)
    assert len(bench.facts(PlanChanged)) == 1


@pytest.mark.parametrize("step", STEPS)
async def test_an_agent_dead_for_good_at_any_step_leaves_a_way_home(bench: Bench, step: Step) -> None:
    order = await _on_scene(bench)
    given = bench.task(order, retask(bench, order))
    await _at(bench, step)
    await bench.agent.drain()
    _complete(bench)
    await bench.clock.advance(10.0)
    bench.aircraft.return_by_itself()  # its data link is gone
    await bench.clock.advance(120.0)
    bench.aircraft.fly()
    assert not bench.aircraft.armed
    assert bench.hardware.reading().seated
    await bench.restart()
    await bench.until(Phase.DOCKED, within_s=60.0)
    assert await bench.settled(given) in (Outcome.UNKNOWN, Outcome.REFUSED)


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("action", [SafetyAction.HOLD, SafetyAction.RETURN, SafetyAction.LAND])
async def test_safety_pre_empts_a_new_plan_at_any_step(bench: Bench, step: Step, action: SafetyAction) -> None:
    order = await _on_scene(bench)
    bench.aircraft.upload_s = 1.0
    given = bench.task(order, retask(bench, order))
    await _at(bench, step)
    safety = bench.call(order, action)
    assert bench.outcome(given) in (Outcome.UNKNOWN, Outcome.REFUSED)
    assert await bench.settled(safety, within_s=15.0) == Outcome.CONFIRMED
    _complete(bench)
    if action is SafetyAction.HOLD:
        assert await bench.settled(bench.call(order, SafetyAction.RETURN), within_s=15.0) == Outcome.CONFIRMED
    await bench.until(Phase.LANDED_AWAY if action is SafetyAction.LAND else Phase.DOCKED)


async def test_safety_stops_the_upload_under_way(bench: Bench) -> None:
    order = await _on_scene(bench)
    before = bench.aircraft.plan
    bench.aircraft.upload_s = 5.0
    bench.task(order, retask(bench, order))
    await _at(bench, Step.UPLOAD)
    await bench.clock.advance(0.5)
    bench.call(order, SafetyAction.RETURN)
    await bench.until(Phase.DOCKED)
    assert bench.aircraft.transfers_stopped == 1
    assert bench.aircraft.plan is before
    assert Command.RETURN in bench.given(), "what is on board is not sure: the autopilot's own return fits either"


async def test_a_hold_that_does_not_show_changes_nothing_on_board(bench: Bench) -> None:
    order = await _on_scene(bench)
    bench.aircraft.ignores.add(Command.HOLD)
    given = bench.task(order, retask(bench, order))
    assert await bench.settled(given) == Outcome.REFUSED
    assert "nothing was changed on board" in bench.detail(given)
    assert len(bench.aircraft.uploads) == 1
    assert bench.aircraft.mode is Mode.MISSION


@pytest.mark.parametrize("answer", [DENIED, SILENCE])
async def test_an_upload_that_fails_twice_brings_it_home_with_the_old_plan(bench: Bench, answer: object) -> None:
    order = await _on_scene(bench)
    bench.aircraft.upload_answer = DENIED if answer is DENIED else SILENCE
    given = bench.task(order, retask(bench, order))
    assert await bench.settled(given) == Outcome.REFUSED
    assert "the old plan is on board" in bench.detail(given)
    assert len(bench.aircraft.uploads) == 3
    await bench.until(Phase.DOCKED)
    assert bench.facts(PlanChanged) == []


async def test_an_upload_that_was_answered_amiss_but_is_on_board_is_flown(bench: Bench) -> None:
    order = await _on_scene(bench)
    task = retask(bench, order)
    bench.aircraft.upload_s = 0.3
    given = bench.task(order, task)
    await _at(bench, Step.UPLOAD)
    bench.aircraft.upload_answer = SILENCE  # it timed out here, and was taken there
    await bench.clock.advance(0.29)
    flight = bench.agent.flight
    assert flight is not None
    assert flight.replanning is not None

    bench.aircraft.take_plan(new_plan(flight.replanning))
    await _watches_the_new_scene(bench, given)
    assert len(bench.aircraft.uploads) == 2


async def test_a_download_that_differs_is_uploaded_once_more_and_then_it_returns(bench: Bench) -> None:
    order = await _on_scene(bench)
    bench.aircraft.garbles_upload = True
    given = bench.task(order, retask(bench, order))
    assert await bench.settled(given) == Outcome.UNKNOWN
    assert "neither the new plan nor the old one" in bench.detail(given)
    assert len(bench.aircraft.uploads) == 3
    await bench.run(5.0)
    assert bench.aircraft.mode is Mode.RETURN


async def test_a_download_that_fails_is_tried_again(bench: Bench) -> None:
    order = await _on_scene(bench)
    bench.aircraft.download_fails = 2
    given = bench.task(order, retask(bench, order))
    await _watches_the_new_scene(bench, given)
    assert bench.aircraft.downloads == 3


async def test_a_new_plan_that_is_not_started_brings_it_home_by_the_new_way(bench: Bench) -> None:
    order = await _on_scene(bench)
    bench.aircraft.answers[Command.START] = DENIED
    given = bench.task(order, retask(bench, order))
    assert await bench.settled(given, within_s=60.0) == Outcome.UNKNOWN
    bench.aircraft.answers.clear()
    await bench.until(Phase.DOCKED)
    _complete(bench)


async def test_a_first_item_that_is_not_taken_brings_it_home_by_the_new_way(bench: Bench) -> None:
    order = await _on_scene(bench)
    bench.aircraft.answers[Command.JUMP] = DENIED
    given = bench.task(order, retask(bench, order))
    await _at(bench, Step.SET_ITEM)
    bench.aircraft.stale_item = 3
    assert await bench.settled(given, within_s=60.0) == Outcome.UNKNOWN
    bench.aircraft.answers.clear()
    bench.aircraft.stale_item = None
    await bench.until(Phase.DOCKED)


async def test_an_autopilot_that_returns_by_itself_meanwhile_is_left_to_it(bench: Bench) -> None:
    order = await _on_scene(bench)
    bench.aircraft.upload_s = 3.0
    given = bench.task(order, retask(bench, order))
    await _at(bench, Step.UPLOAD)
    bench.aircraft.return_by_itself()
    await bench.run(1.0)
    assert bench.outcome(given) == Outcome.UNKNOWN
    assert "by itself" in bench.detail(given)
    await bench.until(Phase.DOCKED)


async def test_a_second_retask_supersedes_the_first(bench: Bench) -> None:
    order = await _on_scene(bench)
    bench.aircraft.upload_s = 1.0
    first = bench.task(order, retask(bench, order, scene=OTHER_DOCK))
    await _at(bench, Step.UPLOAD)
    await bench.clock.advance(0.2)
    second = bench.task(order, retask(bench, order))
    assert bench.outcome(first) == Outcome.UNKNOWN
    await _watches_the_new_scene(bench, second)


@pytest.mark.parametrize("phase", [Phase.EN_ROUTE, Phase.ON_SCENE, Phase.RETURNING])
async def test_a_divert_lands_in_the_other_dock_and_shuts_its_own(bench: Bench, phase: Phase) -> None:
    order = bench.fly(distance_m=500.0, watch_s=30.0)
    await bench.until(phase)
    await bench.run(5.0)
    given = bench.task(order, divert(bench, order))
    assert await bench.settled(given) == Outcome.CONFIRMED
    assert (Condition.DIVERTING, True) in bench.conditions()
    assert bench.phases()[-1] is Phase.RETURNING
    assert bench.facts(PlanChanged)[-1].home_dock_id == "dock-2"
    await bench.until(Phase.DOCKED, within_s=200.0)
    assert bench.because(Phase.DOCKED) == "in dock dock-2"
    assert distance_m(*here(bench), *OTHER_DOCK) < 2.0
    await bench.run(5.0)
    assert bench.hardware.lid is Lid.CLOSED


async def test_a_divert_survives_a_restart_and_a_return_then_means_the_other_dock(bench: Bench) -> None:
    order = await _on_scene(bench)
    given = bench.task(order, divert(bench, order))
    assert await bench.settled(given) == Outcome.CONFIRMED
    await bench.restart(away_s=1.0)
    assert await bench.settled(bench.call(order, SafetyAction.HOLD)) == Outcome.CONFIRMED
    assert await bench.settled(bench.call(order, SafetyAction.RETURN)) == Outcome.CONFIRMED
    await bench.until(Phase.DOCKED, within_s=200.0)
    assert bench.because(Phase.DOCKED) == "in dock dock-2"
