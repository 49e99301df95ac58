"""`amqtt` 0.12 with three of its faults mended: take-overs, subscriptions that change meanwhile, retained messages.

Each is private ground of the library, so it stands here alone and tests/unit/kestrel/test_brokeraccess.py holds every
mend against the real thing. Mosquitto has none of the three.
"""

from __future__ import annotations

import asyncio
from collections.abc import ItemsView, Iterator
from typing import Any

from amqtt.broker import Broker as AmqttBroker
from amqtt.contexts import Action
from amqtt.mqtt.protocol.broker_handler import BrokerProtocolHandler
from amqtt.session import Session

Subscribers = list[tuple[Session, int]]


class SteadyDict(dict[str, Subscribers]):
    """Loops over what was there when the loop began: `amqtt` awaits inside its loops, and clients come and go."""

    def __iter__(self) -> Iterator[str]:
        return iter(list(self.keys()))

    def items(self) -> ItemsView[str, Subscribers]:  # type: ignore[override]
        """The pairs of this moment."""
        return dict(super().items()).items()


class SteadyBroker(AmqttBroker):  # type: ignore[misc]
    """The broker as MQTT 3.1.1 has it, where `amqtt` itself is not."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._subscriptions: SteadyDict = SteadyDict()

    async def _handle_disconnect(
        self, client_session: Session, handler: BrokerProtocolHandler, disconnect_waiter: asyncio.Future[Any]
    ) -> None:
        """The end of one connection: of its session too, unless a newer connection has taken that over.

        `amqtt` marks the session as disconnected in both cases, and nothing reaches the newer connection any more.
        """
        if self._get_handler(client_session) is handler:
            await super()._handle_disconnect(client_session, handler, disconnect_waiter)
        else:
            await self._stop_handler(handler)

    async def _client_message_loop(self, client_session: Session, handler: BrokerProtocolHandler) -> None:
        """The life of one connection, which begins connected: an older one may have ended during the take-over."""
        if not client_session.transitions.is_connected():
            client_session.transitions.connect()
            await self._publish_session_retained_messages(client_session)
        await super()._client_message_loop(client_session, handler)

    async def _publish_retained_messages_for_subscription(
        self, subscription: tuple[str, int], session: Session
    ) -> None:
        """What is retained for a filter that this session was granted; `amqtt` tells a newcomer everybody's."""
        topic_filter, _ = subscription
        granted = any(owner.client_id == session.client_id for owner, _ in self._subscriptions.get(topic_filter, []))
        if granted and await self._topic_filtering(session, topic_filter, Action.SUBSCRIBE):
            await super()._publish_retained_messages_for_subscription(subscription, session)
