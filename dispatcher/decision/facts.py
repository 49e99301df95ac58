"""What a decision is made of: the facts about docks, pilots and the incident, and the force's policy.

They are values with their ages, gathered by the caller; nothing here is looked up later. Each has a JSON form that
reads back equal, because the journal keeps the facts of each decision.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any

from contracts.fleet import AircraftType, Limits
from contracts.vocabulary import DockState, Lid
from dispatcher.decision.codec import Json, from_json, to_json
from dispatcher.decision.errors import InvalidFactError
from geo.airspace.zone import Restriction
from geo.flight.performance import Performance
from geo.flight.wind import CALM, SHEAR_EXPONENT, Wind, wind_at


def _check_numbers(fact: Any) -> None:
    for name in fact.__slots__:
        value = getattr(fact, name)
        if isinstance(value, float) and not math.isfinite(value):
            raise InvalidFactError(name, value)


def performance_from_fleet(*, aircraft_type: AircraftType, limits: Limits) -> Performance:
    """The flying figures of a fleet file's aircraft type at a dock with these limits; equal figures are one value."""
    return _one_of(_performance(aircraft_type, limits))


@lru_cache(maxsize=256)
def _one_of(performance: Performance) -> Performance:
    """A fleet of a thousand has a few types: who reckons with all of them at once need not compare their figures."""
    return performance


def _performance(aircraft_type: AircraftType, limits: Limits) -> Performance:
    return Performance(
        cruise_m_s=aircraft_type.cruise_m_s,
        climb_m_s=aircraft_type.climb_m_s,
        descent_m_s=aircraft_type.descent_m_s,
        acceleration_m_s2=aircraft_type.acceleration_m_s2,
        airspeed_max_m_s=aircraft_type.airspeed_max_m_s,
        battery_wh=aircraft_type.battery_wh,
        hover_power_w=aircraft_type.hover_power_w,
        cruise_power_w=aircraft_type.cruise_power_w,
        climb_power_w=aircraft_type.climb_power_w,
        reserve_percent=limits.reserve_percent,
        wind_limit_m_s=aircraft_type.wind_limit_m_s,
        gust_limit_m_s=aircraft_type.gust_limit_m_s,
        rain_limit_mm_h=aircraft_type.rain_limit_mm_h,
        temperature_min_c=aircraft_type.temperature_min_c,
        temperature_max_c=aircraft_type.temperature_max_c,
        ceiling_agl_m=limits.ceiling_above_home_m,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportFacts:
    """An aerodrome whose report stands in for a dock's sensor."""

    station: str
    distance_m: float
    """From the dock."""

    def __post_init__(self) -> None:
        _check_numbers(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastFacts:
    """What the nearest forecast holds possible within the policy's time."""

    station: str
    distance_m: float
    """From the dock."""
    wind_speed_m_s: float
    """The strongest mean wind."""
    gust_m_s: float
    """The strongest gust, or mean wind where no gust is forecast."""
    gust_from: datetime
    """When it may begin; not before now."""
    storms_from: datetime | None
    """When thunderstorms may begin; None: none are forecast."""

    def __post_init__(self) -> None:
        _check_numbers(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class WeatherFacts:
    """What a dock's sensor measured ``age_s`` ago."""

    wind_speed_m_s: float
    wind_from_deg: float
    gust_m_s: float
    rain_mm_h: float
    temperature_c: float
    age_s: float
    report: ReportFacts | None = None
    """None: the dock's own sensor measured it."""

    def __post_init__(self) -> None:
        _check_numbers(self)
        if self.wind_speed_m_s < 0:
            raise InvalidFactError("wind_speed_m_s", self.wind_speed_m_s)

    @property
    def wind(self) -> Wind:
        """The wind as the energy model takes it."""
        return Wind(speed_m_s=self.wind_speed_m_s, from_deg=self.wind_from_deg)


@dataclass(frozen=True, slots=True, kw_only=True)
class DockFacts:
    """One dock of the fleet, its aircraft, and what is known of both. None: not known."""

    dock_id: str
    lat_deg: float
    lon_deg: float
    alt_amsl_m: float
    aircraft_id: str
    performance: Performance
    min_launch_charge_percent: float = 60.0
    max_range_m: float | None = None
    """The site's limit, beside what the energy allows."""
    lid_s: float = 4.0
    arming_s: float = 4.0
    """From lid open to off the ground."""
    deployment: str | None = None
    """The label that the dock's agent states."""
    registered: bool = True
    unregistered_because: str = ""
    maintenance: bool = False
    maintenance_because: str = ""
    """By whose word, and why."""
    agent_online: bool = False
    """False: no heartbeat ever, or the broker told of its end."""
    heartbeat_age_s: float | None = None
    state: DockState | None = None
    flight_id: str | None = None
    """The flight that has the dock, from the order until it is docked."""
    charge_percent: float | None = None
    charge_age_s: float | None = None
    lid: Lid = Lid.UNKNOWN
    seated: bool | None = None
    aircraft_connected: bool = True
    weather: WeatherFacts | None = None
    forecast: ForecastFacts | None = None
    blockers: tuple[str, ...] = ()
    """Why the agent itself would not launch, in its words."""

    def __post_init__(self) -> None:
        _check_numbers(self)

    @property
    def wind(self) -> Wind:
        """The measured wind; calm where nothing is known (the dock is not eligible then)."""
        return CALM if self.weather is None else self.weather.wind

    def wind_aloft(self, height_m: float, policy: Policy) -> Wind:
        """What blows at a height above the dock."""
        return wind_at(self.wind, height_m, exponent=policy.wind_shear)


@dataclass(frozen=True, slots=True, kw_only=True)
class PilotFacts:
    """A remote pilot on duty."""

    pilot_id: str
    accepts_beforehand: bool
    flights_in_command: int = 0
    """In transit or on watch: the mission flies them."""
    limit: int = 1
    """Of those."""
    flights_in_hand: int = 0
    """Flown by hand, beside those."""
    hand_limit: int = 1
    silent: bool = False
    """The pilot's console is not heard."""

    def __post_init__(self) -> None:
        counts = (self.flights_in_command, self.limit, self.flights_in_hand, self.hand_limit)
        if min(counts) < 0:
            raise InvalidFactError("flights or limits of a pilot", counts)

    @property
    def free(self) -> bool:
        """True when another flight may be put under this pilot's command."""
        in_hand_too_many = self.flights_in_hand > self.hand_limit
        return self.flights_in_command < self.limit and not in_hand_too_many and not self.silent


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentFacts:
    """The incident as of one revision."""

    incident_id: str
    revision: int
    lat_deg: float
    lon_deg: float
    radius_m: float = 0.0
    """Of the circle that holds it."""
    grade: str = ""
    closed: bool = False
    active_flight_id: str | None = None
    watch_s: float | None = None
    """The watch asked for; None: the policy's."""

    def __post_init__(self) -> None:
        _check_numbers(self)


class SceneInZone(StrEnum):
    """What becomes of a scene inside a zone that keeps flights out."""

    REFUSE = "refuse"
    WATCH_FROM_OUTSIDE = "watch_from_outside"
    """From the nearest legal place, if that is near enough."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What the force wants of every flight. Heights are above the dock."""

    watch_s: float = 600.0
    """Asked for where the incident does not say."""
    min_watch_s: float = 60.0
    """A dock that cannot watch this long is not eligible."""
    watch_cap_s: float = 1800.0
    """Never promised more, whatever the battery allows."""
    reserve_percent: float = 20.0
    """At least; a type's or a site's higher reserve holds."""
    transit_alt_m: float = 60.0
    scene_alt_m: float = 60.0
    standoff_m: float = 30.0
    fence_margin_m: float = 50.0
    fence_scene_radius_m: float = 500.0
    """The fence opens around the scene by the incident's uncertainty, but no further than this."""
    heartbeat_max_age_s: float = 6.0
    weather_max_age_s: float = 300.0
    charge_max_age_s: float = 120.0
    report_within_m: float = 25_000.0
    """The furthest aerodrome whose report stands in for a dock's sensor; 0: none does."""
    report_max_age_s: float = 5400.0
    """Of such a report; they come every half hour or hour."""
    forecast_ahead_s: float = 3600.0
    """How far ahead a forecast matters: a flight and some more."""
    order_s: float = 0.5
    """From the press until the agent acts on the order."""
    keep_out: tuple[Restriction, ...] = (Restriction.CONDITIONAL, Restriction.PROHIBITED, Restriction.REQ_AUTHORISATION)
    """Zones that are flown around. PROHIBITED is, whether it is named or not."""
    zone_margin_m: float = 30.0
    """Kept from them, where dock and scene leave room for it."""
    zones_ahead_s: float = 3600.0
    """Zones that apply at any time until then count from the beginning."""
    ground_within_m: float = 30.0
    """Without a terrain model: how far the ground in a zone may lie above or below a dock."""
    clearance_m: float = 20.0
    """With a terrain model: least height above ground under the way."""
    ground_ceiling_m: float = 120.0
    """With a terrain model: greatest height above ground under the way."""
    scene_in_zone: SceneInZone = SceneInZone.WATCH_FROM_OUTSIDE
    watch_within_m: float = 200.0
    """Of the scene: the furthest place that a scene inside a zone is watched from."""
    wind_shear: float = SHEAR_EXPONENT
    """Exponent of the wind's growth with height above the dock's mast; 0: none."""

    def __post_init__(self) -> None:
        _check_numbers(self)
        if not (self.zone_margin_m >= 1 and self.zones_ahead_s >= 0 and self.watch_within_m >= 0):
            raise InvalidFactError("zone_margin_m, zones_ahead_s or watch_within_m", "below its least")
        if not (0 <= self.clearance_m <= self.ground_ceiling_m and self.wind_shear >= 0 and self.ground_within_m >= 0):
            raise InvalidFactError("clearance_m, ground_ceiling_m, ground_within_m or wind_shear", "out of its bounds")
        if not 0 <= self.min_watch_s <= self.watch_cap_s:
            raise InvalidFactError("min_watch_s", self.min_watch_s)
        if self.fence_scene_radius_m < 0 or self.order_s < 0:
            raise InvalidFactError("fence_scene_radius_m or order_s", "below 0")
        if self.transit_alt_m <= 0 or self.scene_alt_m <= 0 or self.standoff_m < 0 or self.fence_margin_m <= 0:
            raise InvalidFactError("transit_alt_m, scene_alt_m, standoff_m or fence_margin_m", "below its least")

    def wanted_watch_s(self, incident: IncidentFacts) -> float:
        """The watch to fly if the energy allows it."""
        wanted_s = self.watch_s if incident.watch_s is None else incident.watch_s
        return min(max(wanted_s, 0.0), self.watch_cap_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeightFacts:
    """At which height a dock's aircraft would fly and watch, because another one is on the scene."""

    dock_id: str
    height_m: float | None
    """Above the dock, in transit and on scene; None: none is free."""

    def __post_init__(self) -> None:
        _check_numbers(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApartFacts:
    """A dock whose aircraft does not fly at the policy's heights, because of another flight or a crewed aircraft."""

    dock_id: str
    height_m: float | None
    """Above the dock, in transit and on scene: the one that is free; None: none is."""
    beside: tuple[str, ...]
    """Callsigns of the flights that are in the way of the policy's heights, and of crewed aircraft it flies below."""

    def __post_init__(self) -> None:
        _check_numbers(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReliefFacts:
    """The decision is about who relieves a flight that is on the scene."""

    flight_id: str
    """Of the flight to be relieved."""
    heights: tuple[HeightFacts, ...] = ()
    """Of decisions before flights of all incidents were kept apart in one way: for every dock, in the order of their
    ids. Since then empty, and in `DecisionInputs.apart`.
    """

    def height_m(self, dock_id: str) -> float | None:
        """Of a dock's aircraft, above the dock; None: none is free."""
        return next((facts.height_m for facts in self.heights if facts.dock_id == dock_id), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class AirspaceFacts:
    """Which zones and which ground the decision was made with. Their content stands in the journal, or beside it."""

    revision: int
    """How often the airspace had changed."""
    digest: str
    """SHA-256 of all zones that were loaded."""
    ready: bool = True
    """False: zones were still being made ready, and only ways clear of everything near them were taken."""
    terrain: str | None = None
    """SHA-256 of the elevation model; None: flat ground."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CrewedFacts:
    """A crewed aircraft as it was heard, carried on to the time of the decision by nothing but its age."""

    aircraft: str
    """What it is called: its callsign, else its address."""
    lat_deg: float
    lon_deg: float
    alt_amsl_m: float | None
    """None: its height is not known, and may be any."""
    alt_error_m: float
    """By how much that may be wrong."""
    ground_speed_m_s: float
    track_deg: float | None
    """None: it may go anywhere."""
    climb_m_s: float
    age_s: float

    def __post_init__(self) -> None:
        _check_numbers(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrafficFacts:
    """What the receiver of the force's own hears. Never that the air is clear: not every aircraft says where it is."""

    age_s: float | None
    """Of the receiver's last word; None: it was never heard."""
    aircraft: tuple[CrewedFacts, ...] = ()
    """Near the docks and the scene."""

    def __post_init__(self) -> None:
        _check_numbers(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionInputs:
    """Everything that a decision depends on. Docks and pilots are kept in the order of their ids."""

    incident: IncidentFacts
    docks: tuple[DockFacts, ...]
    pilots: tuple[PilotFacts, ...]
    policy: Policy
    mission_time: datetime
    deployment: str
    within_reach: tuple[str, ...] | None = None
    """Docks whose coverage holds the scene; None: not looked up, every dock is estimated."""
    relief: ReliefFacts | None = None
    """None: nobody is to be relieved."""
    airspace: AirspaceFacts | None = None
    """None: no zone was loaded, and the ground is flat."""
    traffic: TrafficFacts | None = None
    """None: there is no receiver of crewed traffic."""
    exact_for: tuple[str, ...] = ()
    """Docks whose way was asked for, be it among the best or not."""
    apart: tuple[ApartFacts, ...] = ()
    """Docks that other flights give another height, in the order of their ids; older reliefs have theirs there."""

    def height_m(self, dock_id: str) -> float | None:
        """Of a dock's aircraft, above the dock, where it is not the policy's; None also where none is free."""
        if self.relief is not None and self.relief.heights:
            return self.relief.height_m(dock_id)
        return next((facts.height_m for facts in self.apart if facts.dock_id == dock_id), None)


def facts_to_json(inputs: DecisionInputs) -> Json:
    """Plain JSON values, for the journal."""
    record: Json = to_json(inputs)
    return record


def facts_from_json(record: Json) -> DecisionInputs:
    """The inputs that `facts_to_json` wrote; raises `UnreadableRecord`."""
    return from_json(DecisionInputs, record)
