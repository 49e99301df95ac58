"""Remote identification (MAVLink's OPEN_DRONE_ID_*, after ASTM F3411): what PX4 tells about itself and its operator.

PX4 1.17 streams LOCATION and SYSTEM; BASIC_ID and OPERATOR_ID it tells when asked. The transmitter of a type that has
one is a component of its own and says whether it is fit to fly (ARM_STATUS).
"""

from __future__ import annotations

import calendar
import math
from collections.abc import Callable
from typing import Any

from pymavlink.dialects.v20 import development as mav

from simulator.command import Command, Result
from simulator.modes import Health
from simulator.peripheral import Reply
from simulator.vehicle import Vehicle

TRANSMITTER = 236
_MULTICOPTER = 2
_SERIAL_NUMBER = 1
_ON_GROUND, _AIRBORNE, _EMERGENCY, _FAILURE = 1, 2, 3, 4
"""MAV_ODID_STATUS."""
_UNKNOWN_ALT_M = -1000.0
_UNKNOWN_DIRECTION, _UNKNOWN_SPEED, _UNKNOWN_CLIMB = 36_100, 25_500, 6_300
_NOBODY = [0] * 20
_EPOCH_2019_S = calendar.timegm((2019, 1, 1, 0, 0, 0))
"""OPEN_DRONE_ID_SYSTEM counts seconds from here."""


class RemoteId:
    """Messages about one vehicle; ``epoch_us`` is the Unix time of simulation time 0."""

    def __init__(self, *, epoch_us: int) -> None:
        self._epoch_us = epoch_us
        self.operator_id = ""
        """As a ground station last gave it (OPEN_DRONE_ID_OPERATOR_ID)."""
        self.builders: dict[int, Callable[[Vehicle, int], Any]] = {
            12900: self.basic_id,
            12901: self.location,
            12904: self.system,
            12905: self.operator,
        }

    def receive(self, message: Any) -> bool:
        """Take what a ground station tells of its operator; False if it is something else."""
        if message.get_type() != "OPEN_DRONE_ID_OPERATOR_ID":
            return False
        self.operator_id = str(message.operator_id)[:20]
        return True

    def _unix_s(self, ms: int) -> float:
        return self._epoch_us / 1e6 + ms / 1000.0

    def basic_id(self, v: Vehicle, _ms: int) -> Any:
        """OPEN_DRONE_ID_BASIC_ID: the airframe's own number in hexadecimal digits as far as the field goes."""
        number = v.identity.uid.hex().upper().encode()[:20]
        return mav.MAVLink_open_drone_id_basic_id_message(
            0, 0, _NOBODY, _SERIAL_NUMBER, _MULTICOPTER, list(number.ljust(20, b"\0"))
        )

    def location(self, v: Vehicle, ms: int) -> Any:
        """OPEN_DRONE_ID_LOCATION: its geodetic altitude is above the WGS84 ellipsoid, the barometric above the sea."""
        b = v.seen
        status = _ON_GROUND if v.landed else _AIRBORNE
        if v.health in (Health.FAILSAFE, Health.TERMINATED):
            status = _EMERGENCY
        lat, lon, geodetic_m, direction, speed = 0, 0, _UNKNOWN_ALT_M, _UNKNOWN_DIRECTION, _UNKNOWN_SPEED
        if v.gnss.has_fix:
            lat_deg, lon_deg = v.frame.to_global(b.north_m, b.east_m)
            lat, lon = round(lat_deg * 1e7), round(lon_deg * 1e7)
            geodetic_m = v.alt_amsl_m + v.frame.geoid_m
            direction = round(100 * math.degrees(math.atan2(b.v_east_m_s, b.v_north_m_s)) % 36_000)
            speed = round(100 * b.ground_speed_m_s)
        return mav.MAVLink_open_drone_id_location_message(
            0,
            0,
            _NOBODY,
            status,
            direction,
            speed,
            round(-100 * b.v_down_m_s),
            lat,
            lon,
            v.alt_amsl_m,
            geodetic_m,
            0,
            b.height_m,
            12,
            5,
            0,
            3,
            round(self._unix_s(ms) % 3600.0, 1),
            1,
        )

    def system(self, v: Vehicle, ms: int) -> Any:
        """OPEN_DRONE_ID_SYSTEM: the operator is where it took off from; altitude above the ellipsoid."""
        if v.home_set_s is None:
            return None
        lat, lon = v.frame.to_global(*v.navigator.home)
        return mav.MAVLink_open_drone_id_system_message(
            0,
            0,
            _NOBODY,
            0,
            0,
            round(lat * 1e7),
            round(lon * 1e7),
            1,
            0,
            _UNKNOWN_ALT_M,
            _UNKNOWN_ALT_M,
            0,
            0,
            v.frame.alt_amsl_m + v.frame.geoid_m,
            max(0, int(self._unix_s(ms)) - _EPOCH_2019_S),
        )

    def operator(self, _v: Vehicle, _ms: int) -> Any:
        """OPEN_DRONE_ID_OPERATOR_ID, once a ground station has given it."""
        if not self.operator_id:
            return None
        return mav.MAVLink_open_drone_id_operator_id_message(0, 0, _NOBODY, 0, self.operator_id.encode())


class Transmitter:
    """The remote-identification transmitter of types that have one: a component that says whether it is fit to fly."""

    component_id = TRANSMITTER

    def __init__(self, *, fit: Callable[[], bool]) -> None:
        self._fit = fit
        self._status_s = 1.0

    def heartbeat(self) -> Any:
        """HEARTBEAT of a remote-identification transmitter."""
        return mav.MAVLink_heartbeat_message(34, 8, 0, 0, 4, 3)

    def takes(self, _command: Command) -> bool:
        """It takes no command."""
        return False

    def command(self, _command: Command) -> Reply:
        """It takes no command."""
        return Reply(Result.UNSUPPORTED)

    def receive(self, message: Any) -> None:
        """What PX4 tells it is not checked."""

    def due(self, sim_s: float) -> list[Any]:
        """OPEN_DRONE_ID_ARM_STATUS once a second."""
        if sim_s < self._status_s:
            return []
        self._status_s = sim_s + 1.0
        good = self._fit()
        return [mav.MAVLink_open_drone_id_arm_status_message(0 if good else 1, b"" if good else b"no position")]
