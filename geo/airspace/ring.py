"""Rings as documents have them into valid polygons, telling of every repair.

Rings are unrolled where they pass ±180°, closed over a pole that they go around, made valid where they cross themselves
(no area that they enclose is lost), and cut at the antimeridian as RFC 7946 asks.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import shapely
from shapely.affinity import translate
from shapely.geometry import Polygon, box
from shapely.geometry.base import BaseGeometry, BaseMultipartGeometry
from shapely.geometry.polygon import orient
from shapely.validation import explain_validity

from geo.airspace.errors import FeatureSkipped
from geo.airspace.fields import number
from geo.airspace.finding import Notes

Array = npt.NDArray[np.float64]
MOST_POINTS = 200_000
"""In one ring."""
MOST_CROSSINGS = 10_000
"""More in one ring are no slip of the pen, and would take unbounded time to unpick."""
_GRIDS_DEG = (1e-9, 1e-8, 1e-7)
"""0.1 mm to 1 cm."""
_OUTLINE_COSTS = 20
_PAIRS_AT_ONCE = 1_000_000


def positions(values: object) -> Array:
    """Longitudes and latitudes, shape (n, 2), of positions, without their heights. Raises `FeatureSkipped`."""
    if not isinstance(values, list):
        raise FeatureSkipped("a ring of it is no list of positions")
    if len(values) > MOST_POINTS:
        raise FeatureSkipped(f"a ring of it has {len(values)} points: at most {MOST_POINTS} are read")
    rows: list[tuple[float, float]] = []
    for place, value in enumerate(values):
        pair = [number(part) for part in value[:2]] if isinstance(value, list) else []
        if len(pair) < 2 or pair[0] is None or pair[1] is None:
            raise FeatureSkipped(f"position {place} of a ring of it is no pair of numbers")
        rows.append((pair[0], pair[1]))
    return np.array(rows, dtype=np.float64).reshape(-1, 2)


def polygons(exterior: Array, holes: Sequence[Array], notes: Notes, *, wound: bool = True) -> list[Polygon]:
    """Valid polygons in ±180° of one exterior ring and its holes, each of shape (n, 2).

    Exteriors are counter-clockwise, holes clockwise; ``wound``: the document had to have them so, and a ring that was
    not is told of. Raises `FeatureSkipped` where nothing is enclosed or a position is none, and
    `DocumentRefused` when the document's budget is spent.
    """
    notes.budget.spend(sum(_OUTLINE_COSTS + len(points) // 4 for points in (exterior, *holes)))
    outer = _ring(exterior, "its outline", notes)
    unrolled = _unrolled(outer)
    _tell_winding(unrolled, "its outline", notes, wound=wound, counter_clockwise=True)
    inner: list[Array] = []
    for place, hole in enumerate(holes):
        what = f"hole {place}"
        try:
            ring = _unrolled(_ring(hole, what, notes))
        except FeatureSkipped as wrong:
            notes.repaired(f"{what} left out, so that the zone is the larger: {wrong.reason}")
            continue
        _tell_winding(ring, what, notes, wound=wound, counter_clockwise=False)
        ring = ring.copy()
        ring[:, 0] += 360.0 * round((_middle(unrolled) - _middle(ring)) / 360.0)
        inner.append(ring)
    valid = _valid(Polygon(unrolled, inner), notes)
    pieces = [orient(piece) for part in valid for piece in _cut(part)]
    if not pieces:
        raise FeatureSkipped("it encloses no area")
    return pieces


def _ring(points: Array, what: str, notes: Notes) -> Array:
    """Checked, without repeated points, closed."""
    if len(points) == 0:
        raise FeatureSkipped(f"{what} is empty")
    if len(points) > MOST_POINTS:
        raise FeatureSkipped(f"{what} has {len(points)} points: at most {MOST_POINTS} are read")
    bad = ~((np.abs(points[:, 0]) <= 360.0) & (np.abs(points[:, 1]) <= 90.0))
    if bad.any():
        place = int(np.argmax(bad))
        raise FeatureSkipped(
            f"position {place} of {what} is none: longitude {points[place, 0]:g}, latitude {points[place, 1]:g}"
        )
    # Negative zero is zero to every comparison but not to every writer.
    points = points + 0.0
    fresh = np.append(True, (points[1:] != points[:-1]).any(axis=1))
    if not fresh.all():
        notes.repaired(f"{what} repeats {int((~fresh).sum())} points: dropped")
        points = points[fresh]
    if len(points) > 1 and (points[0] != points[-1]).any():
        notes.repaired(f"{what} was not closed")
        points = np.vstack([points, points[:1]])
    if len(points) < 4:
        raise FeatureSkipped(f"{what} has only {max(1, len(points) - 1)} different points")
    return points


def _unrolled(ring: Array) -> Array:
    """Longitudes without jumps at ±180°, going on beyond them; a ring around a pole is closed over it."""
    lons, lats = ring[:, 0], ring[:, 1]
    steps = np.diff(lons)
    along_pole = (np.abs(lats[:-1]) >= 90.0) & (np.abs(lats[1:]) >= 90.0)
    jumps = (np.abs(steps) > 180.0) & ~along_pole
    if not jumps.any():
        return ring
    turns = np.where(jumps, np.round(steps / 360.0), 0.0)
    unrolled = lons - 360.0 * np.append(0.0, np.cumsum(turns))
    points = np.column_stack([unrolled, lats])
    turn = unrolled[-1] - unrolled[0]
    if abs(turn) > 180.0:
        pole = math.copysign(90.0, float(lats[np.argmax(np.abs(lats))]))
        points = np.vstack([points, [unrolled[-1], pole], [unrolled[0], pole], points[:1]])
    return points


def _middle(ring: Array) -> float:
    return float(ring[:, 0].min() + ring[:, 0].max()) / 2


def _tell_winding(ring: Array, what: str, notes: Notes, *, wound: bool, counter_clockwise: bool) -> None:
    if not wound:
        return
    x, y = ring[:, 0] - ring[0, 0], ring[:, 1] - ring[0, 1]
    twice_area = float(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1]))
    if twice_area and (twice_area > 0) is not counter_clockwise:
        notes.repaired(f"{what} is wound the wrong way round: turned")


def _valid(polygon: Polygon, notes: Notes) -> list[Polygon]:
    if polygon.is_valid:
        return [polygon] if polygon.area > 0 else []
    why = explain_validity(polygon).split("[")[0].lower() or "invalid"
    # Even-odd would leave holes in a ring that covers a place twice: "structure" keeps them filled.
    _check_crossings(polygon, notes)
    parts = _sound(polygon)
    if parts:
        notes.repaired(f"its shape was not valid ({why}): mended into {len(parts)} polygon{'s' * (len(parts) > 1)}")
    return parts


def _check_crossings(polygon: Polygon, notes: Notes) -> None:
    """Counts where edges meet until there are too many; time and memory stay bounded for a scribble of any size."""
    edges = [
        np.stack([points[:-1], points[1:]], axis=1)
        for points in map(shapely.get_coordinates, (polygon.exterior, *polygon.interiors))
    ]
    segments = np.asarray(shapely.linestrings(np.concatenate(edges)))
    tree = shapely.STRtree(segments)
    at_once = max(1, _PAIRS_AT_ONCE // len(segments))
    met = 0
    for begin in range(0, len(segments), at_once):
        pairs = tree.query(segments[begin : begin + at_once], predicate="intersects")
        # Each edge meets itself and its two neighbours, and every crossing is seen from both sides.
        met += max(0, pairs.shape[1] - 3 * len(segments[begin : begin + at_once]))
        if met > 2 * MOST_CROSSINGS:
            notes.budget.spend(MOST_CROSSINGS)
            raise FeatureSkipped(f"its outline crosses itself more than {MOST_CROSSINGS} times")
    notes.budget.spend(met // 2)


def _cut(area: Polygon) -> list[Polygon]:
    """Unrolled longitudes back into ±180°, as the pieces on either side."""
    west, _, east, _ = area.bounds
    if west >= -180.0 and east <= 180.0:
        return [area]
    pieces: list[Polygon] = []
    first, last = math.floor((west + 180.0) / 360.0), math.floor((east + 180.0) / 360.0)
    for turn in range(first, last + 1):
        window = box(-180.0 + 360.0 * turn, -90.0, 180.0 + 360.0 * turn, 90.0)
        for piece in _parts(area.intersection(window)):
            # What falls together by rounding is made valid once more; a sliver of a rounding error may vanish.
            pieces += _sound(translate(piece, xoff=-360.0 * turn))
    return pieces


def _sound(shape: BaseGeometry) -> list[Polygon]:
    """Valid polygons of a shape. Raises `FeatureSkipped` for the one that resists.

    Where edges nearly lie on each other the rounding of their crossings can make a mended shape invalid again: then its
    points are put on a grid, the finest that helps.
    """
    if not shape.is_valid:
        shape = shapely.make_valid(shape, method="structure", keep_collapsed=False)
    for grid_deg in (0.0, *_GRIDS_DEG):
        if grid_deg:
            shape = shapely.make_valid(shapely.set_precision(shape, grid_deg), method="structure", keep_collapsed=False)
        parts = _parts(shape)
        if all(part.is_valid for part in parts):
            return parts
    raise FeatureSkipped("its shape is not valid and could not be mended")


def _parts(shape: BaseGeometry) -> list[Polygon]:
    """The polygons in a geometry, without the points and lines that cutting and mending leave."""
    if isinstance(shape, Polygon):
        return [shape] if shape.area > 0 else []
    if isinstance(shape, BaseMultipartGeometry):
        return [polygon for part in shape.geoms for polygon in _parts(part)]
    return []
