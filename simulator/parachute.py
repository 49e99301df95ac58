"""The parachute of types that have one: armed or not, released once, and how one comes down under it."""

from __future__ import annotations

from enum import Enum

from simulator.body import BodyState
from simulator.weather import Air

COMPONENT = 161
_SINK_M_S = 4.5
"""A rate of descent that makers of parachutes for small multicopters give."""
_FILLS_S = 1.2
"""Time constant with which the canopy brakes the fall and takes the wind's speed."""


class ParachuteAction(Enum):
    """PARACHUTE_ACTION, the first parameter of MAV_CMD_DO_PARACHUTE."""

    DISABLE = 0
    ENABLE = 1
    RELEASE = 2


class Parachute:
    """``enabled`` guards its release; ``released`` is for good."""

    def __init__(self, *, fitted: bool) -> None:
        self.fitted = fitted
        self.enabled = fitted
        self.released = False
        self.open = False
        """Out and carrying; a stuck one is released and never open."""

    def release(self, *, stuck: bool) -> bool:
        """Let it out; False if there is none or it is not enabled."""
        if not self.fitted or not self.enabled:
            return False
        self.open = self.open or not stuck
        self.released = True
        return True


def sink(state: BodyState, air: Air, dt_s: float) -> BodyState:
    """The body ``dt_s`` later under an open canopy: it drifts with the wind and sinks at a steady rate."""
    share = min(1.0, dt_s / _FILLS_S)
    v_north = state.v_north_m_s + share * (air.north_m_s - state.v_north_m_s)
    v_east = state.v_east_m_s + share * (air.east_m_s - state.v_east_m_s)
    v_down = state.v_down_m_s + share * (_SINK_M_S - state.v_down_m_s)
    down = state.down_m + v_down * dt_s
    if down >= 0.0:
        return BodyState(state.north_m, state.east_m, 0.0, yaw_rad=state.yaw_rad)
    return state._replace(
        north_m=state.north_m + v_north * dt_s,
        east_m=state.east_m + v_east * dt_s,
        down_m=down,
        v_north_m_s=v_north,
        v_east_m_s=v_east,
        v_down_m_s=v_down,
        a_north_m_s2=0.0,
        a_east_m_s2=0.0,
        a_down_m_s2=0.0,
        yaw_rate_rad_s=0.0,
        on_ground=False,
    )
