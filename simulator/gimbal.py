"""The camera gimbal: a gimbal device (component 154) behind PX4's gimbal manager (MAVLink gimbal protocol v2)."""

from __future__ import annotations

import math
from typing import Any

from pymavlink.dialects.v20 import development as mav

from simulator.body import BodyState, wrap_pi
from simulator.command import Command, Result, whole
from simulator.peripheral import Reply

COMPONENT = 154
_RATE_RAD_S = math.radians(90.0)
_PITCH_MIN, _PITCH_MAX = math.radians(-90.0), math.radians(30.0)
_YAW_MAX = math.radians(170.0)
_CAPABILITIES = 2 | 32 | 128 | 256 | 512 | 1024
"""GIMBAL_MANAGER_CAP_FLAGS (and the device's): neutral; pitch axis, locked; yaw axis, following or locked."""
_MANAGER_POINTS = 0x10000 | 0x20000
"""GIMBAL_MANAGER_CAP_FLAGS: can point at local and at global locations."""
_YAW_LOCK = 16
_ROLL_PITCH_LOCK = 4 | 8
"""GIMBAL_DEVICE_FLAGS."""


class Gimbal:
    """Angles in rad; ``yaw_rad`` is relative to the nose unless ``lock`` (then to north)."""

    def __init__(self, *, system_id: int, fitted: bool = True) -> None:
        self._system_id = system_id
        self.fitted = fitted
        self.pitch_rad = 0.0
        self.yaw_rad = 0.0
        """As it is, relative to the nose."""
        self.region: tuple[float, float, float] | None = None
        """A point (north, east, down) to keep in view; it wins over angles."""
        self.primary = (0, 0)
        self._want_pitch = 0.0
        self._want_yaw = 0.0
        self._lock = False
        self._nose_rad = 0.0

    def point(self, *, pitch_deg: float, yaw_deg: float, lock: bool) -> None:
        """Go to angles; a NaN leaves that axis."""
        self.region = None
        if not math.isnan(pitch_deg):
            self._want_pitch = math.radians(pitch_deg)
        if not math.isnan(yaw_deg):
            self._want_yaw = math.radians(yaw_deg)
        self._lock = lock

    def take_control(self, system_id: int, component_id: int) -> None:
        """Gimbal manager: who points it."""
        self.primary = (system_id, component_id)

    def follow(self, state: BodyState, *, dt_s: float) -> None:
        """Move towards what is wanted, with a limited rate."""
        self._nose_rad = state.yaw_rad
        pitch, yaw = self._want_pitch, self._want_yaw
        if self.region is not None:
            north, east, down = (
                self.region[0] - state.north_m,
                self.region[1] - state.east_m,
                self.region[2] - state.down_m,
            )
            pitch = -math.atan2(down, math.hypot(north, east))
            yaw = wrap_pi(math.atan2(east, north) - state.yaw_rad)
        elif self._lock:
            yaw = wrap_pi(yaw - state.yaw_rad)
        pitch = min(max(pitch, _PITCH_MIN), _PITCH_MAX)
        yaw = min(max(yaw, -_YAW_MAX), _YAW_MAX)
        most = _RATE_RAD_S * dt_s
        self.pitch_rad += min(max(pitch - self.pitch_rad, -most), most)
        self.yaw_rad += min(max(yaw - self.yaw_rad, -most), most)

    @property
    def _flags(self) -> int:
        return _ROLL_PITCH_LOCK | (_YAW_LOCK if self._lock else 0)

    def manager_information(self, boot_ms: int) -> Any:
        """GIMBAL_MANAGER_INFORMATION, from the autopilot."""
        return mav.MAVLink_gimbal_manager_information_message(
            boot_ms, _CAPABILITIES | _MANAGER_POINTS, COMPONENT, 0.0, 0.0, _PITCH_MIN, _PITCH_MAX, -_YAW_MAX, _YAW_MAX
        )

    def manager_status(self, boot_ms: int) -> Any:
        """GIMBAL_MANAGER_STATUS, from the autopilot."""
        return mav.MAVLink_gimbal_manager_status_message(boot_ms, self._flags, COMPONENT, *self.primary, 0, 0)

    def device_information(self, boot_ms: int) -> Any:
        """GIMBAL_DEVICE_INFORMATION, from component 154."""
        return mav.MAVLink_gimbal_device_information_message(
            boot_ms,
            b"Kestrel",
            b"Simulated gimbal",
            b"",
            1,
            1,
            self._system_id,
            _CAPABILITIES,
            0,
            0.0,
            0.0,
            _PITCH_MIN,
            _PITCH_MAX,
            -_YAW_MAX,
            _YAW_MAX,
        )

    def device_attitude(self, boot_ms: int) -> Any:
        """GIMBAL_DEVICE_ATTITUDE_STATUS, from component 154; yaw in the frame that the lock flag names."""
        yaw = wrap_pi(self.yaw_rad + self._nose_rad) if self._lock else self.yaw_rad
        cp, sp, cy, sy = (
            math.cos(self.pitch_rad / 2),
            math.sin(self.pitch_rad / 2),
            math.cos(yaw / 2),
            math.sin(yaw / 2),
        )
        quaternion = (cp * cy, -sp * sy, sp * cy, cp * sy)
        return mav.MAVLink_gimbal_device_attitude_status_message(
            0, 0, boot_ms, self._flags, quaternion, 0.0, 0.0, 0.0, 0
        )


class GimbalDevice:
    """The gimbal as a component of its own: it tells its attitude ten times a second, and what it is when asked."""

    component_id = COMPONENT

    def __init__(self, *, gimbal: Gimbal) -> None:
        self._gimbal = gimbal
        self._attitude_s = 1.0
        self._now_s = 0.0

    def heartbeat(self) -> Any:
        """HEARTBEAT of a gimbal."""
        return mav.MAVLink_heartbeat_message(26, 8, 0, 0, 4, 3)

    def takes(self, command: Command) -> bool:
        """Requests for its two messages."""
        return command.number == 512 and whole(command.params[0]) in (283, 285)

    def command(self, command: Command) -> Reply:
        """Send what is asked for."""
        device = self._gimbal
        wanted = device.device_information if whole(command.params[0]) == 283 else device.device_attitude
        return Reply(Result.ACCEPTED, (wanted(int(self._now_s * 1000)),))

    def receive(self, message: Any) -> None:
        """Set-points come through the autopilot's gimbal manager."""

    def due(self, sim_s: float) -> list[Any]:
        """GIMBAL_DEVICE_ATTITUDE_STATUS."""
        self._now_s = sim_s
        if sim_s < self._attitude_s:
            return []
        self._attitude_s = sim_s + 0.1
        return [self._gimbal.device_attitude(int(sim_s * 1000))]
