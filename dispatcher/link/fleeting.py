"""Carries what is sent once and never again: nudges. A slot per dock, the newest only; a link that is down loses it."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from contracts.tasks import NUDGE_HOLDS_S
from contracts.topics import Channel, Topic
from dispatcher.link.counters import LinkCounters
from dispatcher.link.ports import Publisher
from dispatcher.link.sealing import Sealer
from dispatcher.nudging import Fleeting
from kestrel.clock import Clock
from kestrel.errors import MqttDisconnected


class FleetingOrders:
    """Latest-value slots, emptied by one task."""

    def __init__(self, *, force: str, session: Publisher, sealer: Sealer, counters: LinkCounters, clock: Clock) -> None:
        self._force = force
        self._session = session
        self._sealer = sealer
        self._counters = counters
        self._clock = clock
        self._slots: dict[str, Fleeting] = {}
        self._woken = asyncio.Event()

    def put(self, order: Fleeting) -> None:
        """To be sent now; in the place of one that has not gone yet."""
        if order.dock_id in self._slots:
            self._counters.count("fleeting_overtaken")
        self._slots[order.dock_id] = order
        self._woken.set()

    async def run(self) -> None:
        """Send, for ever."""
        while True:
            await self._woken.wait()
            self._woken.clear()
            while self._slots:
                _, order = self._slots.popitem()
                await self._send(order)

    async def _send(self, order: Fleeting) -> None:
        topic = Topic(self._force, order.dock_id, Channel.ORDER)
        now = self._clock.mission_now()
        payload = self._sealer.order(
            order.message,
            topic,
            order_id=order.order_id,
            sequence=order.sequence,
            issued_at=now,
            expires_at=now + timedelta(seconds=NUDGE_HOLDS_S * self._clock.factor),
        )
        try:
            await self._session.publish(str(topic), payload, qos=0)
        except MqttDisconnected:
            self._counters.count("fleeting_unsent")
        else:
            self._counters.count("fleeting_sent")
