"""Below a crewed aircraft: a lower height for a flight that might meet one at its usual height.

It is an alternative at small cost or none at all: never higher, never lower than the least height, apart from our own
flights, and only where the way there is legal. Where no such height clears the aircraft's well-clear volume, the usual
height stays and the option's risk says who may be met, when and where: whether to go is for people, and the agent in
the air has a guard of its own. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from contracts.vocabulary import Lid
from dispatcher.decision.facts import ApartFacts, DockFacts, IncidentFacts, Policy, TrafficFacts
from dispatcher.decision.option import RoutePoint
from dispatcher.decision.traffic import STALE_S, TRAFFIC_LOOKED_AT, crewed_met
from dispatcher.decision.ways import Way, find_way, start_of
from dispatcher.decision.world import World
from geo.flight.plan import watch_place
from geo.flight.position import LatLon, distance_m
from geo.flight.separation import STEP_M

Clear = Callable[[DockFacts, float], bool]
"""Whether a dock's drone at a height above its dock keeps apart from all our own."""


def lower_heights(
    apart: Iterable[ApartFacts],
    incident: IncidentFacts,
    docks: Sequence[DockFacts],
    *,
    policy: Policy,
    traffic: TrafficFacts | None,
    world: World,
    clear: Clear,
    least_m: float,
) -> tuple[ApartFacts, ...]:
    """``apart`` with a lower height for each of the nearest ready docks that would meet a crewed aircraft without."""
    known = {facts.dock_id: facts for facts in apart}
    if traffic is None or not traffic.aircraft or traffic.age_s is None or traffic.age_s > STALE_S:
        return tuple(known.values())
    scene = (incident.lat_deg, incident.lon_deg)
    nearest = sorted(docks, key=lambda dock: (distance_m(dock.lat_deg, dock.lon_deg, *scene), dock.dock_id))
    for dock in nearest[:TRAFFIC_LOOKED_AT]:
        facts = known.get(dock.dock_id)
        if facts is not None and facts.height_m is None:
            continue
        usual_m = None if facts is None else facts.height_m
        met = _met(dock, scene, policy, traffic, usual_m)
        if not met:
            continue
        height_m = _lower(dock, scene, policy, traffic, world, clear, usual_m, least_m)
        if height_m is not None:
            beside = (*(() if facts is None else facts.beside), *met)
            lowered = ApartFacts(dock_id=dock.dock_id, height_m=height_m, beside=beside)
            known[dock.dock_id] = lowered if facts is None else replace(facts, height_m=height_m, beside=beside)
    return tuple(known[dock_id] for dock_id in sorted(known))


def _lower(
    dock: DockFacts,
    scene: LatLon,
    policy: Policy,
    traffic: TrafficFacts,
    world: World,
    clear: Clear,
    usual_m: float | None,
    least_m: float,
) -> float | None:
    """The highest that meets nobody."""
    top_m = max(policy.transit_alt_m, policy.scene_alt_m) if usual_m is None else usual_m
    height_m = min(top_m, dock.performance.ceiling_agl_m) - STEP_M
    while height_m >= least_m:
        if not _met(dock, scene, policy, traffic, height_m) and clear(dock, height_m):
            start = start_of(dock, policy, height_m=height_m)
            legal = world.plain or isinstance(find_way(start, scene=scene, policy=policy, world=world), Way)
            return round(height_m, 1) if legal else None
        height_m -= STEP_M
    return None


def _met(
    dock: DockFacts, scene: LatLon, policy: Policy, traffic: TrafficFacts, height_m: float | None
) -> tuple[str, ...]:
    """By a straight way in still air; the option's own way and time are looked at for its risks."""
    start = start_of(dock, policy, height_m=height_m)
    spot = watch_place(start=start.place, scene=scene, standoff_m=policy.standoff_m)
    route = [
        RoutePoint(lat_deg=spot[0], lon_deg=spot[1], alt_above_home_m=alt_m)
        for alt_m in (start.transit_m, start.watch_m)
    ]
    airborne_s = policy.order_s + (0.0 if dock.lid is Lid.OPEN else dock.lid_s) + dock.arming_s
    flown_s = (
        start.transit_m / dock.performance.climb_m_s + distance_m(*start.place, *spot) / dock.performance.cruise_m_s
    )
    met = crewed_met(dock, route, airborne_s=airborne_s, to_scene_s=airborne_s + flown_s, heard=traffic)
    return tuple(sorted({conflict.name for conflict in met}))
