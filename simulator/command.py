"""One MAVLink command, from either of its messages, and the results it may have."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from simulator.plan import FRAME_RELATIVE, FRAME_RELATIVE_INT

_NO_PLACE = 2**31 - 1
"""A COMMAND_INT coordinate that means: where you are."""


class Result(IntEnum):
    """MAV_RESULT."""

    ACCEPTED = 0
    TEMPORARILY_REJECTED = 1
    DENIED = 2
    UNSUPPORTED = 3
    FAILED = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A command from either message; ``place`` is degrees where the command has one (NaN: not given), ``z`` as sent.

    A command that has no place finds its fifth and sixth parameter there only if it came as COMMAND_LONG.
    """

    number: int
    params: tuple[float, float, float, float]
    place: tuple[float, float]
    z: float
    relative: bool
    sender: tuple[int, int]


def read(message: Any, sender: tuple[int, int]) -> Command:
    """The command in a COMMAND_LONG or COMMAND_INT."""
    params = (message.param1, message.param2, message.param3, message.param4)
    if message.get_type() == "COMMAND_LONG":
        place, z, relative = (message.param5, message.param6), message.param7, False
    else:
        given = message.x != _NO_PLACE and message.y != _NO_PLACE
        place = (message.x * 1e-7, message.y * 1e-7) if given else (math.nan, math.nan)
        z, relative = message.z, message.frame in (FRAME_RELATIVE, FRAME_RELATIVE_INT)
    return Command(number=message.command, params=params, place=place, z=z, relative=relative, sender=sender)


def mode_command(base_mode: int, custom_mode: int, sender: tuple[int, int]) -> Command:
    """The older SET_MODE message as the DO_SET_MODE that PX4 makes of it."""
    main, sub = custom_mode >> 16 & 0xFF, custom_mode >> 24 & 0xFF
    params = (float(base_mode), float(main), float(sub), math.nan)
    return Command(number=176, params=params, place=(math.nan, math.nan), z=math.nan, relative=False, sender=sender)


def whole(value: float, otherwise: int = 0) -> int:
    """A parameter that is a number of something; ``otherwise`` if it was not given."""
    return otherwise if math.isnan(value) else int(value)
