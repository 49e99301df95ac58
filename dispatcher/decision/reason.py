"""Why a dock cannot go, in words and figures that the person on duty can act on."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ReasonCode(StrEnum):
    """Every reason that there is; the order of this list is the order in which they are told."""

    UNREGISTERED = "unregistered"
    WRONG_DEPLOYMENT = "wrong_deployment"
    MAINTENANCE = "maintenance"
    AGENT_OFFLINE = "agent_offline"
    BUSY = "busy"
    STATE_UNKNOWN = "state_unknown"
    DOCK_FAULT = "dock_fault"
    NO_AIRCRAFT = "no_aircraft"
    PRESENCE_UNKNOWN = "presence_unknown"
    AIRCRAFT_OFFLINE = "aircraft_offline"
    LID_FAULT = "lid_fault"
    LID_UNKNOWN = "lid_unknown"
    CHARGE_UNKNOWN = "charge_unknown"
    CHARGE_TOO_LOW = "charge_too_low"
    WEATHER_UNKNOWN = "weather_unknown"
    WIND_OVER_LIMIT = "wind_over_limit"
    GUST_OVER_LIMIT = "gust_over_limit"
    RAIN_OVER_LIMIT = "rain_over_limit"
    TEMPERATURE_OUT_OF_LIMITS = "temperature_out_of_limits"
    SCENE_IN_ZONE = "scene_in_zone"
    NO_WAY = "no_way"
    ABOVE_CEILING = "above_ceiling"
    WIND_BEATS_AIRCRAFT = "wind_beats_aircraft"
    OUT_OF_RANGE = "out_of_range"
    OUT_OF_ENERGY = "out_of_energy"
    WATCH_TOO_SHORT = "watch_too_short"
    NO_HEIGHT_FREE = "no_height_free"
    AGENT_REFUSES = "agent_refuses"
    NO_PILOT_FREE = "no_pilot_free"


class RiskCode(StrEnum):
    """What the person on duty should know of a flight that can be flown; the order is that in which it is told."""

    MARGIN_NARROWED = "margin_narrowed"
    PASSES_ZONE = "passes_zone"
    WATCHED_FROM_OUTSIDE = "watched_from_outside"
    WEATHER_OLD = "weather_old"
    WEATHER_REPORTED = "weather_reported"
    WIND_NEAR_LIMIT = "wind_near_limit"
    WEATHER_WORSENS = "weather_worsens"
    BATTERY_NEAR_RESERVE = "battery_near_reserve"
    TRAFFIC_NEAR = "traffic_near"
    TRAFFIC_UNKNOWN = "traffic_unknown"


class BlockerCode(StrEnum):
    """Why the incident itself takes no flight, whatever the docks."""

    INCIDENT_CLOSED = "incident_closed"
    FLIGHT_ACTIVE = "flight_active"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One reason of one dock. The figures stand in the text; they are repeated here for machines."""

    code: ReasonCode
    text: str
    value: float | None = None
    limit: float | None = None
    age_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocker:
    """Why no dock may be sent to this incident."""

    code: BlockerCode
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Risk:
    """Something that does not keep a dock at home."""

    code: RiskCode
    text: str
