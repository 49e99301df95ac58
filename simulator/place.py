"""A place: one dock and the aircraft that lives in it, simulated here or a real PX4 that is listened to."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

from contracts.dock_registers import LidState
from simulator.dock import Dock, Seat
from simulator.localframe import LocalFrame
from simulator.vehicle import Vehicle
from simulator.weather import Weather, Wind

SEAT_RADIUS_M = 2.0
"""A PX4 that comes down by GNSS alone was seen to stand 1.2 m from its home; the box centres what is this near."""
_DOCK_S = 0.099
"""A dock lives in steps of this: a tenth of a second, but for rounding."""
_CLEAR_OF_LID_M = 0.5
"""An aircraft this high that was in the dock has gone through where the lid is."""


class Occupant(Protocol):
    """What lives in the dock: says where it stands, and may take charge."""

    def step(self, dt_s: float) -> None:
        """Live ``dt_s`` seconds of simulation time."""

    def place_m(self) -> tuple[float, float] | None:
        """North and east of the site; None: not known."""

    def offset_m(self) -> float | None:
        """Horizontal distance from the site; None: not known."""

    def height_m(self) -> float:
        """Above the site."""

    def is_landed(self) -> bool | None:
        """Standing on the ground, as its autopilot says; None: not known."""

    def battery_fraction(self) -> float | None:
        """0 to 1; None: not known."""

    def charge(self, percent: float) -> None:
        """Take charge from the dock."""

    def dock_state(self, *, seated: bool, lid_in_the_way: bool) -> None:
        """Told each step: in the dock or not, and whether a lid that is not open is above it."""

    def set_weather(self, weather: Weather) -> None:
        """The weather has changed."""


class SimulatedAircraft:
    """A simulated vehicle as occupant of a dock, in its own wind."""

    def __init__(self, *, vehicle: Vehicle, wind: Wind) -> None:
        self.vehicle = vehicle
        self._wind = wind

    def step(self, dt_s: float) -> None:
        """Live ``dt_s`` seconds of simulation time."""
        vehicle = self.vehicle
        vehicle.step(dt_s, self._wind.step(vehicle.sim_s, vehicle.body.height_m))

    def place_m(self) -> tuple[float, float]:
        """North and east of the site."""
        return self.vehicle.body.north_m, self.vehicle.body.east_m

    def offset_m(self) -> float | None:
        """Horizontal distance from the site."""
        return math.hypot(self.vehicle.body.north_m, self.vehicle.body.east_m)

    @property
    def heading_deg(self) -> float:
        """Where its nose points, true, 0 to 360."""
        return math.degrees(self.vehicle.body.yaw_rad) % 360.0

    def height_m(self) -> float:
        """Above the site."""
        return self.vehicle.body.height_m

    def is_landed(self) -> bool:
        """Standing on the ground."""
        return self.vehicle.landed or self.vehicle.body.on_ground

    def battery_fraction(self) -> float | None:
        """0 to 1."""
        return self.vehicle.battery.fraction

    def charge(self, percent: float) -> None:
        """Charge the battery, while the motors stand."""
        if not self.vehicle.armed:
            self.vehicle.battery.charge(percent)

    def dock_state(self, *, seated: bool, lid_in_the_way: bool) -> None:
        """In the dock it lives on shore power; lifting against the lid ends its flight."""
        self.vehicle.on_shore_power = seated
        if lid_in_the_way and not self.vehicle.body.on_ground and not self.vehicle.fault:
            self.vehicle.crash("Struck the closed dock lid")

    def set_weather(self, weather: Weather) -> None:
        """Its wind blows otherwise."""
        self._wind.weather = weather


@dataclass(frozen=True, slots=True)
class ObservedState:
    """What a real PX4 last told; None where it has told nothing."""

    lat_deg: float | None = None
    lon_deg: float | None = None
    alt_amsl_m: float | None = None
    landed: bool | None = None
    battery_fraction: float | None = None


class ObservedAircraft:
    """A real PX4 in the dock's place. It cannot be charged from here; its own battery model says what it has."""

    def __init__(self, *, frame: LocalFrame) -> None:
        self._frame = frame
        self.state = ObservedState()

    def step(self, dt_s: float) -> None:
        """It lives by itself."""

    def place_m(self) -> tuple[float, float] | None:
        """North and east of the site."""
        if self.state.lat_deg is None or self.state.lon_deg is None:
            return None
        return self._frame.to_local(self.state.lat_deg, self.state.lon_deg)

    def offset_m(self) -> float | None:
        """Horizontal distance from the site."""
        place_m = self.place_m()
        return None if place_m is None else math.hypot(*place_m)

    def height_m(self) -> float:
        """Above the site."""
        return 0.0 if self.state.alt_amsl_m is None else self.state.alt_amsl_m - self._frame.alt_amsl_m

    def is_landed(self) -> bool | None:
        """As it says."""
        return self.state.landed

    def battery_fraction(self) -> float | None:
        """As it says."""
        return self.state.battery_fraction

    def charge(self, percent: float) -> None:
        """Not possible from here."""

    def dock_state(self, *, seated: bool, lid_in_the_way: bool) -> None:
        """Nothing here can stop a real autopilot."""

    def set_weather(self, weather: Weather) -> None:
        """It has its own."""


class Place:
    """A dock with its occupant, and whoever else has come down in it.

    An occupant that has not yet told where and how it is counts as standing in the box.
    """

    def __init__(self, *, dock: Dock, occupant: Occupant) -> None:
        self.dock = dock
        self.occupant = occupant
        self.guest: Occupant | None = None
        """Another dock's aircraft that stands on this plate."""
        self._owed_s = 0.0

    def set_weather(self, weather: Weather) -> None:
        """The weather has changed, for both."""
        self.dock.wind.weather = weather
        self.occupant.set_weather(weather)

    def step(self, dt_s: float) -> None:
        """Both live ``dt_s`` seconds, the dock a tenth of a second at a time; then what each feels of the other."""
        self.occupant.step(dt_s)
        self._owed_s += dt_s
        if self._owed_s >= _DOCK_S:
            self._live_together(self._owed_s)
            self._owed_s = 0.0

    def _live_together(self, dt_s: float) -> None:
        dock, occupant = self.dock, self.occupant
        offset, landed = occupant.offset_m(), occupant.is_landed()
        if offset is None or landed is None:
            dock.step(dt_s)
            return
        landed_here = offset <= SEAT_RADIUS_M and landed
        seated = dock.seat is Seat.SEATED
        inside = seated and offset <= SEAT_RADIUS_M and occupant.height_m() < _CLEAR_OF_LID_M
        occupant.dock_state(seated=seated and landed_here, lid_in_the_way=inside and dock.lid is not LidState.OPEN)
        sitting = occupant if landed_here or self.guest is None else self.guest
        dock.settle(landed_here=landed_here or self.guest is not None)
        dock.battery_fraction = sitting.battery_fraction() if dock.seat is Seat.SEATED else None
        given = dock.step(dt_s)
        if given > 0.0:
            sitting.charge(given)
