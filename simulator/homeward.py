"""PX4's direct return: climb if low, straight home, land. (The return along the mission is `missionrun`'s.)"""

from __future__ import annotations

import math
from collections.abc import Callable
from enum import Enum, auto

from simulator import guidance
from simulator.body import BodyState, Demand
from simulator.guidance import Target
from simulator.parameters import Limits, Parameters


class Leg(Enum):
    """Where the return is."""

    CLIMB = auto()
    CROSS = auto()
    LAND = auto()


class Homeward:
    """One return to a home on the ground at ``home`` (north, east)."""

    def __init__(
        self, *, state: BodyState, home: tuple[float, float], parameters: Parameters, say: Callable[[int, str], None]
    ) -> None:
        self._home = home
        self._say = say
        self._from = (state.north_m, state.east_m)
        distance = math.hypot(home[0] - state.north_m, home[1] - state.east_m)
        high = -parameters["RTL_RETURN_ALT"]
        low = distance <= parameters["RTL_MIN_DIST"]
        self.leg = Leg.CLIMB if state.down_m > high + 0.5 and not low else Leg.CROSS
        self._down_m = min(state.down_m, high) if self.leg is Leg.CLIMB else state.down_m

    @property
    def down_m(self) -> float:
        """Height at which the way home is flown."""
        return self._down_m

    def step(self, state: BodyState, limits: Limits) -> Demand:
        """What to ask of the body now."""
        if self.leg is Leg.CLIMB:
            if state.down_m - self._down_m > limits.accept_alt_m:
                return guidance.climb(state, self._from, self._down_m, limits)
            self.leg = Leg.CROSS
        if self.leg is Leg.CROSS:
            distance = math.hypot(self._home[0] - state.north_m, self._home[1] - state.east_m)
            if distance > 0.4 * limits.accept_m or state.ground_speed_m_s > 0.6:
                return guidance.fly_to(state, Target(*self._home, self._down_m, self._from), limits, limits.cruise)
            self.leg = Leg.LAND
            self._say(6, "RTL: land at destination\t")
        return guidance.sink(state, self._home, limits)
