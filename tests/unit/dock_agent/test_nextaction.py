"""What a drone does next by itself, and when, is known in every phase."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from contracts.orders import SafetyAction
from contracts.tasks import Extend, Goto
from contracts.vocabulary import Outcome, Phase
from dock_agent.nextaction import left_on_route_m
from tests.unit.dock_agent.fakes import Bench
from tests.unit.dock_agent.places import ahead_of, divert, place


def _in_s(bench: Bench) -> float:
    coming = bench.agent.coming
    assert coming is not None
    assert coming.at is not None
    return (coming.at - bench.clock.mission_now()) / timedelta(seconds=1)


def _words(bench: Bench) -> str:
    coming = bench.agent.coming
    assert coming is not None
    return coming.words


async def _moment(bench: Bench, phase: Phase) -> datetime:
    await bench.until(phase, within_s=300.0)
    return bench.clock.mission_now()


async def test_each_phase_says_what_ends_it_and_when(bench: Bench) -> None:
    assert bench.agent.coming is None
    bench.fly(watch_s=40.0, distance_m=600.0)
    await bench.run(1.0)
    assert "takes off" in _words(bench)
    await bench.until(Phase.EN_ROUTE)
    await bench.run(20.0)
    assert _words(bench) == "watches the scene"
    promised = bench.clock.mission_now() + timedelta(seconds=_in_s(bench))
    assert (await _moment(bench, Phase.ON_SCENE) - promised) / timedelta(seconds=1) == pytest.approx(0.0, abs=4.0)
    assert _words(bench) == "returns home: the watch is over"
    promised = bench.clock.mission_now() + timedelta(seconds=_in_s(bench))
    assert (await _moment(bench, Phase.RETURNING) - promised) / timedelta(seconds=1) == pytest.approx(0.0, abs=6.0)
    await bench.run(2.0)
    assert _words(bench) == "lands in its box"
    assert _in_s(bench) == pytest.approx(570.0 / 15.0 + 40.0 / 2.0, abs=6.0)
    await bench.until(Phase.DOCKED)
    assert bench.agent.coming is None


async def test_an_extended_watch_that_holds_says_its_new_end(bench: Bench) -> None:
    order = bench.fly(watch_s=40.0)
    await bench.until(Phase.ON_SCENE)
    assert await bench.settled(bench.task(order, Extend(by_s=60.0))) == Outcome.CONFIRMED
    assert _in_s(bench) == pytest.approx(100.0, abs=8.0)


async def test_a_charge_that_forces_it_home_first_is_what_is_said(bench: Bench) -> None:
    bench.fly(watch_s=7000.0)
    await bench.until(Phase.ON_SCENE)
    await bench.run(3.0)
    assert _words(bench) == "returns home: the charge forces it"
    assert 0.0 < _in_s(bench) < 7000.0


async def test_a_lost_link_says_that_the_autopilot_returns(bench: Bench) -> None:
    bench.fly(watch_s=600.0)
    await bench.until(Phase.ON_SCENE)
    with bench.aircraft.link_cut():
        await bench.run(5.0)
        assert "autopilot returns by itself" in _words(bench)
        assert _in_s(bench) == pytest.approx(5.0, abs=1.0)


async def test_stops_returns_and_diverts_say_where_it_comes_down(bench: Bench) -> None:
    order = bench.fly(watch_s=600.0, distance_m=600.0)
    await bench.until(Phase.ON_SCENE)
    bench.task(order, Goto(place=place(ahead_of(bench, 50.0))))
    await bench.run(1.0)
    assert await bench.settled(bench.task(order, divert(bench, order))) == Outcome.CONFIRMED
    assert _words(bench) == "lands in dock dock-2"
    bench.call(order, SafetyAction.HOLD)
    await bench.run(3.0)
    assert "holds until told otherwise" in _words(bench)
    bench.call(order, SafetyAction.LAND)
    await bench.run(1.0)
    assert _words(bench) == "lands here"
    assert _in_s(bench) == pytest.approx(20.0, abs=4.0)


async def test_the_arrival_counts_the_climb_that_is_left(bench: Bench) -> None:
    bench.fly(watch_s=40.0, distance_m=600.0)
    await bench.until(Phase.EN_ROUTE)
    promised = bench.clock.mission_now() + timedelta(seconds=_in_s(bench))
    await bench.run(3.0)
    later = bench.clock.mission_now() + timedelta(seconds=_in_s(bench))
    assert (later - promised) / timedelta(seconds=1) == pytest.approx(0.0, abs=3.0)


WAY = [(52.40, -1.50), (52.41, -1.50), (52.41, -1.48)]
"""1,113 m north, then 1,360 m east."""
ALL_M = 1112.7 + 1361.0


@pytest.mark.parametrize(
    ("here", "left_m"),
    [
        ((52.40, -1.50), ALL_M),
        ((52.395, -1.50), ALL_M + 556.3),
        ((52.405, -1.50), ALL_M - 556.3),
        ((52.4051, -1.5001), ALL_M - 567.0),
        ((52.41, -1.49), 680.5),
        ((52.41, -1.48), 0.0),
    ],
)
def test_what_is_left_of_a_way_goes_around_its_corners(here: tuple[float, float], left_m: float) -> None:
    assert left_on_route_m(here, WAY) == pytest.approx(left_m, abs=2.0)


def test_a_way_of_one_point_is_flown_straight_to_it() -> None:
    assert left_on_route_m((52.40, -1.50), [(52.41, -1.50)]) == pytest.approx(1112.7, abs=1.0)
