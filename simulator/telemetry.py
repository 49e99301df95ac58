"""What the autopilot reports: a function for each message (but the hottest), from the state of a vehicle."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from pymavlink.dialects.v20 import development as mav

from simulator import sensors
from simulator.modes import ARMED_FLAG, Mode
from simulator.remoteid import RemoteId
from simulator.vehicle import Vehicle

_NAN = math.nan
_CAPABILITIES = 59647
_VERSION = 17891583
"""AUTOPILOT_VERSION of PX4 v1.17.0: MAV_PROTOCOL_CAPABILITY flags and 1.17.0 release."""
_OS_VERSION = 101854463
_CUSTOM_VERSION = (0, 0, 0, 196, 209, 42, 241, 214)
_SENSORS_BOOTED = (33570831, 33636367, 52463679)
_SENSORS_READY = (33570863, 33636399, 320915519)
_SENSORS_ARMING = (33570863, 33636399, 52480063)
_HEALTH_BROKEN = 52480063
"""SYS_STATUS (present, enabled, health) as recorded from PX4: booted, with a position, just armed."""
_GPS, _MOTORS = 0x20, 0x8000
_AFTER_ARMING_S = 2.0
_MISSION_NONE = 65535


class Telemetry:
    """Builds messages about one vehicle. ``epoch_us`` is the Unix time of simulation time 0."""

    def __init__(self, *, vehicle: Vehicle, epoch_us: int) -> None:
        self._vehicle = vehicle
        self._epoch_us = epoch_us
        self.ping_sequence = 0
        self.remote_id = RemoteId(epoch_us=epoch_us)
        self.builders: dict[int, Callable[[Vehicle, int], Any]] = {
            0: self.heartbeat,
            1: self.sys_status,
            2: self.system_time,
            4: self.ping,
            24: self.gps_raw,
            36: self.servo_output,
            42: self.mission_current,
            74: self.vfr_hud,
            83: self.attitude_target,
            111: self.timesync,
            141: self.altitude,
            147: self.battery_status,
            148: self.autopilot_version,
            242: self.home_position,
            245: self.extended_state,
            280: lambda v, ms: v.gimbal.manager_information(ms) if v.gimbal.fitted else None,
            281: lambda v, ms: v.gimbal.manager_status(ms) if v.gimbal.fitted else None,
            360: self.orbit_status,
            436: self.current_mode,
            **sensors.BUILDERS,
            **self.remote_id.builders,
        }
        """By message id: (vehicle, milliseconds since boot) to message, or None when there is nothing to say."""

    def heartbeat(self, v: Vehicle, _ms: int) -> Any:
        """HEARTBEAT."""
        base = v.mode.base_mode | (ARMED_FLAG if v.armed else 0)
        return mav.MAVLink_heartbeat_message(2, 12, base, v.mode.custom_mode, v.health.value, 3)

    def current_mode(self, v: Vehicle, _ms: int) -> Any:
        """CURRENT_MODE."""
        mode = v.mode
        return mav.MAVLink_current_mode_message(mode.standard_mode, mode.custom_mode, mode.custom_mode)

    def sys_status(self, v: Vehicle, _ms: int) -> Any:
        """SYS_STATUS."""
        present, enabled, health = _SENSORS_BOOTED
        if v.ready:
            arming = v.armed and v.sim_s - v.armed_s < _AFTER_ARMING_S
            present, enabled, health = _SENSORS_ARMING if arming else _SENSORS_READY
        elif v.fault:
            present, enabled, health = (*_SENSORS_READY[:2], _HEALTH_BROKEN)
        if not v.gnss.has_fix:
            present, enabled, health = present & ~_GPS, enabled & ~_GPS, health & ~_GPS
        if v.troubles.motor_failed or v.terminated:
            health &= ~_MOTORS
        recovery = int(v.parachute.fitted)
        battery = v.battery
        return mav.MAVLink_sys_status_message(
            present,
            enabled,
            health,
            150,
            round(battery.voltage_v * 1000),
            round(battery.current_a * 100),
            round(battery.percent),
            *[0] * 6,
            recovery,
            recovery,
            int(v.parachute.enabled and not v.parachute.released) if recovery else 1,
        )

    def battery_status(self, v: Vehicle, _ms: int) -> Any:
        """BATTERY_STATUS."""
        battery = v.battery
        voltages = [round(battery.voltage_v * 1000), *[65535] * 9]
        return mav.MAVLink_battery_status_message(
            0,
            1,
            1,
            32767,
            voltages,
            round(battery.current_a * 100),
            round(battery.drawn_mah),
            -1,
            round(battery.percent),
            0,
            v.failsafe.level.value,
        )

    def system_time(self, v: Vehicle, ms: int) -> Any:
        """SYSTEM_TIME."""
        unix_us = self._epoch_us + ms * 1000 + round(v.troubles.clock_ahead_s * 1e6)
        return mav.MAVLink_system_time_message(max(0, unix_us), ms)

    def ping(self, v: Vehicle, ms: int) -> Any:
        """PING of its own, asking for an answer."""
        self.ping_sequence += 1
        return mav.MAVLink_ping_message(ms * 1000, self.ping_sequence - 1, 0, 0)

    def timesync(self, v: Vehicle, ms: int) -> Any:
        """TIMESYNC of its own, asking for an answer."""
        return mav.MAVLink_timesync_message(0, ms * 1_000_000)

    def extended_state(self, v: Vehicle, _ms: int) -> Any:
        """EXTENDED_SYS_STATE."""
        return mav.MAVLink_extended_sys_state_message(0, v.landed_state.value)

    def gps_raw(self, v: Vehicle, ms: int) -> Any:
        """GPS_RAW_INT; the only message with a height above the ellipsoid."""
        if not v.gnss.has_fix:
            return mav.MAVLink_gps_raw_int_message(ms * 1000, 0, 0, 0, 0, 65535, 65535, 65535, 65535, 0)
        b = v.seen
        lat, lon = v.frame.to_global(b.north_m, b.east_m)
        course = math.degrees(math.atan2(b.v_east_m_s, b.v_north_m_s)) % 360.0
        alt_mm = round(v.alt_amsl_m * 1000)
        return mav.MAVLink_gps_raw_int_message(
            ms * 1000,
            3,
            round(lat * 1e7),
            round(lon * 1e7),
            alt_mm,
            70,
            110,
            round(b.ground_speed_m_s * 100),
            round(course * 100) % 36000,
            10,
            alt_mm + round(v.frame.geoid_m * 1000),
            900,
            1780,
            400,
            0,
            0,
        )

    def altitude(self, v: Vehicle, ms: int) -> Any:
        """ALTITUDE."""
        height = v.body.height_m
        return mav.MAVLink_altitude_message(ms * 1000, v.alt_amsl_m, v.alt_amsl_m, height, height, 0.0, height)

    def vfr_hud(self, v: Vehicle, _ms: int) -> Any:
        """VFR_HUD; a multicopter knows no airspeed."""
        b = v.seen
        throttle = 0 if not v.armed else 15 if b.on_ground else 50 - round(5 * b.a_down_m_s2)
        heading = int(math.degrees(b.yaw_rad)) % 360
        return mav.MAVLink_vfr_hud_message(_NAN, b.ground_speed_m_s, heading, throttle, v.alt_amsl_m, -b.v_down_m_s)

    def home_position(self, v: Vehicle, _ms: int) -> Any:
        """HOME_POSITION, once home is known."""
        if v.home_set_s is None:
            return None
        north, east = v.navigator.home
        lat, lon = v.frame.to_global(north, east)
        return mav.MAVLink_home_position_message(
            round(lat * 1e7),
            round(lon * 1e7),
            round(v.frame.alt_amsl_m * 1000),
            north,
            east,
            0.0,
            [1.0, 0.0, 0.0, 0.0],
            0.0,
            0.0,
            0.0,
            round(v.home_set_s * 1e6),
        )

    def mission_current(self, v: Vehicle, _ms: int) -> Any:
        """MISSION_CURRENT."""
        run = v.navigator.mission
        total = len(run.plan)
        if total == 0:
            return mav.MAVLink_mission_current_message(0, _MISSION_NONE, 1, 2)
        flown = v.armed and v.mode in (Mode.MISSION, Mode.TAKEOFF) and not run.finished
        state = 5 if run.finished else 3 if flown else 4 if run.started else 2
        return mav.MAVLink_mission_current_message(run.current, total, state, 1 if flown else 2)

    def autopilot_version(self, v: Vehicle, _ms: int) -> Any:
        """AUTOPILOT_VERSION: PX4 1.17.0, with the identity in both of its fields."""
        uid = v.identity.uid
        return mav.MAVLink_autopilot_version_message(
            _CAPABILITIES,
            _VERSION,
            _VERSION,
            _OS_VERSION,
            1,
            _CUSTOM_VERSION,
            _CUSTOM_VERSION,
            [0] * 8,
            0,
            0,
            int.from_bytes(uid[:8], "big"),
            list(uid.ljust(18, b"\0")),
        )

    def orbit_status(self, v: Vehicle, ms: int) -> Any:
        """ORBIT_EXECUTION_STATUS, while orbiting."""
        orbit = v.navigator.orbit
        if orbit is None:
            return None
        lat, lon = v.frame.to_global(orbit.north_m, orbit.east_m)
        return mav.MAVLink_orbit_execution_status_message(
            ms * 1000, orbit.radius_m, 0, round(lat * 1e7), round(lon * 1e7), v.frame.alt_amsl_m - orbit.down_m
        )

    def servo_output(self, v: Vehicle, ms: int) -> Any:
        """SERVO_OUTPUT_RAW: four motors."""
        pulse = 900 if not v.armed else 1150 if v.body.on_ground else 1550
        return mav.MAVLink_servo_output_raw_message(ms * 1000, 0, *[pulse] * 4, *[900] * 12)

    def attitude_target(self, v: Vehicle, ms: int) -> Any:
        """ATTITUDE_TARGET: attitude follows without delay here."""
        thrust = 0.0 if not v.armed else 0.15 if v.body.on_ground else 0.5
        return mav.MAVLink_attitude_target_message(ms, 0, list(v.attitude.quaternion), 0.0, 0.0, 0.0, thrust)
