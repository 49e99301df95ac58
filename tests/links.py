"""A whole dispatcher without its HTTP side, on a real broker and a real journal, that can be stopped and started."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from uuid import UUID, uuid4

from contracts.vocabulary import Deployment
from dispatcher.decision.facts import Policy
from dispatcher.desk import Desk
from dispatcher.events import AgentReported, DispatcherStarted, DockRegistered
from dispatcher.journal import Journal
from dispatcher.link.link import DispatcherLink
from dispatcher.link.telemetry import TelemetrySlots
from dispatcher.reach import Reach
from dispatcher.state import State, apply
from kestrel.clock import SystemClock
from kestrel.identity import uuid7
from kestrel.mqtt import Broker
from tests.desks import QUAD, SITES, dock
from tests.journals import open_journal
from tests.wire import FORCE, Keys

PATIENCE_S = 30.0
"""Far more than anything takes: a test that waits so long has failed."""


@dataclass
class Served:
    """A running dispatcher's parts."""

    journal: Journal
    desk: Desk
    link: DispatcherLink
    slots: TelemetrySlots

    async def facts(self, dock_id: str) -> list[tuple[UUID, int]]:
        """Boot and counter of every fact of a dock's agent in the record, in order."""
        events = [recorded.event async for recorded in self.journal.read()]
        return [
            (event.boot_id, event.counter)
            for event in events
            if isinstance(event, AgentReported) and event.dock_id == dock_id
        ]


@contextlib.asynccontextmanager
async def dispatcher_link(*, broker: Broker, keys: Keys, journal_file: Path) -> AsyncIterator[Served]:
    """A dispatcher that takes the journal over inside the block."""
    clock = SystemClock()
    async with open_journal(journal_file, force=FORCE, clock=clock) as journal:
        state = State()
        async for recorded in journal.read():
            state = apply(state, recorded)
        bits = Random().getrandbits
        policy = Policy(watch_s=300)
        desk = Desk(
            journal=journal,
            state=state,
            clock=clock,
            policy=policy,
            deployment=Deployment.SIMULATION,
            new_id=lambda: uuid7(clock.mission_now(), random_bits=bits),
            reach=Reach(policy=policy),
        )
        boot_id = uuid4()
        await desk.record(
            [
                DispatcherStarted(boot_id=boot_id, deployment=Deployment.SIMULATION, force=FORCE, force_name="Test"),
                *(
                    DockRegistered(dock=dock(dock_id, number, *site), aircraft_type=QUAD)
                    for number, (dock_id, site) in enumerate(SITES.items(), start=1)
                    if dock_id not in state.docks
                ),
            ]
        )
        slots = TelemetrySlots()
        link = DispatcherLink(
            broker=broker,
            force=FORCE,
            deployment=Deployment.SIMULATION,
            docks=SITES,
            boot_id=boot_id,
            desk=desk,
            key=keys.of["dispatcher"],
            keyring=keys.ring,
            slots=slots,
            clock=clock,
        )
        async with asyncio.TaskGroup() as tasks, link.running(tasks):
            yield Served(journal, desk, link, slots)


async def until(condition: Callable[[], bool], *, patience_s: float = PATIENCE_S) -> None:
    """Wait for what must come; fails when it does not."""
    async with asyncio.timeout(patience_s):
        while not condition():  # noqa: ASYNC110 - the condition is anything that a test can see
            await asyncio.sleep(0.02)
