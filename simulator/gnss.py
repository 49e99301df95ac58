"""The satellite receiver and what the estimator makes of it: a fix, and for how long a position outlives it."""

from __future__ import annotations

BOOTED_S = 1.1
"""After boot: the receiver has a fix."""
POSITION_AT_S = 2.2
"""After boot: a position, and with it home, is known."""
_DEAD_RECKONING_S = 5.0
"""PX4's EKF2_NOAID_TOUT: so long the estimator calls its position good without any horizontal aiding."""
_REGAIN_S = 1.0


class Gnss:
    """``has_fix`` is the receiver's word, ``usable`` whether the autopilot may fly by its position."""

    def __init__(self) -> None:
        self.has_fix = False
        self.usable = False
        self._fix_since_s: float | None = None
        self._lost_since_s: float | None = None

    def step(self, sim_s: float, *, lost: bool) -> None:
        """Look at the sky."""
        self.has_fix = sim_s >= BOOTED_S and not lost
        if self.has_fix:
            self._lost_since_s = None
            if self._fix_since_s is None:
                self._fix_since_s = sim_s
            if sim_s >= POSITION_AT_S and sim_s - self._fix_since_s >= _REGAIN_S:
                self.usable = True
            return
        self._fix_since_s = None
        if self._lost_since_s is None:
            self._lost_since_s = sim_s
        if sim_s - self._lost_since_s >= _DEAD_RECKONING_S:
            self.usable = False
