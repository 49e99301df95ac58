"""What coverage is asked of: a dock with its aircraft, and the terms of every flight.

Apart from `geo.coverage`, so that who only asks does not load geopandas.
"""

from __future__ import annotations

from dataclasses import dataclass

from geo.flight.performance import Performance
from geo.flight.wind import CALM, Wind


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageSite:
    """A dock as coverage sees it."""

    dock_id: str
    lat_deg: float
    lon_deg: float
    performance: Performance
    wind: Wind = CALM
    charge_percent: float = 100.0
    time_to_airborne_s: float = 0.0
    """Counted into the isochrones: they tell of the time from the press."""
    max_range_m: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageTerms:
    """What is asked of every flight."""

    transit_alt_m: float = 60.0
    scene_alt_m: float = 60.0
    standoff_m: float = 30.0
    min_watch_s: float = 60.0
    reserve_percent: float = 20.0
