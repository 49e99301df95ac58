"""What an agent says: numbered events for the record, retained status, latest telemetry.

Events are durable: ``boot_id`` and ``counter`` number them without a gap, and the agent resends each until an
`EventAck` covers it. One stream of events per dock carries all of its flights, in the order they happened.
"""

from __future__ import annotations

import base64
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    field_validator,
    model_serializer,
)

from contracts.message import Message
from contracts.position import LatDeg, LonDeg, Percent, Place, Waypoint, Weather
from contracts.screentext import Said
from contracts.topics import Identifier
from contracts.vocabulary import AlarmKind, Charger, Condition, Deployment, DockState, Lid, Outcome, Phase, Traffic
from contracts.warnings import WarningCode

MAX_PICTURE_BYTES = 65_536
MAX_PICTURE_B64 = -(-MAX_PICTURE_BYTES // 3) * 4


class _Fact(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class OrderAccepted(_Fact):
    """The agent will do it, and has persisted that."""

    type: Literal["order_accepted"] = "order_accepted"
    order_id: UUID
    flight_id: UUID


class OrderRefused(_Fact):
    """The agent will not do it; every reason at once, in words for the person on duty."""

    type: Literal["order_refused"] = "order_refused"
    order_id: UUID
    flight_id: UUID
    reasons: list[Said] = Field(min_length=1, max_length=40)


class CommandSettled(_Fact):
    """How a safety order (or a return the agent chose itself) came out."""

    type: Literal["command_settled"] = "command_settled"
    order_id: UUID
    flight_id: UUID
    outcome: Outcome
    detail: Said = Field(default="", max_length=400)


class PhaseEntered(_Fact):
    """The flight is now in ``phase``; ``because`` says why in a phrase."""

    type: Literal["phase_entered"] = "phase_entered"
    flight_id: UUID
    phase: Phase
    because: Said = Field(default="", max_length=400)
    position: Place | None = None
    alt_above_home_m: float | None = None
    battery_percent: Percent | None = None


class ConditionChanged(_Fact):
    """A condition beside the phase began (``active``) or ended."""

    type: Literal["condition_changed"] = "condition_changed"
    flight_id: UUID
    condition: Condition
    active: bool
    because: Said = Field(default="", max_length=400)


class AlarmChanged(_Fact):
    """An alarm of a flight (or, without one, of the dock) is raised (``active``) or over. ``text`` names the action."""

    type: Literal["alarm_changed"] = "alarm_changed"
    flight_id: UUID | None = None
    alarm: AlarmKind
    active: bool
    text: Said = Field(default="", max_length=400)
    bearing_deg: float | None = Field(default=None, ge=0, le=360)
    """To the crewed aircraft, from ours, true north."""
    above_m: float | None = None
    """The crewed aircraft above ours; negative below."""
    distance_m: float | None = Field(default=None, ge=0)
    in_s: float | None = Field(default=None, ge=0)
    """Mission seconds to the closest approach."""


class PlanChanged(_Fact):
    """Another plan is on board: its upload was compared and telemetry shows that it is flown."""

    type: Literal["plan_changed"] = "plan_changed"
    flight_id: UUID
    order_id: UUID
    scene: Place
    route_out: list[Waypoint] = Field(min_length=1, max_length=200)
    route_home: list[Waypoint] = Field(min_length=1, max_length=200)
    fence: list[Place] = Field(min_length=3, max_length=60)
    watch_s: float = Field(ge=0)
    home: Place
    home_dock_id: Said = Field(max_length=48)


class PayloadChanged(_Fact):
    """What the camera, light or speaker does now, and by whose order (none: the policy's)."""

    type: Literal["payload_changed"] = "payload_changed"
    flight_id: UUID
    order_id: UUID | None = None
    what: Literal["recording", "sensor", "zoom", "light", "speaker", "snapshot", "look_at"]
    value: Said = Field(max_length=120)


class TrackPoint(_Fact):
    """One sample; ``t`` is mission time."""

    t: AwareDatetime
    lat_deg: LatDeg
    lon_deg: LonDeg
    alt_amsl_m: float
    alt_above_home_m: float
    battery_percent: Percent | None = None


class TrackRecorded(_Fact):
    """A stretch of the flown track, about once in 5 s of mission time."""

    type: Literal["track_recorded"] = "track_recorded"
    flight_id: UUID
    points: list[TrackPoint] = Field(min_length=1, max_length=200)


class FlightFlown(_Fact):
    """What was flown, beside what had been promised; sent at a flight's end."""

    type: Literal["flight_flown"] = "flight_flown"
    flight_id: UUID
    time_to_airborne_s: float | None = None
    time_to_scene_s: float | None = None
    on_scene_s: float | None = None
    battery_on_return_percent: Percent | None = None
    distance_m: float | None = None
    """To the watch position, as it had been promised."""
    whole_distance_m: float | None = None
    """Out, about and home again."""


class DockNoted(_Fact):
    """Something at the dock worth recording that belongs to no flight (lid fault, agent restarted, port taken)."""

    type: Literal["dock_noted"] = "dock_noted"
    severity: Literal["info", "warning", "fault"]
    text: Said = Field(min_length=1, max_length=400)
    picture_sha256: str | None = Field(default=None, pattern=r"^[0-9a-f]{64}$")
    """Of the dock camera's picture that there was at this moment."""


Fact = Annotated[
    OrderAccepted
    | OrderRefused
    | CommandSettled
    | PhaseEntered
    | ConditionChanged
    | AlarmChanged
    | PlanChanged
    | PayloadChanged
    | TrackRecorded
    | FlightFlown
    | DockNoted,
    Field(discriminator="type"),
]


class AgentEvent(Message):
    """One numbered fact. Channel `event`."""

    name: ClassVar[str] = "agent_event"

    boot_id: UUID
    counter: int = Field(ge=1)
    oldest_unacknowledged: int | None = Field(default=None, ge=1)
    """The lowest counter of this boot that the agent still keeps: what came before was acknowledged and is gone."""
    deployment: Deployment
    mission_time: AwareDatetime
    wall_time: AwareDatetime
    fact: Fact


class LaunchWarning(BaseModel):
    """One of a dock's blockers that a person may set aside for one launch."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    warning: WarningCode
    text: Said = Field(min_length=1, max_length=400)
    """As it stands among the blockers."""


class DockStatus(Message):
    """The dock as it is now: the agent's heartbeat, every 2 s of wall time and at each change. Channel `status`.

    ``boot_id`` and ``counter`` order statuses; a retained one that is older than the last is ignored.
    """

    name: ClassVar[str] = "dock_status"

    boot_id: UUID
    counter: int = Field(ge=1)
    deployment: Deployment
    mission_time: AwareDatetime
    wall_time: AwareDatetime
    events_said: int = Field(default=0, ge=0)
    """The highest counter of this boot's events: a dispatcher that has them all knows all that this status knows."""
    state: DockState
    flight_id: UUID | None
    phase: Phase | None
    lid: Lid
    aircraft_seated: bool | None
    charger: Charger
    battery_percent: Percent | None
    weather: Weather | None
    aircraft_connected: bool
    aircraft_system_id: int | None
    aircraft_uid: Said | None = Field(max_length=64)
    aircraft_position: Place | None
    blockers: list[Said] = Field(max_length=40)
    """Why this dock cannot launch now, in words; empty when it can."""
    warnings: list[LaunchWarning] = Field(default_factory=list, max_length=40)
    """Which of them are warnings: an order that carries an override of one is not refused for it."""
    traffic: Traffic = Traffic.UNKNOWN
    receiving_flight_id: UUID | None = None
    """The flight of another dock that is expected to land here."""
    picture_age_s: float | None = Field(default=None, ge=0)
    """Of the dock's camera picture; None where there is no camera."""
    checked_after_flight: bool = True
    """False from a landing until the aircraft has been found seated and charging."""
    maintenance_order_id: UUID | None = None
    """The `MaintenanceOrder` that the agent goes by; None, and left out: it has never had one."""

    @model_serializer(mode="wrap")
    def _as_known(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Left out where it says nothing: a dispatcher that gives no such order must still hear the dock."""
        dumped: dict[str, Any] = dump(self)
        if self.maintenance_order_id is None:
            del dumped["maintenance_order_id"]
        return dumped


class DockPicture(Message):
    """The dock camera's picture that its `DockNoted` put on record by its hash. Channel `picture`; the last counts."""

    name: ClassVar[str] = "dock_picture"

    deployment: Deployment
    taken_at: AwareDatetime
    """Mission time, by the camera's own word."""
    when: Said = Field(min_length=1, max_length=80)
    """Before the lid opens, or at the landing."""
    media_type: Literal["image/jpeg", "image/png"]
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    """Of the image."""
    image_b64: str = Field(min_length=4, max_length=MAX_PICTURE_B64, repr=False)
    """The image, at most 64 KiB, in base64 (RFC 4648)."""

    @field_validator("image_b64")
    @classmethod
    def _is_base64(cls, text: str) -> str:
        try:
            base64.b64decode(text, validate=True)
        except ValueError:
            raise ValueError("is not base64") from None
        return text

    def image(self) -> bytes:
        """The image's bytes."""
        return base64.b64decode(self.image_b64)


class Telemetry(Message):
    """The aircraft's latest values, at most 5 Hz of wall time. Channel `telemetry`. Ages say how old each group is."""

    name: ClassVar[str] = "telemetry"

    boot_id: UUID
    counter: int = Field(ge=1)
    deployment: Deployment
    mission_time: AwareDatetime
    flight_id: UUID | None
    aircraft_id: Identifier
    lat_deg: LatDeg
    lon_deg: LonDeg
    alt_amsl_m: float
    alt_above_home_m: float
    heading_deg: float = Field(ge=0, le=360)
    ground_speed_m_s: float = Field(ge=0)
    climb_m_s: float
    battery_percent: Percent | None
    armed: bool
    in_air: bool
    flight_mode: Said = Field(max_length=40)
    position_age_s: float = Field(ge=0)
    link_age_s: float = Field(ge=0)
    traffic: Traffic = Traffic.UNKNOWN
    next_action: Said | None = Field(default=None, max_length=120)
    """What the flight does next by itself, in words."""
    next_action_at: AwareDatetime | None = None
    """Mission time at which it does."""
    battery_at_home_percent: Percent | None = None
    """Predicted, if it turned home now by the planned way in the wind that blows."""
    must_leave_at: AwareDatetime | None = None
    """Mission time at which the charge forces it home."""
    camera_bearing_deg: float | None = Field(default=None, ge=0, le=360)
    """True bearing in which the camera looks, as its gimbal says; None: not known, and the nose says little of it."""
    camera_pitch_deg: float | None = Field(default=None, ge=-180, le=180)
    """Above the horizon; -90 is straight down."""
    camera_hfov_deg: float | None = Field(default=None, gt=0, lt=180)
    """Angle of view from edge to edge across, as the camera says."""


class AgentWill(Message):
    """Left with the broker at connect; published by it when the agent's connection breaks. Channel `will`."""

    name: ClassVar[str] = "agent_will"

    boot_id: UUID
