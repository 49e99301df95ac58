"""PX4's take-off ramp: from the ground the thrust rises slowly, and the aircraft stands until it is through."""

from __future__ import annotations

from simulator.body import BodyState, Demand

_LAG_S = 0.9
"""Beyond MPC_TKO_RAMP_T, until a recorded PX4 left the ground."""
_STANDING = Demand(down_m_s=0.3)


class Ramp:
    """``rising_s`` is for how long the thrust of a take-off has been rising; 0 while none is."""

    def __init__(self) -> None:
        self._since_s: float | None = None
        self.rising_s = 0.0

    def pass_on(self, demand: Demand, state: BodyState, sim_s: float, *, ramp_s: float) -> Demand:
        """What the body gets of a demand: everything in the air, nothing that lifts it while the ramp lasts."""
        if not state.on_ground or demand.down_m_s >= 0.0:
            self._since_s = None
            self.rising_s = 0.0
            return demand
        if self._since_s is None:
            self._since_s = sim_s
        self.rising_s = sim_s - self._since_s
        return demand if self.rising_s >= ramp_s + _LAG_S else _STANDING
