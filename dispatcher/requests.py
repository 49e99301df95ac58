"""What people ask of the desk, as checked values; the API's bodies and the feeds' documents become these."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from contracts.warnings import WarningCode
from dispatcher.events import IncidentPlace


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentReport:
    """A new occurrence from a feed or a person; ``reported_at`` None means now."""

    source: str
    reference: str
    grade: str
    category: str
    summary: str
    place: IncidentPlace
    address: str = ""
    """Street and number as the source has them; empty where it has none."""
    reported_at: datetime | None = None
    watch_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentAmendment:
    """Fields that are not None replace; ``revision`` is the one that was on the screen, when given."""

    place: IncidentPlace | None = None
    address: str | None = None
    """A place that comes without one has none: an old address beside a new place would be a wrong one."""
    grade: str | None = None
    category: str | None = None
    summary: str | None = None
    revision: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAside:
    """A warning that somebody sets aside for one launch, and why."""

    warning: WarningCode
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """A press of the dispatch button, with what was on the screen."""

    purpose: str
    decision_id: UUID
    incident_revision: int
    dock_id: str | None
    idempotency_key: str
    overrides: tuple[SetAside, ...] = ()
    """Of the dock that it names; what that dock was shown with."""
    left_to_pilot: bool = False
    """Warnings that are the pilot's are put to them: the flight waits until they have set them aside."""
