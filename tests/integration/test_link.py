"""The link on real brokers: what was said is in the journal once and in order, whatever broker or sides do."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from contracts.orders import FlightOrder, SafetyAction, SafetyOrder
from contracts.reports import MAX_PICTURE_BYTES, DockNoted, DockPicture
from contracts.signing import SigningKey
from contracts.topics import Channel
from contracts.vocabulary import Deployment, DockState
from dispatcher.entities import Flight, OrderState
from dispatcher.events import IncidentPlace
from dispatcher.requests import IncidentReport, Press
from kestrel.clock import SystemClock
from kestrel.mqtt import Broker
from tests.agents import WireAgent
from tests.brokers import BrokerProcess
from tests.integration.conftest import STRANGER
from tests.links import Served, dispatcher_link, until
from tests.wire import Keys

KEYS = Keys()
DOCK = "cov-1"


def note(number: int) -> DockNoted:
    return DockNoted(severity="info", text=f"note {number}")


@pytest.fixture
def journal_file(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


@asynccontextmanager
async def served(broker: BrokerProcess, journal_file: Path) -> AsyncIterator[Served]:
    async with dispatcher_link(broker=broker.account(), keys=KEYS, journal_file=journal_file) as dispatcher:
        async with asyncio.timeout(20):
            await dispatcher.link.wait_connected()
        yield dispatcher


@asynccontextmanager
async def agent_of(
    broker: BrokerProcess | Broker, *, dock_id: str = DOCK, boot_id: UUID | None = None, accepts: bool = True
) -> AsyncIterator[WireAgent]:
    account = broker.account(dock_id) if isinstance(broker, BrokerProcess) else broker
    agent = WireAgent(dock_id=dock_id, broker=account, keys=KEYS, clock=SystemClock(), boot_id=boot_id, accepts=accepts)
    async with agent.running():
        async with asyncio.timeout(20):
            await agent.session.wait_connected()
        yield agent


async def pressed(dispatcher: Served, *, key: str = "press-1") -> Flight:
    """A flight from cov-1, ordered now."""
    desk = dispatcher.desk
    if not desk.state.pilots:
        await desk.sign_on("pilot-1", "beforehand", 4)
    report = IncidentReport(
        source="cad",
        reference=key,
        grade="immediate",
        category="robbery",
        summary="",
        place=IncidentPlace(lat_deg=52.41, lon_deg=-1.51),
    )
    incident, _ = await desk.report_incident("controller-1", report)
    await until(lambda: not desk.state.docks[DOCK].silent and desk.state.docks[DOCK].report is not None)
    shown = await desk.decide("controller-1", incident.id)
    press = Press(purpose="look", decision_id=shown.id, incident_revision=1, dock_id=DOCK, idempotency_key=key)
    flight, _ = await desk.dispatch("controller-1", incident.id, press)
    return flight


async def test_events_status_and_telemetry_arrive_and_events_are_acknowledged(
    broker: BrokerProcess, journal_file: Path
) -> None:
    async with served(broker, journal_file) as dispatcher, agent_of(broker) as agent:
        for number in range(20):
            agent.say(note(number))
        await agent.publish(Channel.TELEMETRY, agent.voice.sealed(agent.voice.telemetry(), Channel.TELEMETRY))
        await until(lambda: not agent.outbox and DOCK in dispatcher.slots.latest() and agent.heartbeats > 0)
        assert await dispatcher.facts(DOCK) == [(agent.voice.boot_id, n) for n in range(1, 21)]
        await until(lambda: not dispatcher.desk.state.docks[DOCK].silent)
        assert (await dispatcher.journal.verify()).ok


async def test_an_order_is_heard_accepted_and_then_left_alone(broker: BrokerProcess, journal_file: Path) -> None:
    async with served(broker, journal_file) as dispatcher, agent_of(broker) as agent:
        flight = await pressed(dispatcher)
        await until(lambda: dispatcher.desk.state.flights[flight.id].order_state is OrderState.ACCEPTED)
        assert agent.orders[0].open_as(FlightOrder) == flight.order
        heard = len(agent.orders)
        await asyncio.sleep(2.5)
        assert len(agent.orders) == heard
        assert dispatcher.link.outbox.waiting == 0


async def test_an_order_is_resent_the_same_until_the_agent_answers(broker: BrokerProcess, journal_file: Path) -> None:
    async with served(broker, journal_file) as dispatcher, agent_of(broker, accepts=False) as agent:
        flight = await pressed(dispatcher)
        await until(lambda: len(agent.orders) >= 3)
        assert len({envelope.model_dump_json() for envelope in agent.orders}) == 1
        agent.accepts = True
        await until(lambda: dispatcher.desk.state.flights[flight.id].order_state is OrderState.ACCEPTED)


async def test_a_safety_order_reaches_the_agent_on_its_own_topic(broker: BrokerProcess, journal_file: Path) -> None:
    async with served(broker, journal_file) as dispatcher, agent_of(broker) as agent:
        flight = await pressed(dispatcher)
        await until(lambda: dispatcher.desk.state.flights[flight.id].order_state is OrderState.ACCEPTED)
        await dispatcher.desk.command_flight("pilot-1", flight.id, SafetyAction.RETURN, "enough", None)
        await until(lambda: bool(agent.safety))
        assert agent.safety[0].open_as(SafetyOrder).action is SafetyAction.RETURN


async def test_a_broker_that_was_away_loses_no_event_and_no_order(broker: BrokerProcess, journal_file: Path) -> None:
    async with served(broker, journal_file) as dispatcher, agent_of(broker, accepts=False) as agent:
        for number in range(5):
            agent.say(note(number))
        await until(lambda: not agent.outbox)
        flight = await pressed(dispatcher)
        async with broker.away():
            await until(lambda: not dispatcher.link.connected and not agent.session.connected)
            for number in range(5, 40):
                agent.say(note(number))
            agent.accepts = True
            agent.orders.clear()
            # Longer than the limit for silence, as the dispatcher sees it.
            await until(lambda: dispatcher.desk.state.docks[DOCK].silent)
        await until(lambda: not agent.outbox)
        await until(lambda: dispatcher.desk.state.flights[flight.id].order_state is OrderState.ACCEPTED)
        await until(lambda: not agent.outbox and not dispatcher.desk.state.docks[DOCK].silent)
        facts = await dispatcher.facts(DOCK)
        assert facts == [(agent.voice.boot_id, n) for n in range(1, len(facts) + 1)]
        assert len(facts) == 41  # 40 notes and the acceptance
        assert (await dispatcher.journal.verify()).ok


async def test_a_broker_that_comes_and_goes_loses_nothing(broker: BrokerProcess, journal_file: Path) -> None:
    async with served(broker, journal_file) as dispatcher, agent_of(broker) as agent:
        for round_ in range(2):
            for number in range(10):
                agent.say(note(round_ * 10 + number))
            async with broker.away():
                await until(lambda: not agent.session.connected)
        await until(lambda: not agent.outbox)
        assert await dispatcher.facts(DOCK) == [(agent.voice.boot_id, n) for n in range(1, 21)]


async def test_a_dispatcher_that_was_away_takes_up_events_and_orders_where_it_left_off(
    broker: BrokerProcess, journal_file: Path
) -> None:
    async with agent_of(broker, accepts=False) as agent:
        async with served(broker, journal_file) as dispatcher:
            agent.say(note(0))
            flight = await pressed(dispatcher)
            await until(lambda: bool(agent.orders) and not agent.outbox)
        for number in range(1, 10):
            agent.say(note(number))
        first = agent.orders[0].model_dump_json()
        agent.orders.clear()
        agent.accepts = True
        async with served(broker, journal_file) as dispatcher:
            await until(lambda: dispatcher.desk.state.flights[flight.id].order_state is OrderState.ACCEPTED)
            await until(lambda: not agent.outbox)
            assert agent.orders[0].model_dump_json() == first
            facts = await dispatcher.facts(DOCK)
            assert facts == [(agent.voice.boot_id, n) for n in range(1, 12)]
            assert (await dispatcher.journal.verify()).ok


async def test_a_rebooted_agents_old_and_new_events_are_both_kept(broker: BrokerProcess, journal_file: Path) -> None:
    async with served(broker, journal_file) as dispatcher:
        async with agent_of(broker) as agent:
            agent.say(note(1))
            await until(lambda: not agent.outbox)
            first_boot = agent.voice.boot_id
        async with agent_of(broker) as agent:
            agent.say(note(2))
            await until(lambda: not agent.outbox)
            assert await dispatcher.facts(DOCK) == [(first_boot, 1), (agent.voice.boot_id, 1)]


async def test_forged_and_broken_messages_are_counted_and_the_rest_goes_on(
    broker: BrokerProcess, journal_file: Path
) -> None:
    async with served(broker, journal_file) as dispatcher, agent_of(broker) as agent:
        counters = dispatcher.link.counters
        forger = SigningKey.generate(KEYS.of[DOCK].key_id)
        await agent.publish(Channel.EVENT, agent.voice.sealed(agent.voice.event(counter=1), Channel.EVENT, key=forger))
        await agent.publish(Channel.EVENT, b"\x00not an envelope")
        await agent.publish(Channel.STATUS, b"")
        await agent.publish(Channel.EVENT, b"x" * 300_000)
        await until(lambda: counters["bad_signature"] == 1 and counters["malformed"] == 3)
        agent.say(note(1))
        await until(lambda: not agent.outbox)
        assert await dispatcher.facts(DOCK) == [(agent.voice.boot_id, 1)]
        await until(lambda: DOCK in dispatcher.desk.state.strangers)


async def test_a_dock_that_is_in_no_fleet_file_is_shown_as_a_stranger(
    broker: BrokerProcess, journal_file: Path
) -> None:
    keys = Keys([DOCK, STRANGER])
    async with served(broker, journal_file) as dispatcher:
        agent = WireAgent(dock_id=STRANGER, broker=broker.account(STRANGER), keys=keys, clock=SystemClock())
        async with agent.running():
            await until(lambda: STRANGER in dispatcher.desk.state.strangers)
        assert STRANGER not in dispatcher.desk.state.docks


async def test_a_status_kept_by_the_broker_does_not_make_a_dead_agent_live(
    broker: BrokerProcess, journal_file: Path
) -> None:
    async with agent_of(broker, dock_id="cov-2") as agent:
        past = agent.voice.status(state=DockState.READY, wall_time="2026-01-01T00:00:00Z")
    clock = SystemClock()
    late = WireAgent(dock_id="cov-2", broker=broker.account("cov-2"), keys=KEYS, clock=clock)
    async with late.session.running():
        await late.session.wait_connected()
        sealed = late.voice.sealed(past, Channel.STATUS)
        await late.session.publish(late.voice.topic(Channel.STATUS), sealed, qos=1, retain=True)
    async with served(broker, journal_file) as dispatcher:
        await until(lambda: dispatcher.link.counters["status_kept"] == 1)
        assert dispatcher.desk.state.docks["cov-2"].report is None
        assert dispatcher.desk.state.docks["cov-2"].silent


def picture(image: bytes, **changes: Any) -> DockPicture:
    values: dict[str, Any] = {
        "deployment": Deployment.SIMULATION,
        "taken_at": SystemClock().mission_now(),
        "when": "before the lid opens",
        "media_type": "image/jpeg",
        "sha256": hashlib.sha256(image).hexdigest(),
        "image_b64": base64.b64encode(image).decode(),
    }
    return DockPicture(**(values | changes))


async def test_the_largest_picture_of_a_dock_arrives_whole_and_is_held_against_the_hash_on_record(
    broker: BrokerProcess, journal_file: Path
) -> None:
    image = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 255 + bytes(252)
    assert len(image) == MAX_PICTURE_BYTES
    async with served(broker, journal_file) as dispatcher, agent_of(broker) as agent:
        sent = picture(image)
        agent.say(DockNoted(severity="info", text="the dock's picture", picture_sha256=sent.sha256))
        await agent.publish(Channel.PICTURE, agent.voice.sealed(sent, Channel.PICTURE))
        await until(lambda: dispatcher.link.pictures.latest(DOCK) is not None and not agent.outbox)
        kept = dispatcher.link.pictures.latest(DOCK)
        assert kept is not None
        assert kept.image == image
        assert dispatcher.desk.state.docks[DOCK].picture_sha256 == kept.sha256


async def test_a_picture_with_another_hash_or_another_docks_name_is_not_taken(
    broker: BrokerProcess, journal_file: Path
) -> None:
    image = b"\xff\xd8\xff\xe0 still"
    async with served(broker, journal_file) as dispatcher, agent_of(broker) as agent:
        wrong = picture(image, sha256="0" * 64)
        await agent.publish(Channel.PICTURE, agent.voice.sealed(wrong, Channel.PICTURE))
        forged = agent.voice.sealed(picture(image), Channel.PICTURE).replace(b'"when":"before', b'"when":"Before')
        await agent.publish(Channel.PICTURE, forged)
        await until(lambda: dispatcher.link.counters["malformed"] > 0 and dispatcher.link.counters["bad_signature"] > 0)
        assert dispatcher.link.pictures.latest(DOCK) is None
