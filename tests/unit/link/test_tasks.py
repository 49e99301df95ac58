"""Tasks, orders to receive, blockers and nudges on their way out: what is resent, overtaken, or sent once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import pytest

from contracts.envelope import unseal
from contracts.message import Message
from contracts.orders import (
    BlockerOrder,
    MaintenanceOrder,
    ReceiveOrder,
    SafetyAction,
    TaskOrder,
    WithdrawReceiveOrder,
)
from contracts.position import Place
from contracts.reports import CommandSettled, OrderAccepted, Telemetry
from contracts.tasks import Extend, Goto, Nudge, Task, Zoom
from contracts.topics import Channel
from contracts.vocabulary import Deployment, DockState, Lid, Outcome, Phase
from dispatcher import events as ev
from dispatcher.entities import Command, Flight
from dispatcher.errors import Conflict, NotFound
from dispatcher.link.telemetry import TelemetrySlots
from dispatcher.maintenance import ORDER_VALID
from tests.desks import BOOT, Scene
from tests.unit.link.test_outbox import KEYS, Outward, outward

GOTO = Goto(place=Place(lat_deg=52.411, lon_deg=-1.511))
OUT = (Phase.PREPARING, Phase.LAUNCHING, Phase.EN_ROUTE)


@pytest.fixture
async def way_out() -> AsyncIterator[Outward]:
    async with outward(await Scene.open()) as opened:
        yield opened


async def _in_the_air(way_out: Outward) -> Flight:
    scene = way_out.scene
    flight = await scene.press(await scene.incident())
    await scene.says(flight.dock_id, OrderAccepted(order_id=flight.order.order_id, flight_id=flight.id))
    await scene.fly(flight, *OUT)
    way_out.orders.published.clear()
    return way_out.flight(flight)


async def _give(way_out: Outward, flight: Flight, task: Task) -> Command:
    given = await way_out.scene.desk.give_task("pilot-1", flight.id, task, "look", None)
    await way_out.scene.clock.advance(0)
    return given


async def _settle(way_out: Outward, dock_id: str, flight_id: UUID, order_id: UUID, outcome: Outcome) -> None:
    await way_out.scene.says(dock_id, CommandSettled(order_id=order_id, flight_id=flight_id, outcome=outcome))
    await way_out.scene.clock.advance(0)


def _sent(way_out: Outward, kind: type[Message]) -> list[tuple[str, Message]]:
    opened = [
        (topic.dock, unseal(payload, topic=topic, keyring=KEYS.ring))
        for topic, payload in way_out.orders.on(Channel.ORDER)
    ]
    return [(dock, envelope.open_as(kind)) for dock, envelope in opened if envelope.kind.startswith(f"{kind.name}/")]


async def test_a_task_is_resent_with_the_same_bytes_until_it_is_settled(way_out: Outward) -> None:
    flight = await _in_the_air(way_out)
    command = await _give(way_out, flight, GOTO)
    [(dock, order)] = _sent(way_out, TaskOrder)
    assert isinstance(order, TaskOrder)
    assert (dock, order.order_id, order.task, order.given_by) == ("cov-1", command.order_id, GOTO, "pilot-1")
    await way_out.scene.clock.advance(10)
    assert len(way_out.sent()) >= 4
    assert len(set(way_out.sent())) == 1
    await _settle(way_out, "cov-1", flight.id, command.order_id, Outcome.CONFIRMED)
    count = len(way_out.sent())
    await way_out.scene.clock.advance(20)
    assert len(way_out.sent()) == count
    assert way_out.outbox.waiting == 0


async def test_a_task_without_an_answer_is_unknown_and_a_late_answer_still_counts(way_out: Outward) -> None:
    flight = await _in_the_air(way_out)
    command = await _give(way_out, flight, GOTO)
    await way_out.scene.clock.advance(70)
    known = way_out.flight(flight).command(command.order_id)
    assert known is not None
    assert known.outcome is Outcome.UNKNOWN
    assert way_out.outbox.waiting == 0
    await _settle(way_out, "cov-1", flight.id, command.order_id, Outcome.CONFIRMED)
    late = way_out.flight(flight).command(command.order_id)
    assert late is not None
    assert late.outcome is Outcome.CONFIRMED


async def test_a_manoeuvre_that_another_has_followed_is_not_sent_again_but_the_camera_goes_on(way_out: Outward) -> None:
    flight = await _in_the_air(way_out)
    await _give(way_out, flight, GOTO)
    zoom = await _give(way_out, flight, Zoom(level=0.5))
    await way_out.scene.clock.advance(1)
    await way_out.scene.desk.command_flight("controller-1", flight.id, SafetyAction.HOLD, "stop", None)
    await way_out.scene.clock.advance(0)
    way_out.orders.published.clear()
    await way_out.scene.clock.advance(20)
    tasks = {order.task.type for _, order in _sent(way_out, TaskOrder) if isinstance(order, TaskOrder)}
    assert tasks == {"zoom"}
    assert way_out.safety_sent()
    await _settle(way_out, "cov-1", flight.id, zoom.order_id, Outcome.CONFIRMED)
    way_out.orders.published.clear()
    await _give(way_out, flight, Extend(by_s=60))
    assert [order.task.type for _, order in _sent(way_out, TaskOrder) if isinstance(order, TaskOrder)] == ["extend"]


async def test_nudges_are_sent_once_with_an_expiry_of_a_second_and_never_again(way_out: Outward) -> None:
    flight = await _in_the_air(way_out)
    for forward in (0.1, 0.2, 0.3):
        await way_out.scene.desk.nudge("pilot-1", flight.id, Nudge(forward=forward), "by hand")
        await way_out.scene.clock.advance(0.2)
    sent = _sent(way_out, TaskOrder)
    assert [
        order.task.forward for _, order in sent if isinstance(order, TaskOrder) and isinstance(order.task, Nudge)
    ] == [
        0.1,
        0.2,
        0.3,
    ]
    envelopes = [unseal(payload, topic=topic, keyring=KEYS.ring) for topic, payload in way_out.orders.on(Channel.ORDER)]
    assert all(each.expires_at - each.issued_at == timedelta(seconds=1) for each in envelopes)
    assert [each.sequence for each in envelopes] == sorted({each.sequence for each in envelopes})
    await way_out.scene.clock.advance(30)
    assert len(way_out.sent()) == 3


async def test_the_order_to_receive_goes_to_the_other_dock_and_the_divert_follows_its_answer() -> None:
    scene = await Scene.open()
    slots = scene.slots
    async with outward(scene) as way_out:
        flight = await _in_the_air(way_out)
        await scene.status("cov-2", state=DockState.EMPTY, aircraft_seated=False)
        _seen(scene, slots, flight)
        await scene.desk.divert("pilot-1", flight.id, "cov-2", "the roof is wet", None)
        await scene.clock.advance(0)
        [(dock, order)] = _sent(way_out, ReceiveOrder)
        assert isinstance(order, ReceiveOrder)
        assert (dock, order.flight_id, order.from_dock, order.aircraft_id) == ("cov-2", flight.id, "cov-1", "k1")
        assert not _sent(way_out, TaskOrder)
        await scene.clock.advance(3)
        _seen(scene, slots, flight)
        await _settle(way_out, "cov-2", flight.id, order.order_id, Outcome.CONFIRMED)
        [(flying, task)] = _sent(way_out, TaskOrder)
        assert isinstance(task, TaskOrder)
        assert (flying, task.task.type, task.given_by) == ("cov-1", "divert", "pilot-1")
        received = len(_sent(way_out, ReceiveOrder))
        await scene.clock.advance(10)
        assert len(_sent(way_out, ReceiveOrder)) == received, "an answered order is not sent again"


async def test_a_blocker_is_told_to_its_dock_until_the_dock_shows_it(way_out: Outward) -> None:
    scene = way_out.scene
    await scene.desk.raise_blocker("pilot-1", "cov-2", "a child on the roof")
    await scene.clock.advance(0)
    [(dock, order)] = _sent(way_out, BlockerOrder)
    assert isinstance(order, BlockerOrder)
    assert (dock, order.raised, order.text, order.by) == ("cov-2", True, "a child on the roof", "pilot-1")
    await scene.clock.advance(5)
    assert len(way_out.sent()) > 1
    await scene.status("cov-2", blockers=["something is over the dock: a child on the roof"])
    await scene.clock.advance(0)
    count = len(way_out.sent())
    await scene.clock.advance(20)
    assert len(way_out.sent()) == count
    await scene.desk.lift_blocker("pilot-1", "cov-2")
    await scene.clock.advance(6)
    assert [order.raised for _, order in _sent(way_out, BlockerOrder) if isinstance(order, BlockerOrder)][-1] is False
    await scene.status("cov-2")
    await scene.clock.advance(0)
    assert scene.desk.state.docks["cov-2"].blocker is None
    assert way_out.outbox.waiting == 0


def _knows(scene: Scene) -> bool:
    return scene.desk.state.docks["cov-2"].agent_knows_holds


def _told(way_out: Outward) -> list[tuple[UUID, list[str]]]:
    """What went to cov-2 of who holds it, one for each order."""
    orders = [order for dock, order in _sent(way_out, MaintenanceOrder) if dock == "cov-2"]
    kept = {order.order_id: order for order in orders if isinstance(order, MaintenanceOrder)}
    return [(order_id, [hold.by for hold in order.holds]) for order_id, order in kept.items()]


async def test_who_holds_a_dock_is_told_to_its_agent_until_its_heartbeat_shows_it(way_out: Outward) -> None:
    scene = way_out.scene
    await scene.desk.hold_dock("engineer-1", "cov-2", "rotor blades")
    await scene.clock.advance(0)
    [(held, by)] = _told(way_out)
    assert by == ["engineer-1"]
    await scene.clock.advance(10)
    count = len(way_out.sent())
    assert count > 2
    assert not _knows(scene)
    await scene.status("cov-2", maintenance_order_id=held, blockers=["held for maintenance"])
    assert _knows(scene)
    await scene.clock.advance(60)
    assert len(way_out.sent()) == count
    await scene.status("cov-2")
    await scene.clock.advance(0)
    assert len(way_out.sent()) == count + 1, "an agent whose memory is gone is told again"
    await scene.desk.release_dock("engineer-1", "cov-2")
    await scene.clock.advance(0)
    assert [by for _, by in _told(way_out)] == [["engineer-1"], []]
    await scene.status("cov-2", maintenance_order_id=_told(way_out)[-1][0])
    await scene.clock.advance(0)
    assert way_out.outbox.waiting == 0


async def test_an_agent_that_is_without_power_for_longer_than_an_order_lasts_is_told_anew(way_out: Outward) -> None:
    scene = way_out.scene
    await scene.desk.hold_dock("engineer-1", "cov-2", "the mast")
    scene.clock.jump(ORDER_VALID.total_seconds() - 1)
    await scene.clock.advance(10)
    [_, (renewed, by)] = _told(way_out)
    assert by == ["engineer-1"]
    maintenance = scene.desk.state.docks["cov-2"].maintenance
    assert maintenance is not None
    assert (maintenance.order.order_id, maintenance.order.issued_at > scene.now_plus(-10)) == (renewed, True)
    assert way_out.outbox.waiting == 1


async def test_holds_of_a_journal_from_before_agents_were_told_are_told_once_at_the_start(way_out: Outward) -> None:
    scene = way_out.scene
    await scene.desk.record([ev.DockHeld(dock_id="cov-2", because="before")], actor="engineer-1")
    assert not _knows(scene)
    await scene.desk.tell_maintenance()
    await scene.desk.tell_maintenance()
    await scene.clock.advance(0)
    assert [by for _, by in _told(way_out)] == [["engineer-1"]]
    assert scene.log.types().count("MaintenanceOrdered") == 1


def _seen(scene: Scene, slots: TelemetrySlots, flight: Flight) -> None:
    slots.put(
        flight.dock_id,
        Telemetry(
            boot_id=BOOT,
            counter=1,
            deployment=Deployment.SIMULATION,
            mission_time=scene.clock.mission_now(),
            flight_id=flight.id,
            aircraft_id=flight.order.aircraft_id,
            lat_deg=52.409,
            lon_deg=-1.515,
            alt_amsl_m=150,
            alt_above_home_m=60,
            heading_deg=0,
            ground_speed_m_s=10,
            climb_m_s=0,
            battery_percent=80,
            armed=True,
            in_air=True,
            flight_mode="MISSION",
            position_age_s=0.1,
            link_age_s=0.1,
        ),
    )


async def _expected_at_cov_2(way_out: Outward) -> Flight:
    """A flight that cov-2 has opened for."""
    scene = way_out.scene
    flight = await _in_the_air(way_out)
    await scene.status("cov-2", state=DockState.EMPTY, aircraft_seated=False)
    _seen(scene, scene.slots, flight)
    await scene.desk.divert("pilot-1", flight.id, "cov-2", "the roof is wet", None)
    await scene.clock.advance(3)
    [(_, order)] = _sent(way_out, ReceiveOrder)[:1]
    assert isinstance(order, ReceiveOrder)
    _seen(scene, scene.slots, flight)
    await _settle(way_out, "cov-2", flight.id, order.order_id, Outcome.CONFIRMED)
    await _waits(way_out, flight.id)
    return scene.desk.state.flights[flight.id]


async def _waits(way_out: Outward, flight_id: UUID | None) -> None:
    await way_out.scene.status(
        "cov-2", state=DockState.EMPTY, aircraft_seated=False, receiving_flight_id=flight_id, lid=Lid.OPEN
    )


async def test_a_dock_whose_expected_flight_refuses_to_come_is_told_and_is_free_when_it_has_answered() -> None:
    scene = await Scene.open()
    async with outward(scene) as way_out:
        flight = await _expected_at_cov_2(way_out)
        await scene.desk.look_after_diversions()
        await scene.clock.advance(1)
        assert not _sent(way_out, WithdrawReceiveOrder), "it may come yet"
        divert = flight.commands[-1]
        await _settle(way_out, "cov-1", flight.id, divert.order_id, Outcome.REFUSED)
        await scene.desk.look_after_diversions()
        await scene.clock.advance(1)
        (dock, order), *_ = _sent(way_out, WithdrawReceiveOrder)
        assert isinstance(order, WithdrawReceiveOrder)
        assert (dock, order.flight_id, order.by) == ("cov-2", flight.id, "system")
        assert order.receive_order_id == flight.diversions[-1].receive.order_id
        await scene.desk.look_after_diversions()
        assert sum(isinstance(each.event, ev.ReceiveWithdrawn) for each in scene.log.records) == 1
        await scene.clock.advance(3)
        assert len(_sent(way_out, WithdrawReceiveOrder)) > 1, "it is sent until it is answered"
        await _settle(way_out, "cov-2", flight.id, order.order_id, Outcome.CONFIRMED)
        sent = len(_sent(way_out, WithdrawReceiveOrder))
        await scene.clock.advance(10)
        assert len(_sent(way_out, WithdrawReceiveOrder)) == sent
        view = scene.desk.state.docks["cov-2"]
        assert view.withdrawal is not None
        assert view.withdrawal.outcome is Outcome.CONFIRMED
        assert view.expected_flight_id is None


async def test_a_dock_is_told_again_while_it_still_waits_after_a_withdrawal_expired() -> None:
    scene = await Scene.open()
    async with outward(scene) as way_out:
        flight = await _expected_at_cov_2(way_out)
        await _settle(way_out, "cov-1", flight.id, flight.commands[-1].order_id, Outcome.REFUSED)
        await scene.desk.look_after_diversions()
        await scene.clock.advance(70)
        await _waits(way_out, flight.id)
        await scene.desk.look_after_diversions()
        withdrawn = [each.event for each in scene.log.records if isinstance(each.event, ev.ReceiveWithdrawn)]
        assert len({each.order.order_id for each in withdrawn}) == 2
        assert any(isinstance(each.event, ev.ReceiveWithdrawalExpired) for each in scene.log.records)


async def test_nobody_withdraws_what_a_flight_that_comes_counts_on() -> None:
    scene = await Scene.open()
    async with outward(scene) as way_out:
        flight = await _expected_at_cov_2(way_out)
        with pytest.raises(Conflict, match="K1 is on its way to cov-2"):
            await scene.desk.withdraw_receive("pilot-1", "cov-2", "not needed")
        with pytest.raises(Conflict, match="cov-3 expects nobody"):
            await scene.desk.withdraw_receive("pilot-1", "cov-3", "not needed")
        with pytest.raises(NotFound):
            await scene.desk.withdraw_receive("pilot-1", "cov-9", "not needed")
        missing = ev.FlightEnded(flight_id=flight.id, phase=Phase.MISSING, because="nothing heard, and overdue")
        await scene.desk.record([missing])
        await scene.desk.look_after_diversions()
        assert not _sent(way_out, WithdrawReceiveOrder), "it may yet come, and only a person knows better"
        view = await scene.desk.withdraw_receive("pilot-1", "cov-2", "it lands at home")
        assert view.withdrawal is not None
        assert (view.withdrawal.order.by, view.withdrawal.order.because) == ("pilot-1", "it lands at home")
        again = await scene.desk.withdraw_receive("pilot-1", "cov-2", "it lands at home")
        assert again.withdrawal == view.withdrawal
