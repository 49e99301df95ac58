"""The domain's events: everything that the journal can say.

Past tense, closed, versioned. An event's ``type`` is its class name. A field may be added with a default; anything else
is a new ``schema_version`` with an upcaster in `dispatcher.journal.upcasters`. What an agent reports is journalled as
`AgentReported` with the agent's own boot id and counter, so that a resent fact is recognised for ever.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from contracts.fleet import AircraftType, Dock
from contracts.orders import FlightOrder, SafetyAction
from contracts.position import LatDeg, LonDeg, Percent, Place, Weather
from contracts.reports import Fact
from contracts.vocabulary import Charger, Deployment, DockState, Lid, Outcome, Phase


class Event(BaseModel):
    """Base of all events; ``stream`` of the journal is ``{kind}/{id}`` as `streams` says."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    schema_version: ClassVar[int] = 1

    @classmethod
    def type_name(cls) -> str:
        """The name under which the journal keeps it."""
        return cls.__name__


class IncidentPlace(BaseModel):
    """Where, and how sure: WGS84 and the radius of a circle that holds it."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    lat_deg: LatDeg
    lon_deg: LonDeg
    radius_m: float = Field(default=0.0, ge=0, le=20_000)


# --- the deployment and its fleet: stream "force/{force}" and "dock/{id}" ---


class DispatcherStarted(Event):
    """A dispatcher process took the journal over."""

    boot_id: UUID
    deployment: Deployment
    force: str
    force_name: str


class DockRegistered(Event):
    """A dock of the fleet file, new or changed."""

    dock: Dock
    aircraft_type: AircraftType


class DockWithdrawn(Event):
    """A dock that is no longer in the fleet file."""

    dock_id: str


class DockReported(Event):
    """The dock as its agent last said, when something that matters to a decision has changed (or a minute passed)."""

    dock_id: str
    state: DockState
    flight_id: UUID | None
    lid: Lid
    aircraft_seated: bool | None
    charger: Charger
    battery_percent: Percent | None
    weather: Weather | None
    aircraft_connected: bool
    aircraft_system_id: int | None
    aircraft_uid: str | None
    aircraft_position: Place | None
    blockers: list[str]
    registered: bool
    """False: what stands there is not what the fleet file says; never ranked."""
    unregistered_because: str = ""
    measured_at: AwareDatetime
    """Mission time of the agent's status."""


class DockSilent(Event):
    """No heartbeat from the dock's agent for longer than the limit."""

    dock_id: str
    silent_s: float


class DockHeardAgain(Event):
    """The agent of a silent dock is heard again."""

    dock_id: str


class StrangerSeen(Event):
    """Something speaks for a dock that is not in the fleet file, or that signs with a wrong key."""

    name: str
    because: str


# --- incidents: stream "incident/{id}" ---


class IncidentReported(Event):
    incident_id: UUID
    source: str
    reference: str
    grade: str
    category: str
    summary: str
    place: IncidentPlace
    reported_at: AwareDatetime
    watch_s: float | None


class IncidentAmended(Event):
    """Fields that are not None have changed; ``revision`` is the new one."""

    incident_id: UUID
    revision: int
    place: IncidentPlace | None = None
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
    """A decision: its inputs, and every dock's option with its reasons, as `dispatcher.decision` gave them."""

    decision_id: UUID
    incident_id: UUID
    incident_revision: int
    inputs: dict[str, Any]
    options: list[dict[str, Any]]
    best_dock_id: str | None


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


# --- flights: stream "flight/{id}" ---


class Promise(BaseModel):
    """What the option said when it was pressed, from the press on."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    time_to_airborne_s: float
    time_to_scene_s: float
    on_scene_s: float
    battery_on_return_percent: float
    distance_m: float


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


class CommandGiven(Event):
    """A safety command: carried by its own lane, resent until settled or expired."""

    flight_id: UUID
    dock_id: str
    order_id: UUID
    action: SafetyAction
    sequence: int
    expires_at: AwareDatetime
    because: str
    idempotency_key: str | None


class CommandResolved(Event):
    """The dispatcher itself settles a command that no agent will: expired (unknown), or never sent (confirmed)."""

    flight_id: UUID
    order_id: UUID
    outcome: Outcome
    detail: str


class FlightEnded(Event):
    """The dispatcher itself ends a flight that no agent will: declined by its pilot, expired, or missing."""

    flight_id: UUID
    phase: Phase
    because: str


class FlightFound(Event):
    """A missing flight is heard of again: its dock's agent says that it is in ``phase``."""

    flight_id: UUID
    phase: Phase
    because: str


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


# --- duty: stream "duty/{pilot}" ---


class PilotSignedOn(Event):
    pilot: str
    accepts: Literal["beforehand", "ask"]
    max_flights: int
    until: AwareDatetime | None = None
    """Mission time at which duty ends by itself: nobody is on duty for ever because they forgot to sign off."""


class PilotSignedOff(Event):
    pilot: str


EVENT_TYPES: dict[str, type[Event]] = {
    kind.type_name(): kind
    for kind in (
        DispatcherStarted,
        DockRegistered,
        DockWithdrawn,
        DockReported,
        DockSilent,
        DockHeardAgain,
        StrangerSeen,
        IncidentReported,
        IncidentAmended,
        IncidentClosed,
        IncidentMerged,
        IncidentDeclined,
        OptionsDecided,
        ProposalMade,
        ProposalAnswered,
        FlightOrdered,
        FlightAccepted,
        OrderExpired,
        CommandGiven,
        CommandResolved,
        FlightEnded,
        FlightFound,
        AgentReported,
        PilotSignedOn,
        PilotSignedOff,
    )
}
"""Every type of event by its name."""
