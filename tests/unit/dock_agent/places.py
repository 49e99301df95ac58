"""Places and new ways for tests of tasks, from where the aircraft of a bench is."""

from __future__ import annotations

from contracts.orders import FlightOrder
from contracts.position import Place, Waypoint
from contracts.tasks import Divert, Retask
from geo.flight.fence import fence_around
from geo.flight.position import LatLon, bearing_deg, distance_m, offset
from tests.unit.dock_agent.fakeaircraft import HOME
from tests.unit.dock_agent.fakes import Bench

NEW_SCENE = offset(*HOME, bearing_deg=80.0, distance_m=280.0)
OTHER_DOCK = offset(*HOME, bearing_deg=110.0, distance_m=350.0)


def place(point: LatLon) -> Place:
    """As the orders have it."""
    return Place(lat_deg=point[0], lon_deg=point[1])


def waypoint(point: LatLon, height_m: float = 40.0) -> Waypoint:
    """As the routes have it."""
    return Waypoint(lat_deg=point[0], lon_deg=point[1], alt_above_home_m=height_m)


def here(bench: Bench) -> LatLon:
    """Where the aircraft is."""
    bench.aircraft.fly()
    return bench.aircraft.lat_deg, bench.aircraft.lon_deg


def ahead_of(bench: Bench, metres: float) -> LatLon:
    """Towards home from where it is: inside any fence of its order."""
    return offset(*here(bench), bearing_deg=bearing_deg(*here(bench), *HOME), distance_m=metres)


def retask(bench: Bench, order: FlightOrder, *, scene: LatLon = NEW_SCENE, watch_s: float = 60.0) -> Retask:
    """Straight from where it is to short of a scene, and straight home from there."""
    at = here(bench)
    away_m = max(1.0, distance_m(*at, *scene) - 30.0)
    watch = offset(*at, bearing_deg=bearing_deg(*at, *scene), distance_m=away_m)
    return Retask(
        scene=place(scene),
        route_out=[waypoint(at), waypoint(watch)],
        route_home=[waypoint(HOME)],
        fence=_fence(order, at, watch, HOME, scene),
        watch_s=watch_s,
    )


def divert(bench: Bench, order: FlightOrder, *, dock: LatLon = OTHER_DOCK, plate_m: float = 6.0) -> Divert:
    """Straight from where it is to another dock, whose plate lies higher."""
    at = here(bench)
    return Divert(
        scene=order.scene,
        route_out=[waypoint(at)],
        route_home=[waypoint(dock, 40.0 + plate_m)],
        fence=_fence(order, at, dock, dock, (order.scene.lat_deg, order.scene.lon_deg)),
        dock_id="dock-2",
        home=place(dock),
        landing_above_home_m=plate_m,
    )


def _fence(order: FlightOrder, at: LatLon, watch: LatLon, end: LatLon, scene: LatLon) -> list[Place]:
    old = [(point.lat_deg, point.lon_deg) for point in (*order.route_out, *order.route_home)]
    fence = fence_around(path=(HOME, *old, at, watch, end), scene=scene, margin_m=60.0)
    return [place(vertex) for vertex in fence.vertices]
