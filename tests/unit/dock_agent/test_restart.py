"""Kill -9 of the agent at every phase: it finds its drone, carries on, says no phase twice and misses none."""

from __future__ import annotations

import pytest

from contracts.orders import SafetyAction
from contracts.reports import FlightFlown, OrderAccepted
from contracts.vocabulary import Phase
from dock_agent.flight_link import Command
from tests.unit.dock_agent.fakes import Bench
from tests.unit.dock_agent.test_flight import WHOLE


@pytest.mark.parametrize("phase", WHOLE[:-1])
async def test_a_killed_agent_carries_on_from_any_phase(bench: Bench, phase: Phase) -> None:
    bench.fly()
    await bench.until(phase)
    await bench.restart(away_s=2.0)
    await bench.until(Phase.DOCKED)
    assert bench.phases() == WHOLE
    assert len(bench.facts(OrderAccepted)) == 1
    assert len(bench.facts(FlightFlown)) == 1
    assert bench.given().count(Command.JUMP) == 0


@pytest.mark.parametrize("phase", [Phase.EN_ROUTE, Phase.ON_SCENE])
async def test_an_agent_away_too_long_finds_its_drone_returning(bench: Bench, phase: Phase) -> None:
    bench.fly(watch_s=600.0)
    await bench.until(phase)
    bench.aircraft.return_by_itself()
    await bench.restart(away_s=12.0)
    await bench.until(Phase.DOCKED)
    assert bench.phases() == [one for one in WHOLE if one is not Phase.ON_SCENE or phase is Phase.ON_SCENE]
    assert "inferred after restart" in bench.because(Phase.RETURNING)


async def test_an_agent_that_finds_its_drone_docked_says_the_phases_it_can_infer(bench: Bench) -> None:
    bench.fly()
    await bench.until(Phase.ON_SCENE)
    await bench.restart(away_s=300.0)
    await bench.until(Phase.DOCKED, within_s=60.0)
    assert bench.phases() == WHOLE
    for phase in (Phase.RETURNING, Phase.LANDING):
        assert bench.because(phase) == "inferred after restart"


async def test_a_scene_passed_while_the_agent_was_away_is_inferred(bench: Bench) -> None:
    bench.fly()
    await bench.until(Phase.EN_ROUTE)
    await bench.run(5.0)
    await bench.restart(away_s=55.0)
    await bench.until(Phase.DOCKED)
    assert bench.phases() == WHOLE


async def test_an_agent_away_until_the_order_expired_does_not_launch_out_of_the_blue(bench: Bench) -> None:
    bench.fly()
    await bench.run(1.0)
    await bench.restart(away_s=120.0)
    await bench.run(10.0)
    assert bench.phases() == [Phase.PREPARING, Phase.CANCELLED]
    assert bench.given() == []


async def test_a_return_in_the_making_is_taken_up_again_after_a_restart(bench: Bench) -> None:
    order = bench.fly(watch_s=600.0)
    await bench.until(Phase.ON_SCENE)
    bench.aircraft.ignores |= {Command.JUMP, Command.RETURN}
    safety = bench.call(order, SafetyAction.RETURN)
    await bench.run(1.0)
    bench.aircraft.ignores.clear()
    await bench.restart(away_s=2.0)
    await bench.until(Phase.DOCKED)
    assert bench.outcomes() == [(safety.order_id, "confirmed")]


async def test_orders_handled_before_a_restart_stay_handled(bench: Bench) -> None:
    order = bench.fly()
    await bench.until(Phase.DOCKED)
    await bench.restart()
    bench.agent.take_order(order, sequence=50)
    await bench.run(10.0)
    assert bench.phases() == WHOLE


async def test_each_start_numbers_its_events_from_one_and_older_ones_stay_first(bench: Bench) -> None:
    bench.fly()
    await bench.until(Phase.EN_ROUTE)
    await bench.restart()
    await bench.until(Phase.DOCKED)
    told = [one.event for one in bench.store.pending(limit=1000)]
    assert told == bench.events
    boots = list(dict.fromkeys(event.boot_id for event in told))
    assert len(boots) == 2
    for boot in boots:
        counters = [event.counter for event in told if event.boot_id == boot]
        assert counters == list(range(1, len(counters) + 1))


async def test_stopping_the_agent_sends_nothing_to_the_aircraft(bench: Bench) -> None:
    bench.fly(watch_s=60.0)
    await bench.until(Phase.ON_SCENE)
    before = list(bench.aircraft.commands)
    async with bench.agent.running():
        await bench.clock.advance(1.0)
    await bench.clock.advance(5.0)
    assert bench.aircraft.commands == before
