"""Incidents, what was decided on them, and what was proposed: streams ``incident/{id}``."""

from __future__ import annotations

from typing import Any, ClassVar, Literal
from uuid import UUID

from pydantic import AwareDatetime

from dispatcher.events.event import Event, IncidentPlace


class IncidentReported(Event):
    schema_version: ClassVar[int] = 2

    incident_id: UUID
    source: str
    reference: str
    grade: str
    category: str
    summary: str
    place: IncidentPlace
    address: str
    """Street and number as the source has them; empty where it has none."""
    reported_at: AwareDatetime
    watch_s: float | None


class IncidentAmended(Event):
    """Fields that are not None have changed; ``revision`` is the new one."""

    schema_version: ClassVar[int] = 2

    incident_id: UUID
    revision: int
    place: IncidentPlace | None = None
    address: str | None = None
    grade: str | None = None
    category: str | None = None
    summary: str | None = None


class IncidentClosed(Event):
    incident_id: UUID
    revision: int
    outcome: str


class IncidentMerged(Event):
    """``incident_id`` is the same occurrence as ``into``; its flight, if any, goes over when ``into`` has none."""

    incident_id: UUID
    revision: int
    into: UUID
    flight_moved: UUID | None


class IncidentDeclined(Event):
    incident_id: UUID
    revision: int
    reason: str


class OptionsDecided(Event):
    """A decision: its inputs, and every dock's option with its reasons, as `dispatcher.decision` gave them.

    Version 2 says of each pilot what they fly by hand, and whether their console is silent, and whom it relieves;
    version 3 which airspace it was decided in, and the policy for its zones; version 4 which aerodrome's report a wind
    is of, what is forecast, and which crewed aircraft are near; version 5 which docks fly higher or lower than the
    policy says, beside which other flights; since 6 which version of the decision came to it;
    version 7 why a dock is out of service.
    """

    schema_version: ClassVar[int] = 7

    decision_id: UUID
    incident_id: UUID
    incident_revision: int
    inputs: dict[str, Any]
    options: list[dict[str, Any]]
    best_dock_id: str | None
    decision_version: int
    """`dispatcher.decision.version.VERSION` of the code that came to it; up to 5 that of the schema."""


class ProposalMade(Event):
    """Something that would be sensible now; it happens only when somebody accepts."""

    proposal_id: UUID
    incident_id: UUID
    flight_id: UUID
    kind: Literal["retask", "return"]
    because: str


class ProposalAnswered(Event):
    proposal_id: UUID
    incident_id: UUID
    accepted: bool
