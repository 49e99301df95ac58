"""What coverage is asked of: docks with their winds, the zones in force and the policy, as they are at a moment.

A full battery is assumed: the map says what a dock is good for; whether it can go now is an option's business.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from dispatcher.decision.facts import Policy, WeatherFacts, performance_from_fleet
from dispatcher.decision.world import Airspace, WorldKey, world_key
from dispatcher.entities import DockView, State
from dispatcher.fleet import weather_of
from dispatcher.weather import Around
from dispatcher.worlds import airspace_of, sites_of
from geo.airspace.zone import Zone
from geo.flight.wind import CALM, Wind, wind_at
from geo.site import CoverageSite, CoverageTerms

WIND_STEP_M_S = 1.0
WIND_STEP_DEG = 15.0
"""Smaller changes of the wind do not move an area on a map."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Equal questions have equal answers."""

    sites: tuple[CoverageSite, ...]
    """By dock id. Their wind is the one at the height of flight."""
    plates_amsl_m: tuple[float, ...]
    """Heights of their landing plates."""
    measured: tuple[Wind, ...]
    """The winds as they were measured, in steps."""
    wind_sources: tuple[str | None, ...]
    """Where each is from: the dock itself, or an aerodrome's report that stands in for it; None: calm is assumed."""
    terms: CoverageTerms
    key: WorldKey
    zones: tuple[Zone, ...] = field(compare=False, repr=False)
    """Those that the key says are in force."""
    deployment: str

    def airspace(self) -> Airspace:
        """Of these zones alone, over flat ground."""
        return Airspace(zones=self.zones, revision=1, digest=self.key.digest)

    def key_of_zones(self) -> WorldKey:
        """The key for `airspace`."""
        return replace(self.key, in_force=tuple(range(len(self.zones))), terrain=None)


def question_of(state: State, *, policy: Policy, mission_time: datetime) -> Question:
    """What to ask now."""
    views = sorted(state.docks.values(), key=lambda view: view.dock.id)
    airspace = airspace_of(state, None)
    key = world_key(airspace, sites=sites_of(state), policy=policy, mission_time=mission_time)
    around = Around(state.weather, policy=policy, now=mission_time) if state.weather.stations else None
    weathers = [_weather(view, policy=policy, around=around, now=mission_time) for view in views]
    measured = tuple(_measured(weather) for weather in weathers)
    return Question(
        sites=tuple(_site(view, wind, policy) for view, wind in zip(views, measured, strict=True)),
        plates_amsl_m=tuple(view.dock.alt_amsl_m for view in views),
        measured=measured,
        wind_sources=tuple(_source(weather) for weather in weathers),
        terms=terms_of(policy),
        key=key,
        zones=tuple(airspace.zones[index] for index in key.in_force),
        deployment="unknown" if state.deployment is None else state.deployment.value,
    )


def terms_of(policy: Policy) -> CoverageTerms:
    """What the policy asks of every flight."""
    return CoverageTerms(
        transit_alt_m=policy.transit_alt_m,
        scene_alt_m=policy.scene_alt_m,
        standoff_m=policy.standoff_m,
        min_watch_s=policy.min_watch_s,
        reserve_percent=policy.reserve_percent,
    )


def _weather(view: DockView, *, policy: Policy, around: Around | None, now: datetime) -> WeatherFacts | None:
    """As a decision has it, from what the journal last holds of the dock: a minute old, or the dock is silent."""
    report = view.report
    since_s = 0.0 if report is None else max(0.0, (now - report.measured_at).total_seconds())
    return weather_of(view, None if report is None else report.weather, since_s, policy=policy, around=around)


def _measured(weather: WeatherFacts | None) -> Wind:
    if weather is None:
        return CALM
    speed_m_s = round(weather.wind_speed_m_s / WIND_STEP_M_S) * WIND_STEP_M_S
    from_deg = round(weather.wind_from_deg / WIND_STEP_DEG) * WIND_STEP_DEG % 360.0
    return Wind(speed_m_s=speed_m_s, from_deg=from_deg) if speed_m_s > 0 else CALM


def _source(weather: WeatherFacts | None) -> str | None:
    if weather is None:
        return None
    return "dock" if weather.report is None else f"METAR {weather.report.station}"


def _site(view: DockView, measured: Wind, policy: Policy) -> CoverageSite:
    dock = view.dock
    height_m = min(max(policy.transit_alt_m, policy.scene_alt_m), dock.limits.ceiling_above_home_m)
    return CoverageSite(
        dock_id=dock.id,
        lat_deg=dock.lat_deg,
        lon_deg=dock.lon_deg,
        performance=performance_from_fleet(aircraft_type=view.aircraft_type, limits=dock.limits),
        wind=wind_at(measured, height_m, exponent=policy.wind_shear),
        time_to_airborne_s=policy.order_s + dock.lid_s + view.aircraft_type.arming_s,
        max_range_m=dock.limits.max_range_m,
    )
