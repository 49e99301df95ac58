"""Zones, grounds and worlds for the tests of the decision."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from shapely.affinity import translate
from shapely.geometry import Polygon, box

from dispatcher.decision.choice import decide
from dispatcher.decision.facts import DockFacts, Policy
from dispatcher.decision.option import Decision
from dispatcher.decision.world import Airspace, Ground, World, world_of
from geo.airspace.period import Period
from geo.airspace.zone import GROUND, Limit, Restriction, Volume, Zone
from geo.flight.position import LatLon, LocalPlane, offset
from geo.geodesy import Array
from tests.unit.decision.scene import INCIDENT, NOW, PILOT, POLICY
from tests.unit.geo.aircraft import HOME


def box_zone(
    name: str,
    *,
    bearing_deg: float,
    distance_m: float,
    half_m: float = 200.0,
    home: LatLon = HOME,
    restriction: Restriction = Restriction.PROHIBITED,
    lower: Limit = GROUND,
    upper: Limit | None = None,
    periods: Sequence[Period] = (),
) -> Zone:
    """A square zone around a place that lies so from home."""
    plane = LocalPlane(*offset(*home, bearing_deg=bearing_deg, distance_m=distance_m))
    corners = ((-half_m, -half_m), (half_m, -half_m), (half_m, half_m), (-half_m, half_m))
    ring = [plane.to_position(*corner)[::-1] for corner in corners]
    return Zone(
        id=name,
        volumes=tuple(Volume(area=area, lower=lower, upper=upper) for area in _cut(ring)),
        restriction=restriction,
        periods=tuple(periods),
    )


def _cut(ring: list[tuple[float, float]]) -> list[Polygon]:
    """At the antimeridian, as zones are: an area that goes over it is two."""
    if max(lon for lon, _ in ring) - min(lon for lon, _ in ring) < 180.0:
        return [Polygon(ring)]
    whole = Polygon([(lon % 360.0, lat) for lon, lat in ring])
    east, west = whole.intersection(box(0, -90, 180, 90)), whole.intersection(box(180, -90, 360, 90))
    return [part for part in (east, translate(west, xoff=-360.0)) if isinstance(part, Polygon)]


def airspace(*zones: Zone, ground: Ground | None = None) -> Airspace:
    """All of these, loaded once."""
    digest = hashlib.sha256(repr([(zone.id, zone.volumes, zone.restriction) for zone in zones]).encode()).hexdigest()
    return Airspace(zones=zones, revision=1, digest=digest, ground=ground)


def hill(at: LatLon, *, height_m: float, radius_m: float = 300.0, base_m: float = 82.0) -> Ground:
    """A cone on flat ground, AMSL."""
    plane = LocalPlane(*at)

    def terrain(lat_deg: Array, lon_deg: Array) -> Array:
        away = [
            np.hypot(*plane.to_local(float(lat), float(lon)))
            for lat, lon in zip(np.ravel(lat_deg), np.ravel(lon_deg), strict=True)
        ]
        return base_m + height_m * np.maximum(0.0, 1.0 - np.array(away) / radius_m)

    return Ground(terrain_amsl=terrain, digest=f"hill {at} {height_m} {radius_m} {base_m}")


def world(loaded: Airspace, *docks: DockFacts, policy: Policy = POLICY, ready: bool = True) -> World:
    """The world for these docks, now."""
    return world_of(loaded, docks=docks, policy=policy, mission_time=NOW, ready=ready)


def decided_in(loaded: Airspace, *docks: DockFacts, ready: bool = True, **changed: Any) -> Decision:
    """A decision among zones, with the good incident, pilot and policy unless others are given."""
    policy = changed.get("policy", POLICY)
    facts: dict[str, Any] = {
        "incident": INCIDENT,
        "docks": docks,
        "pilots": (PILOT,),
        "policy": policy,
        "mission_time": NOW,
        "deployment": "simulation",
        "world": world(loaded, *docks, policy=policy, ready=ready),
    }
    return decide(**(facts | changed))
