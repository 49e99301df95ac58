"""Camera, gimbal, light and speaker on the aircraft's link: what is asked of them, and what they say of themselves.

Their commands are plain MAVLink, to the component that has them, because MAVSDK has no call for most. A camera says
what it does only when it is asked: so it is asked after each command, some times.
"""

from __future__ import annotations

import asyncio
import json
import logging
import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from contracts.fleet import Links
from contracts.tasks import Light, Record, SelectSensor, Sensor, Snapshot, Speaker, Zoom
from dock_agent.flight_link import Answer, PayloadAct, Reply
from dock_agent.mavsdk_commands import RawCommands
from dock_agent.readings import AircraftReading, PayloadReading
from dock_agent.videostream import otherwise
from kestrel.clock import Clock

log = logging.getLogger(__name__)

CAMERA, LIGHT, SPEAKER = 100, 243, 25
"""MAVLink component ids."""
_REQUEST, _ZOOM, _SOURCE, _IMAGE, _VIDEO_ON, _VIDEO_OFF, _LIGHT, _PLAY = 512, 531, 534, 2000, 2500, 2501, 405, 31010
"""MAV_CMD numbers; there is none for stored announcements, so that is the first of those left to users."""
_ZOOM_RANGE, _RGB, _INFRARED = 2.0, 1.0, 2.0
_CAPTURE_STATUS, _SETTINGS, _STREAM, _STREAM_STATUS, _VIEW_STATUS = 262, 260, 269, 270, 271
_THERMAL_STREAM, _RUNNING = 2, 1
"""VIDEO_STREAM_STATUS_FLAGS."""
_YAW_LOCK, _EARTH_FRAME, _VEHICLE_FRAME = 16, 64, 32
"""GIMBAL_DEVICE_FLAGS."""
ASK_AFTER_S = (0.0, 0.6, 1.5, 3.0)
"""Wall seconds after a camera's acknowledgement at which it is asked what it does."""
GIMBAL_OLD_S = 3.0
"""Wall seconds after which a gimbal's attitude is no longer one."""
_MOST_SAID = 4
_TOPICS = (
    "CAMERA_CAPTURE_STATUS",
    "CAMERA_SETTINGS",
    "CAMERA_FOV_STATUS",
    "VIDEO_STREAM_INFORMATION",
    "VIDEO_STREAM_STATUS",
    "GIMBAL_DEVICE_ATTITUDE_STATUS",
    "ILLUMINATOR_STATUS",
    "NAMED_VALUE_INT",
)


class PayloadLink:
    """Of one system. ``on_change`` is called on MAVSDK's thread."""

    def __init__(self, *, raw: RawCommands, clock: Clock, on_change: Callable[[], None], links: Links) -> None:
        self._raw, self._clock, self._on_change = raw, clock, on_change
        self._links = links
        self._said_otherwise: set[str] = set()
        self._now = PayloadReading()
        self._pitch_deg: float | None = None
        self._yaw_deg: float | None = None
        self._yaw_of_vehicle = False
        self._gimbal_s = -math.inf
        self._asking: set[asyncio.Task[None]] = set()
        for topic in _TOPICS:
            raw.direct.subscribe_message(topic, lambda message, _: self.hear(message.message_name, message.fields_json))

    async def act(self, act: PayloadAct) -> Answer:
        """Ask something of the payload, bounded by one command."""
        params: tuple[float, ...]
        match act:
            case Record(on=on):
                command, params, asks = (_VIDEO_ON if on else _VIDEO_OFF), (0.0, 1.0), _CAPTURE_STATUS
            case Snapshot():
                command, params, asks = _IMAGE, (0.0, 0.0, 1.0, 0.0), _CAPTURE_STATUS
            case Zoom(level=level):
                command, params, asks = _ZOOM, (_ZOOM_RANGE, 100.0 * level), _SETTINGS
            case SelectSensor(sensor=sensor):
                source = _INFRARED if sensor is Sensor.THERMAL else _RGB
                command, params, asks = _SOURCE, (0.0, source), _STREAM_STATUS
            case Light(on=on):
                return await self._raw.long(_LIGHT, 1.0 if on else 0.0, component=LIGHT)
            case Speaker(announcement=number):
                return await self._raw.long(_PLAY, float(number), component=SPEAKER)
        answer = await self._raw.long(command, *params, component=CAMERA)
        if answer.reply is Reply.ACKNOWLEDGED:
            self._ask_later(asks, ASK_AFTER_S)
            if isinstance(act, Zoom | SelectSensor):
                self._ask_later(_VIEW_STATUS, ASK_AFTER_S)
        return answer

    def refresh(self) -> None:
        """Ask the camera what it does, so that a change can be told from what was so before."""
        for message_id in (_CAPTURE_STATUS, _SETTINGS, _STREAM, _STREAM_STATUS, _VIEW_STATUS):
            self._ask_later(message_id, (0.0,))

    async def close(self) -> None:
        """Ask no more."""
        for task in list(self._asking):
            task.cancel()
        await asyncio.gather(*self._asking, return_exceptions=True)

    def reading(self, base: AircraftReading) -> AircraftReading:
        """With what the payload said of itself."""
        now = self._now
        if self._clock.wall_s() - self._gimbal_s <= GIMBAL_OLD_S and self._pitch_deg is not None:
            yaw_deg = self._yaw_deg
            if yaw_deg is not None and self._yaw_of_vehicle:
                yaw_deg = None if base.heading_deg is None else (yaw_deg + base.heading_deg) % 360.0
            now = replace(now, camera_pitch_deg=self._pitch_deg, camera_yaw_deg=yaw_deg)
        return replace(base, payload=now)

    def hear(self, name: str, fields: str) -> None:
        """One message, its fields as JSON; on MAVSDK's thread."""
        try:
            said = json.loads(fields)
            heard = self._heard(name, said)
        except (ValueError, KeyError, TypeError, AttributeError):
            return
        if heard is not None and heard != self._now:
            self._now = heard
            self._on_change()

    def _heard(self, name: str, said: dict[str, Any]) -> PayloadReading | None:
        match name:
            case "CAMERA_CAPTURE_STATUS":
                return replace(self._now, recording=int(said["video_status"]) == 1, pictures=int(said["image_count"]))
            case "CAMERA_SETTINGS":
                level = float(said["zoomLevel"] if "zoomLevel" in said else said["zoom_level"])
                return replace(self._now, zoom=level / 100.0) if math.isfinite(level) else None
            case "CAMERA_FOV_STATUS":
                across_deg = float(said["hfov"])
                return replace(self._now, camera_hfov_deg=across_deg if 0.0 < across_deg < 180.0 else None)
            case "VIDEO_STREAM_INFORMATION":
                self._announced(said)
                return None
            case "VIDEO_STREAM_STATUS":
                flags = int(said["flags"])
                return replace(self._now, thermal=bool(flags & _THERMAL_STREAM)) if flags & _RUNNING else None
            case "ILLUMINATOR_STATUS":
                return replace(self._now, light_on=bool(said["enable"]))
            case "NAMED_VALUE_INT" if str(said["name"]).rstrip("\0") == "SPEAKER":
                playing = int(said["value"])
                return replace(self._now, announcement=playing) if playing else None
            case "GIMBAL_DEVICE_ATTITUDE_STATUS":
                self._gimbal(said)
                return None
            case _:
                return None

    def _announced(self, said: dict[str, Any]) -> None:
        """Said once where it is not as the fleet file has it; an aircraft can make us say so only so often."""
        if not int(said["flags"]) & _RUNNING or len(self._said_otherwise) >= _MOST_SAID:
            return
        why = otherwise(int(said["type"]), str(said["uri"]).rstrip("\0"), self._links)
        if why is not None and why not in self._said_otherwise:
            self._said_otherwise.add(why)
            log.warning("the camera's video is not where the fleet file has it", extra={"why": why})

    def _gimbal(self, said: dict[str, Any]) -> None:
        w, x, y, z = (float(part) for part in said["q"])
        flags = int(said["flags"])
        self._pitch_deg = math.degrees(math.asin(max(-1.0, min(1.0, 2.0 * (w * y - z * x)))))
        self._yaw_deg = math.degrees(math.atan2(2.0 * (w * z + x * y), 1.0 - 2.0 * (y * y + z * z))) % 360.0
        told = flags & (_EARTH_FRAME | _VEHICLE_FRAME)
        self._yaw_of_vehicle = bool(flags & _VEHICLE_FRAME) if told else not flags & _YAW_LOCK
        self._gimbal_s = self._clock.wall_s()

    def _ask_later(self, message_id: int, after: tuple[float, ...]) -> None:
        task = asyncio.create_task(self._ask(message_id, after), name="what the camera does")
        self._asking.add(task)
        task.add_done_callback(self._asking.discard)

    async def _ask(self, message_id: int, after: tuple[float, ...]) -> None:
        began_s = self._clock.wall_s()
        for after_s in after:
            await self._clock.sleep_wall(max(0.0, began_s + after_s - self._clock.wall_s()))
            await self._raw.long(_REQUEST, float(message_id), component=CAMERA)
