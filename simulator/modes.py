"""PX4's flight modes as they show in HEARTBEAT and CURRENT_MODE."""

from __future__ import annotations

from enum import Enum


class Mode(Enum):
    """A PX4 mode: main and sub number, the MAVLink standard mode it declares, its base_mode when disarmed."""

    TAKEOFF = (4, 2, 8, 29)
    HOLD = (4, 3, 0, 29)
    MISSION = (4, 4, 6, 29)
    RETURN = (4, 5, 5, 29)
    LAND = (4, 6, 7, 29)
    ORBIT = (3, 1, 2, 17)

    def __init__(self, main: int, sub: int, standard: int, base: int) -> None:
        self.main = main
        self.sub = sub
        self.standard_mode = standard
        self.base_mode = base
        self.custom_mode = main << 16 | sub << 24


ARMED_FLAG = 128
COMMANDABLE = {(mode.main, mode.sub): mode for mode in Mode if mode is not Mode.ORBIT}
"""Modes that DO_SET_MODE reaches; orbit has a command of its own."""


class LandedState(Enum):
    """EXTENDED_SYS_STATE.landed_state."""

    ON_GROUND = 1
    IN_AIR = 2
    TAKEOFF = 3
    LANDING = 4


class Health(Enum):
    """HEARTBEAT.system_status as PX4 uses it."""

    BOOT = 0
    STANDBY = 3
    ACTIVE = 4
    FAILSAFE = 5
    TERMINATED = 8
