"""How the aircraft is held: roll, pitch and the quaternion of them, worked out once for each step."""

from __future__ import annotations

import math
from typing import NamedTuple

from simulator.body import BodyState, tilt
from simulator.weather import Air


class Attitude(NamedTuple):
    """Roll and pitch in rad; the rotation from the body to the local frame as w, x, y, z."""

    roll_rad: float
    pitch_rad: float
    quaternion: tuple[float, float, float, float]


def attitude_of(body: BodyState, air: Air) -> Attitude:
    """The attitude that this flight state needs."""
    roll, pitch = tilt(body, air)
    cr, sr = math.cos(roll / 2), math.sin(roll / 2)
    cp, sp = math.cos(pitch / 2), math.sin(pitch / 2)
    cy, sy = math.cos(body.yaw_rad / 2), math.sin(body.yaw_rad / 2)
    quaternion = (
        cr * cp * cy + sr * sp * sy,
        sr * cp * cy - cr * sp * sy,
        cr * sp * cy + sr * cp * sy,
        cr * cp * sy - sr * sp * cy,
    )
    return Attitude(roll, pitch, quaternion)
