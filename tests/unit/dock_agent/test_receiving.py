"""Another dock's aircraft lands here: the lid opens over an empty plate and closes over whoever sits there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from contracts.orders import ReceiveOrder, WithdrawReceiveOrder
from contracts.reports import CommandSettled, DockNoted
from contracts.vocabulary import Deployment, Lid, Outcome
from dock_agent.guards import blockers
from geo.flight.position import offset
from tests.unit.dock_agent.fakeaircraft import HOME
from tests.unit.dock_agent.fakes import Bench


@pytest.fixture
async def empty(tmp_path: Path) -> AsyncIterator[Bench]:
    """A dock whose own aircraft stands somewhere else."""
    bench = Bench.set_up(tmp_path)
    bench.aircraft.lat_deg, bench.aircraft.lon_deg = offset(*HOME, bearing_deg=10.0, distance_m=400.0)
    yield bench
    await bench.agent.drain()
    bench.store.close()


def receive(bench: Bench, **changes: Any) -> ReceiveOrder:
    """Give an order to receive."""
    bench.numbers += 1
    now = bench.clock.mission_now()
    fields: dict[str, Any] = {
        "order_id": UUID(int=0x5ECE0000 + bench.numbers),
        "flight_id": UUID(int=0xF00D),
        "deployment": Deployment.SIMULATION,
        "aircraft_id": "k7",
        "from_dock": "dock-7",
        "issued_at": now,
        "expires_at": now + timedelta(seconds=120),
    }
    order = ReceiveOrder(**{**fields, **changes})
    bench.agent.take_receive(order)
    return order


def outcomes(bench: Bench, order: ReceiveOrder) -> list[str]:
    """How it came out."""
    return [str(fact.outcome) for fact in bench.facts(CommandSettled) if fact.order_id == order.order_id]


def _lid(bench: Bench) -> Lid:
    return bench.hardware.lid


def sits(bench: Bench) -> None:
    """The other aircraft is on the plate: the box only feels that somebody is."""
    bench.aircraft.lat_deg, bench.aircraft.lon_deg = HOME


async def test_the_lid_opens_is_confirmed_open_and_nothing_else_can_launch(empty: Bench) -> None:
    order = receive(empty)
    await empty.run(1.0)
    assert outcomes(empty, order) == []
    assert any("expecting aircraft k7 of dock dock-7" in reason for reason in blockers(empty.agent.standing))
    await empty.run(6.0)
    assert outcomes(empty, order) == [Outcome.CONFIRMED]
    assert _lid(empty) is Lid.OPEN


async def test_it_closes_over_whoever_sits_there_and_charges_it(empty: Bench) -> None:
    receive(empty)
    await empty.run(8.0)
    sits(empty)
    await empty.run(3.0)
    assert _lid(empty) is Lid.OPEN, "an aircraft that settles may lift once more"
    await empty.run(12.0)
    assert _lid(empty) is Lid.CLOSED
    assert empty.hardware.charging
    assert empty.agent.standing.expecting is None
    assert any("k7 of dock dock-7 is seated" in fact.text for fact in empty.facts(DockNoted))


async def test_without_it_the_lid_closes_when_the_order_expires(empty: Bench) -> None:
    order = receive(empty)
    await empty.run(118.0)
    assert _lid(empty) is Lid.OPEN
    await empty.run(12.0)
    assert _lid(empty) is Lid.CLOSED
    assert outcomes(empty, order) == [Outcome.CONFIRMED]
    assert any("did not come in time" in fact.text for fact in empty.facts(DockNoted))


async def test_a_restarted_agent_keeps_its_lid_open(empty: Bench) -> None:
    order = receive(empty)
    await empty.run(8.0)
    await empty.restart(away_s=3.0)
    await empty.run(10.0)
    assert _lid(empty) is Lid.OPEN
    empty.agent.take_receive(order)
    sits(empty)
    await empty.run(15.0)
    assert _lid(empty) is Lid.CLOSED
    assert outcomes(empty, order) == [Outcome.CONFIRMED]


async def test_a_lid_that_does_not_open_refuses_it(empty: Bench) -> None:
    empty.hardware.stuck = Lid.CLOSED
    order = receive(empty)
    await empty.run(30.0)
    assert outcomes(empty, order) == [Outcome.REFUSED]
    assert empty.agent.standing.expecting is None


async def test_a_full_plate_a_flight_and_a_stranger_are_reasons_at_once(bench: Bench) -> None:
    bench.fly()
    await bench.run(1.0)
    order = receive(bench, deployment=Deployment.LIVE)
    assert outcomes(bench, order) == [Outcome.REFUSED]
    detail = next(str(fact.detail) for fact in bench.facts(CommandSettled) if fact.order_id == order.order_id)
    for words in ("for live", "own aircraft is out", "the plate is not empty"):
        assert words in detail


async def test_only_one_is_expected_at_a_time(empty: Bench) -> None:
    receive(empty)
    await empty.run(1.0)
    second = receive(empty, flight_id=UUID(int=0xF00E), aircraft_id="k8")
    assert outcomes(empty, second) == [Outcome.REFUSED]


async def test_an_empty_box_with_nobody_to_come_shuts(empty: Bench) -> None:
    await empty.hardware.command_lid(opened=True)
    await empty.run(12.0)
    assert _lid(empty) is Lid.CLOSED


def withdraw(bench: Bench, order: ReceiveOrder, **changes: Any) -> WithdrawReceiveOrder:
    """Say that it does not come."""
    bench.numbers += 1
    now = bench.clock.mission_now()
    fields: dict[str, Any] = {
        "order_id": UUID(int=0x5ECF0000 + bench.numbers),
        "receive_order_id": order.order_id,
        "flight_id": order.flight_id,
        "deployment": Deployment.SIMULATION,
        "because": "K7 has landed at home",
        "by": "system",
        "issued_at": now,
        "expires_at": now + timedelta(seconds=60),
    }
    withdrawal = WithdrawReceiveOrder(**{**fields, **changes})
    bench.agent.take_withdrawal(withdrawal)
    return withdrawal


def answer(bench: Bench, order: WithdrawReceiveOrder) -> list[str]:
    """How a withdrawal came out."""
    return [str(fact.outcome) for fact in bench.facts(CommandSettled) if fact.order_id == order.order_id]


async def test_with_its_order_withdrawn_the_lid_closes_and_the_dock_is_free_at_once(empty: Bench) -> None:
    order = receive(empty, expires_at=empty.clock.mission_now() + timedelta(hours=1))
    await empty.run(8.0)
    assert _lid(empty) is Lid.OPEN
    withdrawal = withdraw(empty, order)
    await empty.run(10.0)
    assert answer(empty, withdrawal) == [Outcome.CONFIRMED]
    assert _lid(empty) is Lid.CLOSED
    assert empty.agent.standing.expecting is None
    assert "is not received: withdrawn by system: K7 has landed at home" in empty.facts(DockNoted)[-1].text


async def test_a_withdrawal_before_the_lid_is_open_refuses_the_order_to_receive(empty: Bench) -> None:
    order = receive(empty)
    withdrawal = withdraw(empty, order)
    await empty.run(15.0)
    assert (outcomes(empty, order), answer(empty, withdrawal)) == ([Outcome.REFUSED], [Outcome.CONFIRMED])
    assert _lid(empty) is Lid.CLOSED


async def test_a_withdrawal_that_comes_again_also_after_a_restart_is_done_once(empty: Bench) -> None:
    order = receive(empty)
    await empty.run(8.0)
    withdrawal = withdraw(empty, order)
    empty.agent.take_withdrawal(withdrawal)
    await empty.restart(away_s=3.0)
    empty.agent.take_withdrawal(withdrawal)
    await empty.run(10.0)
    assert answer(empty, withdrawal) == [Outcome.CONFIRMED]
    assert _lid(empty) is Lid.CLOSED
    assert empty.agent.standing.expecting is None


async def test_whoever_stands_on_the_plate_has_come_and_is_not_withdrawn(empty: Bench) -> None:
    order = receive(empty)
    await empty.run(8.0)
    sits(empty)
    await empty.run(1.5)
    withdrawal = withdraw(empty, order)
    await empty.run(15.0)
    assert answer(empty, withdrawal) == [Outcome.REFUSED]
    assert _lid(empty) is Lid.CLOSED
    assert "is seated" in empty.facts(DockNoted)[-1].text


async def test_an_order_to_receive_that_arrives_after_its_withdrawal_is_not_obeyed(empty: Bench) -> None:
    never = ReceiveOrder(
        order_id=UUID(int=0x5ECE),
        flight_id=UUID(int=0xF00D),
        deployment=Deployment.SIMULATION,
        aircraft_id="k7",
        from_dock="dock-7",
        issued_at=empty.clock.mission_now(),
        expires_at=empty.clock.mission_now() + timedelta(seconds=120),
    )
    withdrawal = withdraw(empty, never)
    empty.agent.take_receive(never)
    await empty.run(8.0)
    assert answer(empty, withdrawal) == [Outcome.CONFIRMED]
    assert _lid(empty) is Lid.CLOSED


@pytest.mark.parametrize("wrong", ["deployment", "expired", "another"])
async def test_a_withdrawal_that_is_not_for_this_changes_nothing(empty: Bench, wrong: str) -> None:
    order = receive(empty)
    await empty.run(8.0)
    if wrong == "deployment":
        withdrawal = withdraw(empty, order, deployment=Deployment.LIVE)
    elif wrong == "expired":
        withdrawal = withdraw(empty, order, expires_at=empty.clock.mission_now())
    else:
        withdrawal = withdraw(empty, order, receive_order_id=UUID(int=1))
    await empty.run(8.0)
    assert answer(empty, withdrawal) == [Outcome.CONFIRMED if wrong == "another" else Outcome.REFUSED]
    assert _lid(empty) is Lid.OPEN
    assert empty.agent.standing.expecting is not None
