"""A lid that shuts by itself while its drone is out: told in time, diverted, or landed beside."""

from __future__ import annotations

from contracts.orders import FlightOrder, SafetyAction
from contracts.reports import AlarmChanged, DockNoted
from contracts.vocabulary import AlarmKind, Lid, Outcome, Phase
from dock_agent.lidwatch import BESIDE_M
from geo.flight.position import distance_m
from tests.unit.dock_agent.fakeaircraft import HOME
from tests.unit.dock_agent.fakes import Bench
from tests.unit.dock_agent.places import OTHER_DOCK, divert, here


def _alarms(bench: Bench) -> list[bool]:
    return [fact.active for fact in bench.facts(AlarmChanged) if fact.alarm is AlarmKind.LID]


async def _out_with_its_lid_shut(bench: Bench) -> FlightOrder:
    order = bench.fly(watch_s=30.0)
    await bench.until(Phase.ON_SCENE)
    bench.hardware.stuck = Lid.CLOSED
    await bench.run(20.0)
    return order


async def test_it_is_told_as_an_alarm_while_there_is_time_to_divert(bench: Bench) -> None:
    await _out_with_its_lid_shut(bench)
    assert _alarms(bench) == [True]
    assert "divert" in bench.facts(AlarmChanged)[-1].text
    assert bench.hardware.orders.count("open") > 3, "it goes on ordering it open"


async def test_without_a_divert_it_lands_beside_its_box(bench: Bench) -> None:
    await _out_with_its_lid_shut(bench)
    await bench.until(Phase.LANDED_AWAY, within_s=200.0)
    assert BESIDE_M - 2.0 < distance_m(*here(bench), *HOME) < BESIDE_M + 3.0
    assert "beside its box" in bench.because(Phase.LANDED_AWAY)
    assert _alarms(bench) == [True, False]
    assert any("did not open for its drone" in fact.text for fact in bench.facts(DockNoted))


async def test_a_divert_takes_it_to_the_other_dock(bench: Bench) -> None:
    order = await _out_with_its_lid_shut(bench)
    await bench.until(Phase.RETURNING)
    given = bench.task(order, divert(bench, order))
    assert await bench.settled(given) == Outcome.CONFIRMED
    await bench.until(Phase.DOCKED, within_s=200.0)
    assert distance_m(*here(bench), *OTHER_DOCK) < 2.0
    assert _alarms(bench) == [True, False]


async def test_a_divert_is_taken_while_it_waits_near_home(bench: Bench) -> None:
    order = await _out_with_its_lid_shut(bench)
    await bench.until(Phase.RETURNING)
    while distance_m(*here(bench), *HOME) > 25.0 or bench.aircraft.moved_m_s > 0.5:
        await bench.run(0.5)
    given = bench.task(order, divert(bench, order))
    assert await bench.settled(given) == Outcome.CONFIRMED
    await bench.until(Phase.DOCKED, within_s=200.0)
    assert bench.because(Phase.DOCKED) == "in dock dock-2"


async def test_a_lid_that_opens_after_all_lets_it_in(bench: Bench) -> None:
    await _out_with_its_lid_shut(bench)
    await bench.until(Phase.RETURNING)
    await bench.run(25.0)
    assert not bench.aircraft.in_air or bench.aircraft.height_m > 20.0
    bench.hardware.stuck = None
    await bench.until(Phase.DOCKED, within_s=200.0)
    assert _alarms(bench) == [True, False]


async def test_a_restarted_agent_goes_on_waiting_and_lands_it_beside(bench: Bench) -> None:
    await _out_with_its_lid_shut(bench)
    await bench.until(Phase.RETURNING)
    await bench.run(20.0)
    await bench.restart(away_s=2.0)
    await bench.until(Phase.LANDED_AWAY, within_s=200.0)
    assert distance_m(*here(bench), *HOME) < BESIDE_M + 3.0
    assert _alarms(bench) == [True, False]


async def test_whoever_is_told_to_land_near_home_lands_there(bench: Bench) -> None:
    order = await _out_with_its_lid_shut(bench)
    assert await bench.settled(bench.call(order, SafetyAction.LAND)) == Outcome.CONFIRMED
    await bench.until(Phase.LANDED_AWAY)
    assert distance_m(*here(bench), *HOME) > 100.0
