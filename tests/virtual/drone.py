"""A drone with a place and a battery, and its box with a charger, on a virtual clock."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from contracts.fleet import AircraftType, Dock
from contracts.vocabulary import Charger
from dock_agent.flight_link import Target
from dock_agent.readings import AircraftReading, DockReading, Mode
from geo.flight.position import distance_m
from kestrel.clock import Clock
from tests.unit.dock_agent.fakeaircraft import GROUND_AMSL_M, FakeAircraft
from tests.unit.dock_agent.fakes import FakeDock

STEP_S = 0.25
DRAWS_MORE = 1.04
"""Than its type says: what was promised and what is flown are two opinions."""
CHARGE_PERCENT_S = 70.0 / (32 * 60)
"""From 20 to 90 % in 32 minutes, as is published for boxes of this class (DJI Dock 2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """Where a drone was; ``t_s`` is mission seconds since the beginning."""

    t_s: float
    dock_id: str
    lat_deg: float
    lon_deg: float
    alt_amsl_m: float
    height_m: float
    """Above its own landing plate."""
    in_air: bool


class VirtualDrone(FakeAircraft):
    """Draws the power of its type while it flies; ``charging`` is its box's doing."""

    def __init__(self, *, clock: Clock, dock: Dock, aircraft_type: AircraftType) -> None:
        super().__init__(clock=clock)
        self.base = replace(self.base, system_id=dock.aircraft.system_id, uid=dock.aircraft.uid)
        self.dock, self._type = dock, aircraft_type
        self.lat_deg, self.lon_deg = dock.lat_deg, dock.lon_deg
        self.battery, self.drain_percent_s = 100.0, 0.0
        self.charging = False
        self.trail: list[Sample] = []
        """One sample a second."""

    def fly(self) -> None:
        now_s = self._clock.mission_s()
        while self._last_s < now_s:
            # Whole steps end where those of all others do, whenever somebody looks in between.
            until_s = min(now_s, (math.floor(self._last_s / STEP_S + 1e-9) + 1) * STEP_S)
            self._draw(until_s - self._last_s)
            self._last_s = until_s
            if abs(until_s - round(until_s)) < 1e-6:
                self.trail.append(
                    Sample(
                        t_s=float(round(until_s)),
                        dock_id=self.dock.id,
                        lat_deg=self.lat_deg,
                        lon_deg=self.lon_deg,
                        alt_amsl_m=self.alt_amsl_m,
                        height_m=self.height_m,
                        in_air=self.in_air,
                    )
                )

    def _draw(self, dt_s: float) -> None:
        if not self.armed:
            if self.charging:
                self.battery = min(100.0, self.battery + CHARGE_PERCENT_S * dt_s)
            return
        before_m = self.height_m
        self._step(dt_s)
        rises = self.height_m > before_m + 0.01
        moves = self.moved_m_s > 1.0
        cruise_w = self._type.cruise_power_w if moves else self._type.hover_power_w
        power_w = DRAWS_MORE * (self._type.climb_power_w if rises else cruise_w)
        self.battery = max(0.0, self.battery - 100 * power_w * dt_s / 3600 / self._type.battery_wh)

    def _pursue(self, target: Target, dt_s: float) -> None:
        """The fake's ground lies at one height; this one's is its dock's."""
        fake_amsl_m = target.alt_amsl_m - self.dock.alt_amsl_m + GROUND_AMSL_M
        super()._pursue(replace(target, alt_amsl_m=fake_amsl_m), dt_s)

    @property
    def alt_amsl_m(self) -> float:
        """Metres AMSL."""
        return self.dock.alt_amsl_m + self.height_m

    def reading(self) -> AircraftReading:
        reading = super().reading()
        if reading.position is None:
            return reading
        alt_amsl_m = self.dock.alt_amsl_m + reading.position.alt_above_home_m
        return replace(reading, position=replace(reading.position, alt_amsl_m=alt_amsl_m))

    def fall(self) -> None:
        """All at once: no motors, no link, never heard again."""
        self.frozen, self.deaf_s = self.reading(), self._clock.wall_s()
        self.armed, self.mode, self.height_m = False, Mode.HOLD, 0.0


class VirtualBox(FakeDock):
    """Its lid, its seat and its charger."""

    def __init__(self, *, clock: Clock, drone: VirtualDrone) -> None:
        super().__init__(clock=clock, aircraft=drone, lid_s=drone.dock.lid_s)
        self._drone = drone

    @property
    def seated(self) -> bool:
        """True when the drone stands in it."""
        drone = self._drone
        near_m = distance_m(drone.lat_deg, drone.lon_deg, drone.dock.lat_deg, drone.dock.lon_deg)
        return not drone.in_air and near_m < 1.0

    def reading(self) -> DockReading:
        reading = super().reading()
        if not reading.alive:
            return reading
        seated = self.seated
        self._drone.charging = seated and self.charging and not self.charger_dead
        charger = Charger.OFF
        if self._drone.charging:
            charger = Charger.FULL if self._drone.battery >= 100.0 else Charger.CHARGING
        return replace(
            reading,
            seated=seated,
            charger=Charger.FAULT if self.charger_dead else charger,
            battery_percent=self._drone.battery if seated else None,
        )
