"""Incidents, what was decided on them, and what is proposed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal
from uuid import UUID

from dispatcher.entities.watching import Note
from dispatcher.events import IncidentPlace
from dispatcher.policy.document import Launch
from dispatcher.policy.stance import Ruling


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
    """Overtaken: a newer one took its place, its flight has ended, or what it rested on has changed."""
    WITHDRAWN = "withdrawn"
    """A launch, or a turn, that nobody answered in time."""
    COUNTDOWN = "countdown"
    """A turn that its pilot has accepted, and that those who watch are told of; it is not done yet."""
    CANCELLED = "cancelled"
    """A turn whose countdown somebody has stopped."""
    LAUNCHED = "launched"
    """A launch that happened by itself, because nobody cancelled it."""


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """What the policy says of an incident: how a flight may begin, and by which rules."""

    grade: str
    rank: int
    known: bool
    launch: Launch
    rulings: tuple[Ruling, ...]


@dataclass(frozen=True, kw_only=True)
class ProposedLaunch:
    """What would be launched, and what happens when nobody answers by ``answer_by`` (mission time)."""

    decision_id: UUID
    incident_revision: int
    dock_id: str
    callsign: str
    rank: int
    """Of the incident's grade when it was proposed."""
    time_to_scene_s: float
    answer_by: datetime
    unanswered: Literal["launched", "withdrawn"]


@dataclass(frozen=True, kw_only=True)
class ProposedTurn:
    """A flight that would be turned from one incident to another, with its figures."""

    from_incident_id: UUID
    callsign: str
    rank: int
    from_rank: int
    homeward: bool
    """It is on its way home: nobody loses it."""
    gain_s: float
    time_to_scene_s: float
    watch_s: float
    battery_on_return_percent: float
    otherwise_dock_id: str | None
    otherwise_s: float | None
    others_s: float | None
    told: tuple[str, ...]
    """Who is told before it goes."""
    countdown_s: float
    answer_by: datetime
    turns_at: datetime | None = None
    """The end of the countdown; None: none has begun."""
    accepted_by: str | None = None
    accepted_at: datetime | None = None
    """When the countdown began (mission time)."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a person has said to a proposal; to accept a turn and to cancel its countdown are two."""

    verb: Literal["accept", "dismiss", "cancel"]
    by: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """Something that would be sensible, waiting for the person who answers for it."""

    id: UUID
    incident_id: UUID
    flight_id: UUID | None
    """None: of a launch, whose flight there is not yet."""
    kind: Literal["retask", "return", "launch", "turn"]
    because: str
    proposed_at: datetime
    status: ProposalStatus = ProposalStatus.OPEN
    launch: ProposedLaunch | None = None
    """Of a launch alone."""
    turn: ProposedTurn | None = None
    """Of a turn alone; the proposal's incident is where it would go."""
    answers: tuple[Answer, ...] = ()
    """Who has said what to it, the first first."""
    over_because: str = ""
    """Why it was withdrawn or overtaken, where that was said."""

    @property
    def waits(self) -> bool:
        """True while something may yet come of it."""
        return self.status in (ProposalStatus.OPEN, ProposalStatus.COUNTDOWN)


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
class Override:
    """Somebody has set rules of the policy aside, for this incident alone."""

    by: str
    at: datetime
    rules: tuple[str, ...]
    note: str


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
    address: str = ""
    """Street and number as the source has them; empty where it has none."""
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
    judged: Judgement | None = None
    """What the policy says of it; None where no policy is on record."""
    overridden: tuple[str, ...] = ()
    """Rules of the policy that somebody who may has set aside for a press."""
    overrides: tuple[Override, ...] = ()
    """By whom, when and why, the first first."""
    link_ids: tuple[UUID, ...] = ()
    """Every link that was given to it."""
    notes: tuple[Note, ...] = ()
    """The latest, oldest first."""


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
    seq: int | None = None
    """Its event in the journal; None: it is not kept for a press."""

    def option(self, dock_id: str) -> dict[str, Any] | None:
        """The option of one dock, or None when the decision did not know it."""
        return next((option for option in self.options if option["dock_id"] == dock_id), None)
