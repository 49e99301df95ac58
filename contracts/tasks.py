"""What a flight may be asked to do in the air, beside the safety orders that pass everything.

Each is one model with a ``type`` of its own. A task is only ever begun when the agent's own guards let it pass: the
place inside the fence, the height under the ceiling, the charge enough to come home afterwards.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from contracts.position import Place, Waypoint
from contracts.screentext import Said


class Sensor(StrEnum):
    """Which of the camera's eyes is shown."""

    VISIBLE = "visible"
    THERMAL = "thermal"


class Turning(StrEnum):
    """The way round, seen from above."""

    CLOCKWISE = "clockwise"
    ANTICLOCKWISE = "anticlockwise"


class _Task(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Replan(_Task):
    """A new way for the rest of the flight, laid from where it will be; common to retask and divert."""

    scene: Place
    """Where the camera looks."""
    route_out: list[Waypoint] = Field(min_length=1, max_length=200)
    """From the first point, near the present position, to the new watch position, which is the last."""
    route_home: list[Waypoint] = Field(min_length=1, max_length=200)
    """From the new watch position to over home, which is the last; heights above the home of the flight order."""
    fence: list[Place] = Field(min_length=3, max_length=60)
    """Holds the present position, both new routes and the way home that is on board until then."""


class Resume(_Task):
    """Go on with the mission on board after a hold, a goto or an orbit."""

    type: Literal["resume"] = "resume"


class Retask(Replan):
    """Another scene: hold, upload, compare, jump, go on."""

    type: Literal["retask"] = "retask"
    watch_s: float = Field(ge=0, le=7200)
    """Mission seconds on the new scene."""
    incident_id: UUID | None = None
    """Another incident that it is for from now on; its phases begin anew at `en_route`. None: the same as before."""


class Divert(Replan):
    """Home is another dock now, whose lid is open; ``route_out`` leads to the start of the new way home."""

    type: Literal["divert"] = "divert"
    dock_id: Said = Field(min_length=1, max_length=48)
    home: Place
    landing_above_home_m: float = Field(ge=-500, le=500)
    """The new dock's landing plate above the landing plate that the flight took off from."""


class Goto(_Task):
    """Fly there and hold."""

    type: Literal["goto"] = "goto"
    place: Place
    alt_above_home_m: float | None = Field(default=None, gt=0, le=500)
    """The present height when left out."""


class Orbit(_Task):
    """Circle a point, looking at it."""

    type: Literal["orbit"] = "orbit"
    centre: Place
    radius_m: float = Field(ge=10, le=500)
    speed_m_s: float = Field(gt=0, le=20)
    turning: Turning = Turning.CLOCKWISE
    alt_above_home_m: float | None = Field(default=None, gt=0, le=500)


class Altitude(_Task):
    """Climb or descend where it is, and hold."""

    type: Literal["altitude"] = "altitude"
    alt_above_home_m: float = Field(gt=0, le=500)


class LookAt(_Task):
    """Keep the camera (or, without a gimbal, the nose) on a point; ahead at the horizon when left out."""

    type: Literal["look_at"] = "look_at"
    place: Place | None = None
    alt_above_home_m: float = Field(default=0.0, ge=-500, le=500)


class Extend(_Task):
    """More time on scene than ordered; refused where the charge does not allow it."""

    type: Literal["extend"] = "extend"
    by_s: float = Field(gt=0, le=3600)
    """Mission seconds."""


class Nudge(_Task):
    """A short move in the aircraft's own axes, as long as a key is held; no further nudge means hold.

    One nudge moves at most `NUDGE_M`, so that a link that breaks ends it by itself.
    """

    type: Literal["nudge"] = "nudge"
    forward: float = Field(default=0.0, ge=-1, le=1)
    right: float = Field(default=0.0, ge=-1, le=1)
    up: float = Field(default=0.0, ge=-1, le=1)
    turn_right: float = Field(default=0.0, ge=-1, le=1)


NUDGE_M = 10.0
NUDGE_HOLDS_S = 1.0
"""Wall seconds after the last nudge at which the aircraft holds."""


class Zoom(_Task):
    """The camera's zoom, 0 the widest, 1 the nearest."""

    type: Literal["zoom"] = "zoom"
    level: float = Field(ge=0, le=1)


class SelectSensor(_Task):
    """Visible light or heat."""

    type: Literal["sensor"] = "sensor"
    sensor: Sensor


class Snapshot(_Task):
    """Take one picture on board."""

    type: Literal["snapshot"] = "snapshot"


class Record(_Task):
    """Begin or end the recording on board, when the policy's moment is not this one; the exception is journalled."""

    type: Literal["record"] = "record"
    on: bool


class Light(_Task):
    """The search light."""

    type: Literal["light"] = "light"
    on: bool


class Speaker(_Task):
    """One of the aircraft's stored announcements."""

    type: Literal["speaker"] = "speaker"
    announcement: int = Field(ge=1, le=99)


class Avoid(_Task):
    """Clear the air: down to the policy's height, whatever else it is doing; one press, for every flight of a scene."""

    type: Literal["avoid"] = "avoid"


class Parachute(_Task):
    """Deploy the parachute where one is fitted; only in the air, and only when the guards agree it is falling."""

    type: Literal["parachute"] = "parachute"


Task = Annotated[
    Resume
    | Retask
    | Divert
    | Goto
    | Orbit
    | Altitude
    | LookAt
    | Extend
    | Nudge
    | Zoom
    | SelectSensor
    | Snapshot
    | Record
    | Light
    | Speaker
    | Avoid
    | Parachute,
    Field(discriminator="type"),
]

PAYLOAD = frozenset({"look_at", "zoom", "sensor", "snapshot", "record", "light", "speaker"})
"""Types that move no aircraft: their authority can be lent apart from the flight's."""
