"""One dock: a box with a lid, a presence sensor, a charger and a weather mast. A state machine of simulation time."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from contracts.dock_registers import (
    INPUT_REGISTER_COUNT,
    MAP_VERSION,
    UNKNOWN_U16,
    ChargerState,
    InputRegister,
    LidState,
    Presence,
)
from simulator.weather import Weather, Wind

_FULL = 0.999
"""Above this fraction the charger calls the battery full."""
_MAST = (
    InputRegister.WIND_SPEED_CM_S,
    InputRegister.WIND_FROM_DECIDEG,
    InputRegister.WIND_GUST_CM_S,
    InputRegister.RAIN_DECI_MM_H,
    InputRegister.TEMPERATURE_DECI_C,
    InputRegister.WEATHER_AGE_S,
)
_FAULT_AFTER = 1.5
"""The controller calls it a fault when the lid takes so much longer than it should."""


class Seat(Enum):
    """Where the dock's aircraft is, as far as the dock can feel."""

    AWAY = auto()
    SEATED = auto()
    ON_THE_LID = auto()
    """Landed at the site while the lid was not open: the presence sensor does not feel it."""


@dataclass(slots=True, kw_only=True)
class DockTroubles:
    """What does not work in one dock; the defaults are: everything does. See `simulator.faults.DockFault`."""

    lid_stuck_shut: bool = False
    lid_stuck_open: bool = False
    charger_dead: bool = False
    modbus_silent: bool = False
    mast_dead: bool = False
    camera_frozen: bool = False
    camera_dead: bool = False
    over_plate: str = ""
    """What is over the plate and does not belong there; empty: nothing."""


class Dock:
    """Lid travel takes ``lid_s``; charging gives ``charge_percent_per_min`` of simulation time."""

    def __init__(self, *, name: str, lid_s: float, charge_percent_per_min: float, weather: Weather, seed: str) -> None:
        self.name = name
        self.lid_open_wanted = False
        self.charger_enabled = False
        self.seat = Seat.SEATED
        self.battery_fraction: float | None = None
        """As felt through the contacts; None when nothing is seated or the contacts tell nothing."""
        self.troubles = DockTroubles()
        self._lid_gives_way = False
        self._lid_jammed = False
        self._fighting_s = 0.0
        self._lid_s = lid_s
        self._rate = charge_percent_per_min / 60.0
        self._travel = 0.0
        self._sim_s = 0.0
        self._wind = Wind(weather=weather, seed=f"{seed}/dock/{name}", interval_s=1.0)

    @property
    def lid(self) -> LidState:
        """Where the lid is, or that it does not go where it should."""
        if self._fighting_s > _FAULT_AFTER * self._lid_s:
            return LidState.FAULT
        if self.lid_open_wanted:
            return LidState.OPEN if self._travel >= 1.0 else LidState.OPENING
        return LidState.CLOSED if self._travel <= 0.0 else LidState.CLOSING

    @property
    def lid_open_share(self) -> float:
        """0 shut to 1 open, whatever the controller says."""
        return self._travel

    @property
    def sim_s(self) -> float:
        """Simulation time that it has lived."""
        return self._sim_s

    @property
    def wind(self) -> Wind:
        """At its mast."""
        return self._wind

    def lid_fails_in_flight(self) -> None:
        """When its aircraft is away (next time, if it is not) the lid shuts by itself, and does not open again."""
        self._lid_gives_way = True

    def lid_repaired(self) -> None:
        """It stays open, and opens, again."""
        self._lid_gives_way = self._lid_jammed = False

    @property
    def charger(self) -> ChargerState:
        """What the charger does; a full battery in the dock reads full whether or not it is enabled."""
        if self.troubles.charger_dead:
            return ChargerState.FAULT
        if self.seat is not Seat.SEATED or self.battery_fraction is None:
            return ChargerState.OFF
        if self.battery_fraction >= _FULL:
            return ChargerState.FULL
        return ChargerState.CHARGING if self.charger_enabled and self._rate > 0 else ChargerState.OFF

    def settle(self, *, landed_here: bool) -> None:
        """Tell the dock whether its aircraft now stands at the site."""
        if not landed_here:
            self.seat = Seat.AWAY
        elif self.seat is Seat.AWAY:
            self.seat = Seat.SEATED if self.lid is LidState.OPEN else Seat.ON_THE_LID

    def step(self, dt_s: float) -> float:
        """Live ``dt_s`` seconds; the percent of charge given in them."""
        self._sim_s += dt_s
        self._move_lid(dt_s)
        self._wind.step(self._sim_s)
        return self._rate * dt_s if self.charger is ChargerState.CHARGING else 0.0

    def _move_lid(self, dt_s: float) -> None:
        if self._lid_gives_way and not self._lid_jammed and self.seat is Seat.AWAY:
            self.lid_open_wanted = False
            self._lid_jammed = True
        if self.lid_open_wanted:
            if not (self._lid_jammed or self.troubles.lid_stuck_shut):
                self._travel = min(1.0, self._travel + dt_s / self._lid_s)
            arrived = self._travel >= 1.0
        else:
            if not self.troubles.lid_stuck_open:
                self._travel = max(0.0, self._travel - dt_s / self._lid_s)
            arrived = self._travel <= 0.0
        self._fighting_s = 0.0 if arrived else self._fighting_s + dt_s

    def registers(self) -> list[int]:
        """The input registers as they read now."""
        weather = self._wind.weather
        gust = max(weather.gust_m_s or weather.wind_speed_m_s, self._wind.speed_m_s)
        values = [0] * INPUT_REGISTER_COUNT
        values[InputRegister.MAP_VERSION] = MAP_VERSION
        values[InputRegister.LID_STATE] = self.lid
        values[InputRegister.PRESENCE] = Presence.SEATED if self.seat is Seat.SEATED else Presence.EMPTY
        values[InputRegister.CHARGER_STATE] = self.charger
        known = self.seat is Seat.SEATED and self.battery_fraction is not None
        values[InputRegister.BATTERY_CHARGE_PERMILLE] = (
            round(1000 * (self.battery_fraction or 0)) if known else UNKNOWN_U16
        )
        values[InputRegister.HEARTBEAT] = int(self._sim_s) & 0xFFFF
        if self.troubles.mast_dead:
            for sensor in _MAST:
                values[sensor] = UNKNOWN_U16
            return values
        values[InputRegister.WIND_SPEED_CM_S] = _unsigned(self._wind.speed_m_s * 100)
        values[InputRegister.WIND_FROM_DECIDEG] = round(self._wind.from_deg * 10) % 3600
        values[InputRegister.WIND_GUST_CM_S] = _unsigned(gust * 100)
        values[InputRegister.RAIN_DECI_MM_H] = _unsigned(weather.rain_mm_h * 10)
        values[InputRegister.TEMPERATURE_DECI_C] = round(weather.temperature_c * 10) & 0xFFFF
        values[InputRegister.WEATHER_AGE_S] = 0
        return values


def _unsigned(value: float) -> int:
    return min(max(round(value), 0), UNKNOWN_U16 - 1)
