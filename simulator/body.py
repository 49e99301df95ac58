"""The flying body: a point mass whose acceleration and its change are limited, in wind. Pure: state in, state out."""

from __future__ import annotations

import math
from typing import NamedTuple

from simulator.power import GRAVITY_M_S2
from simulator.weather import Air

_VELOCITY_GAIN = 2.0
"""1/s: acceleration asked for each m/s of velocity error."""
_GUST_PUSH = 0.1
"""1/s: acceleration from each m/s of gust, the linear drag of a small quadrotor."""
_YAW_GAIN = 2.0


class Hull(NamedTuple):
    """What the airframe cannot exceed; speeds m/s (``airspeed_m_s`` horizontal, through the air)."""

    airspeed_m_s: float
    climb_m_s: float
    descent_m_s: float
    accel_m_s2: float = 5.0
    jerk_m_s3: float = 8.0
    yaw_rate_rad_s: float = math.radians(60.0)


class Demand(NamedTuple):
    """What the autopilot asks of the body: velocity over ground, heading, how hard; without ``motors`` it falls."""

    north_m_s: float = 0.0
    east_m_s: float = 0.0
    down_m_s: float = 0.0
    yaw_rad: float = math.nan
    accel_m_s2: float = 3.0
    motors: bool = True


MOTORS_OFF = Demand(motors=False)


class BodyState(NamedTuple):
    """Position (m north, east, down of the frame), velocity, acceleration, heading; the ground is at ``down_m`` 0."""

    north_m: float = 0.0
    east_m: float = 0.0
    down_m: float = 0.0
    v_north_m_s: float = 0.0
    v_east_m_s: float = 0.0
    v_down_m_s: float = 0.0
    a_north_m_s2: float = 0.0
    a_east_m_s2: float = 0.0
    a_down_m_s2: float = 0.0
    yaw_rad: float = 0.0
    yaw_rate_rad_s: float = 0.0
    on_ground: bool = True

    @property
    def ground_speed_m_s(self) -> float:
        """Horizontal."""
        return math.hypot(self.v_north_m_s, self.v_east_m_s)

    @property
    def height_m(self) -> float:
        """Above the frame's origin."""
        return -self.down_m


def wrap_pi(angle_rad: float) -> float:
    """The same direction in [-pi, pi)."""
    return (angle_rad + math.pi) % (2 * math.pi) - math.pi


def _fall(state: BodyState, dt_s: float) -> BodyState:
    v_down = min(state.v_down_m_s + GRAVITY_M_S2 * dt_s, 30.0)
    down = state.down_m + v_down * dt_s
    if down >= 0.0:
        return BodyState(state.north_m, state.east_m, 0.0, yaw_rad=state.yaw_rad)
    return state._replace(
        north_m=state.north_m + state.v_north_m_s * dt_s,
        east_m=state.east_m + state.v_east_m_s * dt_s,
        down_m=down,
        v_down_m_s=v_down,
        a_north_m_s2=0.0,
        a_east_m_s2=0.0,
        a_down_m_s2=GRAVITY_M_S2,
        yaw_rate_rad_s=0.0,
    )


def step(state: BodyState, demand: Demand, air: Air, hull: Hull, dt_s: float) -> BodyState:
    """The body ``dt_s`` later.

    Ground speed follows the demand with limited acceleration and jerk; the demand is cut so that the airspeed stays
    within the hull's, so a head wind slows it and a wind stronger than the hull carries it away.
    """
    if not demand.motors:
        if state.on_ground:
            return BodyState(state.north_m, state.east_m, state.down_m, yaw_rad=state.yaw_rad)
        return _fall(state, dt_s)
    if state.on_ground and demand.down_m_s > -0.05:
        return BodyState(state.north_m, state.east_m, state.down_m, yaw_rad=state.yaw_rad)

    # No min() and max() below: this is the innermost loop of all.
    want_north, want_east, want_down = demand.north_m_s, demand.east_m_s, demand.down_m_s
    through_north = want_north - air.north_m_s
    through_east = want_east - air.east_m_s
    airspeed = math.hypot(through_north, through_east)
    if airspeed > hull.airspeed_m_s:
        scale = hull.airspeed_m_s / airspeed
        want_north = air.north_m_s + scale * through_north
        want_east = air.east_m_s + scale * through_east
    if want_down > hull.descent_m_s:
        want_down = hull.descent_m_s
    elif want_down < -hull.climb_m_s:
        want_down = -hull.climb_m_s

    most = hull.accel_m_s2
    accel = demand.accel_m_s2
    if accel > most:
        accel = most
    a_north = _VELOCITY_GAIN * (want_north - state.v_north_m_s)
    a_east = _VELOCITY_GAIN * (want_east - state.v_east_m_s)
    size = math.hypot(a_north, a_east)
    if size > accel:
        a_north *= accel / size
        a_east *= accel / size
    a_down = _VELOCITY_GAIN * (want_down - state.v_down_m_s)
    if a_down > most:
        a_down = most
    elif a_down < -most:
        a_down = -most

    change = hull.jerk_m_s3 * dt_s
    d_north = a_north - state.a_north_m_s2
    d_east = a_east - state.a_east_m_s2
    size = math.hypot(d_north, d_east)
    if size > change:
        a_north = state.a_north_m_s2 + d_north * change / size
        a_east = state.a_east_m_s2 + d_east * change / size
    d_down = a_down - state.a_down_m_s2
    if d_down > change:
        a_down = state.a_down_m_s2 + change
    elif d_down < -change:
        a_down = state.a_down_m_s2 - change

    v_north = state.v_north_m_s + (a_north + _GUST_PUSH * air.gust_north_m_s) * dt_s
    v_east = state.v_east_m_s + (a_east + _GUST_PUSH * air.gust_east_m_s) * dt_s
    v_down = state.v_down_m_s + a_down * dt_s
    down = state.down_m + v_down * dt_s
    if down >= 0.0 and v_down >= 0.0:
        return BodyState(state.north_m, state.east_m, 0.0, yaw_rad=state.yaw_rad)

    yaw, rate = state.yaw_rad, 0.0
    if demand.yaw_rad == demand.yaw_rad:  # a number
        turn = wrap_pi(demand.yaw_rad - yaw)
        rate = min(max(_YAW_GAIN * turn, -hull.yaw_rate_rad_s), hull.yaw_rate_rad_s)
        yaw = wrap_pi(yaw + rate * dt_s)
    return BodyState(
        state.north_m + v_north * dt_s,
        state.east_m + v_east * dt_s,
        down,
        v_north,
        v_east,
        v_down,
        a_north,
        a_east,
        a_down,
        yaw,
        rate,
        False,
    )


def tilt(state: BodyState, air: Air) -> tuple[float, float]:
    """Roll and pitch (rad) that this acceleration and airspeed need; level on the ground."""
    if state.on_ground:
        return 0.0, 0.0
    north = state.a_north_m_s2 + _GUST_PUSH * (state.v_north_m_s - air.north_m_s)
    east = state.a_east_m_s2 + _GUST_PUSH * (state.v_east_m_s - air.east_m_s)
    cosine, sine = math.cos(state.yaw_rad), math.sin(state.yaw_rad)
    lift = max(1.0, GRAVITY_M_S2 - state.a_down_m_s2)
    return math.atan2(cosine * east - sine * north, lift), -math.atan2(cosine * north + sine * east, lift)
