"""The Modbus TCP register map of a Kestrel dock, version 1.

One map for the driver (`dock_agent`) and for the simulated dock (`simulator`). A maker's dock with another
map gets a driver of its own. Device (unit) id 1; registers are 16 bit, big-endian, addressed from 0.
"""

from __future__ import annotations

from enum import IntEnum

MAP_VERSION = 1
DEVICE_ID = 1
UNKNOWN_U16 = 0xFFFF
"""Reads of a sensor that has no value."""


class Coil(IntEnum):
    """Coils: what the driver commands (function codes 1, 5)."""

    LID_OPEN = 0
    """True: open the lid. False: close it. A lid stays where it is commanded."""
    CHARGER_ENABLE = 1
    """True: charge the seated aircraft when the contacts allow it."""


class InputRegister(IntEnum):
    """Input registers: what the dock measures (function code 4)."""

    MAP_VERSION = 0
    LID_STATE = 1
    PRESENCE = 2
    CHARGER_STATE = 3
    BATTERY_CHARGE_PERMILLE = 4
    """0..1000 as the charger reads it through the contacts; UNKNOWN_U16 when no aircraft is seated."""
    WIND_SPEED_CM_S = 5
    WIND_FROM_DECIDEG = 6
    """The direction the wind comes from, true north, 0..3599 tenths of a degree."""
    WIND_GUST_CM_S = 7
    RAIN_DECI_MM_H = 8
    TEMPERATURE_DECI_C = 9
    """Signed 16 bit, tenths of a degree Celsius."""
    WEATHER_AGE_S = 10
    """Seconds since the sensor's last sample; UNKNOWN_U16: no sensor."""
    HEARTBEAT = 11
    """Counts up once a second, wraps at 65535: a stuck counter is a dead controller."""


INPUT_REGISTER_COUNT = 12


class LidState(IntEnum):
    """Values of `InputRegister.LID_STATE`."""

    CLOSED = 0
    OPENING = 1
    OPEN = 2
    CLOSING = 3
    FAULT = 4


class Presence(IntEnum):
    """Values of `InputRegister.PRESENCE`."""

    EMPTY = 0
    SEATED = 1


class ChargerState(IntEnum):
    """Values of `InputRegister.CHARGER_STATE`."""

    OFF = 0
    CHARGING = 1
    FULL = 2
    FAULT = 3
