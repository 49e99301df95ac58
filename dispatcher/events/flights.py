"""Flights from the press to the box: streams ``flight/{id}``."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from contracts.orders import FlightOrder
from contracts.reports import Fact
from contracts.vocabulary import Phase
from contracts.warnings import Concern, WarningCode
from dispatcher.events.event import Event


class Promise(BaseModel):
    """What the option said when it was pressed, from the press on."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    time_to_airborne_s: float
    time_to_scene_s: float
    on_scene_s: float
    battery_on_return_percent: float
    distance_m: float


class HeldWarning(BaseModel):
    """A warning that keeps a flight at home until its pilot sets it aside."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    warning: WarningCode
    concern: Concern
    text: str
    value: float
    limit: float
    may_set_aside: list[str]
    """The roles that the policy named when it was left to the pilot."""


class FlightOrdered(Event):
    """Somebody pressed dispatch. The order goes out when the pilot has accepted, or had so beforehand."""

    flight_id: UUID
    incident_id: UUID
    incident_revision: int
    decision_id: UUID
    dock_id: str
    callsign: str
    order: FlightOrder
    sequence: int
    """The dock's order sequence; flight and safety orders share it."""
    promise: Promise
    accepted_beforehand: bool
    idempotency_key: str | None
    relieves: UUID | None = None
    """The flight that it relieves on scene: ordered by nobody's press but the one that asked for so long a watch."""
    accepted_by: str | None = None
    """Who pressed for that watch, where it relieves a flight."""
    proposal_id: UUID | None = None
    """The launch that was proposed: accepted by who ordered it, or, ordered by the system, cancelled by nobody."""
    warnings_left: list[HeldWarning] = Field(default_factory=list)
    """Left to the pilot: the order is not sent before they have set each aside; those set aside stand in the order."""


class FlightAccepted(Event):
    """The named pilot takes it; the order goes out from now, expiring at ``expires_at``."""

    flight_id: UUID
    pilot: str
    order: FlightOrder
    sequence: int


class OrderExpired(Event):
    """No answer to the order before its expiry: nothing was done, or it is unknown what was."""

    flight_id: UUID
    order_id: UUID


class FlightEnded(Event):
    """The dispatcher itself ends a flight that no agent will: declined by its pilot, expired, or missing."""

    flight_id: UUID
    phase: Phase
    because: str


class BoxEvidence(BaseModel):
    """That an aircraft stands in its own box: what the box feels, and who answers from there."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    status_boot_id: UUID
    status_counter: int
    status_at: AwareDatetime
    """Mission time of the dock's status in which its sensor felt an aircraft."""
    aircraft_uid: str
    """As heard over the link, and as the fleet file has it."""
    aircraft_system_id: int
    telemetry_at: AwareDatetime
    """Mission time of the aircraft's own values: disarmed, on the ground, at this place."""
    link_age_s: float
    position_age_s: float
    off_site_m: float
    """How far its own position is from the box."""


class FlightFound(Event):
    """A missing flight is heard of again: its dock's agent says that it is in ``phase``, or it stands in its box."""

    flight_id: UUID
    phase: Phase
    because: str
    evidence: BoxEvidence | None = None
    """Where it was seen in its own box, which no agent said: the dock is held with it (`DockHeld`)."""


class AgentReported(Event):
    """A fact from a dock's agent, exactly once.

    Stream "flight/{id}" when it names a flight of that dock, else "dock/{id}": a dock has no say over others' flights.
    """

    dock_id: str
    boot_id: UUID
    counter: int
    agent_mission_time: AwareDatetime
    agent_wall_time: AwareDatetime
    fact: Annotated[Fact, Field(discriminator="type")]
