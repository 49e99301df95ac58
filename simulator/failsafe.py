"""When PX4 acts by itself: lost ground link, low battery, fence. Decides; flying is the navigator's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

from simulator.modes import Mode
from simulator.parameters import Parameters

_LINK_HOLD_S = 1.0
_BATTERY_HOLD_S = 5.0
_ACTIONS = {2: Mode.RETURN, 3: Mode.LAND}
"""NAV_DLL_ACT; 1 is hold."""


class BatteryLevel(Enum):
    """MAV_BATTERY_CHARGE_STATE."""

    OK = 1
    LOW = 2
    CRITICAL = 3
    EMERGENCY = 4


class Cause(Enum):
    """Why a failsafe is acting."""

    LINK = auto()
    BATTERY = auto()
    POSITION = auto()
    FENCE = auto()


@dataclass(frozen=True, slots=True)
class Sensed:
    """What the failsafes look at, once a tick."""

    sim_s: float
    flying: bool
    mode: Mode
    link_heard_s: float | None
    battery_fraction: float
    inside_fence: bool
    position_usable: bool = True


class Failsafe:
    """Watches, and asks for modes through ``change_mode``; ``active`` shows as status 5 until the mode is changed."""

    def __init__(
        self, *, parameters: Parameters, say: Callable[[int, str], None], change_mode: Callable[[Mode], None]
    ) -> None:
        self._parameters = parameters
        self._say = say
        self._change_mode = change_mode
        self.active: Cause | None = None
        self.level = BatteryLevel.OK
        self.breached = False
        self._link_lost = False
        self._next: tuple[float, Mode] | None = None
        self._before: Mode | None = None

    def link_is_lost(self, sim_s: float, heard_s: float | None) -> bool:
        """Whether no ground station was heard for COM_DL_LOSS_T (or ever)."""
        return heard_s is None or sim_s - heard_s > self._parameters["COM_DL_LOSS_T"]

    def cleared(self) -> None:
        """A command changed the mode, or the aircraft is disarmed: nothing acts any more."""
        self.active = None
        self._next = None

    def step(self, sensed: Sensed) -> None:
        """Look at everything; the gravest first."""
        self._position(sensed)
        self._battery(sensed)
        self._fence(sensed)
        self._link(sensed)
        if self._next is not None and sensed.sim_s >= self._next[0]:
            mode = self._next[1]
            self._next = None
            if sensed.flying:
                self._change_mode(mode)

    def _act(self, sensed: Sensed, cause: Cause, mode: Mode, hold_s: float) -> None:
        if not sensed.flying or sensed.mode is mode or (sensed.mode is Mode.LAND and mode is Mode.RETURN):
            return
        self.active = cause
        self._before = sensed.mode
        if hold_s > 0 and mode is not Mode.HOLD:
            self._say(2, f"Failsafe activated: entering Hold for {hold_s:.0f} seconds\t")
            self._change_mode(Mode.HOLD)
            self._next = (sensed.sim_s + hold_s, mode)
        else:
            self._say(2, "Failsafe activated\t")
            self._change_mode(mode)

    def _position(self, sensed: Sensed) -> None:
        """Without a position only sinking level is left (PX4's Descend, shown as LAND); with one again it goes on."""
        if not sensed.position_usable:
            self._act(sensed, Cause.POSITION, Mode.LAND, 0.0)
        elif self.active is Cause.POSITION:
            self.active = None
            if self._before is not None and sensed.flying:
                self._change_mode(self._before)

    def _link(self, sensed: Sensed) -> None:
        action = int(self._parameters["NAV_DLL_ACT"])
        lost = sensed.link_heard_s is not None and self.link_is_lost(sensed.sim_s, sensed.link_heard_s)
        if lost and not self._link_lost:
            self._link_lost = True
            if action > 0 and sensed.flying:
                self._say(2, "Connection to ground station lost\t")
        elif not lost and self._link_lost:
            self._link_lost = False
            self._say(6, "Connection to ground station regained\t")
            if self.active is Cause.LINK and self._next is not None and self._before is not None:
                self._next, self.active = None, None
                self._change_mode(self._before)
            return
        # Of two failsafes the graver acts: a return for the lost link ends a hold at the fence.
        busy = self.active not in (None, Cause.FENCE) or self._next is not None
        if not lost or action <= 0 or busy or sensed.mode is Mode.RETURN:
            return
        if action == 1:
            self._act(sensed, Cause.LINK, Mode.HOLD, 0.0)
        elif action in _ACTIONS:
            self._act(sensed, Cause.LINK, _ACTIONS[action], _LINK_HOLD_S)

    def _battery(self, sensed: Sensed) -> None:
        level = BatteryLevel.OK
        for name, worse in (
            ("BAT_LOW_THR", BatteryLevel.LOW),
            ("BAT_CRIT_THR", BatteryLevel.CRITICAL),
            ("BAT_EMERGEN_THR", BatteryLevel.EMERGENCY),
        ):
            if sensed.battery_fraction <= self._parameters[name]:
                level = worse
        previous, self.level = self.level, level
        if level.value <= previous.value:
            return
        action = int(self._parameters["COM_LOW_BAT_ACT"])
        if level is BatteryLevel.LOW:
            self._say(4, "Low battery level, return advised\t")
        elif level is BatteryLevel.CRITICAL:
            self._say(2, "Critical battery level\t")
            if action in (2, 3):
                self._act(sensed, Cause.BATTERY, Mode.LAND if action == 2 else Mode.RETURN, _BATTERY_HOLD_S)
        else:
            self._say(0, "Emergency battery level\t")
            if action in (2, 3):
                self._act(sensed, Cause.BATTERY, Mode.LAND, 0.0)

    def _fence(self, sensed: Sensed) -> None:
        breached = sensed.flying and not sensed.inside_fence
        was, self.breached = self.breached, breached
        if not breached or was:
            return
        action = int(self._parameters["GF_ACTION"])
        if action > 0:
            self._say(2, "Geofence violation\t")
        mode = {2: Mode.HOLD, 3: Mode.RETURN, 5: Mode.LAND}.get(action)
        if mode is not None:
            self._act(sensed, Cause.FENCE, mode, 0.0)
