"""A person raises what is over the dock: it blocks over restarts until a person says that it is gone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from contracts.orders import BlockerOrder
from contracts.reports import DockNoted, OrderRefused
from contracts.vocabulary import AlarmKind, Deployment, Phase
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
