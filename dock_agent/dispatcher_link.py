"""The agent's link to the dispatcher: signed envelopes over MQTT, on two connections.

One carries orders, acknowledgements and everything the agent says; the other nothing but safety orders, so that these
never wait behind the rest. Every message is checked for topic, addressee, signature and shape by us: the broker is not
trusted. What cannot be read is counted and logged, never fatal. Events are resent from the outbox, oldest first, until
the dispatcher says that they are in its journal.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import Counter
from collections.abc import AsyncIterator, Callable
from datetime import timedelta

from contracts.envelope import Envelope, seal, unseal
from contracts.errors import ContractError
from contracts.message import Message
from contracts.orders import (
    BlockerOrder,
    DispatcherHeartbeat,
    EventAck,
    FlightOrder,
    MaintenanceOrder,
    ReceiveOrder,
    SafetyOrder,
    TaskOrder,
    WithdrawReceiveOrder,
)
from contracts.reports import AgentWill, DockPicture, DockStatus
from contracts.signing import Keyring, SigningKey
from contracts.topics import DISPATCHER, Channel, Topic
from dock_agent.agent import DockAgent
from dock_agent.dock_camera import Picture
from dock_agent.status import dock_picture, dock_status, gist, telemetry
from dock_agent.store import Store
from kestrel.clock import Clock
from kestrel.errors import MqttDisconnected
from kestrel.identity import uuid7
from kestrel.mqtt import SILENCE_S, Broker, LastWill, MqttSession, Subscription

log = logging.getLogger(__name__)

WINDOW = 64
"""Events that may be out without an acknowledgement, while these come in time."""
RESEND_S = 2.0
RESEND_MAX_S = 16.0
"""A late acknowledgement closes the window to one event and doubles the patience; each that comes opens it again. A
dispatcher that is slow and not gone is then not buried under what it already has."""
TELEMETRY_FLYING_S = 0.2
TELEMETRY_IDLE_S = 1.0
LOOK_S = 0.25
"""Wall seconds between looks for a change that the agent itself did not make."""
DISPATCHER_GONE_S = 7.0
"""Wall seconds without a heartbeat after which the dispatcher's absence is logged. Nothing else hangs on it."""
EVENT_LASTS = timedelta(days=30)
LASTS = timedelta(minutes=10)


SessionOf = Callable[..., MqttSession]
"""Makes a session; a test puts one in memory here."""


class DispatcherLink:
    """Use ``async with link.running()``."""

    def __init__(
        self,
        *,
        agent: DockAgent,
        store: Store,
        clock: Clock,
        broker: Broker,
        force: str,
        dock_id: str,
        key: SigningKey,
        keyring: Keyring,
        status_s: float = 2.0,
        session_of: SessionOf = MqttSession,
    ) -> None:
        self._agent, self._store, self._clock = agent, store, clock
        self._force, self._dock_id, self._key, self._keyring = force, dock_id, key, keyring
        self._status_s = status_s
        self._counters: Counter[Channel] = Counter()
        self.dropped: Counter[str] = Counter()
        """Messages that could not be used, by what was wrong with them."""
        self._events_waiting = asyncio.Event()
        self._sent: dict[tuple[int, int], float] = {}
        self._resend_s = RESEND_S
        self._window = WINDOW
        self._told: DockStatus | None = None
        self._status_due = asyncio.Event()
        self._heartbeat_s: float | None = None
        self._picture: DockPicture | None = None
        self._picture_due = asyncio.Event()
        self._main = session_of(
            broker=broker,
            client_id=f"kestrel-agent-{dock_id}",
            subscriptions=[
                Subscription(str(self._topic(Channel.ORDER)), 1),
                Subscription(str(self._topic(Channel.ACK)), 1),
                Subscription(str(Topic(force, DISPATCHER, Channel.HEARTBEAT)), 0),
            ],
            on_message=self._on_message,
            on_connected=self._on_connected,
            will=LastWill(str(self._topic(Channel.WILL)), self._sealed(Channel.WILL, AgentWill(boot_id=store.boot_id))),
            silence_s=SILENCE_S,
        )
        self._safety = session_of(
            broker=broker,
            client_id=f"kestrel-agent-{dock_id}-safety",
            subscriptions=[Subscription(str(self._topic(Channel.SAFETY)), 1)],
            on_message=self._on_message,
        )
        agent.on_events(self._events_waiting.set)
        agent.on_change = self._status_due.set
        agent.on_picture = self._offer_picture

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[DispatcherLink]:
        """Stay connected and speak inside the block."""
        pumps = (
            asyncio.create_task(self._pump_events(), name="events"),
            asyncio.create_task(self._pump_status(), name="status"),
            asyncio.create_task(self._pump_telemetry(), name="telemetry"),
            asyncio.create_task(self._pump_picture(), name="picture"),
        )
        try:
            async with self._safety.running(), self._main.running():
                try:
                    yield self
                finally:
                    for pump in pumps:
                        pump.cancel()
                    await asyncio.gather(*pumps, return_exceptions=True)
        finally:
            for pump in pumps:
                pump.cancel()

    async def wait_connected(self) -> None:
        """Wait until the broker has both connections."""
        await self._main.wait_connected()
        await self._safety.wait_connected()

    def _topic(self, channel: Channel) -> Topic:
        return Topic(self._force, self._dock_id, channel)

    def _sealed(self, channel: Channel, message: Message) -> bytes:
        now = self._clock.mission_now()
        return seal(
            message,
            topic=self._topic(channel),
            key=self._key,
            message_id=uuid7(now),
            sequence=self._store.next_sequence(),
            issued_at=now,
            expires_at=now + (EVENT_LASTS if channel in (Channel.EVENT, Channel.WILL) else LASTS),
        )

    def _send_anew(self) -> None:
        """Whoever listens has not heard what went out before."""
        self._sent.clear()
        self._resend_s = RESEND_S
        self._window = WINDOW
        self._events_waiting.set()
        if self._picture is not None:
            self._picture_due.set()

    async def _on_connected(self) -> None:
        self._send_anew()
        self._told = None
        self._status_due.set()

    async def _on_message(self, name: str, payload: bytes) -> None:
        try:
            topic = Topic.parse(name)
            if topic.force != self._force or topic.dock not in (self._dock_id, DISPATCHER):
                # Some brokers hand a client retained messages of topics that it never asked for.
                self._drop("another's topic", name)
                return
            self._act(topic.channel, unseal(payload, topic=topic, keyring=self._keyring))
        except ContractError as error:
            self._drop(type(error).__name__, name, str(error))

    def _act(self, channel: Channel, envelope: Envelope) -> None:
        match channel:
            case Channel.ORDER if envelope.kind == BlockerOrder.kind():
                blocker = envelope.open_as(BlockerOrder)
                expires_at = min(blocker.expires_at, envelope.expires_at)
                self._agent.take_blocker(blocker.model_copy(update={"expires_at": expires_at}))
            case Channel.ORDER if envelope.kind == TaskOrder.kind():
                task = envelope.open_as(TaskOrder)
                expires_at = min(task.expires_at, envelope.expires_at)
                self._agent.take_task(task.model_copy(update={"expires_at": expires_at}))
            case Channel.ORDER if envelope.kind == WithdrawReceiveOrder.kind():
                withdrawal = envelope.open_as(WithdrawReceiveOrder)
                expires_at = min(withdrawal.expires_at, envelope.expires_at)
                self._agent.take_withdrawal(withdrawal.model_copy(update={"expires_at": expires_at}))
            case Channel.ORDER if envelope.kind == MaintenanceOrder.kind():
                maintenance = envelope.open_as(MaintenanceOrder)
                expires_at = min(maintenance.expires_at, envelope.expires_at)
                maintenance = maintenance.model_copy(update={"expires_at": expires_at})
                self._agent.take_maintenance(maintenance, sequence=envelope.sequence)
            case Channel.ORDER if envelope.kind == ReceiveOrder.kind():
                receive = envelope.open_as(ReceiveOrder)
                self._agent.take_receive(receive)
            case Channel.ORDER:
                order = envelope.open_as(FlightOrder)
                expires_at = min(order.expires_at, envelope.expires_at)
                self._agent.take_order(order.model_copy(update={"expires_at": expires_at}), sequence=envelope.sequence)
            case Channel.SAFETY:
                safety = envelope.open_as(SafetyOrder)
                expires_at = min(safety.expires_at, envelope.expires_at)
                self._agent.take_safety(safety.model_copy(update={"expires_at": expires_at}))
            case Channel.ACK:
                ack = envelope.open_as(EventAck)
                if self._store.acknowledge(boot_id=ack.boot_id, counter=ack.counter):
                    self._resend_s = max(RESEND_S, self._resend_s / 2)
                    self._window = min(WINDOW, self._window * 2)
                    self._events_waiting.set()
            case Channel.HEARTBEAT:
                envelope.open_as(DispatcherHeartbeat)
                if self._heartbeat_s is None:
                    log.info("the dispatcher is there")
                    self._send_anew()
                self._heartbeat_s = self._clock.wall_s()
            case _:
                self._drop("unexpected channel", channel)

    def _drop(self, what: str, topic: str, why: str = "") -> None:
        self.dropped[what] += 1
        log.warning("message dropped", extra={"what": what, "topic": topic[:120], "why": why[:200]})

    async def _wait(self, news: asyncio.Event, longest_s: float) -> None:
        """Until there is news, or for wall seconds."""
        either = (asyncio.ensure_future(news.wait()), asyncio.ensure_future(self._clock.sleep_wall(longest_s)))
        try:
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in either:
                one.cancel()
        news.clear()

    async def _pump_events(self) -> None:
        while True:
            await self._wait(self._events_waiting, self._resend_s)
            try:
                await self._send_events()
            except MqttDisconnected:
                continue

    async def _send_events(self) -> None:
        pending = self._store.pending(limit=WINDOW)
        now_s = self._clock.wall_s()
        known = {(event.boot_rank, event.counter) for event in pending}
        self._sent = {key: at_s for key, at_s in self._sent.items() if key in known}
        overdue = [at_s for at_s in self._sent.values() if now_s - at_s >= self._resend_s]
        if overdue:
            self._sent.clear()
            self._resend_s = min(RESEND_MAX_S, self._resend_s * 2)
            self._window = 1
        oldest: dict[int, int] = {}
        for one in pending:
            oldest.setdefault(one.boot_rank, one.counter)
        for one in pending[: self._window]:
            key = (one.boot_rank, one.counter)
            if key not in self._sent:
                event = one.event.model_copy(update={"oldest_unacknowledged": oldest[one.boot_rank]})
                await self._main.publish(str(self._topic(Channel.EVENT)), self._sealed(Channel.EVENT, event), qos=1)
                self._sent[key] = self._clock.wall_s()

    async def _pump_status(self) -> None:
        told_s = float("-inf")
        while True:
            due = self._clock.wall_s() - told_s >= self._status_s
            status = self._status()
            if due or self._told is None or gist(status) != gist(self._told):
                with contextlib.suppress(MqttDisconnected):
                    self._counters[Channel.STATUS] += 1
                    sealed = self._sealed(Channel.STATUS, status)
                    await self._main.publish(str(self._topic(Channel.STATUS)), sealed, qos=1, retain=True)
                    self._told, told_s = status, self._clock.wall_s()
            self._watch_dispatcher()
            await self._wait(self._status_due, LOOK_S)

    def _status(self) -> DockStatus:
        return dock_status(
            standing=self._agent.standing,
            flight=self._agent.flight,
            boot_id=self._store.boot_id,
            counter=self._counters[Channel.STATUS] + 1,
            events_said=self._store.last_counter,
            mission_time=self._clock.mission_now(),
            wall_time=self._clock.wall_now(),
        )

    def _watch_dispatcher(self) -> None:
        if self._heartbeat_s is not None and self._clock.wall_s() - self._heartbeat_s > DISPATCHER_GONE_S:
            self._heartbeat_s = None
            log.warning("the dispatcher is silent: a flight under way goes on as ordered")

    def _offer_picture(self, picture: Picture, when: str) -> None:
        """The last one counts; one that is too large, or no picture, stays here: its hash is on record all the same."""
        message = dock_picture(
            picture,
            when=when,
            deployment=self._agent.standing.deployment,
            taken_at=self._clock.mission_now() - timedelta(seconds=self._clock.mission_s() - picture.taken_s),
        )
        if message is None:
            self._drop("picture too large or of another kind", str(self._topic(Channel.PICTURE)), picture.kind)
            return
        self._picture = message
        self._picture_due.set()

    async def _pump_picture(self) -> None:
        while True:
            await self._picture_due.wait()
            self._picture_due.clear()
            if self._picture is not None:
                # Without a connection it is sent on the next one.
                with contextlib.suppress(MqttDisconnected):
                    sealed = self._sealed(Channel.PICTURE, self._picture)
                    await self._main.publish(str(self._topic(Channel.PICTURE)), sealed, qos=1)

    async def _pump_telemetry(self) -> None:
        while True:
            flying = self._agent.flight is not None
            await self._clock.sleep_wall(TELEMETRY_FLYING_S if flying else TELEMETRY_IDLE_S)
            if not self._main.connected:
                continue
            standing = self._agent.standing
            self._counters[Channel.TELEMETRY] += 1
            message = telemetry(
                aircraft=standing.aircraft,
                standing=standing,
                boot_id=self._store.boot_id,
                counter=self._counters[Channel.TELEMETRY],
                mission_time=self._clock.mission_now(),
                coming=self._agent.coming,
            )
            if message is not None:
                with contextlib.suppress(MqttDisconnected):
                    sealed = self._sealed(Channel.TELEMETRY, message)
                    await self._main.publish(str(self._topic(Channel.TELEMETRY)), sealed, qos=0)
