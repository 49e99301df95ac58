"""The broker is not trusted: whatever comes over it is counted and logged, and ends no process and moves no drone."""

from __future__ import annotations

import json
from datetime import timedelta
from uuid import uuid4

import pytest

from contracts.envelope import FROM_DISPATCHER, MAX_ENVELOPE_BYTES, seal
from contracts.message import Message
from contracts.orders import EventAck, SafetyAction, SafetyOrder
from contracts.reports import AgentWill
from contracts.signing import SigningKey
from contracts.topics import DISPATCHER, ROOT, Channel, Topic
from contracts.vocabulary import Deployment
from kestrel.keyfile import read_private_key
from tests.controlroom import ControlRoom
from tests.flight.system.conftest import NEAR, on_mosquitto_by_night
from tests.overhearing import speaker
from tests.stack import Stack

pytestmark = pytest.mark.asyncio(loop_scope="session")

GARBAGE = [
    b"",
    b"\x00\xff\xfe" * 50,
    b"{}",
    b"[]",
    b"null",
    b'{"v": 1}',
    b'{"v": 1, "body": ' + b"[" * 3000 + b"]" * 3000 + b"}",
    b"x" * (MAX_ENVELOPE_BYTES + 1),
]


async def _counted(room: ControlRoom) -> float:
    """How many messages the dispatcher has refused on its link."""
    metrics = (await room.get("/api/v1/metrics", role="engineer"))["counters"]
    kinds = ("malformed", "unknown_key", "bad_signature", "wrong_addressee", "unknown_dock", "wrong_topic", "expired")
    return float(sum(value for name, value in metrics.items() for kind in kinds if name == f"link_{kind}_total"))


def _sealed(stack: Stack, message: Message, *, topic: Topic, key: SigningKey) -> bytes:
    now = stack.clock.mission_now()
    return seal(
        message,
        topic=topic,
        key=key,
        message_id=uuid4(),
        sequence=2**40,
        issued_at=now,
        expires_at=now + timedelta(minutes=10),
    )


async def test_garbage_on_every_channel_to_the_dispatcher_is_counted_and_harmless(room: ControlRoom) -> None:
    stack = room.stack
    before, pid = await _counted(room), stack.dispatcher.pid
    channels = sorted(set(Channel) - FROM_DISPATCHER)
    async with speaker(port=stack.addresses.broker_port, user=NEAR, password=stack.passwords[NEAR]) as client:
        for channel in channels:
            for payload in GARBAGE:
                await client.publish(str(Topic(stack.force, NEAR, channel)), payload, qos=1)
    wanted = before + len(channels) * len(GARBAGE)

    async def look() -> bool:
        return await _counted(room) >= wanted

    await stack.until(look, within_s=20, what="every message counted")
    assert stack.dispatcher.pid == pid
    assert "message refused" in stack.dispatcher.log()
    await room.docks_ready()


async def test_a_message_signed_by_another_key_counts_for_nobody(room: ControlRoom) -> None:
    stack = room.stack
    topic = Topic(stack.force, NEAR, Channel.WILL)
    stolen = read_private_key(stack.run.key_file("cov-3"))
    made_up = SigningKey.generate(f"{stack.force}-{NEAR}")
    before = await _counted(room)
    async with speaker(port=stack.addresses.broker_port, user=NEAR, password=stack.passwords[NEAR]) as client:
        for key in (stolen, made_up):
            await client.publish(str(topic), _sealed(stack, AgentWill(boot_id=uuid4()), topic=topic, key=key), qos=1)

    async def look() -> bool:
        return await _counted(room) >= before + 2

    await stack.until(look, within_s=20, what="both forgeries counted")

    async def shown() -> bool:
        return any(stranger["dock"] == NEAR for stranger in (await room.get("/api/v1/docks"))["unregistered"])

    await stack.until(shown, within_s=20, what="the forgery shown beside the docks")
    await room.docks_ready()


async def test_a_dock_that_is_not_in_the_fleet_file_is_shown_and_never_ranked(room: ControlRoom) -> None:
    stack = room.stack
    topic = f"{ROOT}/{stack.force}/cov-99/{Channel.STATUS}"
    async with speaker(
        port=stack.addresses.broker_port, user=DISPATCHER, password=stack.passwords[DISPATCHER]
    ) as client:
        # Only a misconfigured broker lets this through: the dispatcher must not lean on the broker's rules.
        await client.publish(topic, b"{}", qos=1)
        await client.publish(topic.replace(Channel.STATUS, Channel.ORDER), b"{}", qos=1)
    shown = await room.report(room.scene(NEAR))
    assert "cov-99" not in [option["dock_id"] for option in shown["options"]]


async def test_garbage_on_every_channel_to_the_agents_is_dropped_and_harmless(room: ControlRoom) -> None:
    stack = room.stack
    agent = stack.agent(NEAR)
    pid, dropped = agent.pid, agent.log().count("message dropped")
    async with speaker(
        port=stack.addresses.broker_port, user=DISPATCHER, password=stack.passwords[DISPATCHER]
    ) as client:
        for channel in sorted(FROM_DISPATCHER):
            dock = DISPATCHER if channel is Channel.HEARTBEAT else NEAR
            for payload in GARBAGE:
                await client.publish(str(Topic(stack.force, dock, channel)), payload, qos=1)

    async def look() -> bool:
        return agent.log().count("message dropped") >= dropped + len(FROM_DISPATCHER) * len(GARBAGE)

    await stack.until(look, within_s=20, what="every message dropped aloud")
    assert agent.pid == pid
    await room.docks_ready()


@on_mosquitto_by_night
async def test_a_forged_return_does_not_turn_a_flight_round(room: ControlRoom) -> None:
    stack = room.stack
    sent = await room.send(NEAR, watch_s=20.0)
    await room.until_phase(sent["id"], "en_route")
    now = stack.clock.mission_now()
    order = SafetyOrder(
        order_id=uuid4(),
        flight_id=sent["id"],
        deployment=Deployment.SIMULATION,
        action=SafetyAction.RETURN,
        issued_at=now,
        expires_at=now + timedelta(minutes=10),
    )
    safety, ack = Topic(stack.force, NEAR, Channel.SAFETY), Topic(stack.force, NEAR, Channel.ACK)
    forger = SigningKey.generate(f"{stack.force}-{DISPATCHER}")
    docks_own = read_private_key(stack.run.key_file(NEAR))
    genuine = json.loads(_sealed(stack, order, topic=safety, key=forger))
    genuine["body"]["action"] = "cancel"
    async with speaker(
        port=stack.addresses.broker_port, user=DISPATCHER, password=stack.passwords[DISPATCHER]
    ) as client:
        for key in (forger, docks_own):
            await client.publish(str(safety), _sealed(stack, order, topic=safety, key=key), qos=1)
            lie = EventAck(boot_id=uuid4(), counter=10**6)
            await client.publish(str(ack), _sealed(stack, lie, topic=ack, key=key), qos=1)
        await client.publish(str(safety), json.dumps(genuine).encode(), qos=1)

    flight = await room.until_ended(sent["id"])
    assert "on_scene" in [entry["phase"] for entry in flight["phases"]]
    assert flight["commands"] == []
    await room.events_complete(NEAR)
