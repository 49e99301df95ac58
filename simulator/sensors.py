"""Slow messages of sensors and of the estimator, as PX4 sends them on its onboard link."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from pymavlink.dialects.v20 import development as mav

from simulator.vehicle import Vehicle

_SEA_LEVEL_HPA, _SEA_LEVEL_C, _LAPSE_C_M = 1013.25, 15.0, 0.0065
_ESTIMATES, _STANDS_STILL, _PLACE = 895, 128, 2 | 8 | 16 | 256 | 512
"""ESTIMATOR_STATUS_FLAGS: everything good in flight; position taken for constant; horizontal velocity and positions."""


def pressure_hpa(alt_amsl_m: float) -> float:
    """Of the standard atmosphere (ICAO Doc 7488) at an altitude."""
    return float(_SEA_LEVEL_HPA * (1 - 2.25577e-5 * alt_amsl_m) ** 5.25588)


def scaled_pressure(v: Vehicle, ms: int) -> Any:
    """SCALED_PRESSURE."""
    celsius = _SEA_LEVEL_C - _LAPSE_C_M * v.alt_amsl_m
    return mav.MAVLink_scaled_pressure_message(ms, pressure_hpa(v.alt_amsl_m), 0.0, round(100 * celsius), 0)


def estimator_status(v: Vehicle, ms: int) -> Any:
    """ESTIMATOR_STATUS: ratios well below 1 are innovations that pass their tests."""
    flags = _ESTIMATES | (_STANDS_STILL if v.landed else 0)
    if not v.gnss.usable:
        flags = (flags & ~_PLACE) | _STANDS_STILL
    return mav.MAVLink_estimator_status_message(
        ms * 1000,
        flags,
        0.04,
        0.03 if v.gnss.has_fix else 2.0,
        0.01,
        0.1,
        0.0,
        math.nan,
        0.3 if v.gnss.has_fix else 10.0,
        0.05,
    )


def vibration(v: Vehicle, ms: int) -> Any:
    """VIBRATION: the rotors' while they turn."""
    shake = 0.1 if v.armed and not v.terminated else 0.0
    return mav.MAVLink_vibration_message(ms * 1000, 0.0, 0.1 * shake, shake, 0, 0, 0)


def global_origin(v: Vehicle, ms: int) -> Any:
    """GPS_GLOBAL_ORIGIN, once there is one."""
    if v.home_set_s is None:
        return None
    frame = v.frame
    return mav.MAVLink_gps_global_origin_message(
        round(frame.lat_deg * 1e7), round(frame.lon_deg * 1e7), round(frame.alt_amsl_m * 1000), ms * 1000
    )


def gnss_integrity(v: Vehicle, _ms: int) -> Any:
    """GNSS_INTEGRITY: a receiver that watches for none of it."""
    return mav.MAVLink_gnss_integrity_message(4, 0, 0, 0, 0, 0, 65535, 65535, 255, 255, 255, 255)


BUILDERS: dict[int, Callable[[Vehicle, int], Any]] = {
    29: scaled_pressure,
    49: global_origin,
    230: estimator_status,
    241: vibration,
    441: gnss_integrity,
}
"""By message id: (vehicle, milliseconds since boot) to message, or None when there is nothing to say."""
