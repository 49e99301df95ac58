"""Flights apart from one another: where each may be and when, and a height at which a new one meets none of them.

What is promised: no two flights are ever nearer than 30 m horizontally *and* 15 m vertically at once. A flight's plan
says where it will be; nobody can say exactly when. It may leave late, it may be called home at any moment and flies the
same way back then, it may come down for a crewed aircraft. So a flight takes, from the earliest that it can be at a
place until it is back, every place of its ways: a *tube* of heights and of time around each straight stretch, and a
column over its dock. Two flights are apart when every tube of the one is apart from every tube of the other: beside it,
above or below it, or before or after it. Nobody's timing has to be right.

Heights are AMSL, because docks stand at different ones; times are seconds on one scale, from any beginning.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from geo.flight.energy import climb_stretch, leg_stretch
from geo.flight.performance import Performance
from geo.flight.plan import Waypoint, legs_between
from geo.flight.position import LatLon, LocalPlane
from geo.flight.wind import CALM, Wind

APART_M = 30.0
ABOVE_M = 15.0
"""Promised: over ground, or in height."""
BESIDE_M = 5.0
"""How far a flight may be beside its way: positions, gusts, corners that are cut."""
ALTIMETERS_M = 5.0
"""What the heights of two flights may be wrong by against each other."""
EARLY_SHARE = 0.9
"""Of the promised time: nobody is anywhere sooner."""
STEP_M = 5.0
"""Between the heights that are tried."""
DELAYS_S = (0.0, 15.0, 30.0, 60.0)
"""At the dock, tried in this order when no height is free at once."""
FOR_EVER = math.inf


@dataclass(frozen=True, slots=True, kw_only=True)
class Tube:
    """Heights over a straight stretch (a point where both ends are one), and when they are taken."""

    start: LatLon
    end: LatLon
    low_m: float
    high_m: float
    """AMSL."""
    since_s: float
    until_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """All that a flight may use, and what it is called."""

    name: str
    tubes: tuple[Tube, ...]

    def later(self, seconds: float) -> Volume:
        """The same, left so much later, and home so much later."""
        return replace(
            self,
            tubes=tuple(
                replace(tube, since_s=tube.since_s + seconds, until_s=tube.until_s + seconds) for tube in self.tubes
            ),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Free:
    """A height that is free, and how long the flight waits at its dock for it to be."""

    height_m: float
    """AMSL."""
    delay_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class NoneFree:
    """No height is: the flights that are in the way of the one wanted and of every other, by name."""

    in_the_way: tuple[str, ...]

    def __str__(self) -> str:
        return f"no height is free beside {', '.join(self.in_the_way)}"


def volume(
    *,
    name: str,
    home: LatLon,
    plate_amsl_m: float,
    out: Sequence[Waypoint],
    back: Sequence[Waypoint],
    performance: Performance,
    wind: Wind = CALM,
    leaves_s: float,
    home_by_s: float = FOR_EVER,
    down_to_m: float | None = None,
    reach_m: float = 0.0,
) -> Volume:
    """What a flight that is on the ground uses: ``out`` and ``back`` as in `geo.flight.plan`, heights above its plate.

    ``leaves_s``: the earliest that it lifts off. ``home_by_s``: the latest that it is down again, called home or not;
    for ever where nobody knows. ``down_to_m``: above its plate, how far it comes down on its way for a crewed aircraft;
    None: it does not. ``reach_m``: how far around its watch position it may move there.
    """
    over = Waypoint(lat_deg=home[0], lon_deg=home[1], alt_above_home_m=out[0].alt_above_home_m)
    over_home_m = max(out[0].alt_above_home_m, back[-1].alt_above_home_m)
    tubes = [_column(home, plate_amsl_m, plate_amsl_m + over_home_m, leaves_s, home_by_s)]
    at_s = leaves_s + EARLY_SHARE * climb_stretch(performance=performance, rise_m=over.alt_above_home_m).seconds
    ways = [over, *out]
    reached: list[tuple[Waypoint, float]] = [(over, at_s)]
    for start, end in pairwise(ways):
        tubes.append(_stretch(start, end, plate_amsl_m, down_to_m, at_s, home_by_s))
        for leg in legs_between((start, end)):
            stretch = leg_stretch(performance=performance, leg=leg, wind=wind)
            at_s += 0.0 if stretch is None else EARLY_SHARE * stretch.seconds
        reached.append((end, at_s))
    home_again = [out[-1], *back]
    for start, end in pairwise(home_again):
        # Called home from half-way it joins its way home where that is near: as early as it was near on its way out.
        since_s = min(_soonest_s(reached, start, end), at_s)
        tubes.append(_stretch(start, end, plate_amsl_m, down_to_m, since_s, home_by_s))
    if reach_m > 0:
        tubes += _around(out[-1], reach_m, plate_amsl_m, down_to_m, at_s, home_by_s)
    return Volume(name=name, tubes=tuple(tubes))


def going_home(
    *,
    name: str,
    at: Waypoint,
    home: LatLon,
    plate_amsl_m: float,
    back: Sequence[Waypoint],
    since_s: float,
    home_by_s: float = FOR_EVER,
    down_to_m: float | None = None,
) -> Volume:
    """What a flight still uses that is on its way home for good: from where it is along the rest of its way."""
    ways = [at, *back]
    tubes = [_stretch(start, end, plate_amsl_m, down_to_m, since_s, home_by_s) for start, end in pairwise(ways)]
    tubes.append(_column(home, plate_amsl_m, plate_amsl_m + back[-1].alt_above_home_m, since_s, home_by_s))
    return Volume(name=name, tubes=tuple(tubes))


def lasting(
    *,
    name: str,
    home: LatLon,
    plate_amsl_m: float,
    out: Sequence[Waypoint],
    back: Sequence[Waypoint],
    down_to_m: float | None = None,
) -> Volume:
    """All ways of a plan for all time, where nobody knows when: ``home`` may be where a plan laid in the air begins.

    Columns reach from below every plate, because a flight may land at another dock than it left.
    """
    over = Waypoint(lat_deg=home[0], lon_deg=home[1], alt_above_home_m=out[0].alt_above_home_m)
    tubes = [
        _column(point.position, -math.inf, plate_amsl_m + point.alt_above_home_m, -math.inf, FOR_EVER)
        for point in (over, back[-1])
    ]
    tubes += [
        _stretch(start, end, plate_amsl_m, down_to_m, -math.inf, FOR_EVER)
        for start, end in pairwise((over, *out, *back))
    ]
    return Volume(name=name, tubes=tuple(tubes))


def in_the_way(wanted: Volume, others: Iterable[Volume]) -> tuple[str, ...]:
    """Names of the flights that a volume is not apart from, each once, in order."""
    if not wanted.tubes:
        return ()
    plane = LocalPlane(*wanted.tubes[0].start)
    mine = [(tube, *_ends(plane, tube)) for tube in wanted.tubes]
    return tuple(sorted({other.name for other in others if _meet(plane, mine, other)}))


def find_height(
    at_height: Callable[[float], Volume],
    *,
    wanted_m: float,
    lowest_m: float,
    highest_m: float,
    others: Sequence[Volume],
    delays_s: Sequence[float] = DELAYS_S,
) -> Free | NoneFree:
    """The free height nearest to the wanted one, the higher of two; at once if there is one, else after a short delay.

    ``at_height`` makes the volume of the flight at a height, AMSL. The order of the others does not matter.
    """
    heights = heights_around(wanted_m, lowest_m, highest_m)
    met: set[str] = set()
    volumes = [(height_m, at_height(height_m)) for height_m in heights]
    for delay_s in delays_s:
        for height_m, each in volumes:
            found = in_the_way(each.later(delay_s) if delay_s else each, others)
            if not found:
                return Free(height_m=height_m, delay_s=delay_s)
            met.update(found)
    return NoneFree(in_the_way=tuple(sorted(met)))


def heights_around(wanted_m: float, lowest_m: float, highest_m: float) -> list[float]:
    """The heights that are tried, the nearest to the wanted one first, of two the higher."""
    if not lowest_m <= highest_m:
        return []
    nearest_m = min(max(wanted_m, lowest_m), highest_m)
    count = int((highest_m - lowest_m) / STEP_M) + 1
    steps = (nearest_m + sign * STEP_M * step for step in range(count + 1) for sign in (1, -1))
    found = {height_m for height_m in (*steps, lowest_m, highest_m) if lowest_m <= height_m <= highest_m}
    return sorted(found, key=lambda height_m: (abs(height_m - wanted_m), -height_m))


def _column(place: LatLon, low_m: float, high_m: float, since_s: float, until_s: float) -> Tube:
    return Tube(start=place, end=place, low_m=low_m, high_m=high_m, since_s=since_s, until_s=until_s)


def _stretch(
    start: Waypoint, end: Waypoint, plate_m: float, down_to_m: float | None, since_s: float, until_s: float
) -> Tube:
    low_m, high_m = sorted((start.alt_above_home_m, end.alt_above_home_m))
    if down_to_m is not None:
        low_m = min(low_m, down_to_m)
    return Tube(
        start=start.position,
        end=end.position,
        low_m=plate_m + low_m,
        high_m=plate_m + high_m,
        since_s=since_s,
        until_s=until_s,
    )


def _around(
    watch: Waypoint, reach_m: float, plate_m: float, down_to_m: float | None, since_s: float, until_s: float
) -> list[Tube]:
    """A disc as parallel stretches, none further from the next than flights are wide."""
    plane = LocalPlane(*watch.position)
    rows = 1 + math.ceil(2 * reach_m / (2 * BESIDE_M))
    tubes = []
    for row in range(rows):
        north_m = -reach_m + 2 * reach_m * row / max(1, rows - 1)
        half_m = math.sqrt(max(0.0, reach_m * reach_m - north_m * north_m))
        ends = [
            Waypoint(lat_deg=lat, lon_deg=lon, alt_above_home_m=watch.alt_above_home_m)
            for lat, lon in (plane.to_position(-half_m, north_m), plane.to_position(half_m, north_m))
        ]
        tubes.append(_stretch(ends[0], ends[1], plate_m, down_to_m, since_s, until_s))
    return tubes


def _soonest_s(reached: Sequence[tuple[Waypoint, float]], start: Waypoint, end: Waypoint) -> float:
    """When a flight that turns home first may be on this stretch of its way home.

    Where the stretch goes back along the way out, when it has come to the nearer end; else from the beginning.
    """
    places = {point.position: at_s for point, at_s in reversed(reached)}
    known = [places[point.position] for point in (start, end) if point.position in places]
    return min(known) if len(known) == 2 else reached[0][1]


Place = tuple[float, float]


def _ends(plane: LocalPlane, tube: Tube) -> tuple[Place, Place]:
    return plane.to_local(*tube.start), plane.to_local(*tube.end)


def _meet(plane: LocalPlane, mine: Sequence[tuple[Tube, Place, Place]], other: Volume) -> bool:
    for theirs in other.tubes:
        near = [
            each
            for each in mine
            if each[0].since_s < theirs.until_s
            and theirs.since_s < each[0].until_s
            and each[0].low_m < theirs.high_m + ABOVE_M + ALTIMETERS_M
            and theirs.low_m < each[0].high_m + ABOVE_M + ALTIMETERS_M
        ]
        if near:
            start, end = _ends(plane, theirs)
            if any(_between_m(a, b, start, end) < APART_M + 2 * BESIDE_M for _, a, b in near):
                return True
    return False


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
