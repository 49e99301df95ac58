"""Puts the link together: two MQTT sessions, a lane for each dock, the outbox, heartbeats, the watch for silence."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator, Iterable, Sequence
from uuid import UUID

from contracts.orders import DispatcherHeartbeat
from contracts.signing import Keyring, SigningKey
from contracts.topics import DISPATCHER, Channel, Topic, every_dock
from contracts.vocabulary import Deployment
from dispatcher.link.counters import LinkCounters
from dispatcher.link.intake import Intake
from dispatcher.link.lane import DockLane
from dispatcher.link.outbox import OrderOutbox
from dispatcher.link.pictures import PictureSlots
from dispatcher.link.ports import DeskPort
from dispatcher.link.sealing import Sealer
from dispatcher.link.silence import SilenceWatch
from dispatcher.link.strangers import Strangers
from dispatcher.link.telemetry import TelemetrySlots
from kestrel.clock import Clock
from kestrel.errors import MqttDisconnected
from kestrel.identity import RandomBits
from kestrel.mqtt import SILENCE_S, Broker, MqttSession, Subscription

HEARTBEAT_EACH_S = 2.0
SILENT_AFTER_S = 6.0
"""Three of the agents' heartbeats."""
SUBSCRIBED = {Channel.EVENT: 1, Channel.STATUS: 1, Channel.WILL: 1, Channel.TELEMETRY: 0, Channel.PICTURE: 1}


class DispatcherLink:
    """The dispatcher's connection to its docks."""

    def __init__(
        self,
        *,
        broker: Broker,
        force: str,
        deployment: Deployment,
        docks: Iterable[str],
        boot_id: UUID,
        desk: DeskPort,
        key: SigningKey,
        keyring: Keyring,
        slots: TelemetrySlots,
        clock: Clock,
        silent_after_s: float = SILENT_AFTER_S,
        random_bits: RandomBits = secrets.randbits,
    ) -> None:
        self.counters = LinkCounters()
        self.pictures = PictureSlots()
        self._clock = clock
        self._heartbeat = DispatcherHeartbeat(deployment=deployment, boot_id=boot_id)
        self._heartbeat_topic = Topic(force, DISPATCHER, Channel.HEARTBEAT)
        self._sealer = Sealer(key=key, clock=clock, random_bits=random_bits)
        docks = sorted(docks)
        self._silence = SilenceWatch(desk=desk, docks=docks, limit_s=silent_after_s, clock=clock)
        self._strangers = Strangers(desk=desk, counters=self.counters)
        self._main = MqttSession(
            broker=broker,
            client_id=f"kestrel-{force}-dispatcher",
            subscriptions=[Subscription(every_dock(force, channel), qos) for channel, qos in SUBSCRIBED.items()],
            on_message=self._on_message,
            on_connected=self._main_connected,
            silence_s=SILENCE_S,
        )
        self._safety = MqttSession(
            broker=broker,
            client_id=f"kestrel-{force}-dispatcher-safety",
            subscriptions=[],
            on_message=self._on_message,
            on_connected=self._safety_connected,
        )
        self.counters.read_also("mqtt_connected", lambda: self.connected)
        self.counters.read_also("mqtt_main_connected", lambda: self._main.connected)
        self.counters.read_also("mqtt_safety_connected", lambda: self._safety.connected)
        both = (self._main, self._safety)
        self.counters.read_also("handler_failures_total", lambda: sum(each.handler_failures for each in both))
        self.counters.read_also("mqtt_discarded_total", lambda: sum(each.discarded for each in both))
        self._lanes = {
            dock_id: DockLane(
                dock_id=dock_id,
                force=force,
                desk=desk,
                session=self._main,
                sealer=self._sealer,
                silence=self._silence,
                slots=slots,
                counters=self.counters,
                clock=clock,
                fresh_within_s=silent_after_s,
            )
            for dock_id in docks
        }
        self._intake = Intake(
            force=force,
            deployment=deployment,
            keyring=keyring,
            lanes=self._lanes,
            strangers=self._strangers,
            counters=self.counters,
            clock=clock,
            pictures=self.pictures,
        )
        self.outbox = OrderOutbox(
            force=force,
            deployment=deployment,
            desk=desk,
            orders=self._main,
            safety=self._safety,
            sealer=self._sealer,
            counters=self.counters,
            clock=clock,
        )

    @property
    def connected(self) -> bool:
        """True while the broker has both sessions."""
        return self._main.connected and self._safety.connected

    async def wait_connected(self) -> None:
        """Wait until the broker has both sessions."""
        await self._main.wait_connected()
        await self._safety.wait_connected()

    @contextlib.asynccontextmanager
    async def running(self, tasks: asyncio.TaskGroup) -> AsyncIterator[DispatcherLink]:
        """Serve inside the block, in tasks of ``tasks``. The broker may be away: all goes on once it is there."""
        async with contextlib.AsyncExitStack() as stack:
            own = [
                tasks.create_task(self._silence.run(), name="link silence"),
                tasks.create_task(self._strangers.run(), name="link strangers"),
                tasks.create_task(self._beat(), name="link heartbeat"),
                *(tasks.create_task(lane.run(), name=f"link lane {dock}") for dock, lane in self._lanes.items()),
            ]
            stack.push_async_callback(_end, own)
            await stack.enter_async_context(self._main.running())
            await stack.enter_async_context(self._safety.running())
            stack.enter_context(self.outbox.carrying(tasks))
            yield self

    async def _on_message(self, topic: str, payload: bytes) -> None:
        await self._intake.on_message(topic, payload)

    async def _main_connected(self) -> None:
        self.counters.count("connected")
        self.outbox.kick(Channel.ORDER)
        await self._send_heartbeat()

    async def _safety_connected(self) -> None:
        self.outbox.kick(Channel.SAFETY)

    async def _beat(self) -> None:
        while True:
            await self._clock.sleep_wall(HEARTBEAT_EACH_S)
            with contextlib.suppress(MqttDisconnected):
                await self._send_heartbeat()

    async def _send_heartbeat(self) -> None:
        message = self._sealer.fresh(self._heartbeat, self._heartbeat_topic)
        await self._main.publish(str(self._heartbeat_topic), message, qos=0)


async def _end(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
