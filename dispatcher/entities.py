"""What the dispatcher knows, as values: incidents, flights, docks, pilots, and the `State` that holds them. All frozen.

Times are mission time, UTC, unless the name says ``wall``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal
from uuid import UUID

from immutables import Map

from contracts.fleet import AircraftType, Dock
from contracts.orders import FlightOrder, SafetyAction
from contracts.reports import FlightFlown
from contracts.vocabulary import Condition, Deployment, Outcome, Phase
from dispatcher.events import DockReported, IncidentPlace, Promise


class IncidentStatus(StrEnum):
    """Where an incident is in its life; only an open one can be dispatched to."""

    OPEN = "open"
    CLOSED = "closed"
    MERGED = "merged"
    DECLINED = "declined"


class ProposalStatus(StrEnum):
    """What became of a proposal."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DISMISSED = "dismissed"
    VOID = "void"
    """Overtaken: a newer one took its place, or its flight has ended."""


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """Something that would be sensible, waiting for the person who answers for it."""

    id: UUID
    incident_id: UUID
    flight_id: UUID
    kind: Literal["retask", "return"]
    because: str
    proposed_at: datetime
    status: ProposalStatus = ProposalStatus.OPEN


@dataclass(frozen=True, kw_only=True)
class Incident:
    """One occurrence. ``revision`` counts up with each change that a dispatching controller must have seen."""

    id: UUID
    source: str
    reference: str
    grade: str
    category: str
    summary: str
    place: IncidentPlace
    reported_at: datetime
    received_at: datetime
    watch_s: float | None
    revision: int = 1
    status: IncidentStatus = IncidentStatus.OPEN
    outcome: str | None = None
    decline_reason: str | None = None
    merged_into: UUID | None = None
    flight_id: UUID | None = None
    """The latest flight sent to it."""
    decision_ids: tuple[UUID, ...] = ()
    """Its latest decisions, oldest first."""
    proposals: tuple[Proposal, ...] = ()


@dataclass(frozen=True, kw_only=True)
class DecisionView:
    """What a decision showed: enough to answer a press with what has changed since."""

    id: UUID
    incident_id: UUID
    incident_revision: int
    grade: str
    place: IncidentPlace
    best_dock_id: str | None
    options: tuple[dict[str, Any], ...]
    decided_at: datetime

    def option(self, dock_id: str) -> dict[str, Any] | None:
        """The option of one dock, or None when the decision did not know it."""
        return next((option for option in self.options if option["dock_id"] == dock_id), None)


class OrderState(StrEnum):
    """Where a flight's order is on its way to the agent."""

    WAITING_FOR_PILOT = "waiting_for_pilot"
    TO_SEND = "to_send"
    """Sent, and resent, until answered or expired."""
    ACCEPTED = "accepted"
    REFUSED = "refused"
    EXPIRED = "expired"


@dataclass(frozen=True, kw_only=True)
class PhaseEntry:
    """One line of a flight's phase history."""

    phase: Phase
    mission_time: datetime
    wall_time: datetime
    because: str


@dataclass(frozen=True, kw_only=True)
class Command:
    """A safety command to a flight and how it came out."""

    order_id: UUID
    action: SafetyAction
    sequence: int
    issued_at: datetime
    expires_at: datetime
    actor: str
    because: str
    event_id: UUID
    """Of the event that gave it: the cause of what follows."""
    idempotency_key: str | None = None
    outcome: Outcome = Outcome.PENDING
    detail: str = ""


@dataclass(frozen=True, kw_only=True)
class Flight:
    """One deployment of one aircraft, from the press to the box."""

    id: UUID
    incident_id: UUID
    incident_revision: int
    decision_id: UUID
    dock_id: str
    callsign: str
    pilot: str
    order: FlightOrder
    order_sequence: int
    order_state: OrderState
    refusal_reasons: tuple[str, ...] = ()
    promise: Promise
    flown: FlightFlown | None = None
    phase: Phase = Phase.ORDERED
    phases: tuple[PhaseEntry, ...]
    conditions: frozenset[Condition] = frozenset()
    commands: tuple[Command, ...] = ()
    ordered_at: datetime
    ordered_by: str
    event_id: UUID
    """Of the event that ordered it: the cause of what follows."""

    @property
    def ended(self) -> bool:
        """True when nothing more will happen to it."""
        return self.phase.is_end


@dataclass(frozen=True, kw_only=True)
class DockView:
    """A registered dock, and what its agent last said."""

    dock: Dock
    aircraft_type: AircraftType
    report: DockReported | None = None
    silent: bool = True
    """True until the agent is heard, and when it is not heard any more."""
    silent_since: datetime | None = None
    """When the silence was noticed; None while it is heard, and before it ever was."""
    active_flight_id: UUID | None = None
    last_sequence: int = 0
    """The highest order sequence given to this dock."""


@dataclass(frozen=True, kw_only=True)
class PilotOnDuty:
    """A pilot who has signed on."""

    id: str
    accepts: Literal["beforehand", "ask"]
    max_flights: int
    since: datetime
    until: datetime | None = None


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


@dataclass(frozen=True, kw_only=True)
class State:
    """Everything, after the event with sequence ``seq``."""

    seq: int = 0
    deployment: Deployment | None = None
    force: str = ""
    force_name: str = ""
    docks: Map[str, DockView] = field(default_factory=Map)
    incidents: Map[UUID, Incident] = field(default_factory=Map)
    flights: Map[UUID, Flight] = field(default_factory=Map)
    pilots: Map[str, PilotOnDuty] = field(default_factory=Map)
    decisions: Map[UUID, DecisionView] = field(default_factory=Map)
    strangers: Map[str, Stranger] = field(default_factory=Map)
    agents: Map[str, AgentCursor] = field(default_factory=Map)
    references: Map[tuple[str, str], UUID] = field(default_factory=Map)
    """(source, reference) of every incident ever reported."""
    presses: Map[tuple[str, str], UUID] = field(default_factory=Map)
    """(actor, idempotency key) of every dispatch, to its flight."""
    unfinished: Map[UUID, None] = field(default_factory=Map)
    """Flights that have not ended."""

    def active_flights(self) -> list[Flight]:
        """Flights that have not ended, in the order they were ordered."""
        return sorted((self.flights[flight_id] for flight_id in self.unfinished), key=lambda flight: flight.id.int)

    def flights_of_pilot(self, pilot: str) -> int:
        """How many unfinished flights a pilot commands."""
        return sum(1 for flight_id in self.unfinished if self.flights[flight_id].pilot == pilot)
