"""The messages that are sent most, straight from the state of a vehicle to the bytes of their payload."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from struct import Struct

from simulator.body import wrap_pi
from simulator.power import GRAVITY_M_S2
from simulator.vehicle import Vehicle

ATTITUDE = Struct("<Iffffff")
ATTITUDE_QUATERNION = Struct("<Ifffffff")
GLOBAL_POSITION_INT = Struct("<IiiiihhhH")
LOCAL_POSITION_NED = Struct("<Iffffff")
HIGHRES_IMU = Struct("<QfffffffffffffH")
DISTANCE_SENSOR = Struct("<IHHHBBBB")
POSITION_TARGET_LOCAL_NED = Struct("<I11fHB")
POSITION_TARGET_GLOBAL_INT = Struct("<Iii9fHB")
ODOMETRY = Struct("<Q13f")
"""Payloads in wire order, trailing extension fields that are 0 left out; ODOMETRY without what never changes."""
_RANGE_CM = 10_000
_DOWNWARDS = 25
_ODOMETRY_REST = Struct("<42fBBBB").pack(*[math.nan] * 42, 1, 1, 0, 8)
"""No covariances; local frames, no resets, from the autopilot's estimator."""


def _attitude(v: Vehicle, at_s: float) -> bytes:
    """ATTITUDE, the heading carried on to the moment of sending."""
    roll, pitch, _ = v.attitude
    rate = v.body.yaw_rate_rad_s
    yaw = wrap_pi(v.body.yaw_rad + rate * (at_s - v.sim_s))
    return ATTITUDE.pack(int(at_s * 1000), roll, pitch, yaw, 0.0, 0.0, rate)


def _quaternion(v: Vehicle, at_s: float) -> bytes:
    """ATTITUDE_QUATERNION."""
    rate = v.body.yaw_rate_rad_s
    return ATTITUDE_QUATERNION.pack(int(at_s * 1000), *v.attitude.quaternion, 0.0, 0.0, rate)


def _local_position(v: Vehicle, at_s: float) -> bytes:
    """LOCAL_POSITION_NED."""
    b = v.seen
    return LOCAL_POSITION_NED.pack(
        int(at_s * 1000), b.north_m, b.east_m, b.down_m, b.v_north_m_s, b.v_east_m_s, b.v_down_m_s
    )


def _global_position(v: Vehicle, at_s: float) -> bytes:
    """GLOBAL_POSITION_INT; nothing while the estimator has no position."""
    if not v.gnss.usable:
        return b""
    b = v.seen
    lat, lon = v.frame.to_global(b.north_m, b.east_m)
    return GLOBAL_POSITION_INT.pack(
        int(at_s * 1000),
        round(lat * 1e7),
        round(lon * 1e7),
        round((v.frame.alt_amsl_m - b.down_m) * 1000),
        round(-b.down_m * 1000),
        round(b.v_north_m_s * 100),
        round(b.v_east_m_s * 100),
        round(b.v_down_m_s * 100),
        round(math.degrees(b.yaw_rad) * 100) % 36000,
    )


def _imu(v: Vehicle, at_s: float) -> bytes:
    """HIGHRES_IMU: specific force in the body's axes, a field that points north and down, a standard atmosphere."""
    b = v.seen
    roll, pitch, _ = v.attitude
    cosine, sine = math.cos(b.yaw_rad), math.sin(b.yaw_rad)
    pressure = 1013.25 * (1 - 2.25577e-5 * (v.frame.alt_amsl_m - b.down_m)) ** 5.25588
    return HIGHRES_IMU.pack(
        int(at_s * 1e6),
        math.sin(pitch) * GRAVITY_M_S2,
        -math.sin(roll) * GRAVITY_M_S2,
        b.a_down_m_s2 - GRAVITY_M_S2,
        0.0,
        0.0,
        b.yaw_rate_rad_s,
        0.2 * cosine,
        -0.2 * sine,
        0.4,
        pressure,
        0.0,
        v.frame.alt_amsl_m - b.down_m,
        15.0,
        63,
    )


def _odometry(v: Vehicle, at_s: float) -> bytes:
    """ODOMETRY."""
    b = v.seen
    head = ODOMETRY.pack(
        int(at_s * 1e6),
        b.north_m,
        b.east_m,
        b.down_m,
        *v.attitude.quaternion,
        b.v_north_m_s,
        b.v_east_m_s,
        b.v_down_m_s,
        0.0,
        0.0,
        b.yaw_rate_rad_s,
    )
    return head + _ODOMETRY_REST


def _target_local(v: Vehicle, at_s: float) -> bytes:
    """POSITION_TARGET_LOCAL_NED: the present velocity and place."""
    b = v.seen
    return POSITION_TARGET_LOCAL_NED.pack(
        int(at_s * 1000),
        b.north_m,
        b.east_m,
        b.down_m,
        b.v_north_m_s,
        b.v_east_m_s,
        b.v_down_m_s,
        0.0,
        0.0,
        0.0,
        b.yaw_rad,
        0.0,
        0,
        1,
    )


def _target_global(v: Vehicle, at_s: float) -> bytes:
    """POSITION_TARGET_GLOBAL_INT: where it is flying to, while armed."""
    if not v.armed:
        return b""
    b = v.seen
    north, east, down = v.navigator.heading_for(b)
    lat, lon = v.frame.to_global(north, east)
    return POSITION_TARGET_GLOBAL_INT.pack(
        int(at_s * 1000),
        round(lat * 1e7),
        round(lon * 1e7),
        v.frame.alt_amsl_m - down,
        b.v_north_m_s,
        b.v_east_m_s,
        b.v_down_m_s,
        0.0,
        0.0,
        0.0,
        b.yaw_rad,
        b.yaw_rate_rad_s,
        0,
        5,
    )


def _distance(v: Vehicle, at_s: float) -> bytes:
    """DISTANCE_SENSOR: a range finder that looks down; beyond its range it says so."""
    centimetres = round(100 * v.body.height_m)
    told = centimetres if centimetres <= _RANGE_CM else 65_535
    return DISTANCE_SENSOR.pack(int(at_s * 1000), 0, _RANGE_CM, told, 0, 0, _DOWNWARDS, 0)


@dataclass(frozen=True, slots=True)
class HotMessage:
    """A message packed by hand; ``payload`` is a function of the vehicle and the simulation time of the message.

    An empty payload: there is nothing to say.
    """

    message_id: int
    crc_extra: int
    payload: Callable[[Vehicle, float], bytes]


HOT_MESSAGES = {
    hot.message_id: hot
    for hot in (
        HotMessage(30, 39, _attitude),
        HotMessage(31, 246, _quaternion),
        HotMessage(32, 185, _local_position),
        HotMessage(33, 104, _global_position),
        HotMessage(85, 140, _target_local),
        HotMessage(87, 150, _target_global),
        HotMessage(105, 93, _imu),
        HotMessage(132, 85, _distance),
        HotMessage(331, 91, _odometry),
    )
}
"""By message id."""
