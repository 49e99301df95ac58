"""One dock's way in: its events in order and exactly once, its newest status, its latest telemetry.

Each dock has a lane and a task of its own, so that a chatty dock delays no other. What does not fit is dropped and
counted: agents resend events until they are acknowledged, and an acknowledgement is sent only for what is journalled.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from uuid import UUID

from contracts.orders import EventAck
from contracts.reports import AgentEvent, AgentWill, DockStatus, Telemetry
from contracts.topics import Channel, Topic
from dispatcher.journal.errors import WriterLost
from dispatcher.link.counters import LinkCounters
from dispatcher.link.newest import Newest
from dispatcher.link.ports import DeskPort, Publisher
from dispatcher.link.sealing import Sealer
from dispatcher.link.silence import SilenceWatch
from dispatcher.link.telemetry import TelemetrySlots
from kestrel.clock import Clock
from kestrel.errors import MqttDisconnected

log = logging.getLogger(__name__)

MAX_EVENTS = 256
ACK_EACH = 32
"""Events taken before an acknowledgement goes out, and the status has its turn, though more are waiting."""


class DockLane:
    """Takes what `Intake` has checked, and hands it to the desk."""

    def __init__(
        self,
        *,
        dock_id: str,
        force: str,
        desk: DeskPort,
        session: Publisher,
        sealer: Sealer,
        silence: SilenceWatch,
        slots: TelemetrySlots,
        counters: LinkCounters,
        clock: Clock,
        fresh_within_s: float,
    ) -> None:
        self._dock_id = dock_id
        self._ack_topic = Topic(force, dock_id, Channel.ACK)
        self._desk = desk
        self._session = session
        self._sealer = sealer
        self._silence = silence
        self._slots = slots
        self._counters = counters
        self._clock = clock
        self._fresh_within_s = fresh_within_s
        self._events: deque[AgentEvent] = deque()
        self._status: DockStatus | None = None
        self._woken = asyncio.Event()
        self._newest_status = Newest()
        self._newest_telemetry = Newest()
        self._boot_id: UUID | None = None

    def put_event(self, event: AgentEvent) -> None:
        """An event of this dock, in the order in which it came."""
        if len(self._events) >= MAX_EVENTS:
            self._counters.count("events_dropped")
            return
        self._events.append(event)
        self._woken.set()

    def put_status(self, status: DockStatus) -> None:
        """A status; older ones than the newest are ignored, and so is one that only the broker still remembers.

        Alive is who stamps the present time, or who has counted on since we last heard it (its clock may be off).
        """
        first = status.boot_id != self._boot_id
        age_s = (self._clock.wall_now() - status.wall_time).total_seconds()
        if not self._newest_status.admits(
            boot_id=status.boot_id,
            counter=status.counter,
            mission_time=status.mission_time,
            fresh=abs(age_s) <= self._fresh_within_s,
        ):
            self._counters.count("status_outdated")
            return
        self._boot_id = status.boot_id
        if first and age_s > self._fresh_within_s:
            self._counters.count("status_kept")
            return
        self._status = status
        self._woken.set()

    def put_telemetry(self, telemetry: Telemetry) -> None:
        """The aircraft's values; older ones than the newest are ignored."""
        age_s = (self._clock.mission_now() - telemetry.mission_time).total_seconds() / self._clock.factor
        if not self._newest_telemetry.admits(
            boot_id=telemetry.boot_id,
            counter=telemetry.counter,
            mission_time=telemetry.mission_time,
            fresh=abs(age_s) <= self._fresh_within_s,
        ):
            self._counters.count("telemetry_outdated")
            return
        self._slots.put(self._dock_id, telemetry)

    def put_will(self, will: AgentWill) -> None:
        """The broker says that the agent's connection broke; that of an earlier boot says nothing."""
        self._counters.count("wills")
        if will.boot_id == self._boot_id:
            self._silence.will_seen(self._dock_id)

    async def run(self) -> None:
        """Hand over, for ever."""
        while True:
            await self._woken.wait()
            self._woken.clear()
            while self._events or self._status is not None:
                await self._take_events()
                await self._take_status()

    async def _take_events(self) -> None:
        boots: dict[UUID, None] = {}
        for _ in range(min(len(self._events), ACK_EACH)):
            event = self._events.popleft()
            boots[event.boot_id] = None
            await self._take_event(event)
        for boot_id in boots:
            await self._acknowledge(boot_id)

    async def _take_event(self, event: AgentEvent) -> None:
        if event.counter <= self._journalled(event.boot_id):
            self._counters.count("events_again")
            return
        try:
            journalled = await self._desk.ingest_event(self._dock_id, event)
        except WriterLost:
            raise
        except Exception:
            # Not acknowledged, so the agent sends it again.
            self._counters.count("events_failed")
            log.exception("an agent's event could not be journalled", extra={"dock": self._dock_id})
            return
        self._counters.count("events_journalled" if journalled else "events_early")

    def _journalled(self, boot_id: UUID) -> int:
        cursor = self._desk.state.agents.get(self._dock_id)
        return cursor.boots.get(boot_id, 0) if cursor is not None else 0

    async def _acknowledge(self, boot_id: UUID) -> None:
        counter = self._journalled(boot_id)
        if counter == 0:
            return
        message = self._sealer.fresh(EventAck(boot_id=boot_id, counter=counter), self._ack_topic)
        try:
            await self._session.publish(str(self._ack_topic), message, qos=1)
        except MqttDisconnected:
            self._counters.count("acks_lost")
        else:
            self._counters.count("acks_sent")

    async def _take_status(self) -> None:
        status, self._status = self._status, None
        if status is None:
            return
        try:
            await self._desk.ingest_status(self._dock_id, status)
            await self._silence.heard(self._dock_id)
        except WriterLost:
            raise
        except Exception:
            self._counters.count("status_failed")
            log.exception("a dock's status could not be taken", extra={"dock": self._dock_id})
        else:
            self._counters.count("status_taken")
