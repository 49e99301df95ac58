"""The phases of a flight through the whole agent: phase machine, store and effects, on a virtual clock."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from contracts.orders import SafetyAction
from contracts.reports import (
    DockNoted,
    FlightFlown,
    OrderAccepted,
    OrderRefused,
    PhaseEntered,
    TrackRecorded,
)
from contracts.vocabulary import PHASE_ORDER, Condition, Lid, Phase
from dock_agent.flight_link import Command
from dock_agent.homecoming import RETURNS_UNTIL_UNKNOWN
from dock_agent.launch import ARM_TRIES
from dock_agent.readings import Mode
from tests.unit.dock_agent.fakeaircraft import DENIED, SILENCE
from tests.unit.dock_agent.fakes import Bench

WHOLE = [
    Phase.PREPARING,
    Phase.LAUNCHING,
    Phase.EN_ROUTE,
    Phase.ON_SCENE,
    Phase.RETURNING,
    Phase.LANDING,
    Phase.DOCKED,
]


@pytest.mark.parametrize("factor", [1.0, 10.0])
async def test_a_flight_goes_through_all_phases_and_ends_in_its_box(tmp_path: Path, factor: float) -> None:
    bench = Bench.set_up(tmp_path, factor=factor)
    order = bench.fly()
    await bench.until(Phase.DOCKED)
    await bench.run(5.0)
    assert bench.phases() == WHOLE
    assert [fact.order_id for fact in bench.facts(OrderAccepted)] == [order.order_id]
    assert bench.given() == [Command.ARM, Command.START]
    assert bench.hardware.lid is Lid.CLOSED
    assert bench.hardware.charging
    flown = bench.facts(FlightFlown)[0]
    assert flown.on_scene_s == pytest.approx(20.0, abs=3.0)
    assert flown.distance_m == pytest.approx(270.0, rel=0.05)
    assert flown.whole_distance_m == pytest.approx(2 * 270.0, rel=0.05)
    assert flown.time_to_airborne_s is not None
    assert 4.0 < flown.time_to_airborne_s < flown.time_to_scene_s
    told = [event.fact for event in bench.events]
    assert told.index(flown) < told.index(bench.facts(PhaseEntered)[-1]), "what has ended says all of itself"
    bench.store.close()


async def test_it_arms_as_soon_as_the_lid_is_open_because_the_upload_went_on_meanwhile(bench: Bench) -> None:
    bench.fly()
    await bench.run(4.3)
    assert bench.given()[0] is Command.ARM
    assert len(bench.aircraft.uploads) == 1
    assert bench.aircraft.link_loss_s == 10.0


async def test_the_track_has_a_sample_a_second_without_gap_or_repeat(bench: Bench) -> None:
    bench.fly()
    await bench.until(Phase.DOCKED)
    points = [point for fact in bench.facts(TrackRecorded) for point in fact.points]
    times = [point.t for point in points]
    steps = [(after - before).total_seconds() for before, after in pairwise(times)]
    assert len(points) > 60
    assert max(steps) <= 1.2
    assert min(steps) >= 0.99


async def test_every_event_is_numbered_without_a_gap(bench: Bench) -> None:
    bench.fly()
    await bench.until(Phase.DOCKED)
    kept = [one.event for one in bench.store.pending(limit=1000)]
    assert kept == bench.events
    assert [event.counter for event in kept] == list(range(1, len(kept) + 1))


async def test_a_lid_that_sticks_refuses_the_launch_and_is_reported(bench: Bench) -> None:
    bench.hardware.stuck = Lid.OPENING
    bench.fly()
    await bench.run(15.0)
    assert bench.phases() == [Phase.PREPARING, Phase.REFUSED]
    assert "the lid is opening after 12 s" in bench.because(Phase.REFUSED)
    assert any(noted.severity == "fault" for noted in bench.facts(DockNoted))
    assert Command.ARM not in bench.given()


async def test_an_upload_that_fails_is_tried_again_and_then_refuses_the_launch(bench: Bench) -> None:
    bench.aircraft.upload_answer = DENIED
    bench.fly()
    await bench.run(10.0)
    assert len(bench.aircraft.uploads) == 3
    assert bench.phases() == [Phase.PREPARING, Phase.REFUSED]
    await bench.run(10.0)
    assert bench.hardware.lid is Lid.CLOSED


async def test_arming_that_is_denied_at_first_is_tried_again(bench: Bench) -> None:
    bench.aircraft.answers[Command.ARM] = DENIED
    bench.fly()
    await bench.run(5.2)
    del bench.aircraft.answers[Command.ARM]
    await bench.until(Phase.EN_ROUTE, within_s=10.0)
    assert 2 <= bench.given().count(Command.ARM) <= 5


async def test_arming_that_stays_denied_is_bounded_and_refuses_the_launch(bench: Bench) -> None:
    bench.aircraft.answers[Command.ARM] = DENIED
    bench.fly()
    await bench.until(Phase.REFUSED, within_s=60.0)
    assert bench.given() == [Command.ARM] * ARM_TRIES
    assert "arming was denied" in bench.because(Phase.REFUSED)


async def test_an_arming_that_is_acknowledged_but_not_done_is_noticed(bench: Bench) -> None:
    bench.aircraft.ignores.add(Command.ARM)
    bench.aircraft.ignores.add(Command.START)
    bench.fly()
    await bench.run(6.0)
    bench.aircraft.ignores.clear()
    await bench.until(Phase.EN_ROUTE, within_s=30.0)
    assert bench.given().count(Command.ARM) == 2


async def test_an_unanswered_arming_is_resolved_by_looking_before_it_is_repeated(bench: Bench) -> None:
    bench.aircraft.answers[Command.ARM] = SILENCE
    bench.fly()
    await bench.run(4.5)
    bench.aircraft.armed = True  # it was executed all the same
    await bench.until(Phase.EN_ROUTE, within_s=10.0)
    assert bench.given().count(Command.ARM) == 1


async def test_a_mission_that_does_not_start_ends_disarmed_and_refused(bench: Bench) -> None:
    bench.aircraft.ignores.add(Command.START)
    bench.fly()
    await bench.until(Phase.REFUSED, within_s=90.0)
    assert not bench.aircraft.armed
    assert bench.given()[-1] is Command.DISARM
    await bench.run(10.0)
    assert bench.hardware.lid is Lid.CLOSED


async def test_a_cancel_while_preparing_closes_the_lid_and_ends_as_cancelled(bench: Bench) -> None:
    order = bench.fly()
    await bench.run(2.0)
    safety = bench.call(order, SafetyAction.CANCEL)
    await bench.run(10.0)
    assert bench.phases() == [Phase.PREPARING, Phase.CANCELLED]
    assert bench.outcomes() == [(safety.order_id, "confirmed")]
    assert bench.given() == []
    assert bench.hardware.lid is Lid.CLOSED


async def test_a_cancel_that_races_arming_becomes_a_return_on_the_ground(bench: Bench) -> None:
    order = bench.fly()
    await bench.until(Phase.LAUNCHING)
    safety = bench.call(order, SafetyAction.CANCEL)
    await bench.until(Phase.DOCKED, within_s=60.0)
    assert bench.phases() == [Phase.PREPARING, Phase.LAUNCHING, Phase.RETURNING, Phase.DOCKED]
    assert bench.outcomes() == [(safety.order_id, "confirmed")]
    assert Command.START not in bench.given()
    assert not bench.aircraft.armed
    assert bench.hardware.lid is Lid.CLOSED


async def test_a_cancel_that_races_the_start_becomes_a_return_in_the_air(bench: Bench) -> None:
    order = bench.fly()
    await bench.until(Phase.LAUNCHING)
    await bench.clock.advance(0.03)
    assert bench.given() == [Command.ARM, Command.START]
    safety = bench.call(order, SafetyAction.CANCEL)
    await bench.until(Phase.DOCKED, within_s=120.0)
    assert bench.phases()[:3] == [Phase.PREPARING, Phase.LAUNCHING, Phase.RETURNING]
    assert bench.outcomes() == [(safety.order_id, "confirmed")]
    assert Phase.ON_SCENE not in bench.phases()


@pytest.mark.parametrize("action", [SafetyAction.CANCEL, SafetyAction.RETURN])
@pytest.mark.parametrize("phase", [Phase.EN_ROUTE, Phase.ON_SCENE])
async def test_in_the_air_a_cancel_or_return_jumps_to_the_way_home(
    bench: Bench, phase: Phase, action: SafetyAction
) -> None:
    order = bench.fly(watch_s=600.0)
    await bench.until(phase)
    await bench.run(2.0)
    safety = bench.call(order, action)
    await bench.until(Phase.DOCKED)
    assert bench.outcomes() == [(safety.order_id, "confirmed")]
    plan = bench.aircraft.uploads[0]
    assert (Command.JUMP, plan.home_items[0]) in bench.aircraft.commands
    assert Command.RETURN not in bench.given()
    wanted = [one for one in WHOLE if one is not Phase.ON_SCENE or phase is Phase.ON_SCENE]
    assert bench.phases() == wanted


@pytest.mark.parametrize("phase", [Phase.RETURNING, Phase.LANDING])
async def test_on_the_way_home_a_cancel_is_confirmed_without_a_command(bench: Bench, phase: Phase) -> None:
    order = bench.fly()
    await bench.until(phase)
    before = bench.given()
    safety = bench.call(order, SafetyAction.CANCEL)
    await bench.until(Phase.DOCKED)
    assert bench.given() == before
    assert bench.outcomes() == [(safety.order_id, "confirmed")]


async def test_a_cancel_after_the_end_is_refused(bench: Bench) -> None:
    order = bench.fly()
    await bench.until(Phase.DOCKED)
    safety = bench.call(order, SafetyAction.CANCEL)
    assert bench.outcomes() == [(safety.order_id, "refused")]


async def test_a_cancel_that_overtakes_its_order_bars_it(bench: Bench) -> None:
    order = bench.order()
    safety = bench.call(order, SafetyAction.CANCEL)
    bench.agent.take_order(order, sequence=7)
    assert bench.outcomes() == [(safety.order_id, "confirmed")]
    assert "cancelled before its order arrived" in bench.facts(OrderRefused)[0].reasons[0]
    assert bench.phases() == []


async def test_doing_an_order_twice_is_doing_it_once(bench: Bench) -> None:
    order = bench.fly()
    bench.agent.take_order(order, sequence=99)
    await bench.until(Phase.ON_SCENE)
    safety = bench.call(order, SafetyAction.RETURN)
    bench.agent.take_safety(safety)
    await bench.until(Phase.DOCKED)
    assert len(bench.facts(OrderAccepted)) == 1
    assert len(bench.outcomes()) == 1
    assert bench.given().count(Command.JUMP) == 1


async def test_a_jump_that_is_not_confirmed_falls_back_on_the_autopilots_return(bench: Bench) -> None:
    order = bench.fly(watch_s=600.0)
    await bench.until(Phase.ON_SCENE)
    bench.aircraft.ignores.add(Command.JUMP)
    safety = bench.call(order, SafetyAction.RETURN)
    await bench.until(Phase.RETURNING, within_s=10.0)
    assert bench.given()[-2:] == [Command.JUMP, Command.RETURN]
    assert bench.outcomes() == [(safety.order_id, "confirmed")]


async def test_a_jump_that_is_denied_falls_back_at_once(bench: Bench) -> None:
    order = bench.fly(watch_s=600.0)
    await bench.until(Phase.ON_SCENE)
    bench.aircraft.answers[Command.JUMP] = DENIED
    bench.call(order, SafetyAction.RETURN)
    await bench.until(Phase.RETURNING, within_s=1.0)


async def test_a_return_that_never_shows_is_reported_as_unknown_and_still_asked_for(bench: Bench) -> None:
    order = bench.fly(watch_s=600.0)
    await bench.until(Phase.ON_SCENE)
    bench.aircraft.ignores |= {Command.JUMP, Command.RETURN}
    safety = bench.call(order, SafetyAction.RETURN)
    await bench.run(40.0)
    assert bench.outcomes() == [(safety.order_id, "unknown")]
    assert bench.given().count(Command.RETURN) > RETURNS_UNTIL_UNKNOWN
    bench.aircraft.ignores.clear()
    await bench.until(Phase.DOCKED)
    assert bench.outcomes() == [(safety.order_id, "unknown")]


async def test_a_held_mission_is_started_again_when_it_is_called_home(bench: Bench) -> None:
    order = bench.fly(watch_s=600.0)
    await bench.until(Phase.ON_SCENE)
    bench.aircraft.mode = Mode.HOLD
    await bench.run(1.0)
    assert bench.conditions() == [(Condition.HOLDING, True)]
    bench.call(order, SafetyAction.RETURN)
    await bench.until(Phase.DOCKED)
    assert bench.conditions() == [(Condition.HOLDING, True), (Condition.HOLDING, False)]
    assert bench.given()[-2:] == [Command.JUMP, Command.START]


async def test_a_return_that_the_autopilot_chose_itself_is_followed(bench: Bench) -> None:
    bench.fly(watch_s=600.0)
    await bench.until(Phase.ON_SCENE)
    bench.aircraft.return_by_itself()
    await bench.until(Phase.DOCKED)
    assert "by itself" in bench.because(Phase.RETURNING)
    assert bench.phases() == WHOLE


async def test_a_battery_that_no_longer_allows_the_watch_brings_it_home(bench: Bench) -> None:
    bench.fly(watch_s=3600.0)
    await bench.until(Phase.ON_SCENE)
    bench.aircraft.battery = 22.0
    await bench.run(1.5)
    assert Command.JUMP not in bench.given()
    await bench.until(Phase.RETURNING, within_s=5.0)
    assert "the battery is at 22 %" in bench.because(Phase.RETURNING)
    await bench.until(Phase.DOCKED)


async def test_a_lost_link_is_a_condition_and_the_flight_goes_on(bench: Bench) -> None:
    bench.fly(watch_s=60.0)
    await bench.until(Phase.ON_SCENE)
    with bench.aircraft.link_cut():
        await bench.run(8.0)
        bench.aircraft.return_by_itself()
        await bench.run(5.0)
        assert bench.conditions() == [(Condition.LINK_LOST, True)]
        assert bench.phases()[-1] is Phase.ON_SCENE
    await bench.until(Phase.DOCKED)
    assert bench.conditions() == [(Condition.LINK_LOST, True), (Condition.LINK_LOST, False)]
    assert bench.phases() == WHOLE


async def test_an_aircraft_that_lands_in_its_box_unheard_is_docked(bench: Bench) -> None:
    bench.fly()
    await bench.until(Phase.ON_SCENE)
    with bench.aircraft.link_cut():
        bench.aircraft.return_by_itself()
        await bench.until(Phase.DOCKED)
    assert bench.phases() == WHOLE
    assert "its link is lost" in bench.because(Phase.LANDING)


async def test_an_aircraft_that_stays_silent_is_missing_in_the_end(bench: Bench) -> None:
    bench.fly()
    await bench.until(Phase.ON_SCENE)
    with bench.aircraft.link_cut():
        bench.aircraft.mode = Mode.HOLD
        await bench.until(Phase.MISSING, within_s=500.0)
    assert bench.conditions() == [(Condition.LINK_LOST, True), (Condition.LINK_LOST, False)]


async def test_an_aircraft_that_lands_elsewhere_has_landed_away(bench: Bench) -> None:
    bench.fly(watch_s=600.0)
    await bench.until(Phase.ON_SCENE)
    bench.aircraft.mode, bench.aircraft.height_m = Mode.LAND, 0.0
    bench.aircraft.armed = False
    await bench.until(Phase.LANDED_AWAY, within_s=30.0)
    assert "270 m from the box" in bench.because(Phase.LANDED_AWAY)
    assert Phase.DOCKED not in bench.phases()


async def test_an_unknown_position_is_a_condition(bench: Bench) -> None:
    bench.fly(watch_s=60.0)
    await bench.until(Phase.ON_SCENE)
    good = bench.aircraft.base
    bench.aircraft.base = replace(good, global_position_ok=False)
    await bench.run(1.0)
    bench.aircraft.base = good
    await bench.run(1.0)
    assert bench.conditions() == [(Condition.POSITION_UNKNOWN, True), (Condition.POSITION_UNKNOWN, False)]


async def test_a_lid_that_does_not_close_over_the_aircraft_is_reported_and_it_is_docked(bench: Bench) -> None:
    bench.fly()
    await bench.until(Phase.LANDING)
    bench.hardware.stuck = Lid.OPEN
    await bench.until(Phase.DOCKED)
    await bench.run(0.2)
    assert "did not close" in bench.facts(DockNoted)[-1].text
    assert bench.hardware.charging


async def test_a_lid_that_closed_meanwhile_is_opened_for_whoever_comes_home(bench: Bench) -> None:
    bench.fly()
    await bench.until(Phase.ON_SCENE)
    await bench.hardware.command_lid(opened=False)
    await bench.until(Phase.DOCKED)
    assert bench.hardware.orders == ["stop charging", "open", "close", "open", "close"]


async def test_phases_never_go_back_and_are_said_once(bench: Bench) -> None:
    bench.fly()
    await bench.until(Phase.DOCKED)
    ranks = [PHASE_ORDER[fact.phase] for fact in bench.facts(PhaseEntered)]
    assert ranks == sorted(set(ranks))


async def test_the_item_of_the_last_flight_is_not_taken_for_this_ones(bench: Bench) -> None:
    bench.fly()
    await bench.until(Phase.DOCKED)
    bench.aircraft.stale_item = bench.aircraft.uploads[0].land_item
    await bench.run(10.0)  # the check after the flight
    bench.fly()
    await bench.run(8.0)
    bench.aircraft.stale_item = None
    assert bench.phases()[len(WHOLE) :] == WHOLE[:3]
    await bench.run(120.0)
    assert bench.phases() == WHOLE * 2
