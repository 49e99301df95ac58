"""Heights that keep aircraft over one scene apart: which height is free beside those that others have taken.

Two aircraft that go to the same point are kept apart by height alone, on the way as well as over the scene, so nobody's
timing has to be right. Docks stand at different heights, so everything here is AMSL.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from geo.flight.position import LatLon, distance_m

SEPARATION_M = 20.0
"""Between the heights of two aircraft: 15 m are promised, the rest is what two altimeters may be wrong by."""
NEAR_M = 60.0
"""Nearer than this over ground, a climb or a landing may come near another aircraft: 30 m are promised."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """The heights that an aircraft uses, AMSL: from its lowest to its highest but for take-off and landing."""

    lowest_m: float
    highest_m: float
    home: LatLon
    watch: LatLon

    def seen_from(self, *, home: LatLon, watch: LatLon) -> Taken:
        """As it is for another aircraft, with a home and a watch position of its own.

        Whoever takes off under its watch position must stay below it; whoever watches over its home must stay above.
        """
        below = distance_m(*home, *self.watch) < NEAR_M
        above = distance_m(*self.home, *watch) < NEAR_M
        return replace(
            self,
            highest_m=math.inf if below else self.highest_m,
            lowest_m=-math.inf if above else self.lowest_m,
        )

    def clear_of(self, height_m: float) -> bool:
        """True when an aircraft at that height, AMSL, keeps the separation."""
        return not self.lowest_m - SEPARATION_M < height_m < self.highest_m + SEPARATION_M


def free_height_m(*, wanted_m: float, lowest_m: float, highest_m: float, taken: Sequence[Taken]) -> float | None:
    """The height nearest to the wanted one that is free, the higher of two; None when there is none. All AMSL."""
    edges = [edge for each in taken for edge in (each.highest_m + SEPARATION_M, each.lowest_m - SEPARATION_M)]
    free = [
        height_m
        for height_m in (wanted_m, lowest_m, highest_m, *edges)
        if lowest_m <= height_m <= highest_m and all(each.clear_of(height_m) for each in taken)
    ]
    return min(free, key=lambda height_m: (abs(height_m - wanted_m), -height_m), default=None)
