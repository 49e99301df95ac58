"""Flights apart from one another: where each may be, and a height at which a new way meets none of them.

What is promised: no two flights are ever nearer than 30 m horizontally *and* 15 m vertically at once. A flight's plan
says where it will be; nobody can say when. It leaves when its lid is open, its queue is over and its pilot has
accepted; it may be held, called home at any moment and fly the same way back, come down for a crewed aircraft. So the
interval in which it may be at a place is from now until it has ended, and it takes every place of its ways for all of
that: a *tube* of heights around each straight stretch, and a column over its dock. Two flights are apart when every
tube of the one is beside, above or below every tube of the other. Nobody's timing has to be right.

Heights are AMSL, because docks stand at different ones.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from geo.flight.plan import Waypoint
from geo.flight.position import LatLon, LocalPlane

APART_M = 30.0
ABOVE_M = 15.0
"""Promised: over ground, or in height."""
BESIDE_M = 5.0
"""How far a flight may be beside its way: positions, gusts, corners that are cut."""
ALTIMETERS_M = 5.0
"""What the heights of two flights may be wrong by against each other."""
WATCH_ROOM_M = 30.0
"""Around a watch position: whoever watches moves a little, and two over one scene differ in height, not in where each
hangs before it."""
STEP_M = 5.0
"""Between the heights that are tried."""
PIECE_M = 40.0
"""Of a way that is flown by hand: circles around its pieces are wider than the way by half of this."""
SLACK_M = 100.0
"""Boxes are in degrees, stretches straight on a plane: of 30 km they are less than this beside what the box says."""
_LAT_M = 110_500.0
_LON_M = 110_200.0
"""Metres of a degree, of longitude at the equator: less than the least, so that a gap is never taken for wider."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tube:
    """Heights over a straight stretch (a point where both ends are one)."""

    start: LatLon
    end: LatLon
    low_m: float
    high_m: float
    """AMSL."""
    wide_m: float = BESIDE_M
    """How far beside the stretch the flight may be: of a point, the radius of a circle."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """Around a volume: most pairs of a city are told to be apart by their boxes, without a look at their tubes."""

    south_deg: float
    north_deg: float
    west_deg: float
    east_deg: float
    lon_m: float
    """Of a degree of longitude, the least within."""
    low_m: float
    high_m: float
    wide_m: float

    def may_meet(self, other: Box) -> bool:
        """False only where no tube of one can be near one of the other."""
        return (
            self.low_m < other.high_m + ABOVE_M + ALTIMETERS_M
            and other.low_m < self.high_m + ABOVE_M + ALTIMETERS_M
            and self.may_be_near(other)
        )

    def may_be_near(self, other: Box) -> bool:
        """Over ground alone. Around the antimeridian and the poles always true."""
        kept_m = APART_M + SLACK_M + self.wide_m + other.wide_m
        if max(other.south_deg - self.north_deg, self.south_deg - other.north_deg) * _LAT_M >= kept_m:
            return False
        gap_deg = max(other.west_deg - self.east_deg, self.west_deg - other.east_deg)
        return gap_deg > 180.0 or gap_deg * min(self.lon_m, other.lon_m) < kept_m


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """All that a flight may use, and what it is called."""

    name: str
    tubes: tuple[Tube, ...]
    box: Box | None = field(init=False, repr=False, compare=False)
    """None without tubes."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "box", _box(self.tubes))

    def may_meet(self, other: Volume) -> bool:
        """False only where the two are apart."""
        return self.box is not None and other.box is not None and self.box.may_meet(other.box)


@dataclass(frozen=True, slots=True, kw_only=True)
class Free:
    """A height that is free."""

    height_m: float
    """AMSL."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoneFree:
    """No height is: the flights that are in the way of the one wanted and of every other, by name."""

    in_the_way: tuple[str, ...]

    def __str__(self) -> str:
        return f"no height is free beside {', '.join(self.in_the_way)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Near:
    """Two flights that are not apart: where one is nearest to the other, as far as anybody can say."""

    name: str
    beside_m: float
    """Between their ways, over ground; what each may be beside its own is not in it. 0: they cross."""
    above_m: float
    """Between their heights; 0: they share some."""

    def __str__(self) -> str:
        return (
            f"{self.name} ({self.beside_m:.0f} m beside it over ground and {self.above_m:.0f} m in height; "
            f"{APART_M:.0f} m or {ABOVE_M:.0f} m are kept)"
        )


def volume(
    *,
    name: str,
    home: LatLon | None,
    plate_amsl_m: float,
    out: Sequence[Waypoint],
    back: Sequence[Waypoint],
    down_to_m: float | None = None,
    watches: bool = True,
) -> Volume:
    """All ways of a plan: ``out`` and ``back`` as in `geo.flight.plan`, heights above its plate.

    ``home`` is None for a plan that was laid in the air. ``down_to_m``: above its plate, how far it comes down on its
    way for a crewed aircraft; None: it does not. ``watches``: the way out ends where it watches from.

    Columns reach from below every plate, because a flight may land at another dock than it left.
    """
    over = [] if home is None else [replace(out[0], lat_deg=home[0], lon_deg=home[1])]
    tubes = [_column(point.position, -math.inf, plate_amsl_m + point.alt_above_home_m) for point in (*over, back[-1])]
    tubes += [_stretch(start, end, plate_amsl_m, down_to_m) for start, end in pairwise((*over, *out, *back))]
    if watches:
        watch = _stretch(out[-1], out[-1], plate_amsl_m, down_to_m)
        tubes.append(replace(watch, wide_m=BESIDE_M + WATCH_ROOM_M))
    return Volume(name=name, tubes=tuple(tubes))


def reached(
    *,
    name: str,
    plate_amsl_m: float,
    start: Waypoint,
    end: Waypoint,
    around_m: float,
    joins: Sequence[Waypoint],
    down_to_m: float | None = None,
) -> Volume:
    """What a flight may use that somebody flies by hand from ``start`` to ``end``.

    The circle that it may reach, ``around_m`` around both and around all between them; and, because it may be called
    home or told to go on at any moment, what lies between that and each place where it would join its plan again
    (``joins``). The way is cut into pieces of at most `PIECE_M`: each piece's circle and a place to join have one
    straight capsule that holds every straight way between them, as the hull of a circle and a point does.
    """
    plane = LocalPlane(*start.position)
    east_m, north_m = plane.to_local(*end.position)
    pieces = max(1, math.ceil(math.hypot(east_m, north_m) / PIECE_M))
    half_m = math.hypot(east_m, north_m) / pieces / 2
    low_m, high_m = sorted((start.alt_above_home_m, end.alt_above_home_m))
    tubes: list[Tube] = []
    for piece in range(pieces):
        share = (piece + 0.5) / pieces
        lat_deg, lon_deg = plane.to_position(east_m * share, north_m * share)
        lower, upper = (Waypoint(lat_deg=lat_deg, lon_deg=lon_deg, alt_above_home_m=alt_m) for alt_m in (low_m, high_m))
        ways = [_stretch(lower, upper, plate_amsl_m, down_to_m)]
        for join in joins:
            way = _stretch(upper, join, plate_amsl_m, down_to_m)
            ways.append(replace(way, low_m=min(way.low_m, plate_amsl_m + low_m)))
        tubes += [replace(way, wide_m=BESIDE_M + around_m + half_m) for way in ways]
    return Volume(name=name, tubes=tuple(tubes))


def down_from(*, name: str, plate_amsl_m: float, at: Waypoint, around_m: float) -> Volume:
    """What a flight uses that lands where it is: all heights below."""
    column = _column(at.position, -math.inf, plate_amsl_m + at.alt_above_home_m)
    return Volume(name=name, tubes=(replace(column, wide_m=BESIDE_M + around_m),))


def joined(volumes: Sequence[Volume]) -> Volume:
    """One flight's volumes as one; raises `ValueError` for none."""
    if not volumes:
        raise ValueError("no volumes")
    return Volume(name=volumes[0].name, tubes=tuple(tube for each in volumes for tube in each.tubes))


def floor_above(mine: Volume, others: Iterable[Volume]) -> float:
    """How far a flight may come down, wherever on its ways, and still be above all that fly below them.

    AMSL; -inf: nobody does.
    """
    if not mine.tubes:
        return -math.inf
    plane = LocalPlane(*mine.tubes[0].start)
    own = [(tube, *_ends(plane, tube)) for tube in mine.tubes]
    floors = [
        theirs.high_m + ABOVE_M + ALTIMETERS_M
        for other in beside(mine, others)
        for theirs in other.tubes
        for tube, a, b in own
        if theirs.high_m + ABOVE_M + ALTIMETERS_M <= tube.high_m
        and _between_m(a, b, *_ends(plane, theirs)) < APART_M + tube.wide_m + theirs.wide_m
    ]
    return max(floors, default=-math.inf)


def nearest(wanted: Volume, others: Iterable[Volume]) -> tuple[Near, ...]:
    """The flights that a volume is not apart from, in the order of their names, each with how near it would come."""
    near_by = [other for other in others if wanted.may_meet(other)]
    if not near_by:
        return ()
    plane = LocalPlane(*wanted.tubes[0].start)
    mine = [_drawn(plane, tube) for tube in wanted.tubes]
    worst: dict[str, Near] = {}
    for other in near_by:
        for tube, theirs, beside_m in _meetings(plane, mine, other):
            above_m = max(0.0, tube.low_m - theirs.high_m, theirs.low_m - tube.high_m)
            spare_m = beside_m - (tube.wide_m - BESIDE_M) - (theirs.wide_m - BESIDE_M)
            near = Near(name=other.name, beside_m=max(0.0, spare_m), above_m=above_m)
            known = worst.get(other.name)
            if known is None or (near.above_m, near.beside_m) < (known.above_m, known.beside_m):
                worst[other.name] = near
    return tuple(worst[name] for name in sorted(worst))


def in_the_way(wanted: Volume, others: Iterable[Volume]) -> tuple[str, ...]:
    """Names of the flights that a volume is not apart from, each once, in order."""
    near_by = [other for other in others if wanted.may_meet(other)]
    if not near_by:
        return ()
    plane = LocalPlane(*wanted.tubes[0].start)
    mine = [_drawn(plane, tube) for tube in wanted.tubes]
    return tuple(sorted({other.name for other in near_by if _meet(plane, mine, other)}))


def is_apart(wanted: Volume, others: Iterable[Volume]) -> bool:
    """True where `in_the_way` finds nobody; the first that is found is enough."""
    near_by = [other for other in others if wanted.may_meet(other)]
    if not near_by:
        return True
    plane = LocalPlane(*wanted.tubes[0].start)
    mine = [_drawn(plane, tube) for tube in wanted.tubes]
    return not any(_meet(plane, mine, other) for other in near_by)


def beside(way: Volume, others: Iterable[Volume]) -> list[Volume]:
    """Those of the others that may be near a way at some height of it: the heights of a way are tried beside these."""
    box = way.box
    return [other for other in others if box is not None and other.box is not None and box.may_be_near(other.box)]


def find_height(
    at_height: Callable[[float], Volume],
    *,
    wanted_m: float,
    lowest_m: float,
    highest_m: float,
    others: Sequence[Volume],
) -> Free | NoneFree:
    """The free height nearest to the wanted one, the higher of two.

    ``at_height`` makes the volume of the flight at a height, AMSL. The order of the others does not matter.
    """
    edges = {
        edge
        for other in others
        for tube in other.tubes
        for edge in (tube.high_m + ABOVE_M + ALTIMETERS_M, tube.low_m - ABOVE_M - ALTIMETERS_M)
    }
    heights = heights_around(wanted_m, lowest_m, highest_m, beside=edges)
    met: set[str] = set()
    for height_m in heights:
        found = in_the_way(at_height(height_m), others)
        if not found:
            return Free(height_m=height_m)
        met.update(found)
    return NoneFree(in_the_way=tuple(sorted(met)))


def heights_around(wanted_m: float, lowest_m: float, highest_m: float, *, beside: Iterable[float] = ()) -> list[float]:
    """The heights that are tried, ``beside`` among them, the nearest to the wanted one first, of two the higher."""
    if not lowest_m <= highest_m:
        return []
    nearest_m = min(max(wanted_m, lowest_m), highest_m)
    count = int((highest_m - lowest_m) / STEP_M) + 1
    steps = (nearest_m + sign * STEP_M * step for step in range(count + 1) for sign in (1, -1))
    found = {height_m for height_m in (*steps, lowest_m, highest_m, *beside) if lowest_m <= height_m <= highest_m}
    return sorted(found, key=lambda height_m: (abs(height_m - wanted_m), -height_m))


def _box(tubes: Sequence[Tube]) -> Box | None:
    if not tubes:
        return None
    lats = [end[0] for tube in tubes for end in (tube.start, tube.end)]
    lons = [end[1] for tube in tubes for end in (tube.start, tube.end)]
    south_deg, north_deg = min(lats), max(lats)
    return Box(
        south_deg=south_deg,
        north_deg=north_deg,
        west_deg=min(lons),
        east_deg=max(lons),
        lon_m=_LON_M * math.cos(math.radians(max(-south_deg, north_deg))),
        low_m=min(tube.low_m for tube in tubes),
        high_m=max(tube.high_m for tube in tubes),
        wide_m=max(tube.wide_m for tube in tubes),
    )


def _column(place: LatLon, low_m: float, high_m: float) -> Tube:
    return Tube(start=place, end=place, low_m=low_m, high_m=high_m)


def _stretch(start: Waypoint, end: Waypoint, plate_m: float, down_to_m: float | None) -> Tube:
    low_m, high_m = sorted((start.alt_above_home_m, end.alt_above_home_m))
    if down_to_m is not None:
        low_m = min(low_m, down_to_m)
    return Tube(start=start.position, end=end.position, low_m=plate_m + low_m, high_m=plate_m + high_m)


Place = tuple[float, float]


def _ends(plane: LocalPlane, tube: Tube) -> tuple[Place, Place]:
    return plane.to_local(*tube.start), plane.to_local(*tube.end)


Drawn = tuple[Tube, Place, Place, float, float, float, float]
"""A tube, its ends on a plane, and their west, east, south and north."""


def _drawn(plane: LocalPlane, tube: Tube) -> Drawn:
    a, b = _ends(plane, tube)
    west_m, east_m = (a[0], b[0]) if a[0] <= b[0] else (b[0], a[0])
    south_m, north_m = (a[1], b[1]) if a[1] <= b[1] else (b[1], a[1])
    return tube, a, b, west_m, east_m, south_m, north_m


def _meet(plane: LocalPlane, mine: Sequence[Drawn], other: Volume) -> bool:
    return any(True for _ in _meetings(plane, mine, other))


def _meetings(plane: LocalPlane, mine: Sequence[Drawn], other: Volume) -> Iterator[tuple[Tube, Tube, float]]:
    """The tubes of both that are not apart, and the metres over ground between their stretches."""
    for theirs in other.tubes:
        top_m, floor_m = theirs.high_m + ABOVE_M + ALTIMETERS_M, theirs.low_m
        near = [each for each in mine if each[0].low_m < top_m and floor_m < each[0].high_m + ABOVE_M + ALTIMETERS_M]
        if not near:
            continue
        _, c, d, west_m, east_m, south_m, north_m = _drawn(plane, theirs)
        for tube, a, b, its_west_m, its_east_m, its_south_m, its_north_m in near:
            kept_m = APART_M + tube.wide_m + theirs.wide_m
            # No more lies between two stretches than between their shadows on either axis.
            if (
                its_west_m - east_m < kept_m
                and west_m - its_east_m < kept_m
                and its_south_m - north_m < kept_m
                and south_m - its_north_m < kept_m
                and (beside_m := _between_m(a, b, c, d)) < kept_m
            ):
                yield tube, theirs, beside_m


def _between_m(a: Place, b: Place, c: Place, d: Place) -> float:
    """The least distance of two stretches on the ground."""
    if _cross(a, b, c, d):
        return 0.0
    return min(_from_m(a, c, d), _from_m(b, c, d), _from_m(c, a, b), _from_m(d, a, b))


def _from_m(point: Place, a: Place, b: Place) -> float:
    way = (b[0] - a[0], b[1] - a[1])
    long2 = way[0] * way[0] + way[1] * way[1]
    share = 0.0
    if long2 > 0:
        share = min(1.0, max(0.0, ((point[0] - a[0]) * way[0] + (point[1] - a[1]) * way[1]) / long2))
    return math.hypot(point[0] - a[0] - share * way[0], point[1] - a[1] - share * way[1])


def _cross(a: Place, b: Place, c: Place, d: Place) -> bool:
    def side(p: Place, q: Place, r: Place) -> float:
        return (q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0])

    return side(a, b, c) * side(a, b, d) < 0 and side(c, d, a) * side(c, d, b) < 0
