"""From where the aircraft is and where it should go to the velocity it asks for. Pure geometry."""

from __future__ import annotations

import math
from typing import NamedTuple

from simulator.body import BodyState, Demand
from simulator.parameters import Limits

_POSITION_GAIN = 0.95
"""1/s: speed asked for each metre of distance close to a target (PX4's MPC_XY_P)."""
_REACTION_S = 0.9
"""What a change of acceleration takes, as distance at the present speed: jerk limit and controller together."""
_LOOK_AHEAD_S = 2.0


class Target(NamedTuple):
    """A point to fly to. ``start``: where its leg began (None: straight from here); ``exit_m_s``: speed to pass it."""

    north_m: float
    east_m: float
    down_m: float
    start: tuple[float, float] | None = None
    exit_m_s: float = 0.0


def approach_speed(distance_m: float, accel_m_s2: float, exit_m_s: float = 0.0) -> float:
    """The highest speed from which ``exit_m_s`` is reached in time: d = v·t + (v² - exit²) / 2a solved for v."""
    if distance_m <= 0:
        return exit_m_s
    lag = accel_m_s2 * _REACTION_S
    return max(exit_m_s, math.sqrt(lag * lag + exit_m_s * exit_m_s + 2 * accel_m_s2 * distance_m) - lag)


def fly_to(state: BodyState, target: Target, limits: Limits, speed_m_s: float, yaw_rad: float = math.nan) -> Demand:
    """Fly to a target along its leg, arriving in height and place together; faces along the path unless told a yaw."""
    north = target.north_m - state.north_m
    east = target.east_m - state.east_m
    down = target.down_m - state.down_m
    distance = math.hypot(north, east)
    speed = min(speed_m_s, approach_speed(distance, limits.accel, target.exit_m_s))
    if target.exit_m_s <= 0:
        speed = min(speed, _POSITION_GAIN * distance)

    vertical_limit = limits.up if down < 0 else limits.down
    vertical = min(vertical_limit, _POSITION_GAIN * abs(down))
    if distance > limits.accept_m and abs(down) > 0.3 and speed > 0.1:
        needed = abs(down) * speed / distance
        if needed > vertical_limit:
            speed *= vertical_limit / needed
        else:
            vertical = min(vertical, needed)

    aim_north, aim_east = north, east
    if target.start is not None and distance > limits.accept_m:
        aim_north, aim_east = _towards_leg(state, target, target.start, speed)
    size = math.hypot(aim_north, aim_east)
    if size > 1e-6:
        aim_north *= speed / size
        aim_east *= speed / size
    if math.isnan(yaw_rad) and distance > 3.0:
        yaw_rad = math.atan2(east, north)
    return Demand(aim_north, aim_east, math.copysign(vertical, down), yaw_rad, limits.accel)


def _towards_leg(state: BodyState, target: Target, start: tuple[float, float], speed_m_s: float) -> tuple[float, float]:
    """Vector to a point ahead on the leg, so that wind and corners do not push the aircraft off it."""
    leg_north, leg_east = target.north_m - start[0], target.east_m - start[1]
    length = math.hypot(leg_north, leg_east)
    if length < 1.0:
        return target.north_m - state.north_m, target.east_m - state.east_m
    leg_north, leg_east = leg_north / length, leg_east / length
    along = (state.north_m - start[0]) * leg_north + (state.east_m - start[1]) * leg_east
    along = min(length, max(0.0, along) + max(3.0, _LOOK_AHEAD_S * speed_m_s))
    return start[0] + along * leg_north - state.north_m, start[1] + along * leg_east - state.east_m


def stay_at(state: BodyState, place: tuple[float, float, float], limits: Limits, yaw_rad: float = math.nan) -> Demand:
    """Hold a place (north, east, down)."""
    return fly_to(state, Target(*place), limits, limits.cruise, yaw_rad)


def climb(state: BodyState, place: tuple[float, float], down_m: float, limits: Limits) -> Demand:
    """Climb (or sink) over a place to a height, slowly near the ground."""
    hold = stay_at(state, (place[0], place[1], down_m), limits)
    allowed = limits.climb_from(state.height_m) if down_m < state.down_m else limits.down
    vertical = min(allowed, max(0.2, _POSITION_GAIN * abs(down_m - state.down_m)))
    return hold._replace(down_m_s=math.copysign(vertical, down_m - state.down_m), yaw_rad=math.nan)


def sink(state: BodyState, place: tuple[float, float], limits: Limits) -> Demand:
    """Land on a place."""
    hold = stay_at(state, (place[0], place[1], state.down_m), limits)
    return hold._replace(down_m_s=limits.sink_from(state.height_m), yaw_rad=math.nan)


def stopping_point(state: BodyState, accel_m_s2: float) -> tuple[float, float, float]:
    """Where the aircraft stands if it brakes now."""
    speed = state.ground_speed_m_s
    if speed < 0.1:
        return state.north_m, state.east_m, state.down_m
    distance = speed * _REACTION_S + speed * speed / (2 * accel_m_s2)
    return (
        state.north_m + state.v_north_m_s / speed * distance,
        state.east_m + state.v_east_m_s / speed * distance,
        state.down_m,
    )


class Orbit(NamedTuple):
    """A circle to fly: centre and height in the frame, signed radius (positive clockwise), speed."""

    north_m: float
    east_m: float
    down_m: float
    radius_m: float
    speed_m_s: float


def circle(state: BodyState, orbit: Orbit, limits: Limits) -> Demand:
    """Fly the orbit facing its centre; from afar, first to the circle."""
    north, east = state.north_m - orbit.north_m, state.east_m - orbit.east_m
    distance = math.hypot(north, east)
    if distance < 0.5:
        north, east, distance = 1.0, 0.0, 1.0
    out_north, out_east = north / distance, east / distance
    radius = abs(orbit.radius_m)
    error = radius - distance
    sense = math.copysign(1.0, orbit.radius_m)
    speed = min(orbit.speed_m_s, limits.xy_max, math.sqrt(limits.accel * radius))
    share = max(0.0, 1.0 - abs(error) / max(5.0, 0.5 * radius))
    radial = math.copysign(min(limits.cruise, 0.6 * abs(error)), error)
    # Velocity control lags by half a second: lean into the turn by what the centripetal acceleration needs.
    radial -= 0.5 * share * speed * speed / radius
    down = min(max(_POSITION_GAIN * (orbit.down_m - state.down_m), -limits.up), limits.down)
    return Demand(
        radial * out_north - sense * share * speed * out_east,
        radial * out_east + sense * share * speed * out_north,
        down,
        math.atan2(-east, -north),
        limits.accel + 1.0,
    )
