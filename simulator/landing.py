"""PX4's land detector: when a body that touches the ground counts as landed, and one that leaves it as flying.

A take-off is told from the thrust, seconds before the aircraft leaves the ground (recorded from PX4 1.17: 0.9 s after
the motors have spun up, while the thrust still rises).
"""

from __future__ import annotations

from enum import Enum, auto

from simulator.body import BodyState

_SETTLE_S = 2.0
"""Still on the ground for so long is a landing."""
_LIFTED_M = 0.15
_THRUST_S = 0.86


class Touch(Enum):
    """What the detector has just found."""

    NOTHING = auto()
    TAKEN_OFF = auto()
    LANDED = auto()


class LandDetector:
    """``landed`` is what EXTENDED_SYS_STATE tells; ``flown`` whether it was in the air since the motors started."""

    def __init__(self) -> None:
        self.landed = True
        self.flown = False
        self._ground_since_s: float | None = None

    def motors_started(self) -> None:
        """A new flight may begin."""
        self.flown = False
        self._ground_since_s = None

    def step(self, state: BodyState, sim_s: float, *, rising_s: float = 0.0) -> Touch:
        """Look at the body; ``rising_s``: for how long the thrust of a take-off has been rising."""
        if not state.on_ground or rising_s > 0.0:
            self._ground_since_s = None
            if self.landed and (state.height_m > _LIFTED_M or rising_s >= _THRUST_S):
                self.landed = False
                self.flown = True
                return Touch.TAKEN_OFF
            return Touch.NOTHING
        if self._ground_since_s is None:
            self._ground_since_s = sim_s
        if not self.landed and sim_s - self._ground_since_s >= _SETTLE_S:
            self.landed = True
            return Touch.LANDED
        return Touch.NOTHING

    def rested_s(self, sim_s: float) -> float:
        """How long ago the flight that is over was found to have landed; negative while there is none."""
        if not self.landed or not self.flown or self._ground_since_s is None:
            return -1.0
        return sim_s - self._ground_since_s - _SETTLE_S
