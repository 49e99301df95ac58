"""What a control room does without Kestrel: the nearest dock that can go now, or the one that would be there first.

Calls are taken in the order in which they came; one for which nobody can go waits, and whoever can go next goes. No
drone is called back once it has been sent.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from tests.bench.cityday.day import Day, Move


class _FirstCome:
    def moves(self, day: Day) -> Sequence[Move]:
        """The oldest call first."""
        moves: list[Move] = []
        fit = [drone for drone in day.drones if day.waiting and day.fit(drone)]
        left = day.pilots_free()
        for call in sorted(day.waiting):
            able = [drone.number for drone in fit if day.may_launch(drone, call)]
            if able and left > 0:
                taken = min(able, key=lambda drone: (self.rank(day, drone, call), drone))
                moves.append(Move(taken, call))
                fit = [drone for drone in fit if drone.number != taken]
                left -= 1
        return moves

    def rank(self, day: Day, drone: int, call: int) -> float:
        """The least goes."""
        raise NotImplementedError


class NearestAvailable(_FirstCome):
    """By distance over ground."""

    def rank(self, day: Day, drone: int, call: int) -> float:
        return math.dist(day.docks[drone], day.places[call])


class SoonestAvailable(_FirstCome):
    """By time to scene, in this wind: what Kestrel does for one incident alone."""

    def rank(self, day: Day, drone: int, call: int) -> float:
        return day.flight_of(drone, call)[0]
