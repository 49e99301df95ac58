"""The one module that speaks to an MQTT client library: a session that stays connected until it is left.

MQTT acknowledges a message before our code has read it, so nothing here promises delivery: what must not be lost is
kept in the sender's durable outbox and resent until the other side says that it has it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import aiomqtt

from kestrel.backoff import Backoff
from kestrel.cancellation import Cancellation
from kestrel.errors import MqttDisconnected

log = logging.getLogger(__name__)

MAX_INCOMING = 4096
"""Messages that may wait for our code; above that the client discards, and `MqttSession.discarded` counts."""
KEEPALIVE_S = 10
TIMEOUT_S = 5.0
REFUSED = 0x80
"""From here on a SUBACK's code says no (MQTT 3.1.1, section 3.9.3); the client library does not raise for it."""

SILENCE_S = 15.0
"""Seven heartbeats of either side that did not come: a connection that only looks alive."""
SILENCE_CAP_S = 240.0
"""The longest silence that a session bears, however often it has ended one."""

OnMessage = Callable[[str, bytes], Awaitable[None]]
"""Takes topic and payload. An exception from it is counted, the first of its kind logged, and the session goes on."""
OnConnected = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Broker:
    """Where the broker is and who we are to it."""

    host: str
    port: int
    username: str | None = None
    password: str | None = None
    ca_file: Path | None = None


@dataclass(frozen=True, slots=True)
class Subscription:
    """A topic filter and the quality of service asked for."""

    topic_filter: str
    qos: int


@dataclass(frozen=True, slots=True)
class LastWill:
    """What the broker publishes when this connection breaks."""

    topic: str
    payload: bytes


class MqttSession:
    """One logical connection; `publish` fails at once while there is none, and reconnecting goes on by itself."""

    def __init__(
        self,
        *,
        broker: Broker,
        client_id: str,
        subscriptions: Sequence[Subscription],
        on_message: OnMessage,
        on_connected: OnConnected | None = None,
        will: LastWill | None = None,
        backoff: Backoff | None = None,
        silence_s: float | None = None,
    ) -> None:
        """``silence_s``: when nothing came for so long, connect anew, though the broker still answers pings.

        It doubles with each silence in a row, up to `SILENCE_CAP_S`: who would speak may be gone instead.
        """
        self._broker = broker
        self._client_id = client_id
        self._subscriptions = list(subscriptions)
        self._on_message = on_message
        self._on_connected = on_connected
        self._will = will
        self._backoff = backoff or Backoff()
        self._silence_s = self.bears_silence_s = silence_s
        """So long may nothing come now; None: for ever."""
        self._silent = False
        """Nothing new has come since a silence ended the connection before this one."""
        self._lost_said = False
        self._client: aiomqtt.Client | None = None
        self._connected = asyncio.Event()
        self.handler_failures = 0
        """Messages whose handler raised."""
        self.discarded = 0
        """Messages that came while `MAX_INCOMING` were waiting."""
        self._failures_said: set[type[Exception]] = set()

    @property
    def connected(self) -> bool:
        """True while the broker has us."""
        return self._client is not None

    async def wait_connected(self) -> None:
        """Wait until the broker has us."""
        await self._connected.wait()

    async def publish(self, topic: str, payload: bytes, *, qos: int, retain: bool = False) -> None:
        """Hand a message to the broker; for QoS 1 returns when the broker has it.

        Raises `MqttDisconnected`.
        """
        client = self._client
        if client is None:
            raise MqttDisconnected(f"{self._client_id}: no connection to the broker")
        cancellation = Cancellation()
        try:
            await client.publish(topic, payload, qos=qos, retain=retain, timeout=TIMEOUT_S)
        except (aiomqtt.MqttError, ValueError) as error:
            raise MqttDisconnected(f"{self._client_id}: {error}") from error
        finally:
            cancellation.heed()

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[MqttSession]:
        """Keep the session alive inside the block."""
        task = asyncio.create_task(self._run(), name=f"mqtt {self._client_id}")
        try:
            yield self
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    def _new_client(self) -> aiomqtt.Client:
        session = self

        class Incoming(asyncio.Queue[aiomqtt.Message]):
            def put_nowait(self, item: aiomqtt.Message) -> None:
                if self.full():
                    session.discarded += 1
                super().put_nowait(item)

        broker = self._broker
        will = aiomqtt.Will(self._will.topic, self._will.payload, qos=1) if self._will else None
        return aiomqtt.Client(
            broker.host,
            broker.port,
            username=broker.username,
            password=broker.password,
            identifier=self._client_id,
            clean_session=False,
            keepalive=KEEPALIVE_S,
            timeout=TIMEOUT_S,
            max_queued_incoming_messages=MAX_INCOMING,
            queue_type=Incoming,
            will=will,
            tls_context=ssl.create_default_context(cafile=str(broker.ca_file)) if broker.ca_file else None,
        )

    async def _run(self) -> None:
        cancellation = Cancellation()
        while True:
            try:
                async with self._new_client() as client:
                    await self._subscribe(client)
                    cancellation.heed()
                    self._client = client
                    self._connected.set()
                    self._backoff.reset()
                    if not self._silent:
                        self._say_connected()
                    self._failures_said.clear()
                    await self._serve(client)
            except Exception as error:
                # Whatever it is: nobody else would connect again.
                if not self._lost_said:
                    why = f"{type(error).__name__}: {error}"[:200]
                    log.warning("broker lost", extra={"client_id": self._client_id, "why": why})
                    self._lost_said = True
            finally:
                self._client = None
                self._connected.clear()
            cancellation.heed()
            await asyncio.sleep(self._backoff.next_s())

    def _say_connected(self) -> None:
        log.info("broker connected", extra={"client_id": self._client_id})
        self._lost_said = False

    async def _subscribe(self, client: aiomqtt.Client) -> None:
        for subscription in self._subscriptions:
            for code in await client.subscribe(subscription.topic_filter, qos=subscription.qos):
                if (code if isinstance(code, int) else code.value) >= REFUSED:
                    raise MqttDisconnected(f"{self._client_id}: the broker refuses {subscription.topic_filter}")

    async def _serve(self, client: aiomqtt.Client) -> None:
        if self._on_connected is not None:
            greeting = asyncio.create_task(self._greet(), name=f"mqtt {self._client_id} greeting")
        else:
            greeting = None
        try:
            await self._hear(client)
        finally:
            if greeting is not None:
                greeting.cancel()
                await asyncio.gather(greeting, return_exceptions=True)

    async def _hear(self, client: aiomqtt.Client) -> None:
        now = asyncio.get_running_loop().time
        try:
            async with asyncio.timeout(self.bears_silence_s) as silence:
                async for message in client.messages:
                    silence.reschedule(None)
                    if not message.retain:  # what the broker keeps says nothing of who is there now
                        self.bears_silence_s = self._silence_s
                        if self._silent:
                            self._silent = False
                            self._say_connected()
                    payload = message.payload
                    await self._deliver(str(message.topic), payload if isinstance(payload, bytes) else b"")
                    if self.bears_silence_s is not None:
                        silence.reschedule(now() + self.bears_silence_s)
        except TimeoutError:
            if self.bears_silence_s is None or not silence.expired():
                raise
            silent_s, self.bears_silence_s = self.bears_silence_s, min(2 * self.bears_silence_s, SILENCE_CAP_S)
            self._silent = True
            raise MqttDisconnected(f"{self._client_id}: nothing came for {silent_s:.0f} s") from None

    async def _greet(self) -> None:
        if self._on_connected is None:
            return
        try:
            await self._on_connected()
        except MqttDisconnected:
            log.info("broker lost again while greeting", extra={"client_id": self._client_id})

    async def _deliver(self, topic: str, payload: bytes) -> None:
        try:
            await self._on_message(topic, payload)
        except Exception as error:
            # One bad message must not end the session; the handler itself names what was wrong with it.
            self.handler_failures += 1
            if type(error) not in self._failures_said:
                self._failures_said.add(type(error))
                log.exception("message handler failed", extra={"client_id": self._client_id, "topic": topic[:120]})
