"""PX4's parameters: those that this autopilot obeys, with PX4's defaults, and how they travel."""

from __future__ import annotations

import struct

INT32 = 6
REAL32 = 9
"""MAV_PARAM_TYPE of the two types PX4 has."""

_DEFAULTS: dict[str, int | float] = {
    "BAT_CRIT_THR": 0.07,
    "BAT_EMERGEN_THR": 0.05,
    "BAT_LOW_THR": 0.15,
    "COM_DISARM_LAND": 2.0,
    "COM_DISARM_PRFLT": 10.0,
    "COM_DL_LOSS_T": 10,
    "COM_LOW_BAT_ACT": 3,
    "COM_SPOOLUP_TIME": 1.0,
    "GF_ACTION": 2,
    "GF_MAX_HOR_DIST": 0.0,
    "GF_MAX_VER_DIST": 0.0,
    "MAV_COMP_ID": 1,
    "MAV_SYS_ID": 1,
    "MAV_TYPE": 2,
    "MIS_DIST_1WP": 10000.0,
    "MIS_TAKEOFF_ALT": 10.0,
    "MNT_MODE_IN": 4,
    "MPC_ACC_HOR": 3.0,
    "MPC_LAND_ALT1": 10.0,
    "MPC_LAND_ALT2": 5.0,
    "MPC_LAND_SPEED": 0.7,
    "MPC_TKO_RAMP_T": 3.0,
    "MPC_TKO_SPEED": 1.5,
    "MPC_XY_CRUISE": 5.0,
    "MPC_XY_VEL_MAX": 12.0,
    "MPC_Z_V_AUTO_DN": 1.5,
    "MPC_Z_V_AUTO_UP": 3.0,
    "MPC_Z_VEL_MAX_DN": 1.5,
    "MPC_Z_VEL_MAX_UP": 3.0,
    "NAV_ACC_RAD": 2.0,
    "NAV_DLL_ACT": 0,
    "NAV_LOITER_RAD": 80.0,
    "NAV_MC_ALT_RAD": 0.8,
    "RTL_LAND_DELAY": 0.0,
    "RTL_MIN_DIST": 10.0,
    "RTL_RETURN_ALT": 30.0,
    "RTL_TYPE": 0,
    "SYS_AUTOSTART": 10040,
}
_WAITS_ON_THE_CLIENT = ("COM_DL_LOSS_T", "COM_DISARM_PRFLT")
"""PX4's start-up in simulation scales these by the speed, so that they are in wall seconds whatever the speed."""


class Parameters:
    """The parameter store of one aircraft. Values keep their type; a float is kept as the wire's 32 bits have it."""

    def __init__(self, *, system_id: int = 1, speed: float = 1.0) -> None:
        self._values = dict(_DEFAULTS)
        self._values["MAV_SYS_ID"] = system_id
        for name in _WAITS_ON_THE_CLIENT:
            scaled = self._values[name] * speed
            self._values[name] = round(scaled) if isinstance(_DEFAULTS[name], int) else scaled
        self.names = sorted(self._values)
        self.version = 0
        """Grows with every change, so that readers may cache."""

    def __len__(self) -> int:
        return len(self.names)

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def __getitem__(self, name: str) -> float:
        return self._values[name]

    def type_of(self, name: str) -> int:
        """MAV_PARAM_TYPE of a known parameter."""
        return INT32 if isinstance(_DEFAULTS[name], int) else REAL32

    def wire_value(self, name: str) -> float:
        """The float of PARAM_VALUE; an integer is in it byte by byte, not converted."""
        value = self._values[name]
        return integer_as_float(int(value)) if self.type_of(name) == INT32 else float(value)

    def set_from_wire(self, name: str, wire_value: float, wire_type: int) -> bool:
        """Set a known parameter; False if ``wire_type`` is not its type (nothing is changed then)."""
        if wire_type != self.type_of(name):
            return False
        value: int | float = float_as_integer(wire_value) if wire_type == INT32 else wire_value
        self.set(name, value)
        return True

    def set(self, name: str, value: float) -> None:
        """Set a known parameter to a value of its type."""
        if self._values[name] != value:
            self._values[name] = value
            self.version += 1


def integer_as_float(value: int) -> float:
    """The float whose four bytes are those of this int32 (MAVLink's bytewise parameter encoding)."""
    return float(struct.unpack("<f", struct.pack("<i", value))[0])


def float_as_integer(value: float) -> int:
    """The int32 whose four bytes are those of this float."""
    return int(struct.unpack("<i", struct.pack("<f", value))[0])


class Limits:
    """Speeds (m/s) and distances (m) that flying obeys: the parameters, cut to what the airframe can do."""

    __slots__ = (
        "accel",
        "accept_alt_m",
        "accept_m",
        "cruise",
        "down",
        "land",
        "land_alt1_m",
        "land_alt2_m",
        "takeoff",
        "up",
        "xy_max",
    )

    def __init__(self, parameters: Parameters, *, max_speed: float, climb: float, descent: float) -> None:
        self.xy_max = min(parameters["MPC_XY_VEL_MAX"], max_speed)
        self.cruise = min(parameters["MPC_XY_CRUISE"], self.xy_max)
        self.up = min(parameters["MPC_Z_V_AUTO_UP"], climb)
        self.down = min(parameters["MPC_Z_V_AUTO_DN"], descent)
        self.takeoff = min(parameters["MPC_TKO_SPEED"], self.up)
        self.land = min(parameters["MPC_LAND_SPEED"], self.down)
        self.land_alt1_m = parameters["MPC_LAND_ALT1"]
        self.land_alt2_m = parameters["MPC_LAND_ALT2"]
        self.accel = parameters["MPC_ACC_HOR"]
        self.accept_m = parameters["NAV_ACC_RAD"]
        self.accept_alt_m = parameters["NAV_MC_ALT_RAD"]

    def near_ground(self, height_m: float, slow: float, fast: float) -> float:
        """A vertical speed: ``slow`` below the second landing altitude, ``fast`` above the first, in between a ramp."""
        if height_m >= self.land_alt1_m:
            return fast
        if height_m <= self.land_alt2_m:
            return slow
        share = (height_m - self.land_alt2_m) / (self.land_alt1_m - self.land_alt2_m)
        return slow + share * (fast - slow)

    def climb_from(self, height_m: float) -> float:
        """How fast a take-off climbs at this height."""
        return self.takeoff if height_m < self.land_alt1_m else self.up

    def sink_from(self, height_m: float) -> float:
        """How fast a landing sinks at this height."""
        return self.near_ground(height_m, self.land, self.down)
