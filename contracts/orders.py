"""What the dispatcher tells an agent to do, and how it acknowledges the agent's events.

A flight order carries the whole flight, the way home included, so that the agent needs nobody afterwards.
Each order is resent until accepted, refused or expired; doing one twice is doing it once (by ``order_id``).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, SerializerFunctionWrapHandler, model_serializer

from contracts.message import Message
from contracts.position import Percent, Place, Waypoint
from contracts.screentext import Said
from contracts.tasks import Task
from contracts.topics import Identifier
from contracts.vocabulary import Avoidance, Deployment, RecordingFrom
from contracts.warnings import WarningOverride


class FlightOrder(Message):
    """Fly to a scene, watch it, come home. Channel `order`."""

    name: ClassVar[str] = "flight_order"

    order_id: UUID
    flight_id: UUID
    incident_id: UUID
    deployment: Deployment
    aircraft_id: Identifier
    pilot: Said = Field(min_length=1, max_length=120)
    purpose: Said = Field(min_length=1, max_length=400)
    issued_at: AwareDatetime
    expires_at: AwareDatetime
    home: Place
    scene: Place
    """Where the camera looks."""
    route_out: list[Waypoint] = Field(min_length=1, max_length=200)
    """After a vertical climb over home to the first waypoint's height; the last one is the watch position."""
    route_home: list[Waypoint] = Field(min_length=1, max_length=200)
    """From the watch position through the cleared corridor; the last one is over home, where it lands."""
    fence: list[Place] = Field(min_length=3, max_length=60)
    """Inclusion polygon, not closed; holds home, both routes and the watch position."""
    ceiling_above_home_m: float = Field(gt=0, le=500)
    cruise_speed_m_s: float = Field(gt=0, le=40)
    watch_s: float = Field(ge=0, le=7200)
    reserve_percent: Percent
    link_loss_return_s: float = Field(default=10.0, ge=2, le=120)
    """The policy's time without the agent's link after which the autopilot returns by itself."""
    avoidance: Avoidance = Avoidance.DESCEND
    """What the agent flies by itself when a crewed aircraft converges."""
    avoidance_alt_above_home_m: float = Field(default=30.0, gt=0, le=500)
    """Where `Avoidance.DESCEND` descends to."""
    recording_from: RecordingFrom = RecordingFrom.SCENE
    """The policy's moment from which the camera records."""
    overrides: list[WarningOverride] = Field(default_factory=list, max_length=20)
    """Set aside for this launch alone: the agent's guard of each yields so far, and no other guard does."""


class SafetyAction(StrEnum):
    """What may be asked on the safety lane: it passes everything at every layer."""

    CANCEL = "cancel"
    """Before arming: close the lid, the flight ends as cancelled. Once arming has begun: a return."""
    RETURN = "return"
    HOLD = "hold"
    """Stop and hang there. Before arming: a cancel."""
    LAND = "land"
    """Come down here, now; the dispatcher has asked twice."""


class SafetyOrder(Message):
    """Pre-empts everything at every layer. Channel `safety`."""

    name: ClassVar[str] = "safety_order"

    order_id: UUID
    flight_id: UUID
    deployment: Deployment
    action: SafetyAction
    issued_at: AwareDatetime
    expires_at: AwareDatetime
    yields_to_avoidance: bool = False
    """A hold that nobody pressed: refused where it would end coming down, or turning away, for a crewed aircraft."""

    @model_serializer(mode="wrap")
    def _as_pressed(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Left out where it says nothing: an agent that does not know it yet must not refuse what a person pressed."""
        dumped: dict[str, Any] = dump(self)
        if not self.yields_to_avoidance:
            del dumped["yields_to_avoidance"]
        return dumped


class TaskOrder(Message):
    """Something to do in the air. Channel `order`; settled by `CommandSettled`, as a safety order is."""

    name: ClassVar[str] = "task_order"

    order_id: UUID
    flight_id: UUID
    deployment: Deployment
    given_by: Said = Field(min_length=1, max_length=120)
    issued_at: AwareDatetime
    expires_at: AwareDatetime
    task: Task


class ReceiveOrder(Message):
    """Another dock's aircraft will land here. Channel `order`; settled once the lid is open over an empty plate.

    The dock can launch nothing meanwhile. Seated and disarmed, the lid closes and it is charged; at ``expires_at``
    without it the lid closes again.
    """

    name: ClassVar[str] = "receive_order"

    order_id: UUID
    flight_id: UUID
    deployment: Deployment
    aircraft_id: Identifier
    from_dock: Identifier
    issued_at: AwareDatetime
    expires_at: AwareDatetime


class WithdrawReceiveOrder(Message):
    """The aircraft that was to land here does not come. Channel `order`; settled by `CommandSettled`.

    The lid closes and the dock is free again. Refused while something stands on the plate: it has come. An order to
    receive that it names is not obeyed any more, also when it arrives later.
    """

    name: ClassVar[str] = "withdraw_receive_order"

    order_id: UUID
    receive_order_id: UUID
    """The order to receive that is withdrawn."""
    flight_id: UUID
    deployment: Deployment
    because: Said = Field(min_length=1, max_length=200)
    by: Said = Field(min_length=1, max_length=120)
    issued_at: AwareDatetime
    expires_at: AwareDatetime


class BlockerOrder(Message):
    """A person has seen something over the dock that must keep it shut, or says that it is gone. Channel `order`.

    It is kept over restarts, stands among the dock's blockers and is settled by `DockNoted`.
    """

    name: ClassVar[str] = "blocker_order"

    order_id: UUID
    deployment: Deployment
    raised: bool
    """False: what was raised before is over, whatever its text was."""
    text: Said = Field(default="", max_length=200)
    """What is there, in words: a person, an object."""
    by: Said = Field(min_length=1, max_length=120)
    issued_at: AwareDatetime
    expires_at: AwareDatetime


class MaintenanceHold(BaseModel):
    """Somebody has taken a dock out of service: hands are in the box until they say that they are not."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    by: Said = Field(min_length=1, max_length=120)
    because: Said = Field(min_length=1, max_length=200)

    @property
    def words(self) -> str:
        """As everybody reads it, on screens and in refusals."""
        return f"held for maintenance by {self.by}: {self.because}"


class MaintenanceOrder(Message):
    """All who hold the dock for maintenance; nobody: it is in service. Channel `order`.

    The agent keeps it over restarts and launches nothing, nor opens for another dock's aircraft, while somebody holds
    it; what is in the air already is not touched. The one with the highest sequence counts, whenever it arrives. It is
    settled by `DockStatus.maintenance_order_id`, and sent until then.
    """

    name: ClassVar[str] = "maintenance_order"

    order_id: UUID
    deployment: Deployment
    holds: list[MaintenanceHold] = Field(max_length=40)
    issued_at: AwareDatetime
    expires_at: AwareDatetime

    @property
    def because(self) -> str | None:
        """Why it is out of service, and by whose word; None: it is in service."""
        return "; ".join(hold.words for hold in self.holds) or None


class EventAck(Message):
    """All events of ``boot_id`` up to and including ``counter`` are in the journal. Channel `ack`."""

    name: ClassVar[str] = "event_ack"

    boot_id: UUID
    counter: int = Field(ge=1)


class DispatcherHeartbeat(Message):
    """The dispatcher is there, every 2 s. Channel `heartbeat` under the name ``dispatcher``."""

    name: ClassVar[str] = "dispatcher_heartbeat"

    deployment: Deployment
    boot_id: UUID
