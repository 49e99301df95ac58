"""Flights, what they were told, and who commands them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from immutables import Map

from contracts.orders import FlightOrder, ReceiveOrder, SafetyAction
from contracts.reports import FlightFlown, PlanChanged
from contracts.tasks import PAYLOAD, Task
from contracts.vocabulary import PHASE_ORDER, Condition, Outcome, Phase
from dispatcher.entities.alarm import Alarm
from dispatcher.entities.video import FlightVideo
from dispatcher.events import HeldWarning, Promise


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
class Turned:
    """From one incident to another: what was promised for that, and when it began."""

    from_incident_id: UUID
    to_incident_id: UUID
    proposal_id: UUID
    order_id: UUID
    """Of the task that tells it."""
    at: datetime
    accepted_by: str
    homeward: bool
    time_to_scene_s: float
    watch_s: float
    battery_on_return_percent: float
    undone: bool
    """Back to where it was: the agent did not do it."""
    because: str
    left_watched_from: datetime | None = None
    """Since when the incident that it left had been watched."""
    flown_from: datetime | None = None
    """When its agent had the new way on board (mission time); None: not that anybody knows."""


@dataclass(frozen=True, kw_only=True)
class Leaving:
    """It goes to another incident at ``at`` (mission time), unless that is cancelled."""

    proposal_id: UUID
    to_incident_id: UUID
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Acceptance:
    """A pilot's yes to a flight before it arms."""

    by: str
    at: datetime
    beforehand: bool
    """By what they signed on with, and not by a press for this flight."""


@dataclass(frozen=True, kw_only=True)
class Flight:
    """One deployment of one aircraft, from the press to the box."""

    id: UUID
    incident_id: UUID
    incident_revision: int
    decision_id: UUID
    dock_id: str
    callsign: str
    mark: int
    """The lowest number from 0 on that no other flight out had when it was ordered: its shape and colour on screens."""
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
    plan_at: datetime | None = None
    """When its agent said so (mission time)."""
    alarms: tuple[Alarm, ...] = ()
    hand_over: HandOver | None = None
    payload_with: str | None = None
    """To whom camera, light and speaker are lent; None: the pilot has them."""
    payload: Map[str, str] = field(default_factory=Map)
    """What each does now, as the agent last said."""
    video: FlightVideo = field(default_factory=FlightVideo)
    diversions: tuple[Diversion, ...] = ()
    divert_impossible: str | None = None
    """Why no dock can take it in, where it needs another one."""
    ordered_at: datetime
    ordered_by: str
    event_id: UUID
    """Of the event that ordered it: the cause of what follows."""
    relieves: UUID | None = None
    """The flight that it relieves on scene."""
    accepted_by: str | None = None
    """Who pressed for the watch that it goes on with; None: it was pressed for by itself."""
    acceptance: Acceptance | None = None
    """Of its pilot; None: they have not accepted it yet."""
    warnings_left: tuple[HeldWarning, ...] = ()
    """What keeps it at home until its pilot sets it aside; what is set aside stands in its order."""
    turns: tuple[Turned, ...] = ()
    """From incident to incident, the first first."""
    leaving: Leaving | None = None
    """While those who watch are told that it goes."""

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
    def begins_anew(self) -> bool:
        """True for a flight whose plan on board is of a turn: its phases may go back to the way out."""
        return self.plan is not None and any(each.order_id == self.plan.order_id for each in self.turns)

    @property
    def homeward(self) -> bool:
        """True for one on its way home by the plan that is on board, which it does not leave any more by itself."""
        if PHASE_ORDER[self.phase] < PHASE_ORDER[Phase.RETURNING]:
            return False
        # Turned on its way home it has the way out on board a moment before it says that it is en route.
        turned = self.begins_anew and self.plan_at is not None and self.phases[-1].mission_time <= self.plan_at
        return not turned or self.phase is not Phase.RETURNING

    @property
    def leg(self) -> Turned | None:
        """The turn that brought it to the incident that it is for now; None: it was sent there."""
        return None if not self.turns or self.turns[-1].undone else self.turns[-1]

    @property
    def leg_phases(self) -> tuple[PhaseEntry, ...]:
        """Its phases on its way to the incident that it is for, and there."""
        leg = self.leg
        if leg is None:
            return self.phases
        since = leg.flown_from
        return tuple(entry for entry in self.phases if since is not None and entry.mission_time >= since)

    @property
    def leg_commands(self) -> tuple[Command, ...]:
        """What it was told since it is for this incident."""
        leg = self.leg
        if leg is None:
            return self.commands
        return tuple(command for command in self.commands if command.issued_at >= leg.at)

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
