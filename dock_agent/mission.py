"""A flight order as what goes on board: raw mission items and a fence, and where in them the parts of the flight begin.

Pure. The whole flight goes up before take-off, the way home included, so that the aircraft comes home along it by
itself. The order of items was flown on PX4 v1.17: places in frame 6 (relative height, int), commands without a place in
frame 2. NaN coordinates are never sent (an item with them would be dropped without a word).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import IntEnum

from contracts.orders import FlightOrder
from contracts.position import Place
from geo.flight.fence import Fence
from geo.flight.plan import FlightPlan, Waypoint
from geo.flight.position import bearing_deg, distance_m

FRAME_MISSION = 2
FRAME_GLOBAL = 0
FRAME_RELATIVE_INT = 6
NAN = float("nan")
FENCE_TYPE = 1
SAME_PLACE_M = 1.0


class Item(IntEnum):
    """The MAVLink commands used (MAV_CMD)."""

    WAYPOINT = 16
    LOITER_TIME = 19
    LAND = 21
    TAKEOFF = 22
    CHANGE_SPEED = 178
    LAND_START = 189
    ROI_LOCATION = 195
    ROI_NONE = 197
    FENCE_INCLUSION = 5001


@dataclass(frozen=True, slots=True, kw_only=True)
class RawItem:
    """One MISSION_ITEM_INT: ``x`` and ``y`` are degrees times 1e7, ``z`` metres above home."""

    command: int
    frame: int
    params: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    x: int = 0
    y: int = 0
    z: float = 0.0
    mission_type: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class MissionPlan:
    """What is uploaded, and the index of each part of the flight in it."""

    items: tuple[RawItem, ...]
    fence: tuple[RawItem, ...]
    watch_item: int
    home_items: tuple[int, ...]
    """Indices of the return waypoints, in order."""
    land_item: int


def flight_plan(order: FlightOrder) -> FlightPlan:
    """The order's geometry; raises `geo.flight.errors.FlightGeometryError` for one that cannot be."""
    return FlightPlan(
        home=(order.home.lat_deg, order.home.lon_deg),
        scene=(order.scene.lat_deg, order.scene.lon_deg),
        route_out=tuple(Waypoint(**point.model_dump()) for point in order.route_out),
        route_home=tuple(Waypoint(**point.model_dump()) for point in order.route_home),
        fence=Fence(vertices=tuple((place.lat_deg, place.lon_deg) for place in order.fence)),
        ceiling_above_home_m=order.ceiling_above_home_m,
    )


def mission_of(order: FlightOrder) -> MissionPlan:
    """The items of a whole flight: take-off, speed, out, watch, the way home, landing."""
    watch = order.route_out[-1]
    facing_deg = _facing_deg(watch, order.scene)
    items = [
        _place(Item.TAKEOFF, order.home, order.route_out[0].alt_above_home_m),
        RawItem(command=Item.CHANGE_SPEED, frame=FRAME_MISSION, params=(1.0, order.cruise_speed_m_s, -1.0, 0.0)),
    ]
    items += [_place(Item.WAYPOINT, point, point.alt_above_home_m) for point in order.route_out]
    # The camera's (or, without a gimbal, the nose's) target; at the watch position, so that it flies there nose first.
    items.append(_place(Item.ROI_LOCATION, order.scene, 0.0, p4=0.0))
    watch_item = len(items)
    items.append(_place(Item.LOITER_TIME, watch, watch.alt_above_home_m, p1=order.watch_s, p4=facing_deg))
    items.append(RawItem(command=Item.ROI_NONE, frame=FRAME_MISSION))
    items.append(RawItem(command=Item.LAND_START, frame=FRAME_MISSION))
    first_home = len(items)
    items += [_place(Item.WAYPOINT, point, point.alt_above_home_m) for point in order.route_home]
    land_item = len(items)
    items.append(_place(Item.LAND, order.home, 0.0))
    return MissionPlan(
        items=tuple(items),
        fence=_fence(order),
        watch_item=watch_item,
        home_items=tuple(range(first_home, land_item)),
        land_item=land_item,
    )


def return_item(order: FlightOrder, mission: MissionPlan, *, lat_deg: float, lon_deg: float) -> int:
    """The mission item to jump to for an early return from a place.

    On scene that is the first return waypoint; half-way out it is the end of the nearest stretch of the way home, so
    that nobody is carried on to the scene first. Never the landing marker itself: a jump onto it is never confirmed.
    """
    return mission.home_items[flight_plan(order).entry_home(lat_deg, lon_deg)]


def _place(command: Item, place: Place, alt_above_home_m: float, *, p1: float = 0.0, p4: float = NAN) -> RawItem:
    return RawItem(
        command=command,
        frame=FRAME_RELATIVE_INT,
        params=(p1, 0.0, 0.0, p4),
        x=_scaled(place.lat_deg),
        y=_scaled(place.lon_deg),
        z=alt_above_home_m,
    )


def _fence(order: FlightOrder) -> tuple[RawItem, ...]:
    count = float(len(order.fence))
    return tuple(
        RawItem(
            command=Item.FENCE_INCLUSION,
            frame=FRAME_GLOBAL,
            params=(count, 0.0, 0.0, 0.0),
            x=_scaled(place.lat_deg),
            y=_scaled(place.lon_deg),
            mission_type=FENCE_TYPE,
        )
        for place in order.fence
    )


def _facing_deg(watch: Place, scene: Place) -> float:
    """The heading from the watch position to the scene; NaN (keep the heading) where they coincide."""
    if distance_m(watch.lat_deg, watch.lon_deg, scene.lat_deg, scene.lon_deg) < SAME_PLACE_M:
        return NAN
    bearing = bearing_deg(watch.lat_deg, watch.lon_deg, scene.lat_deg, scene.lon_deg)
    return bearing if bearing <= 180.0 else bearing - 360.0


def _scaled(degrees: float) -> int:
    if not math.isfinite(degrees):
        raise ValueError("a mission item needs a place")
    return round(degrees * 1e7)
