"""What the agent sees at one moment: the aircraft through its link, the dock through its hardware.

Plain values with their ages, so that everything that decides can be tested without a link. A value that was never
received is None, never a default that looks measured.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from contracts.position import Weather
from contracts.vocabulary import Charger, Lid


class Mode(StrEnum):
    """The autopilot's flight mode, as far as a decision hangs on it."""

    HOLD = "hold"
    MISSION = "mission"
    RETURN = "return"
    LAND = "land"
    TAKEOFF = "takeoff"
    OTHER = "other"


class Ground(StrEnum):
    """What the autopilot's land detector says."""

    ON_GROUND = "on_ground"
    TAKING_OFF = "taking_off"
    IN_AIR = "in_air"
    LANDING = "landing"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """WGS84; ``alt_amsl_m`` as the autopilot reports it, ``alt_above_home_m`` above where it took off."""

    lat_deg: float
    lon_deg: float
    alt_amsl_m: float
    alt_above_home_m: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CrewedAircraft:
    """A crewed aircraft as the receiver on board last heard it; WGS84, speeds over ground.

    ``age_s`` is wall time since its position was true, as far as receiver and agent can tell.
    """

    icao: int
    """Its 24-bit address."""
    callsign: str
    lat_deg: float
    lon_deg: float
    alt_amsl_m: float
    course_deg: float
    speed_m_s: float
    climb_m_s: float
    age_s: float = 0.0


class Parachute(StrEnum):
    """What the parachute on board says of itself."""

    READY = "ready"
    DEPLOYED = "deployed"
    FAULT = "fault"
    """It is not armed, or not in order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PayloadReading:
    """Camera, gimbal and the like as they say themselves; None is what was never heard."""

    recording: bool | None = None
    zoom: float | None = None
    """0 the widest, 1 the nearest."""
    thermal: bool | None = None
    """True while the thermal picture is the one shown."""
    pictures: int | None = None
    """Taken since the link was opened."""
    light_on: bool | None = None
    announcement: int | None = None
    """The one that the speaker says it plays, or played last."""
    camera_pitch_deg: float | None = None
    """Above the horizon; negative looks down."""
    camera_yaw_deg: float | None = None
    """True heading of the camera."""
    camera_hfov_deg: float | None = None
    """Angle of view from the left edge to the right one, of the picture that is shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AircraftReading:
    """The aircraft's latest values. Ages are wall seconds, infinite for what never came."""

    identified: bool = False
    """True when it is the aircraft of the fleet file: only then is anything written to it."""
    trouble: str | None = None
    """Why it may not be written to, in words, when that is more than silence."""
    connected: bool = False
    system_id: int | None = None
    uid: str | None = None
    link_age_s: float = float("inf")
    armed: bool | None = None
    in_air: bool | None = None
    ground: Ground = Ground.UNKNOWN
    mode: Mode | None = None
    mode_name: str = "unknown"
    mission_item: int | None = None
    mission_count: int | None = None
    position: Position | None = None
    position_age_s: float = float("inf")
    global_position_ok: bool = False
    armable: bool = False
    battery_percent: float | None = None
    heading_deg: float | None = None
    ground_speed_m_s: float | None = None
    climb_m_s: float | None = None
    tuned: bool = False
    """True when the parameters that a flight relies on have been read and are as they must be."""
    untuned_because: str | None = None
    payload: PayloadReading = PayloadReading()
    last_text: str | None = None
    """The autopilot's last warning or worse, for the words of a refusal."""
    velocity_north_m_s: float | None = None
    velocity_east_m_s: float | None = None
    motor_text: str | None = None
    """The autopilot's last words of a motor that fails, kept for some minutes whatever it says afterwards."""
    parachute: Parachute | None = None
    """None: nothing has been heard of one."""
    crewed: tuple[CrewedAircraft, ...] = ()
    receiver_age_s: float = float("inf")
    """Since the receiver of crewed aircraft showed a sign of life; infinite where there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DockReading:
    """The dock's hardware as last polled; ``alive`` is False when it does not answer or its counter is stuck."""

    alive: bool = False
    trouble: str = "the dock's hardware has not answered yet"
    lid: Lid = Lid.UNKNOWN
    seated: bool | None = None
    charger: Charger = Charger.UNKNOWN
    battery_percent: float | None = None
    """As the charger reads it through the contacts."""
    weather: Weather | None = None


NO_AIRCRAFT = AircraftReading()
NO_DOCK = DockReading()
