"""A way from a dock to a watch position, or why there is none.

The search starts with nothing in the way. Whatever zone the fastest way of that small world touches is put into it, and
it is asked again: as leaving zones out can only make a way faster, the first one that touches none is the fastest of
all. Most of a county's zones are never looked at.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import StrEnum

from geo.flight.energy import climb_stretch, leg_stretch
from geo.flight.performance import Performance
from geo.flight.plan import Waypoint, legs_between
from geo.flight.position import LatLon, distance_m
from geo.flight.wind import CALM, Wind
from geo.routing.errors import InvalidRequestError
from geo.routing.graph import ViewGraph
from geo.routing.prepared import REACH_M, Prepared
from geo.routing.search import fastest
from geo.routing.seeking import Bounds, Seeking, outcome
from geo.routing.speed import StraightTimes
from geo.routing.terrain import Heights
from geo.routing.tracing import Tracing
from geo.routing.world import World

_DECIMALS = 7


class Hindrance(StrEnum):
    """What kind of thing leaves no way."""

    ZONE = "zone"
    WIND = "wind"
    """It leaves no speed over ground."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A way that touches no zone, in `geo.flight.plan`'s waypoints."""

    home: LatLon
    out: tuple[Waypoint, ...]
    """After the vertical climb over home to the first one's height; the last is the watch position.

    Where the first stretch climbs or sinks, or where it began in the air, the first is over home itself.
    """
    back: tuple[Waypoint, ...]
    """The same way the other way round; the last is over home."""
    seconds: float
    """From lift-off until it hangs at the watch position, as `geo.flight.energy` times its legs."""
    moving_s: float
    """What the search minimised: climb, changes of height and ground at full speed, without what stops cost."""
    length_m: float
    """Over ground."""
    shaped_by: tuple[str, ...]
    """Zones that it bends around or goes under or over; empty: straight at the best height."""
    narrowed: tuple[str, ...]
    """Zones to which home or target is nearer than the margin: their margin gave way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoWay:
    """That there is none, and what is in it."""

    hindrance: Hindrance
    zones: tuple[str, ...]
    """Where zones are in the way: which, in the order of their names."""

    def __str__(self) -> str:
        if self.hindrance is Hindrance.WIND:
            return "the wind leaves no speed over ground on the way"
        return f"no way past {', '.join(self.zones)}"


def find_route(
    *,
    prepared: Prepared,
    home: LatLon,
    target: LatLon,
    heights: Heights,
    performance: Performance,
    wind: Wind = CALM,
    airborne_m: float | None = None,
) -> Route | NoWay:
    """The fastest legal way. Raises `InvalidRequestError` for a place outside the prepared area.

    ``airborne_m``: it begins in the air at that height above home, over the place that is called home here: the height
    is changed there first, and the first waypoint is always over that place.
    """
    return outcome(
        seek_route(
            prepared=prepared,
            home=home,
            target=target,
            heights=heights,
            performance=performance,
            wind=wind,
            airborne_m=airborne_m,
        )
    )


def seek_route(
    *,
    prepared: Prepared,
    home: LatLon,
    target: LatLon,
    heights: Heights,
    performance: Performance,
    wind: Wind = CALM,
    airborne_m: float | None = None,
) -> Seeking[Route | NoWay]:
    """As `find_route`, to be left when it is known to take too long. Over hills nothing is known before the end."""
    frame = prepared.frame
    (start, goal) = (_local(prepared, "home", home), _local(prepared, "target", target))
    times = StraightTimes(performance=performance, wind=wind, turned_deg=prepared.north_deg(start))
    straight_m = math.dist(start, goal)
    bounds: Bounds | None = None
    if prepared.terrain is None:
        bounds = Bounds(
            performance=performance,
            times=times,
            lat_deg=home[0],
            straight_m=straight_m,
            wind_speed_m_s=wind.speed_m_s,
        )
    world = World(
        prepared=prepared, start=start, target=goal, heights=heights, performance=performance, airborne_m=airborne_m
    )
    if world.enclosing:
        return NoWay(hindrance=Hindrance.ZONE, zones=world.names(world.enclosing))
    graph = ViewGraph(start=start, target=goal, met=world.met)
    vertical = world.vertical(graph)
    while True:
        search = fastest(graph, times=times, vertical=vertical)
        while True:
            try:
                least_s = next(search)
            except StopIteration as end:
                found = end.value
                break
            if bounds is not None:
                yield bounds.at_least_s(least_s)
        if found is None:
            zones = world.barrier(graph.zones)
            hindrance = Hindrance.ZONE if zones else Hindrance.WIND
            return NoWay(hindrance=hindrance, zones=world.names(zones))
        moving_s, steps = found
        touched = world.touched(graph, steps)
        if not touched:
            break
        if bounds is not None:
            yield bounds.at_least_s(moving_s)
        for zone in touched:
            graph.add(zone, world.keep_out(zone))
    points = Tracing(world=world, graph=graph, steps=steps, times=times).points()
    lats, lons = frame.to_world([p[0] for p in points], [p[1] for p in points])
    there = [
        Waypoint(lat_deg=round(float(lat), _DECIMALS), lon_deg=round(float(lon), _DECIMALS), alt_above_home_m=point[2])
        for lat, lon, point in zip(lats, lons, points, strict=True)
    ]
    first = Waypoint(lat_deg=home[0], lon_deg=home[1], alt_above_home_m=there[0].alt_above_home_m)
    slopes = there[1:2] and there[1].alt_above_home_m != first.alt_above_home_m
    out = (first, *there[1:]) if slopes or airborne_m is not None else tuple(there[1:]) or (first,)
    last = Waypoint(lat_deg=target[0], lon_deg=target[1], alt_above_home_m=out[-1].alt_above_home_m)
    out = (*out[:-1], last)
    seconds = timed(performance=performance, wind=wind, first=first, out=out, airborne_m=airborne_m)
    if seconds < math.inf:
        yield seconds
    return Route(
        home=home,
        out=out,
        back=(*reversed(out[:-1]), first),
        seconds=seconds,
        moving_s=moving_s,
        length_m=sum(leg.distance_m for leg in legs_between((first, *out))),
        shaped_by=world.names(world.shaping(graph, steps)),
        narrowed=world.names(world.narrowed),
    )


def timed(
    *,
    performance: Performance,
    wind: Wind,
    first: Waypoint,
    out: tuple[Waypoint, ...],
    airborne_m: float | None = None,
) -> float:
    """Seconds from lift-off (or from now, in the air) to the end of a way out, with its stops; infinite where the wind
    leaves no speed.
    """
    if airborne_m is None:
        seconds = climb_stretch(performance=performance, rise_m=first.alt_above_home_m, wind=wind).seconds
    else:
        seconds, first = 0.0, replace(first, alt_above_home_m=airborne_m)
    for leg in legs_between((first, *out)):
        stretch = leg_stretch(performance=performance, leg=leg, wind=wind)
        if stretch is None:
            return float("inf")
        seconds += stretch.seconds
    return seconds


def _local(prepared: Prepared, field: str, place: LatLon) -> tuple[float, float]:
    if not (-90.0 <= place[0] <= 90.0 and -180.0 <= place[1] <= 180.0):
        raise InvalidRequestError(field, f"latitude {place[0]}, longitude {place[1]} is no position")
    away_m = distance_m(*place, prepared.frame.lat_deg, prepared.frame.lon_deg)
    if not away_m < REACH_M:
        raise InvalidRequestError(
            field, f"lies {away_m / 1000:.0f} km from the middle of the area, the limit is 100 km"
        )
    return prepared.local(place)
