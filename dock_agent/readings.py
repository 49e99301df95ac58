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
    last_text: str | None = None
    """The autopilot's last warning or worse, for the words of a refusal."""


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
