"""A person raises what is over the dock: it blocks over restarts until a person says that it is gone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from contracts.orders import BlockerOrder
from contracts.reports import DockNoted, OrderRefused
from contracts.vocabulary import AlarmKind, Deployment, Lid, Phase
from dock_agent.flight_link import Command
from dock_agent.lidwatch import BESIDE_M
from dock_agent.readings import Mode
from geo.flight.position import distance_m
from tests.unit.dock_agent.fakeaircraft import HOME
from tests.unit.dock_agent.fakes import Bench


def say(bench: Bench, number: int, *, raised: bool = True, **changes: Any) -> BlockerOrder:
    now = bench.clock.mission_now()
    fields: dict[str, Any] = {
        "order_id": UUID(int=0xB10C + number),
        "deployment": Deployment.SIMULATION,
        "raised": raised,
        "text": "a person on the lid" if raised else "",
        "by": "pilot-1",
        "issued_at": now,
        "expires_at": now + timedelta(seconds=60),
    }
    order = BlockerOrder(**{**fields, **changes})
    bench.agent.take_blocker(order)
    return order


WORDS = "something is over the dock: a person on the lid (raised by pilot-1)"


async def test_what_is_raised_blocks_and_what_is_cleared_no_longer_does(bench: Bench) -> None:
    say(bench, 1)
    assert bench.blockers() == [WORDS]
    bench.fly()
    assert bench.facts(OrderRefused)[0].reasons == [WORDS]
    say(bench, 2, raised=False)
    assert bench.blockers() == []
    assert [(fact.severity, fact.text) for fact in bench.facts(DockNoted)] == [
        ("warning", WORDS),
        ("info", "the dock is clear again, says pilot-1; it was: a person on the lid (raised by pilot-1)"),
    ]


async def test_a_restart_does_not_forget_it(bench: Bench) -> None:
    say(bench, 1)
    await bench.restart()
    assert bench.blockers() == [WORDS]
    say(bench, 2, raised=False)
    await bench.restart()
    assert bench.blockers() == []


async def test_an_order_that_comes_twice_counts_once(bench: Bench) -> None:
    first = say(bench, 1)
    say(bench, 2, raised=False)
    bench.agent.take_blocker(first)
    assert bench.blockers() == []


async def test_one_for_another_deployment_or_out_of_date_is_not_taken(bench: Bench) -> None:
    say(bench, 1, deployment=Deployment.LIVE)
    say(bench, 2, expires_at=bench.clock.mission_now())
    assert bench.blockers() == []


async def test_it_can_be_raised_while_a_flight_is_under_way(bench: Bench) -> None:
    bench.fly()
    await bench.until(Phase.ON_SCENE)
    say(bench, 1)
    assert WORDS in bench.blockers()


async def test_with_somebody_over_the_dock_it_holds_near_home_until_it_is_clear(bench: Bench) -> None:
    bench.fly(watch_s=5.0)
    await bench.until(Phase.ON_SCENE)
    say(bench, 1)
    await bench.run(120.0)
    assert bench.phases()[-1] in (Phase.RETURNING, Phase.LANDING)
    assert bench.aircraft.height_m > 5.0
    assert bench.aircraft.mode is Mode.HOLD
    assert "it holds near home; divert it, or say that the dock is clear" in bench.alarm(AlarmKind.LID).text
    say(bench, 2, raised=False)
    await bench.until(Phase.DOCKED, within_s=120.0)
    assert bench.alarms() == [(AlarmKind.LID, True), (AlarmKind.LID, False)]


async def test_when_the_charge_is_down_it_lands_beside_whoever_is_over_the_dock(bench: Bench) -> None:
    bench.fly(watch_s=5.0)
    await bench.until(Phase.ON_SCENE)
    say(bench, 1)
    await bench.run(60.0)
    assert bench.aircraft.mode is Mode.HOLD
    bench.aircraft.battery = 22.0
    await bench.until(Phase.LANDED_AWAY, within_s=120.0)
    away_m = distance_m(bench.aircraft.lat_deg, bench.aircraft.lon_deg, *HOME)
    assert away_m == pytest.approx(BESIDE_M, abs=1.0)


async def test_raised_while_the_lid_opens_it_calls_the_launch_off_and_the_lid_moves_no_more(bench: Bench) -> None:
    bench.fly()
    await bench.run(2.0)
    say(bench, 1)
    await bench.run(20.0)
    assert bench.phases() == [Phase.PREPARING, Phase.REFUSED]
    assert bench.because(Phase.REFUSED) == WORDS
    assert Command.ARM not in bench.given()
    assert bench.hardware.orders == ["stop charging", "open"], "nothing moves over somebody"
    say(bench, 2, raised=False)
    await bench.run(10.0)
    assert bench.hardware.lid is Lid.CLOSED


async def test_raised_after_arming_it_is_disarmed_again_on_the_ground(bench: Bench) -> None:
    bench.aircraft.ignores.add(Command.START)
    bench.fly()
    await bench.until(Phase.LAUNCHING)
    await bench.run(0.5)
    assert bench.aircraft.reading().armed
    say(bench, 1)
    await bench.until(Phase.REFUSED, within_s=30.0)
    assert not bench.aircraft.reading().armed
    assert bench.given()[-1] is Command.DISARM
    assert bench.because(Phase.REFUSED) == WORDS


async def test_a_lid_is_not_shut_over_somebody_after_the_landing(bench: Bench) -> None:
    bench.fly(watch_s=1.0)
    await bench.until(Phase.LANDING)
    while bench.aircraft.armed:
        await bench.run(0.1)
    say(bench, 1)
    await bench.until(Phase.DOCKED, within_s=10.0)
    assert "something is over the dock" in bench.because(Phase.DOCKED)
    await bench.run(5.0)
    assert bench.hardware.reading().lid is Lid.OPEN
    say(bench, 2, raised=False)
    await bench.run(10.0)
    assert bench.hardware.reading().lid is Lid.CLOSED
