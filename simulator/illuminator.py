"""The search light of types that have one: MAVLink's illuminator, component 243."""

from __future__ import annotations

import math
from collections.abc import Callable
from struct import Struct
from typing import Any

from pymavlink.dialects.v20 import development as mav

from simulator.command import Command, Result, whole
from simulator.frames import RawMessage
from simulator.peripheral import Reply

COMPONENT = 243
STATUS_ID, STATUS_CRC_EXTRA = 440, 66
"""ILLUMINATOR_STATUS, which pymavlink's dialect does not have."""
_STATUS = Struct("<IIffffffBBB")
"""uptime, errors, brightness, strobe period, duty cycle, temperature, shortest and longest period; on, modes, mode."""
_INTERNAL = 1
_STATUS_S = 1.0


class Illuminator:
    """``on`` and how bright, in percent. ``temperature_c`` is told with its status."""

    component_id = COMPONENT

    def __init__(self, *, temperature_c: float = 25.0) -> None:
        self.on = False
        self.brightness_percent = 100.0
        self._temperature_c = temperature_c
        self._period_s = 0.0
        self._duty_percent = 100.0
        self._now_s = 0.0
        self._status_s = 1.0
        self._handlers: dict[int, Callable[[Command], Result]] = {405: self._switch, 406: self._configure}

    def heartbeat(self) -> Any:
        """HEARTBEAT of an illuminator."""
        return mav.MAVLink_heartbeat_message(mav.MAV_TYPE_ILLUMINATOR, 8, 0, 0, 4, 3)

    def takes(self, command: Command) -> bool:
        """Switching and configuring."""
        return command.number in self._handlers

    def command(self, command: Command) -> Reply:
        """Do it."""
        self._status_s = self._now_s
        return Reply(self._handlers[command.number](command))

    def receive(self, message: Any) -> None:
        """There is nothing else that it listens to."""

    def due(self, sim_s: float) -> list[Any]:
        """ILLUMINATOR_STATUS once a second, and after each command."""
        self._now_s = sim_s
        if sim_s < self._status_s:
            return []
        self._status_s = sim_s + _STATUS_S
        return [RawMessage(STATUS_ID, STATUS_CRC_EXTRA, self._status())]

    def _status(self) -> bytes:
        return _STATUS.pack(
            int(self._now_s * 1000),
            0,
            self.brightness_percent,
            self._period_s,
            self._duty_percent,
            self._temperature_c,
            0.1,
            10.0,
            int(self.on),
            _INTERNAL,
            _INTERNAL,
        )

    def _switch(self, command: Command) -> Result:
        if math.isnan(command.params[0]):
            return Result.DENIED
        self.on = command.params[0] >= 0.5
        return Result.ACCEPTED

    def _configure(self, command: Command) -> Result:
        mode, brightness, period, duty = command.params
        if whole(mode, _INTERNAL) not in (0, _INTERNAL) or brightness < 0 or brightness > 100:
            return Result.DENIED
        if not math.isnan(brightness):
            self.brightness_percent = brightness
        if not math.isnan(period):
            self._period_s = max(0.0, period)
        if not math.isnan(duty):
            self._duty_percent = max(0.0, min(100.0, duty))
        return Result.ACCEPTED
