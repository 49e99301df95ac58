"""The parachute of types that have one: armed or not, released once, and how one comes down under it."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Any

from pymavlink.dialects.v20 import development as mav

from simulator.body import BodyState
from simulator.command import Command, Result, whole
from simulator.peripheral import Reply
from simulator.weather import Air

COMPONENT = 161
_DO_PARACHUTE = 208
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


class ParachuteUnit:
    """The parachute as a component: MAV_CMD_DO_PARACHUTE, and in its heartbeat whether it is fit to be released.

    ``release`` lets it out in the air and says whether that was possible; ``flying`` whether it is in the air.
    """

    component_id = COMPONENT

    def __init__(self, *, parachute: Parachute, release: Callable[[], bool], flying: Callable[[], bool]) -> None:
        self._parachute = parachute
        self._release = release
        self._flying = flying

    def heartbeat(self) -> Any:
        """HEARTBEAT: standby when it can be released, emergency once it was, critical while it is disabled."""
        parachute = self._parachute
        status = 6 if parachute.released else 3 if parachute.enabled else 5
        return mav.MAVLink_heartbeat_message(mav.MAV_TYPE_PARACHUTE, 8, 0, 0, status, 3)

    def takes(self, command: Command) -> bool:
        """DO_PARACHUTE."""
        return command.number == _DO_PARACHUTE

    def command(self, command: Command) -> Reply:
        """Disable, enable or release; on the ground it is not released."""
        try:
            action = ParachuteAction(whole(command.params[0], -1))
        except ValueError:
            return Reply(Result.DENIED)
        if action is ParachuteAction.RELEASE:
            if not self._flying():
                return Reply(Result.TEMPORARILY_REJECTED)
            return Reply(Result.ACCEPTED if self._release() else Result.DENIED)
        self._parachute.enabled = action is ParachuteAction.ENABLE
        return Reply(Result.ACCEPTED)

    def receive(self, message: Any) -> None:
        """There is nothing else that it listens to."""

    def due(self, _sim_s: float) -> list[Any]:
        """It says nothing but its heartbeat."""
        return []
