"""What a whole fleet reaches, and what of a force's area it does not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import shapely
from shapely.geometry.base import BaseGeometry

from geo.isochrones.survey import Area, DockAreas, cut


def union_of(areas: Iterable[Area]) -> Area:
    """All of them, as one."""
    return cut(shapely.union_all(list(areas)))


def force_area(docks: Sequence[DockAreas]) -> Area:
    """Where a force has not said what its area is: the convex hull of what its docks' energy reaches, in degrees.

    A fleet on both sides of the antimeridian is taken as two.
    """
    every = union_of(dock.by_energy for dock in docks)
    west, _, east, _ = every.bounds if not every.is_empty else (0.0, 0.0, 0.0, 0.0)
    if east - west <= 180.0:
        return cut(every.convex_hull)
    halves: list[BaseGeometry] = [
        every.intersection(shapely.box(left, -90.0, left + 180.0, 90.0)).convex_hull for left in (-180.0, 0.0)
    ]
    return cut(shapely.union_all(halves))


def gaps_in(area: Area, reached: Area) -> Area:
    """What of an area is not reached; zones count as that, for nothing watches from inside them."""
    return cut(area.difference(reached))
