"""What speaks on the aircraft's link beside the autopilot: the receiver of crewed aircraft, and the parachute.

MAVSDK's transponder plugin hands over what the receiver hears, but nothing when it falls silent, which must not read as
an empty sky. So its heartbeat is listened for (MAVLink component 156), and the parachute's (161), which tells its
state. As in `dock_agent.telemetry_slots` there is one latest value for each, overwritten on MAVSDK's thread and never
queued.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from mavsdk import System
from mavsdk.plugins.mavlink_direct import MavlinkDirect
from mavsdk.plugins.transponder import AdsbEmitterType, Transponder

from dock_agent.readings import AircraftReading, CrewedAircraft, Parachute
from kestrel.clock import Clock

RECEIVER, PARACHUTE = 156, 161
"""MAV_COMP_ID_ADSB and MAV_COMP_ID_PARACHUTE."""
MAX_HEARD = 64
"""Crewed aircraft kept; when more are heard, the one heard longest ago gives way."""
FORGET_S = 60.0
"""Wall seconds after which one that is heard no more is forgotten."""
PARACHUTE_OLD_S = 10.0
"""Wall seconds without a heartbeat after which a parachute that spoke before counts as at fault."""
_NOT_CREWED = frozenset(
    {
        AdsbEmitterType.UAV,
        AdsbEmitterType.SPACE,
        AdsbEmitterType.EMERGENCY_SURFACE,
        AdsbEmitterType.SERVICE_SURFACE,
        AdsbEmitterType.POINT_OBSTACLE,
    }
)
_STANDBY, _ACTIVE, _CRITICAL, _EMERGENCY, _TERMINATION = 3, 4, 5, 6, 8
_PARACHUTE = {
    _STANDBY: Parachute.READY,
    _ACTIVE: Parachute.READY,
    _CRITICAL: Parachute.FAULT,
    _EMERGENCY: Parachute.DEPLOYED,
    _TERMINATION: Parachute.DEPLOYED,
}
"""By MAV_STATE of its heartbeat."""


@dataclass(frozen=True, slots=True)
class _Heard:
    aircraft: CrewedAircraft
    at_s: float


class Companions:
    """Of one system. ``attach`` once it is known; ``reading`` adds what was heard to a reading."""

    def __init__(self, *, clock: Clock, on_change: Callable[[], None]) -> None:
        self._clock = clock
        self._on_change = on_change
        self._heard: dict[int, _Heard] = {}
        self._receiver_s = -math.inf
        self._parachute: Parachute | None = None
        self._parachute_s = -math.inf
        self._plugins: tuple[Any, ...] = ()

    def attach(self, system: System) -> None:
        """Listen to the companions of this system."""
        transponder, direct = Transponder(system), MavlinkDirect(system)
        transponder.subscribe_transponder(lambda vehicle, _: self.hear(vehicle))
        direct.subscribe_message("HEARTBEAT", lambda message, _: self.beat(message.component_id, message.fields_json))
        self._plugins = (transponder, direct)

    def hear(self, vehicle: Any) -> None:
        """A report of MAVSDK's transponder plugin; what is not a crewed aircraft in the air is left out."""
        now_s = self._clock.wall_s()
        self._receiver_s = now_s
        numbers = (
            vehicle.latitude_deg,
            vehicle.longitude_deg,
            vehicle.absolute_altitude_m,
            vehicle.heading_deg,
            vehicle.horizontal_velocity_m_s,
            vehicle.vertical_velocity_m_s,
        )
        if vehicle.emitter_type in _NOT_CREWED or not all(math.isfinite(number) for number in numbers):
            return
        if not (abs(numbers[0]) <= 90.0 and abs(numbers[1]) <= 180.0) or numbers[:2] == (0.0, 0.0):
            return
        aircraft = CrewedAircraft(
            icao=int(vehicle.icao_address),
            callsign=str(vehicle.callsign).strip()[:8],
            lat_deg=numbers[0],
            lon_deg=numbers[1],
            alt_amsl_m=numbers[2],
            course_deg=numbers[3] % 360.0,
            speed_m_s=max(0.0, numbers[4]),
            climb_m_s=numbers[5],
            # Its own age is in the aircraft's seconds; the agent tells wall from mission by its clock.
            age_s=max(0.0, float(vehicle.tslc_s)) / self._clock.factor,
        )
        self._heard[aircraft.icao] = _Heard(aircraft, now_s)
        if len(self._heard) > MAX_HEARD:
            oldest = min(self._heard, key=lambda icao: self._heard[icao].at_s)
            self._heard.pop(oldest, None)

    def beat(self, component: int, fields: str) -> None:
        """A heartbeat of any component of the system, its fields as JSON."""
        if component == RECEIVER:
            self._receiver_s = self._clock.wall_s()
        elif component == PARACHUTE:
            try:
                found = _PARACHUTE.get(json.loads(fields).get("system_status"))
            except (ValueError, AttributeError, TypeError):
                return
            self._parachute_s = self._clock.wall_s()
            if found is not None and found is not self._parachute:
                self._parachute = found
                self._on_change()

    def reading(self, base: AircraftReading) -> AircraftReading:
        """With what the companions said."""
        now_s = self._clock.wall_s()
        heard = [one for one in list(self._heard.values()) if now_s - one.at_s <= FORGET_S]
        if len(heard) < len(self._heard):
            kept = {one.aircraft.icao for one in heard}
            for icao in [icao for icao in list(self._heard) if icao not in kept]:
                self._heard.pop(icao, None)
        parachute = self._parachute
        if parachute is Parachute.READY and now_s - self._parachute_s > PARACHUTE_OLD_S:
            parachute = Parachute.FAULT
        return replace(
            base,
            crewed=tuple(replace(one.aircraft, age_s=one.aircraft.age_s + now_s - one.at_s) for one in heard),
            receiver_age_s=now_s - self._receiver_s,
            parachute=parachute,
        )
