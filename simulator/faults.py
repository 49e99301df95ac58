"""What can go wrong, as it is written in the scenario file and on the control port: one model for each kind of fault.

Begun and ended by `simulator.timeline`, put into docks and aircraft by `simulator.effects`.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, TypeAdapter, model_validator

from simulator.schema import Identifier, Part, Uid


class FaultPart(Part):
    """When, how long, and to whom: a dock, or an aircraft by its own id or its dock's."""

    at_s: float = Field(
        default=0.0, ge=0, le=864_000, description="in simulation time: in the file from the start, else from now"
    )
    for_s: float | None = Field(default=None, gt=0, le=864_000, description="how long it lasts; none: for good")
    spread_s: float = Field(
        default=0.0, ge=0, le=864_000, description="begins up to so much later, drawn from the seed"
    )
    dock: Identifier | None = None
    aircraft: Identifier | None = None

    @model_validator(mode="after")
    def _one_target(self) -> Self:
        if (self.dock is None) == (self.aircraft is None):
            raise ValueError("needs exactly one of dock and aircraft")
        return self


class DockFault(FaultPart):
    """Something in the box, or its controller, does not work.

    ``lid_stuck_shut``: opening has no effect. ``lid_stuck_open``: closing has none. ``lid_shuts_in_flight``: once its
    aircraft is away the lid shuts by itself, and then is stuck shut. ``charger_dead``: it reports a fault and charges
    nothing. ``modbus_silent``: connections are taken, requests are not answered. ``mast_dead``: the weather sensor has
    no values. ``camera_frozen``: the dock's camera goes on serving its last picture. ``camera_dead``: it serves none.
    """

    kind: Literal[
        "lid_stuck_shut",
        "lid_stuck_open",
        "lid_shuts_in_flight",
        "charger_dead",
        "modbus_silent",
        "mast_dead",
        "camera_frozen",
        "camera_dead",
    ]


class OverDock(FaultPart):
    """Somebody or something is over the plate: seen in the picture of the dock's camera and nowhere else."""

    kind: Literal["over_dock"]
    what: Literal["person", "object"] = "person"


class AircraftFault(FaultPart):
    """Something on board does not work.

    ``gps_lost``: no satellites. ``link_lost``: nothing goes in or out. ``motor_failed``: in the air it falls, under its
    parachute where one is fitted. ``parachute_stuck``: that does not come out. ``adsb_silent``: the receiver stops.
    ``payload_dead``: the aircraft's camera answers nothing. ``acks_doubled``: each acknowledgement is sent twice.
    """

    kind: Literal[
        "gps_lost",
        "link_lost",
        "motor_failed",
        "parachute_stuck",
        "adsb_silent",
        "payload_dead",
        "acks_doubled",
    ]


class ArmingRefused(FaultPart):
    """A preflight check fails."""

    kind: Literal["arming_refused"]
    reason: str = Field(default="Compass needs calibration", min_length=1, max_length=100)


class UploadFails(FaultPart):
    """Uploads die half-way: the autopilot stops asking, answers with an error, falls silent or hides its end."""

    kind: Literal["upload_fails"]
    at_item: int = Field(ge=0, le=65535, description="counted from 0")
    end: Literal["requests_stop", "error", "silence", "no_ack"] = "requests_stop"
    plan: Literal["mission", "fence", "rally", "any"] = "any"


class CommandsLate(FaultPart):
    """Commands are done later than their sender waits for."""

    kind: Literal["commands_late"]
    delay_s: float = Field(gt=0, le=3600, description="on the client's clock, as its time-outs are")
    ack: Literal["at_once", "when_done", "never"] = "when_done"
    commands: list[Annotated[int, Field(ge=1, le=65535)]] = Field(default=[], description="MAV_CMD numbers; none: all")


class CellSag(FaultPart):
    """A cell of the battery gives way: so many volts are missing from the pack."""

    kind: Literal["cell_sag"]
    volts: float = Field(gt=0, le=20)


class ClockJump(FaultPart):
    """The aircraft's clock (SYSTEM_TIME) is wrong by so much."""

    kind: Literal["clock_jump"]
    by_s: float = Field(ge=-864_000, le=864_000)


class Swapped(FaultPart):
    """Another aircraft stands here: it tells another system id, another uid, or both."""

    kind: Literal["swapped"]
    system_id: int | None = Field(default=None, ge=1, le=250)
    uid: Uid | None = None

    @model_validator(mode="after")
    def _differs(self) -> Self:
        if self.system_id is None and self.uid is None:
            raise ValueError("needs system_id, uid or both")
        return self


class PositionWrong(FaultPart):
    """It believes to be so far from where it is, and flies accordingly: out of its corridor or fence, say."""

    kind: Literal["position_wrong"]
    north_m: float = Field(default=0.0, ge=-5000, le=5000)
    east_m: float = Field(default=0.0, ge=-5000, le=5000)


class _EverywherePart(FaultPart):
    @model_validator(mode="after")
    def _one_target(self) -> Self:
        if self.dock is not None or self.aircraft is not None:
            raise ValueError("is everywhere: leave dock and aircraft out")
        return self


class WeatherTurns(_EverywherePart):
    """Other weather for all, in what is given; the rest stays as it is."""

    kind: Literal["weather"]
    over_s: float = Field(default=0.0, ge=0, le=864_000, description="the change takes so long, there and back")
    wind_speed_m_s: float | None = Field(default=None, ge=0, le=60)
    wind_from_deg: float | None = Field(default=None, ge=0, lt=360)
    gust_m_s: float | None = Field(default=None, ge=0, le=90)
    rain_mm_h: float | None = Field(default=None, ge=0, le=500)
    temperature_c: float | None = Field(default=None, ge=-60, le=60)


class PointPart(Part):
    """A place; altitude above mean sea level."""

    lat_deg: float = Field(ge=-90, le=90)
    lon_deg: float = Field(ge=-180, le=180)
    alt_amsl_m: float = Field(ge=-500, le=20000)


class CrewedTrack(_EverywherePart):
    """A crewed aircraft flies past in a straight line; receivers on board hear it as long as it flies."""

    kind: Literal["crewed_aircraft"]
    icao: int = Field(ge=1, le=0xFFFFFF, description="24-bit address")
    callsign: str = Field(pattern=r"^[A-Z0-9]{1,8}$")
    start: PointPart
    end: PointPart
    speed_m_s: float = Field(gt=0, le=400)
    emitter_type: int = Field(default=7, ge=0, le=19, description="ADSB_EMITTER_TYPE; 7: rotorcraft")


Fault = Annotated[
    DockFault
    | OverDock
    | AircraftFault
    | ArmingRefused
    | UploadFails
    | CommandsLate
    | CellSag
    | ClockJump
    | Swapped
    | PositionWrong
    | WeatherTurns
    | CrewedTrack,
    Field(discriminator="kind"),
]
"""Any of them, told apart by ``kind``."""

FAULT: TypeAdapter[Fault] = TypeAdapter(Fault)
"""Reads one from plain data; raises `pydantic.ValidationError`."""
