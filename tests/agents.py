"""A dock's agent reduced to its promises on the wire: numbered events, resent until acknowledged, and orders kept."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from uuid import UUID, uuid4

from contracts.envelope import Envelope, unseal
from contracts.orders import EventAck
from contracts.reports import AgentEvent, AgentWill, Fact, OrderAccepted
from contracts.topics import DISPATCHER, Channel, Topic
from kestrel.clock import Clock
from kestrel.errors import MqttDisconnected
from kestrel.mqtt import Broker, LastWill, MqttSession, Subscription
from tests.wire import FORCE, Keys, Voice

RESEND_S = 0.3
STATUS_S = 0.5


class WireAgent:
    """Use ``async with agent.running()``. ``accepts``: whether it answers flight orders."""

    def __init__(
        self,
        *,
        dock_id: str,
        broker: Broker,
        keys: Keys,
        clock: Clock,
        boot_id: UUID | None = None,
        accepts: bool = True,
    ) -> None:
        self.voice = Voice(dock_id=dock_id, keys=keys, clock=clock, boot_id=boot_id or uuid4())
        self.outbox: dict[int, AgentEvent] = {}
        self.orders: list[Envelope] = []
        self.safety: list[Envelope] = []
        self.heartbeats = 0
        self.accepts = accepts
        self._keys = keys
        self._accepted: set[UUID] = set()
        self._wake = asyncio.Event()
        will = self.voice.sealed(AgentWill(boot_id=self.voice.boot_id), Channel.WILL)
        self.session = MqttSession(
            broker=broker,
            client_id=f"test-agent-{dock_id}",
            subscriptions=[
                Subscription(self.voice.topic(Channel.ORDER), 1),
                Subscription(self.voice.topic(Channel.SAFETY), 1),
                Subscription(self.voice.topic(Channel.ACK), 1),
                Subscription(str(Topic(FORCE, DISPATCHER, Channel.HEARTBEAT)), 0),
            ],
            on_message=self._on_message,
            will=LastWill(self.voice.topic(Channel.WILL), will),
        )

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[WireAgent]:
        """Connected, resending and reporting inside the block."""
        tasks = [asyncio.create_task(self._resend()), asyncio.create_task(self._report())]
        try:
            async with self.session.running():
                yield self
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def say(self, fact: Fact | None = None) -> AgentEvent:
        """A new fact into the outbox; it goes out at once and until it is acknowledged."""
        event = self.voice.event(fact)
        self.outbox[event.counter] = event
        self._wake.set()
        return event

    async def publish(self, channel: Channel, payload: bytes) -> None:
        """Anything, on one of its own topics."""
        await self.session.publish(self.voice.topic(channel), payload, qos=1)

    async def _resend(self) -> None:
        while True:
            with contextlib.suppress(MqttDisconnected):
                for event in list(self.outbox.values()):
                    await self.publish(Channel.EVENT, self.voice.sealed(event, Channel.EVENT))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(RESEND_S):
                    await self._wake.wait()
            self._wake.clear()

    async def _report(self) -> None:
        while True:
            with contextlib.suppress(MqttDisconnected):
                status = self.voice.sealed(self.voice.status(), Channel.STATUS)
                await self.session.publish(self.voice.topic(Channel.STATUS), status, qos=1, retain=True)
            await asyncio.sleep(STATUS_S)

    async def _on_message(self, name: str, payload: bytes) -> None:
        topic = Topic.parse(name)
        envelope = unseal(payload, topic=topic, keyring=self._keys.ring)
        match topic.channel:
            case Channel.ACK:
                ack = envelope.open_as(EventAck)
                if ack.boot_id == self.voice.boot_id:
                    self.outbox = {counter: event for counter, event in self.outbox.items() if counter > ack.counter}
            case Channel.ORDER:
                self.orders.append(envelope)
                self._accept(envelope)
            case Channel.SAFETY:
                self.safety.append(envelope)
            case Channel.HEARTBEAT:
                self.heartbeats += 1
            case _:
                raise AssertionError(f"an agent does not listen to {name}")

    def _accept(self, envelope: Envelope) -> None:
        order_id = UUID(envelope.body["order_id"])
        if self.accepts and order_id not in self._accepted:
            self._accepted.add(order_id)
            self.say(OrderAccepted(order_id=order_id, flight_id=UUID(envelope.body["flight_id"])))
