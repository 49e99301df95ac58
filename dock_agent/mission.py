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
SCALED_NOISE = 2
"""Units of 1e-7 degrees, about 2 cm: an autopilot may keep places as floats of its own."""
HEIGHT_NOISE_M = 0.05
PARAM_NOISE = 0.05


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


_WITH_PLACE = frozenset(
    {Item.WAYPOINT, Item.LOITER_TIME, Item.LAND, Item.TAKEOFF, Item.ROI_LOCATION, Item.FENCE_INCLUSION}
)
_CHECKED_PARAMS: dict[int, tuple[int, ...]] = {
    Item.LOITER_TIME: (0,),
    Item.CHANGE_SPEED: (0, 1),
    Item.FENCE_INCLUSION: (0,),
}
"""The parameters that must come back as they went up, by command; the others carry nothing here."""


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
class OnBoard:
    """What an aircraft says it has on board: mission and fence as downloaded."""

    items: tuple[RawItem, ...]
    fence: tuple[RawItem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MissionPlan:
    """What is uploaded, and the index of each part of the flight in it."""

    items: tuple[RawItem, ...]
    fence: tuple[RawItem, ...]
    watch_item: int
    home_items: tuple[int, ...]
    """Indices of the return waypoints, in order."""
    land_item: int
    homeward_from: int
    """From this item on it is on its way home; 0 for a plan that does nothing else (a divert)."""


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


def mission_of(
    order: FlightOrder, *, airborne: bool = False, watches: bool = True, landing_m: float = 0.0
) -> MissionPlan:
    """The items of a whole flight: take-off, speed, out, watch, the way home, landing.

    ``airborne``: of the rest of a flight, without the take-off. ``watches`` False: straight on to the way home, as a
    divert does. ``landing_m``: the landing plate above the one that it took off from.
    """
    watch, (first, *others) = order.route_out[-1], order.route_out
    speed = RawItem(command=Item.CHANGE_SPEED, frame=FRAME_MISSION, params=(1.0, order.cruise_speed_m_s, -1.0, 0.0))
    # In transit the camera looks ahead, at the horizon: below it people live.
    ahead = RawItem(command=Item.ROI_NONE, frame=FRAME_MISSION)
    way_out = [_place(Item.WAYPOINT, point, point.alt_above_home_m) for point in (first, *others)]
    if airborne:
        # A jump is only ever made onto a place: it is confirmed by the item that is then shown.
        items = [way_out[0], speed, ahead, *way_out[1:]]
    else:
        items = [_place(Item.TAKEOFF, order.home, first.alt_above_home_m), speed, ahead, *way_out]
    watch_item = len(items) - 1
    if watches:
        # The camera's (or, without a gimbal, the nose's) target; at the watch position, so that it flies nose first.
        items.append(_place(Item.ROI_LOCATION, order.scene, 0.0, p4=0.0))
        watch_item = len(items)
        facing_deg = _facing_deg(watch, order.scene)
        items.append(_place(Item.LOITER_TIME, watch, watch.alt_above_home_m, p1=order.watch_s, p4=facing_deg))
        items.append(RawItem(command=Item.ROI_NONE, frame=FRAME_MISSION))
    items.append(RawItem(command=Item.LAND_START, frame=FRAME_MISSION))
    first_home = len(items)
    items += [_place(Item.WAYPOINT, point, point.alt_above_home_m) for point in order.route_home]
    land_item = len(items)
    items.append(_place(Item.LAND, order.home, landing_m))
    return MissionPlan(
        items=tuple(items),
        fence=_fence(order),
        watch_item=watch_item,
        home_items=tuple(range(first_home, land_item)),
        land_item=land_item,
        homeward_from=watch_item + 1 if watches else 0,
    )


def same_on_board(wanted: MissionPlan, found: OnBoard) -> bool:
    """True when what was downloaded is this plan, fence included, but for the noise of the way there and back.

    PX4 hands a fence out in another frame than it took it in, and single floats come back rounded.
    """
    return same_items(wanted.items, found.items) and same_items(wanted.fence, found.fence)


def same_items(wanted: tuple[RawItem, ...], found: tuple[RawItem, ...]) -> bool:
    """True when these items came back as they went up."""
    return len(wanted) == len(found) and all(_same_item(*pair) for pair in zip(wanted, found, strict=True))


def _same_item(wanted: RawItem, found: RawItem) -> bool:
    if wanted.command != found.command:
        return False
    if wanted.command in _WITH_PLACE:
        if abs(wanted.x - found.x) > SCALED_NOISE or abs(wanted.y - found.y) > SCALED_NOISE:
            return False
        if wanted.mission_type != FENCE_TYPE and abs(wanted.z - found.z) > HEIGHT_NOISE_M:
            return False
    checked = _CHECKED_PARAMS.get(wanted.command, ())
    return all(abs(wanted.params[number] - found.params[number]) <= PARAM_NOISE for number in checked)


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
