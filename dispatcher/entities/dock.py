"""Docks, and whatever speaks for one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from immutables import Map

from contracts.fleet import AircraftType, Dock
from contracts.orders import BlockerOrder, MaintenanceOrder, WithdrawReceiveOrder
from contracts.vocabulary import Outcome
from dispatcher.entities.alarm import Alarm
from dispatcher.events import DockReported


@dataclass(frozen=True, kw_only=True)
class RaisedBlocker:
    """What a person has seen over a dock, or (``order.raised`` false) that it has gone."""

    order: BlockerOrder
    sequence: int
    settled: bool = False
    """True once the agent shows that it has taken it, or the order has expired."""


@dataclass(frozen=True, kw_only=True)
class Withdrawal:
    """A dock is told that the flight it waits for does not come."""

    order: WithdrawReceiveOrder
    sequence: int
    outcome: Outcome = Outcome.PENDING
    """Unknown: not answered before it expired."""


def with_raised(own: Sequence[str], blocker: RaisedBlocker | None) -> list[str]:
    """The blockers of a dock's agent, and what a person has raised until the agent shows that it knows."""
    text = blocker.order.text if blocker is not None and blocker.order.raised else ""
    told = not text or any(text in each for each in own)
    return list(own) if told else [*own, f"something is over the dock: {text}"]


@dataclass(frozen=True, kw_only=True)
class Hold:
    """Who has taken a dock out of service, when and why."""

    by: str
    at: datetime
    because: str


@dataclass(frozen=True, kw_only=True)
class ToldMaintenance:
    """What the dock's agent has been told of who holds it, last."""

    order: MaintenanceOrder
    sequence: int


@dataclass(frozen=True, kw_only=True)
class Fault:
    """Something at a dock that went wrong, as its agent put it on record."""

    at: datetime
    """Mission time of the agent."""
    severity: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Usage:
    """What a dock's own aircraft has been through since the journal began, as far as it was told."""

    charged_percent: float = 0.0
    """All that the charger has put in, in per cent of the battery: a hundred are one full cycle."""
    flights: int = 0
    """That have left the ground and come to an end."""
    flown_s: float = 0.0
    """Mission seconds off the ground, of those."""


@dataclass(frozen=True, kw_only=True)
class DockView:
    """A registered dock, and what its agent last said."""

    dock: Dock
    aircraft_type: AircraftType
    registered_at: datetime | None = None
    """Since when the fleet file has it, and its aircraft, so (mission time)."""
    report: DockReported | None = None
    silent: bool = True
    """True until the agent is heard, and when it is not heard any more."""
    silent_since: datetime | None = None
    """When the silence was noticed; None while it is heard, and before it ever was."""
    active_flight_id: UUID | None = None
    last_sequence: int = 0
    """The highest order sequence given to this dock."""
    expected_flight_id: UUID | None = None
    """A flight of another dock that has been sent here."""
    guest_of: str | None = None
    """The dock whose aircraft stands here since a diversion: an engineer must re-home one of the two."""
    away_in: str | None = None
    """The dock in which this one's own aircraft stands since a diversion."""
    blocker: RaisedBlocker | None = None
    withdrawal: Withdrawal | None = None
    """The last one."""
    picture_sha256: str | None = None
    """Of the last picture that its agent put on record."""
    alarms: tuple[Alarm, ...] = ()
    holds: tuple[Hold, ...] = ()
    """Out of service for maintenance, by whose words, one of each person; empty: in service."""
    maintenance: ToldMaintenance | None = None
    """None: nobody has held it since agents are told."""
    faults: tuple[Fault, ...] = ()
    """The last ones, the newest at the end."""
    usage: Usage = Usage()

    @property
    def agent_knows_holds(self) -> bool:
        """Whether its agent goes by the last that it was told of maintenance, as far as it is journalled."""
        if self.maintenance is None:
            # Nobody has told it anything: one that goes by a word all the same has it from another journal.
            return not self.holds and (self.report is None or self.report.maintenance_order_id is None)
        return self.report is not None and self.report.maintenance_order_id == self.maintenance.order.order_id


@dataclass(frozen=True, kw_only=True)
class Stranger:
    """Something that speaks for a dock it is not."""

    name: str
    because: str
    first_seen: datetime


@dataclass(frozen=True, kw_only=True)
class AgentCursor:
    """The last fact of a dock's agent in the journal: per boot, the highest counter."""

    boot_id: UUID
    counter: int
    boots: Map[UUID, int] = field(default_factory=Map)
