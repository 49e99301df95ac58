"""What coverage is asked of: docks with their winds, the zones in force and the policy, as they are at a moment.

A full battery is assumed: the map says what a dock is good for; whether it can go now is an option's business.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from dispatcher.decision.facts import Policy, performance_from_fleet
from dispatcher.decision.world import Airspace, WorldKey, world_key
from dispatcher.entities import DockView, State
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
    measured = tuple(_measured(view) for view in views)
    return Question(
        sites=tuple(_site(view, wind, policy) for view, wind in zip(views, measured, strict=True)),
        plates_amsl_m=tuple(view.dock.alt_amsl_m for view in views),
        measured=measured,
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


def _measured(view: DockView) -> Wind:
    weather = None if view.report is None else view.report.weather
    if weather is None:
        return CALM
    speed_m_s = round(weather.wind_speed_m_s / WIND_STEP_M_S) * WIND_STEP_M_S
    from_deg = round(weather.wind_from_deg / WIND_STEP_DEG) * WIND_STEP_DEG % 360.0
    return Wind(speed_m_s=speed_m_s, from_deg=from_deg) if speed_m_s > 0 else CALM


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
