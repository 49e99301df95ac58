"""What the policy says of an incident, and launches that are proposed or happen by themselves: ``incident/{id}``."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from dispatcher.events.event import Event


class RulingRecord(BaseModel):
    """One rule that bears on an incident, by its name and its line in the policy that holds."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    rule: str
    kind: Literal["grade", "unknown_grade", "quiet_hours", "no_fly"]
    line: int | None
    launch: Literal["by_itself", "asks", "pressed", "never"]
    text: str
    override: list[str] = Field(default_factory=list)


class LaunchJudged(Event):
    """How a flight to the incident may begin under the policy, and why; again when that has changed."""

    incident_id: UUID
    grade: str
    """The policy's name for it."""
    rank: int
    """0 is served first."""
    known: bool
    """False: the feed's word for its grade is not in the policy."""
    launch: Literal["by_itself", "asks", "pressed", "never"]
    rulings: list[RulingRecord]


class LaunchProposed(Event):
    """A launch is announced: at ``answer_by`` it is withdrawn, or happens by itself, as ``unanswered`` says."""

    proposal_id: UUID
    incident_id: UUID
    incident_revision: int
    decision_id: UUID
    dock_id: str
    callsign: str
    rank: int
    because: str
    time_to_scene_s: float
    answer_by: AwareDatetime
    """Mission time."""
    unanswered: Literal["launched", "withdrawn"]


class LaunchWithdrawn(Event):
    """A proposed launch will not happen: nobody answered, or (``overtaken``) what it rested on is so no longer."""

    proposal_id: UUID
    incident_id: UUID
    overtaken: bool
    because: str


class PolicyOverridden(Event):
    """By name, and with a note, somebody who may has set aside what forbids a press for this incident."""

    incident_id: UUID
    rules: list[str]
    roles: list[str]
    """Of the person, among those that these rules ask for."""
    note: str
