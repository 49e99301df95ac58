"""The link's parts around a desk on a virtual clock, with a broker session in memory."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from random import Random

from contracts.envelope import unseal
from contracts.orders import EventAck
from contracts.topics import Channel
from contracts.vocabulary import Deployment
from dispatcher.events import DockReported
from dispatcher.link.counters import LinkCounters
from dispatcher.link.intake import Intake
from dispatcher.link.lane import DockLane
from dispatcher.link.sealing import Sealer
from dispatcher.link.silence import SilenceWatch
from dispatcher.link.strangers import Strangers
from dispatcher.link.telemetry import TelemetrySlots
from tests.desks import SITES, Scene
from tests.wire import FORCE, Keys, MemorySession, Voice

LIMIT_S = 6.0


@dataclass
class Inward:
    """Everything between a message of the broker and the desk."""

    scene: Scene
    keys: Keys
    session: MemorySession
    counters: LinkCounters
    slots: TelemetrySlots
    silence: SilenceWatch
    strangers: Strangers
    intake: Intake
    lanes: dict[str, DockLane]
    voices: dict[str, Voice] = field(default_factory=dict)

    def voice(self, dock_id: str = "cov-1") -> Voice:
        """What speaks for a dock; the same one each time."""
        if dock_id not in self.voices:
            self.voices[dock_id] = Voice(dock_id=dock_id, keys=self.keys, clock=self.scene.clock)
        return self.voices[dock_id]

    async def comes(self, payload: bytes, channel: Channel, dock_id: str = "cov-1") -> None:
        """One message, and all that follows from it."""
        await self.intake.on_message(self.voice(dock_id).topic(channel), payload)
        await self.scene.clock.advance(0)

    async def settle(self) -> None:
        """Let everything that waits be taken, however much it is."""
        before = -1
        while before != len(self.scene.log.records):
            before = len(self.scene.log.records)
            await self.scene.clock.advance(0.01)

    def silent(self, dock_id: str = "cov-1") -> bool:
        """Whether the state has a dock as silent."""
        return self.scene.desk.state.docks[dock_id].silent

    def report(self, dock_id: str = "cov-1") -> DockReported | None:
        """What the state has of a dock."""
        return self.scene.desk.state.docks[dock_id].report

    def acks(self) -> list[int]:
        """The counters acknowledged so far, in order."""
        return [
            unseal(payload, topic=topic, keyring=self.keys.ring).open_as(EventAck).counter
            for topic, payload in self.session.on(Channel.ACK)
        ]

    def facts(self) -> list[int]:
        """The counters of the agents' facts in the record, in order."""
        return [record.event.counter for record in self.scene.log.records if hasattr(record.event, "counter")]


@contextlib.asynccontextmanager
async def inward(*, ready: bool = True, fresh_within_s: float = LIMIT_S) -> AsyncIterator[Inward]:
    """The way in, served inside the block."""
    scene = await Scene.open(ready=ready)
    keys, session, counters, slots = Keys(), MemorySession(), LinkCounters(), TelemetrySlots()
    sealer = Sealer(key=keys.of["dispatcher"], clock=scene.clock, random_bits=Random(3).getrandbits)
    silence = SilenceWatch(desk=scene.desk, docks=SITES, limit_s=LIMIT_S, clock=scene.clock)
    strangers = Strangers(desk=scene.desk, counters=counters)
    lanes = {
        dock_id: DockLane(
            dock_id=dock_id,
            force=FORCE,
            desk=scene.desk,
            session=session,
            sealer=sealer,
            silence=silence,
            slots=slots,
            counters=counters,
            clock=scene.clock,
            fresh_within_s=fresh_within_s,
        )
        for dock_id in SITES
    }
    intake = Intake(
        force=FORCE,
        deployment=Deployment.SIMULATION,
        keyring=keys.ring,
        lanes=lanes,
        strangers=strangers,
        counters=counters,
        clock=scene.clock,
    )
    served = [*(lane.run() for lane in lanes.values()), strangers.run(), silence.run()]
    tasks = [asyncio.create_task(each) for each in served]
    try:
        yield Inward(scene, keys, session, counters, slots, silence, strangers, intake, lanes)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
