"""What goes out: at once when journalled, the same bytes until answered or expired, safety past everything else."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from random import Random

import pytest

from contracts.envelope import unseal
from contracts.orders import FlightOrder, SafetyAction, SafetyOrder
from contracts.reports import CommandSettled, OrderAccepted, OrderRefused, PhaseEntered
from contracts.topics import Channel
from contracts.vocabulary import Deployment, Outcome, Phase
from dispatcher.desk import Desk
from dispatcher.entities import Flight, OrderState
from dispatcher.link.counters import LinkCounters
from dispatcher.link.outbox import ANSWER_GRACE_S, RESEND_CAP_S, OrderOutbox
from dispatcher.link.sealing import Sealer
from dispatcher.state import State, apply
from tests.desks import Scene
from tests.eventlog import NumberedIds
from tests.wire import FORCE, Keys, MemorySession

KEYS = Keys()


@dataclass
class Outward:
    """A desk and the way out of it."""

    scene: Scene
    orders: MemorySession
    safety: MemorySession
    outbox: OrderOutbox
    counters: LinkCounters

    def flight(self, flight: Flight) -> Flight:
        """The flight as it is now."""
        return self.scene.desk.state.flights[flight.id]

    def sent(self) -> list[bytes]:
        """Flight orders that left."""
        return [payload for _, payload in self.orders.on(Channel.ORDER)]

    def safety_sent(self) -> list[bytes]:
        """Safety orders that left."""
        return [payload for _, payload in self.safety.on(Channel.SAFETY)]

    async def accepts(self, flight: Flight) -> None:
        """The agent takes the order."""
        await self.scene.says(flight.dock_id, OrderAccepted(order_id=flight.order.order_id, flight_id=flight.id))

    async def returns(self, flight: Flight) -> None:
        """Somebody calls it home."""
        await self.scene.desk.command_flight("pilot-1", flight.id, SafetyAction.RETURN, "enough", None)
        await self.scene.clock.advance(0)


@contextlib.asynccontextmanager
async def outward(scene: Scene) -> AsyncIterator[Outward]:
    """The way out, served inside the block."""
    orders, safety, counters = MemorySession(), MemorySession(), LinkCounters()
    outbox = OrderOutbox(
        force=FORCE,
        deployment=Deployment.SIMULATION,
        desk=scene.desk,
        orders=orders,
        safety=safety,
        sealer=Sealer(key=KEYS.of["dispatcher"], clock=scene.clock, random_bits=Random(3).getrandbits),
        counters=counters,
        clock=scene.clock,
    )
    async with asyncio.TaskGroup() as tasks:
        with outbox.carrying(tasks):
            yield Outward(scene, orders, safety, outbox, counters)


@pytest.fixture
async def way_out() -> AsyncIterator[Outward]:
    async with outward(await Scene.open()) as opened:
        yield opened


async def pressed(way_out: Outward) -> Flight:
    flight = await way_out.scene.press(await way_out.scene.incident())
    await way_out.scene.clock.advance(0)
    return flight


async def test_an_order_leaves_the_moment_it_is_journalled_to_its_dock_and_nobody_else(way_out: Outward) -> None:
    flight = await pressed(way_out)
    [(topic, payload)] = way_out.orders.on(Channel.ORDER)
    envelope = unseal(payload, topic=topic, keyring=KEYS.ring, now=way_out.scene.clock.mission_now())
    assert topic.dock == flight.dock_id
    assert envelope.open_as(FlightOrder) == flight.order
    assert (envelope.id, envelope.sequence) == (flight.order.order_id, flight.order_sequence)
    assert (envelope.issued_at, envelope.expires_at) == (flight.order.issued_at, flight.order.expires_at)
    assert way_out.safety.published == []


async def test_an_order_is_resent_with_the_same_bytes_until_it_is_accepted(way_out: Outward) -> None:
    flight = await pressed(way_out)
    await way_out.scene.clock.advance(10)
    sent = way_out.sent()
    assert len(sent) >= 4
    assert len(set(sent)) == 1
    await way_out.accepts(flight)
    await way_out.scene.clock.advance(30)
    assert way_out.sent() == sent
    assert way_out.outbox.waiting == 0


async def test_resends_back_off_but_never_beyond_the_cap(way_out: Outward) -> None:
    await pressed(way_out)
    counts = []
    for _ in range(40):
        counts.append(len(way_out.sent()))
        await way_out.scene.clock.advance(1)
    gaps = [later - earlier for earlier, later in zip(counts, counts[int(RESEND_CAP_S) :], strict=False)]
    assert counts[2] >= 2
    assert min(gaps) >= 1
    assert counts[-1] <= 15


async def test_a_refused_order_is_not_sent_again(way_out: Outward) -> None:
    flight = await pressed(way_out)
    await way_out.scene.says(
        flight.dock_id, OrderRefused(order_id=flight.order.order_id, flight_id=flight.id, reasons=["lid fault"])
    )
    await way_out.scene.clock.advance(20)
    assert len(way_out.sent()) == 1


async def test_an_unanswered_order_expires_once_and_is_sent_no_more(way_out: Outward) -> None:
    flight = await pressed(way_out)
    await way_out.scene.clock.advance(60 + ANSWER_GRACE_S + 1)
    assert way_out.flight(flight).order_state is OrderState.EXPIRED
    sent = len(way_out.sent())
    await way_out.scene.clock.advance(60)
    assert len(way_out.sent()) == sent
    assert way_out.scene.log.types().count("OrderExpired") == 1
    assert way_out.outbox.waiting == 0


async def test_nothing_is_sent_after_the_expiry_though_an_answer_may_still_come(way_out: Outward) -> None:
    flight = await pressed(way_out)
    await way_out.scene.clock.advance(60)
    sent = len(way_out.sent())
    await way_out.scene.clock.advance(ANSWER_GRACE_S / 2)
    await way_out.accepts(flight)
    await way_out.scene.clock.advance(10)
    assert len(way_out.sent()) == sent
    assert way_out.flight(flight).order_state is OrderState.ACCEPTED
    assert "OrderExpired" not in way_out.scene.log.types()


async def test_an_expiry_that_cannot_be_journalled_is_tried_again(way_out: Outward) -> None:
    flight = await pressed(way_out)
    await way_out.scene.clock.advance(59)
    way_out.scene.log.failure = OSError("disk full")
    await way_out.scene.clock.advance(10)
    assert way_out.flight(flight).order_state is OrderState.TO_SEND
    way_out.scene.log.failure = None
    await way_out.scene.clock.advance(2)
    assert way_out.flight(flight).order_state is OrderState.EXPIRED


async def test_an_order_waits_for_its_pilot_and_goes_with_the_acceptance() -> None:
    scene = await Scene.open(pilots=0)
    await scene.desk.sign_on("pilot-1", "ask", 4)
    async with outward(scene) as way_out:
        flight = await pressed(way_out)
        await scene.clock.advance(20)
        assert way_out.sent() == []
        accepted = await scene.desk.accept_flight("pilot-1", flight.id)
        await scene.clock.advance(0)
        [(topic, payload)] = way_out.orders.on(Channel.ORDER)
        envelope = unseal(payload, topic=topic, keyring=KEYS.ring, now=scene.clock.mission_now())
        assert envelope.expires_at == accepted.order.expires_at


async def test_with_the_broker_away_an_order_goes_when_it_is_back_with_the_same_bytes(way_out: Outward) -> None:
    way_out.orders.up = False
    await pressed(way_out)
    await way_out.scene.clock.advance(20.5)
    assert way_out.sent() == []
    way_out.orders.up = True
    way_out.outbox.kick(Channel.ORDER)
    await way_out.scene.clock.advance(0)
    assert len(way_out.sent()) == 1


async def test_a_safety_order_leaves_at_once_while_flight_orders_hang_in_the_broker(way_out: Outward) -> None:
    way_out.orders.stuck = asyncio.Event()
    flight = await pressed(way_out)
    other = await way_out.scene.press(await way_out.scene.incident(52.43, -1.49), key="press-2")
    assert other.dock_id != flight.dock_id
    await way_out.accepts(flight)
    await way_out.returns(flight)
    [(topic, payload)] = way_out.safety.on(Channel.SAFETY)
    envelope = unseal(payload, topic=topic, keyring=KEYS.ring, now=way_out.scene.clock.mission_now())
    order = envelope.open_as(SafetyOrder)
    assert (topic.dock, order.action, order.flight_id) == (flight.dock_id, SafetyAction.RETURN, flight.id)
    assert envelope.sequence > flight.order_sequence


@pytest.mark.parametrize("outcome", [Outcome.CONFIRMED, Outcome.REFUSED, Outcome.UNKNOWN])
async def test_a_safety_order_is_resent_with_the_same_bytes_until_it_is_settled(
    way_out: Outward, outcome: Outcome
) -> None:
    flight = await pressed(way_out)
    await way_out.accepts(flight)
    await way_out.returns(flight)
    await way_out.scene.clock.advance(10)
    sent = way_out.safety_sent()
    assert len(sent) >= 4
    assert len(set(sent)) == 1
    order_id = way_out.flight(flight).commands[0].order_id
    await way_out.scene.says(flight.dock_id, CommandSettled(order_id=order_id, flight_id=flight.id, outcome=outcome))
    await way_out.scene.clock.advance(30)
    assert way_out.safety_sent() == sent


async def test_a_safety_order_without_an_answer_ends_as_unknown(way_out: Outward) -> None:
    flight = await pressed(way_out)
    await way_out.accepts(flight)
    await way_out.returns(flight)
    await way_out.scene.clock.advance(600 + ANSWER_GRACE_S + 1)
    assert way_out.flight(flight).commands[0].outcome is Outcome.UNKNOWN
    assert way_out.outbox.waiting == 0


async def called_off(way_out: Outward, flight: Flight, outcome: Outcome | None) -> None:
    await way_out.scene.desk.command_flight("pilot-1", flight.id, SafetyAction.CANCEL, "mistake", None)
    if outcome is not None:
        order_id = way_out.flight(flight).commands[0].order_id
        fact = CommandSettled(order_id=order_id, flight_id=flight.id, outcome=outcome)
        await way_out.scene.says(flight.dock_id, fact)
    await way_out.scene.clock.advance(0)


@pytest.mark.parametrize("outcome", [None, Outcome.REFUSED, Outcome.UNKNOWN])
async def test_an_order_to_fly_is_not_resent_once_the_flight_was_called_off(
    way_out: Outward, outcome: Outcome | None
) -> None:
    flight = await pressed(way_out)
    sent = len(way_out.sent())
    await called_off(way_out, flight, outcome)
    await way_out.scene.clock.advance(30)
    assert len(way_out.sent()) == sent
    # Its expiry counts all the same.
    await way_out.scene.clock.advance(40)
    assert way_out.flight(flight).order_state is OrderState.EXPIRED


async def test_an_order_that_the_agent_said_it_will_refuse_is_sent_so_that_it_does(way_out: Outward) -> None:
    way_out.orders.up = False
    flight = await pressed(way_out)
    await called_off(way_out, flight, None)
    way_out.orders.up = True
    way_out.outbox.kick(Channel.ORDER)
    await way_out.scene.clock.advance(1)
    assert way_out.sent() == []
    order_id = way_out.flight(flight).commands[0].order_id
    confirmed = CommandSettled(order_id=order_id, flight_id=flight.id, outcome=Outcome.CONFIRMED)
    await way_out.scene.says(flight.dock_id, confirmed)
    await way_out.scene.clock.advance(0)
    assert len(way_out.sent()) == 1
    refused = OrderRefused(order_id=flight.order.order_id, flight_id=flight.id, reasons=["called off before it came"])
    await way_out.scene.says(flight.dock_id, refused)
    await way_out.scene.clock.advance(0)
    assert way_out.flight(flight).phase is Phase.CANCELLED
    assert way_out.outbox.waiting == 0


async def test_a_restart_sends_exactly_what_was_still_to_be_sent_with_the_same_bytes() -> None:
    scene = await Scene.open()
    async with outward(scene) as before:
        unanswered = await pressed(before)
        flying = await scene.press(await scene.incident(52.43, -1.49), key="press-2")
        done = await scene.press(await scene.incident(52.385, -1.56), key="press-3")
        for flight in (flying, done):
            await before.accepts(flight)
        await before.returns(flying)
        await scene.fly(done, Phase.PREPARING, Phase.CANCELLED)
        await scene.clock.advance(1)
        order, safety = before.sent()[0], before.safety_sent()[0]
    state = State()
    for recorded in scene.log.records:
        state = apply(state, recorded)
    scene.desk = Desk(
        journal=scene.log,
        state=state,
        clock=scene.clock,
        policy=scene.desk.policy,
        deployment=Deployment.SIMULATION,
        new_id=NumberedIds(),
        reach=scene.reach,
    )
    async with outward(scene) as after:
        await scene.clock.advance(0)
        assert after.sent() == [order]
        assert after.safety_sent() == [safety]
        assert after.outbox.waiting == 2
        assert after.flight(unanswered).order_state is OrderState.TO_SEND


async def test_an_order_that_expired_while_the_dispatcher_was_down_is_never_sent() -> None:
    scene = await Scene.open()
    flight = await scene.press(await scene.incident())
    await scene.clock.advance(300)
    async with outward(scene) as way_out:
        await scene.clock.advance(ANSWER_GRACE_S + 1)
        assert way_out.sent() == []
        assert way_out.flight(flight).order_state is OrderState.EXPIRED


async def test_mission_time_decides_the_expiry_when_it_runs_faster() -> None:
    scene = await Scene.open()
    scene.clock.factor = 10.0
    async with outward(scene) as way_out:
        flight = await pressed(way_out)
        await scene.clock.advance(5)
        assert way_out.flight(flight).order_state is OrderState.TO_SEND
        await scene.clock.advance(1 + ANSWER_GRACE_S + 0.1)
        assert way_out.flight(flight).order_state is OrderState.EXPIRED


async def test_phases_alone_do_not_answer_an_order(way_out: Outward) -> None:
    flight = await pressed(way_out)
    await way_out.scene.says(flight.dock_id, PhaseEntered(flight_id=flight.id, phase=Phase.PREPARING))
    await way_out.scene.clock.advance(3)
    assert len(way_out.sent()) > 1
