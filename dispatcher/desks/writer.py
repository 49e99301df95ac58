"""The journal's single writer: what the desks of all concerns stand on.

Whoever changes something passes the turnstile, decides on the present state with pure functions, and appends the events
that follow; they are folded into the state when they are safely in the journal, and only then told to those who act on
them. Safety commands pass all who wait.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

from contracts.reports import DockStatus, Telemetry
from contracts.vocabulary import Deployment
from dispatcher import events as ev
from dispatcher import fleet
from dispatcher.confirmation import Confirmations
from dispatcher.consoles import Consoles
from dispatcher.decision.facts import Policy
from dispatcher.dockweather import DockWeather
from dispatcher.errors import DispatcherError
from dispatcher.identifiers import NewId
from dispatcher.nudging import Bursts, Fleeting
from dispatcher.policy import FlyingPolicy
from dispatcher.record import SYSTEM, Draft, Recorded
from dispatcher.state import State, apply
from dispatcher.streams import stream_of
from dispatcher.traffic import NoTraffic, TrafficSource
from dispatcher.turnstile import Turnstile
from dispatcher.volumes import Sky
from dispatcher.worlds import Worlds
from kestrel.clock import Clock

log = logging.getLogger(__name__)

OnAppended = Callable[[Sequence[Recorded]], None]
OnFleeting = Callable[[Fleeting], None]


class ReachPort(Protocol):
    """Which docks can reach a place at all."""

    def candidates(self, lat_deg: float, lon_deg: float) -> tuple[str, ...] | None:
        """Docks by id, or None when that is not known now."""

    def appended(self, recorded: Sequence[Recorded]) -> None:
        """Hear of new events."""


class Whereabouts(Protocol):
    """The aircraft's latest values."""

    def latest(self) -> Mapping[str, Telemetry]:
        """Dock id to its last telemetry."""


class NoWhereabouts:
    """Where nothing speaks."""

    def latest(self) -> Mapping[str, Telemetry]:
        return {}


class EventLog(Protocol):
    """What the desk needs of the journal."""

    async def append(self, drafts: Sequence[Draft]) -> list[Recorded]:
        """Append in one transaction; returns when it is synced."""


@dataclass
class Counters:
    """What the desk has turned away."""

    repeated_events: int = 0
    gaps: int = 0
    old_statuses: int = 0
    looks_failed: int = 0
    """Looks at whether all flights are apart that came to no end."""
    refusals: dict[str, int] = field(default_factory=dict)

    def gauges(self) -> dict[str, float]:
        """For the metrics."""
        plain = {
            "repeated_events": self.repeated_events,
            "gaps": self.gaps,
            "old_statuses": self.old_statuses,
            "looks_failed": self.looks_failed,
        }
        named = {f"refused_{slug.replace('-', '_')}": count for slug, count in self.refusals.items()}
        return {f"desk_{name}_total": float(count) for name, count in (plain | named).items()}


class Writer:
    """See the module; the desks inherit from it."""

    def __init__(
        self,
        *,
        journal: EventLog,
        state: State,
        clock: Clock,
        policy: Policy,
        deployment: Deployment,
        new_id: NewId,
        reach: ReachPort,
        flying: FlyingPolicy | None = None,
        whereabouts: Whereabouts | None = None,
        worlds: Worlds | None = None,
        traffic: TrafficSource | None = None,
    ) -> None:
        self._journal = journal
        self.state = state
        self.clock = clock
        self.policy = policy
        self.deployment = deployment
        self.flying = flying or FlyingPolicy()
        self.counters = Counters()
        self._whereabouts = whereabouts or NoWhereabouts()
        self.look_due = asyncio.Event()
        """Set by what is never refused: whether all flights are still apart is looked at once it is answered."""
        self._confirmations = Confirmations(clock=clock, new_id=new_id, within_s=self.flying.confirm_wall_s)
        self._bursts = Bursts(clock=clock)
        self._consoles = Consoles(clock=clock)
        self._fleeting: list[OnFleeting] = []
        self._new_id = new_id
        self._turnstile = Turnstile()
        self._heard: dict[str, fleet.Heard] = {}
        self.dock_weather = DockWeather(began_at=clock.mission_now())
        self._relief_decided_at: dict[UUID, datetime] = {}
        """By flight, when it was last decided who would relieve it."""
        self._launch_decided_at: dict[UUID, datetime] = {}
        """By incident, when it was last decided whether a launch could be proposed."""
        self._reach = reach
        self.traffic: TrafficSource = traffic or NoTraffic()
        self.worlds = worlds or Worlds(policy=policy)
        self._listeners: list[OnAppended] = [reach.appended, self.worlds.appended]

    def on_appended(self, listener: OnAppended) -> None:
        """Call ``listener`` with every batch, after it is journalled and folded."""
        self._listeners.append(listener)

    def on_fleeting(self, listener: OnFleeting) -> None:
        """Call ``listener`` with every order that is sent once and not recorded; must not wait."""
        self._fleeting.append(listener)

    async def record(self, events: Sequence[ev.Event], *, actor: str = SYSTEM) -> list[Recorded]:
        """Journal events that need no decision (start, fleet file)."""
        async with self._turnstile.passing():
            return await self._append(events, actor)

    def _statuses(self) -> dict[str, DockStatus]:
        """Each dock's newest status."""
        return {dock_id: last.status for dock_id, last in self._heard.items()}

    def _sky(self) -> Sky:
        """Where aircraft were last heard."""
        return Sky(now=self.clock.mission_now(), telemetry=self._whereabouts.latest())

    def _cause(self, dock_id: str, flight_id: UUID | None, order_id: UUID | None = None) -> UUID | None:
        """The event that a fact about a flight goes back to: the command that it settles, else the flight's order."""
        flight = self.state.flights.get(flight_id) if flight_id else None
        if flight is None:
            return None
        if flight.dock_id != dock_id:
            asked = (each for each in flight.diversions if each.receive.order_id == order_id)
            return next((each.event_id for each in asked), None)
        return next((given.event_id for given in flight.commands if given.order_id == order_id), flight.event_id)

    async def _append(self, events: Sequence[ev.Event], actor: str, *, cause: UUID | None = None) -> list[Recorded]:
        """Append; within a batch the later events follow from the first."""
        if not events:
            return []
        first_id = self._new_id()
        drafts = [
            Draft(
                stream=stream_of(event, self.state),
                event=event,
                actor=actor,
                id=None if position else first_id,
                causation_id=first_id if position else cause,
            )
            for position, event in enumerate(events)
        ]
        # Once it has begun it is finished, whoever stops waiting for it: what is in the journal must be in the state.
        writing = asyncio.create_task(self._write(drafts), name="journal append")
        try:
            return await asyncio.shield(writing)
        except asyncio.CancelledError:
            while not writing.done():
                # However often it is cancelled: nobody may decide before the state has followed.
                with contextlib.suppress(asyncio.CancelledError):
                    await asyncio.wait([writing])
            raise

    async def _write(self, drafts: Sequence[Draft]) -> list[Recorded]:
        recorded = await self._journal.append(drafts)
        for entry in recorded:
            self.state = apply(self.state, entry)
        for listener in self._listeners:
            try:
                listener(recorded)
            except Exception:
                log.exception("a listener of the journal failed")
        return recorded

    def _count(self, refusal: DispatcherError) -> None:
        self.counters.refusals[refusal.slug] = self.counters.refusals.get(refusal.slug, 0) + 1
