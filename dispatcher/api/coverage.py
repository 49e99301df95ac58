"""Coverage polygons for the map: solved off the event loop, kept until a dock, its wind or the policy changes.

A full battery is assumed: the map says what a dock is good for; whether it can go now is an option's business.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from typing import Any

from dispatcher.decision.facts import Policy, performance_from_fleet
from dispatcher.entities import DockView
from dispatcher.presentation import Json
from geo.flight.wind import CALM, Wind
from geo.site import CoverageSite, CoverageTerms

WIND_STEP_M_S = 1.0
WIND_STEP_DEG = 15.0
"""Smaller changes of the wind do not move a polygon on a map."""


class Coverage:
    """The last polygons. One is solved at a time; who asks meanwhile gets the same."""

    def __init__(self) -> None:
        self._known: tuple[Any, Json] | None = None
        self._lock = asyncio.Lock()

    async def geojson(self, docks: Iterable[DockView], policy: Policy) -> Json:
        """A FeatureCollection of polygons, by dock, then time, the energy limit last."""
        sites = tuple(sorted((_site(view, policy) for view in docks), key=lambda site: site.dock_id))
        terms = CoverageTerms(
            transit_alt_m=policy.transit_alt_m,
            scene_alt_m=policy.scene_alt_m,
            standoff_m=policy.standoff_m,
            min_watch_s=policy.min_watch_s,
            reserve_percent=policy.reserve_percent,
        )
        question = (sites, terms)
        async with self._lock:
            if self._known is None or self._known[0] != question:
                self._known = (question, await asyncio.to_thread(_solve, sites, terms))
            return self._known[1]


def _site(view: DockView, policy: Policy) -> CoverageSite:
    dock, weather = view.dock, None if view.report is None else view.report.weather
    wind = CALM
    if weather is not None:
        speed_m_s = round(weather.wind_speed_m_s / WIND_STEP_M_S) * WIND_STEP_M_S
        from_deg = round(weather.wind_from_deg / WIND_STEP_DEG) * WIND_STEP_DEG % 360.0
        wind = Wind(speed_m_s=speed_m_s, from_deg=from_deg) if speed_m_s > 0 else CALM
    return CoverageSite(
        dock_id=dock.id,
        lat_deg=dock.lat_deg,
        lon_deg=dock.lon_deg,
        performance=performance_from_fleet(aircraft_type=view.aircraft_type, limits=dock.limits),
        wind=wind,
        time_to_airborne_s=policy.order_s + dock.lid_s + view.aircraft_type.arming_s,
        max_range_m=dock.limits.max_range_m,
    )


def _solve(sites: tuple[CoverageSite, ...], terms: CoverageTerms) -> Json:
    # Imported here, on the worker's thread: geopandas takes longer to load than everything else that a start needs.
    from geo.coverage import coverage_frame

    features: list[Json] = []
    if sites:
        winds = {site.dock_id: site.wind for site in sites}
        frame = coverage_frame(sites, terms=terms)
        for row, geometry in zip(
            frame[["dock_id", "kind", "seconds", "max_radius_m"]].itertuples(index=False),
            json.loads(frame.geometry.to_json())["features"],
            strict=True,
        ):
            wind = winds[row.dock_id]
            features.append(
                {
                    "type": "Feature",
                    "geometry": geometry["geometry"],
                    "properties": {
                        "dock_id": row.dock_id,
                        "kind": row.kind,
                        "seconds": row.seconds if row.kind == "time" else None,
                        "max_radius_m": round(row.max_radius_m, 1),
                        "wind_speed_m_s": wind.speed_m_s,
                        "wind_from_deg": wind.from_deg,
                        "charge_percent": 100.0,
                    },
                }
            )
    return {"type": "FeatureCollection", "features": features}
