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
from contracts.orders import BlockerOrder, FlightOrder, ReceiveOrder, SafetyAction
from contracts.reports import FlightFlown, PlanChanged
from contracts.tasks import PAYLOAD, Task
from contracts.vocabulary import PHASE_ORDER, AlarmKind, Condition, Deployment, Outcome, Phase
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
class ForeseenRelief:
    """Who would relieve the flight on scene; nothing is done yet."""

    flight_id: UUID
    """The flight to be relieved."""
    leaves_at: datetime
    dock_id: str | None
    """None: no dock can, as it stands."""
    order_at: datetime | None


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
    flight_ids: tuple[UUID, ...] = ()
    """All flights sent to it, or that came to it with another incident, in that order."""
    watched_from: datetime | None = None
    """When the first flight of the last press was on scene: the watch that is wanted counts from there."""
    relief: ForeseenRelief | None = None
    """None while nobody need be relieved."""
    relay_ended_because: str | None = None
    """Why nobody is relieved by itself any more; None while somebody would be."""
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
    """What a flight has been told, and how it came out."""

    order_id: UUID
    action: str
    """A `SafetyAction`, or the ``type`` of a task."""
    task: Task | None = None
    """None for a safety command, and for a divert while the other dock has not opened yet."""
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

    @property
    def is_safety(self) -> bool:
        """True for what passes everything."""
        return self.action in _SAFETY

    @property
    def is_manoeuvre(self) -> bool:
        """True for what moves the aircraft, or ends its moving."""
        return self.action not in PAYLOAD


_SAFETY = frozenset(action.value for action in SafetyAction)
BY_HAND = frozenset({SafetyAction.HOLD.value, "goto", "orbit", "altitude", "nudge"})
"""After one of these somebody flies, not the mission, until it is resumed or called home."""


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """Something that needs an action of somebody."""

    id: UUID
    kind: AlarmKind
    flight_id: UUID | None
    dock_id: str | None
    raised_at: datetime
    text: str
    bearing_deg: float | None = None
    above_m: float | None = None
    distance_m: float | None = None
    in_s: float | None = None
    """At ``changed_at``, as are the three before it."""
    changed_at: datetime
    ended_at: datetime | None = None
    acknowledged_by: str | None = None
    acknowledged_at: datetime | None = None

    @property
    def active(self) -> bool:
        """True while what it is about lasts."""
        return self.ended_at is None


@dataclass(frozen=True, kw_only=True)
class HandOver:
    """An offer of command that waits for its answer."""

    id: UUID
    giver: str
    to: str | None
    """None: any other pilot on duty."""
    offered_at: datetime
    offered_by: str
    expires_at: datetime | None
    because: str


@dataclass(frozen=True, kw_only=True)
class Diversion:
    """The way of a flight to another dock: first that opens, then the flight is told."""

    order_id: UUID
    """Of the command."""
    to_dock_id: str
    receive: ReceiveOrder
    receive_sequence: int
    receive_outcome: Outcome = Outcome.PENDING
    receive_detail: str = ""
    automatic: bool
    because: str
    event_id: UUID


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
    plan: PlanChanged | None = None
    """The plan that has taken the order's place, if any."""
    alarms: tuple[Alarm, ...] = ()
    hand_over: HandOver | None = None
    payload_with: str | None = None
    """To whom camera, light and speaker are lent; None: the pilot has them."""
    payload: Map[str, str] = field(default_factory=Map)
    """What each does now, as the agent last said."""
    diversions: tuple[Diversion, ...] = ()
    divert_impossible: bool = False
    ordered_at: datetime
    ordered_by: str
    event_id: UUID
    """Of the event that ordered it: the cause of what follows."""
    relieves: UUID | None = None
    """The flight that it relieves on scene."""
    accepted_by: str | None = None
    """Who pressed for the watch that it goes on with; None: it was pressed for by itself."""

    @property
    def ended(self) -> bool:
        """True when nothing more will happen to it."""
        return self.phase.is_end

    @property
    def in_hand(self) -> bool:
        """True while somebody flies it by hand: that was its last manoeuvre, and it was not resumed or called home."""
        if self.ended:
            return False
        last = next((each for each in reversed(self.commands) if _counts(each)), None)
        if last is None or last.action not in BY_HAND:
            return False
        homeward = PHASE_ORDER[self.phase] >= PHASE_ORDER[Phase.RETURNING]
        return not (homeward and self.phases[-1].mission_time > last.issued_at)

    @property
    def diversion(self) -> Diversion | None:
        """The last one, whatever became of it."""
        return self.diversions[-1] if self.diversions else None

    @property
    def diverted_to(self) -> str | None:
        """The dock that is its home now; None: the one it left."""
        home = None if self.plan is None else self.plan.home_dock_id
        return None if home in (None, "", self.dock_id) else home

    def command(self, order_id: UUID) -> Command | None:
        """The command of that id."""
        return next((each for each in self.commands if each.order_id == order_id), None)


def _counts(command: Command) -> bool:
    return command.is_manoeuvre and command.outcome is not Outcome.REFUSED


@dataclass(frozen=True, kw_only=True)
class RaisedBlocker:
    """What a person has seen over a dock, or (``order.raised`` false) that it has gone."""

    order: BlockerOrder
    sequence: int
    settled: bool = False
    """True once the agent shows that it has taken it, or the order has expired."""


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
    expected_flight_id: UUID | None = None
    """A flight of another dock that has been sent here."""
    guest_of: str | None = None
    """The dock whose aircraft stands here since a diversion: an engineer must re-home one of the two."""
    away_in: str | None = None
    """The dock in which this one's own aircraft stands since a diversion."""
    blocker: RaisedBlocker | None = None
    alarms: tuple[Alarm, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Notice:
    """What a pilot is told of something that somebody else did."""

    id: UUID
    flight_id: UUID
    by: str
    order_id: UUID | None
    text: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class PilotOnDuty:
    """A pilot who has signed on."""

    id: str
    accepts: Literal["beforehand", "ask"]
    max_flights: int
    since: datetime
    until: datetime | None = None
    console: bool = False
    """True: the heartbeat of their console is watched."""
    silent_since: datetime | None = None
    """Since when that console is silent; None while it is heard, or where none is watched."""
    notices: tuple[Notice, ...] = ()
    """The latest, oldest first."""


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
    relays: Map[UUID, None] = field(default_factory=Map)
    """Open incidents that somebody pressed dispatch for and that say how long a watch they want."""
    open_alarms: Map[UUID, UUID | str] = field(default_factory=Map)
    """Alarms that last or that nobody has acknowledged, to the flight or dock that has them."""

    def active_flights(self) -> list[Flight]:
        """Flights that have not ended, in the order they were ordered."""
        return sorted((self.flights[flight_id] for flight_id in self.unfinished), key=lambda flight: flight.id.int)

    def flights_of_pilot(self, pilot: str) -> int:
        """How many unfinished flights a pilot commands."""
        return sum(1 for flight_id in self.unfinished if self.flights[flight_id].pilot == pilot)

    def flights_in_hand(self, pilot: str) -> list[Flight]:
        """The unfinished flights that a pilot flies by hand."""
        return [flight for flight in self._flights_of(pilot) if flight.in_hand]

    def flights_watched(self, pilot: str) -> list[Flight]:
        """The unfinished flights of a pilot that fly by their mission: in transit or on watch."""
        return [flight for flight in self._flights_of(pilot) if not flight.in_hand]

    def _flights_of(self, pilot: str) -> list[Flight]:
        return [flight for flight in self.active_flights() if flight.pilot == pilot]

    def alarm(self, alarm_id: UUID) -> Alarm | None:
        """An alarm that lasts, or that nobody has acknowledged."""
        home = self.open_alarms.get(alarm_id)
        owner = self.flights.get(home) if isinstance(home, UUID) else self.docks.get(home or "")
        return next((each for each in owner.alarms if each.id == alarm_id), None) if owner is not None else None
