"""Carries orders to the agents until they are answered or have expired. It keeps nothing: the state says what waits.

Each order has a task of its own, and safety orders a session of their own, so that none stands behind another. An
order goes out the moment it is journalled, then again and again with the same bytes: doing it twice is doing it once.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
from collections.abc import Coroutine, Iterator, Sequence
from typing import Any
from uuid import UUID

from contracts.topics import Channel, Topic
from contracts.vocabulary import Deployment
from dispatcher.events import (
    AgentReported,
    BlockerOrdered,
    BlockerOrderExpired,
    DockReported,
    MaintenanceOrdered,
    ReceiveWithdrawalExpired,
    ReceiveWithdrawn,
)
from dispatcher.journal.errors import WriterLost
from dispatcher.link.counters import LinkCounters
from dispatcher.link.fleeting import FleetingOrders
from dispatcher.link.outgoing import Expiry, Outgoing, outgoing_of, outgoing_to
from dispatcher.link.ports import DeskPort, Publisher
from dispatcher.link.sealing import Sealer
from dispatcher.record import Recorded
from kestrel.clock import Clock
from kestrel.errors import MqttDisconnected

log = logging.getLogger(__name__)

RESEND_FIRST_S = 1.0
RESEND_GROWTH = 1.5
RESEND_CAP_S = 4.0
ANSWER_GRACE_S = 2.0
"""Wall seconds after the expiry in which an answer may still be on its way."""
EXPIRE_AGAIN_S = 1.0

Owner = UUID | str
_Key = tuple[Owner, UUID, int, bool]


class OrderOutbox:
    """The way out."""

    def __init__(
        self,
        *,
        force: str,
        deployment: Deployment,
        desk: DeskPort,
        orders: Publisher,
        safety: Publisher,
        sealer: Sealer,
        counters: LinkCounters,
        clock: Clock,
    ) -> None:
        self._force = force
        self._deployment = deployment
        self._desk = desk
        self._sessions = {Channel.ORDER: orders, Channel.SAFETY: safety}
        self._sealer = sealer
        self._counters = counters
        self._clock = clock
        self._tasks: asyncio.TaskGroup | None = None
        self._carried: dict[_Key, asyncio.Task[None]] = {}
        self._expiring: set[_Key] = set()
        self._kicks: dict[_Key, tuple[Channel, asyncio.Event]] = {}
        self._fleeting = FleetingOrders(force=force, session=orders, sealer=sealer, counters=counters, clock=clock)
        desk.on_appended(self._appended)
        desk.on_fleeting(self._fleeting.put)

    @contextlib.contextmanager
    def carrying(self, tasks: asyncio.TaskGroup) -> Iterator[None]:
        """Carry what the state says inside the block, in tasks of ``tasks``."""
        self._tasks = tasks
        fleeting = tasks.create_task(self._fleeting.run(), name="carry what is sent once")
        try:
            for flight_id in self._desk.state.flights:
                self._review(flight_id)
            for dock_id in self._desk.state.docks:
                self._review(dock_id)
            yield
        finally:
            self._tasks = None
            fleeting.cancel()
            for task in self._carried.values():
                task.cancel()

    @property
    def waiting(self) -> int:
        """Orders that have no answer yet."""
        return len(self._carried)

    def kick(self, channel: Channel) -> None:
        """Send again at once what waits on a channel: the broker has us back."""
        for waiting_on, event in self._kicks.values():
            if waiting_on is channel:
                event.set()

    def _appended(self, recorded: Sequence[Recorded]) -> None:
        for owner in {owner: None for each in recorded for owner in _owners(each)}:
            self._review(owner)

    def _review(self, owner: Owner) -> None:
        if self._tasks is None:
            return
        wanted = {_key(each): each for each in self._waiting_for(owner)}
        for key in [key for key in self._carried if key[0] == owner and key not in self._expiring]:
            if key not in wanted:
                self._carried.pop(key).cancel()
        for key, outgoing in wanted.items():
            if key not in self._carried:
                self._carry(self._tasks, key, outgoing)

    def _waiting_for(self, owner: Owner) -> list[Outgoing]:
        if isinstance(owner, UUID):
            flight = self._desk.state.flights.get(owner)
            return [] if flight is None else outgoing_of(flight, self._deployment)
        view = self._desk.state.docks.get(owner)
        return [] if view is None else outgoing_to(view)

    def _carry(self, tasks: asyncio.TaskGroup, key: _Key, outgoing: Outgoing) -> None:
        name = f"carry {outgoing.channel} {outgoing.order_id}"
        task = tasks.create_task(self._until_answered(key, outgoing), name=name)
        self._carried[key] = task
        task.add_done_callback(lambda done: self._dropped(key, done))

    def _dropped(self, key: _Key, task: asyncio.Task[None]) -> None:
        if self._carried.get(key) is task:
            del self._carried[key]
        self._expiring.discard(key)

    async def _until_answered(self, key: _Key, outgoing: Outgoing) -> None:
        kick = asyncio.Event()
        mine = self._kicks[key] = (outgoing.channel, kick)
        try:
            await self._send_until_expiry(outgoing, kick)
        finally:
            if self._kicks.get(key) is mine:
                del self._kicks[key]
        await self._clock.sleep_wall(ANSWER_GRACE_S)
        # From here it ends by itself: the desk's own append must not cancel the task that asked for it.
        self._expiring.add(key)
        await self._expire(key, outgoing)

    async def _send_until_expiry(self, outgoing: Outgoing, kick: asyncio.Event) -> None:
        topic = Topic(self._force, outgoing.dock_id, outgoing.channel)
        payload = self._sealer.order(
            outgoing.message,
            topic,
            order_id=outgoing.order_id,
            sequence=outgoing.sequence,
            issued_at=outgoing.issued_at,
            expires_at=outgoing.expires_at,
        )
        for attempt in itertools.count():
            left_s = self._left_s(outgoing)
            if left_s <= 0:
                return
            kick.clear()
            wait_s = min(RESEND_CAP_S, RESEND_FIRST_S * RESEND_GROWTH ** min(attempt, 16))
            if not outgoing.withheld:
                await self._send(outgoing, str(topic), payload)
            await self._pause(min(wait_s, self._left_s(outgoing)), kick)

    async def _send(self, outgoing: Outgoing, topic: str, payload: bytes) -> None:
        try:
            await self._sessions[outgoing.channel].publish(topic, payload, qos=1)
        except MqttDisconnected:
            self._counters.count(f"{outgoing.channel}_unsent")
        else:
            self._counters.count(f"{outgoing.channel}_sent")

    def _left_s(self, outgoing: Outgoing) -> float:
        """Wall seconds until the expiry."""
        return (outgoing.expires_at - self._clock.mission_now()).total_seconds() / self._clock.factor

    async def _pause(self, seconds: float, kick: asyncio.Event) -> None:
        if seconds <= 0:
            return
        await _first_of(self._clock.sleep_wall(seconds), kick.wait())

    async def _expire(self, key: _Key, outgoing: Outgoing) -> None:
        while self._still_waiting(key):
            try:
                await self._tell_expired(outgoing)
            except WriterLost:
                raise
            except Exception:
                log.exception("an expiry could not be journalled", extra={"order_id": str(outgoing.order_id)})
            else:
                self._counters.count(f"{outgoing.channel}_expired")
                return
            await self._clock.sleep_wall(EXPIRE_AGAIN_S)

    async def _tell_expired(self, outgoing: Outgoing) -> None:
        owner, order_id = outgoing.owner, outgoing.order_id
        if isinstance(owner, str):
            if outgoing.expiry is Expiry.WITHDRAWAL:
                await self._desk.expire_withdrawal(owner, order_id)
            elif outgoing.expiry is Expiry.MAINTENANCE:
                await self._desk.tell_maintenance()
            else:
                await self._desk.expire_blocker(owner, order_id)
        elif outgoing.expiry is Expiry.ORDER:
            await self._desk.expire_order(owner, order_id)
        elif outgoing.expiry is Expiry.RECEIVE:
            await self._desk.expire_receive(owner, order_id)
        else:
            await self._desk.expire_command(owner, order_id)

    def _still_waiting(self, key: _Key) -> bool:
        return any(_key(each) == key for each in self._waiting_for(key[0]))


def _key(outgoing: Outgoing) -> _Key:
    # An order that is withheld, or no longer, is carried anew.
    return (outgoing.owner, outgoing.order_id, outgoing.sequence, outgoing.withheld)


_OF_DOCK = (
    *(BlockerOrdered, BlockerOrderExpired, DockReported, MaintenanceOrdered),
    *(ReceiveWithdrawn, ReceiveWithdrawalExpired, AgentReported),
)


def _owners(recorded: Recorded) -> Iterator[Owner]:
    """The flight and the dock that an event may have changed the orders of."""
    event = recorded.event
    found = getattr(event, "flight_id", None) or getattr(getattr(event, "fact", None), "flight_id", None)
    if isinstance(found, UUID):
        yield found
    if isinstance(event, _OF_DOCK):
        yield event.dock_id


async def _first_of(*waits: Coroutine[Any, Any, Any]) -> None:
    tasks = [asyncio.ensure_future(wait) for wait in waits]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
