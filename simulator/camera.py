"""A camera after MAVLink's camera protocol v2, component 100: pictures, recording, zoom, thermal picture, streams.

What is simulated here is the state that a client sees and changes. Pictures are named, not made; the stream of one
whose address is ``rtp://`` is drawn and sent by `simulator.filming`.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from enum import IntEnum
from typing import Any, NamedTuple

from pymavlink.dialects.v20 import development as mav

from simulator.command import Command, Result, whole
from simulator.peripheral import Reply
from simulator.scenario import PayloadPart
from simulator.streams import Lens, Source, Streams

COMPONENT = 100
_IMAGE_MIB = 8.0
_VIDEO_MIB_S = 2.5
_CAPACITY_MIB = 65_536.0
_ZOOM_PERCENT_S = 25.0
_ZOOM_STEP_PERCENT = 10.0
_KEPT_IMAGES = 256
_SHORTEST_INTERVAL_S = 0.5
_FIRMWARE = 1 << 0 | 2 << 8


class CameraMode(IntEnum):
    """CAMERA_MODE."""

    IMAGE = 0
    VIDEO = 1


class Place(NamedTuple):
    """Where a picture is taken: WGS84, metres above the sea and above home, attitude, Unix time."""

    lat_deg: float
    lon_deg: float
    alt_amsl_m: float
    alt_above_home_m: float
    quaternion: tuple[float, float, float, float]
    unix_us: int


class Camera:
    """``place`` says where it is, ``dead`` whether it answers at all; times are simulation time.

    ``streams`` hold what of it is shown; ``uri`` is where its video is served, empty: nowhere.
    """

    component_id = COMPONENT

    def __init__(self, *, payload: PayloadPart, uri: str, place: Callable[[], Place], dead: Callable[[], bool]) -> None:
        self._place = place
        self._dead = dead
        self._payload = payload
        self._lens = Lens(zoom_max=payload.zoom_max)
        self.streams = Streams(uri=uri, lens=self._lens, thermal=payload.thermal)
        self.mode = CameraMode.VIDEO
        self.image_count = 0
        self.recording_since_s: float | None = None
        self.tracking: tuple[float, ...] = ()
        """A point (x, y, radius) or a rectangle (four corners' numbers) of the picture that it follows; empty: none."""
        self._now_s = 0.0
        self._focus_percent = 50.0
        self._used_mib = 0.0
        self._zoom_rate = 0.0
        self._interval_s = 0.0
        self._next_image_s = math.inf
        self._images_left = 0
        self._status_s = math.inf
        self._status_every_s = 0.0
        self._images: deque[Any] = deque(maxlen=_KEPT_IMAGES)
        self._outbox: list[Any] = []
        self._handlers: dict[int, Callable[[Command], Reply]] = {
            512: lambda c: self._requested(whole(c.params[0]), whole(c.params[1])),
            521: lambda c: self._requested(259),
            522: lambda c: self._requested(260),
            525: lambda c: self._requested(261),
            527: lambda c: self._requested(262),
            528: lambda c: self._requested(263, whole(c.params[0])),
            2504: lambda c: self._requested(269, whole(c.params[0])),
            2505: lambda c: self._requested(270, whole(c.params[0])),
            526: self._format,
            529: self._reset,
            530: self._set_mode,
            531: self._zoom,
            532: self._set_focus,
            534: self._select_source,
            2000: self._start_images,
            2001: self._stop_images,
            2004: lambda c: self._track(c.params[:3]),
            2005: lambda c: self._track(c.params),
            2010: lambda c: self._track(()),
            2500: self._start_video,
            2501: self._stop_video,
            2502: lambda c: self._show(c, running=True),
            2503: lambda c: self._show(c, running=False),
        }

    # As a peripheral --------------------------------------------------------------------------------------------------

    def heartbeat(self) -> Any | None:
        """HEARTBEAT of a camera."""
        return None if self._dead() else mav.MAVLink_heartbeat_message(30, 8, 0, 0, 4, 3)

    def takes(self, command: Command) -> bool:
        """Camera commands, and requests for the messages that only it has."""
        if command.number == 512:
            return whole(command.params[0]) in (259, 260, 261, 262, 263, 269, 270, 271, 275)
        return command.number in self._handlers

    def command(self, command: Command) -> Reply | None:
        """Do it; a dead camera says nothing."""
        return None if self._dead() else self._handlers[command.number](command)

    def receive(self, message: Any) -> None:
        """There is nothing else that it listens to."""

    def due(self, sim_s: float) -> list[Any]:
        """Pictures of an interval, the status asked for with a recording, and what the last command left to say."""
        elapsed, self._now_s = sim_s - self._now_s, sim_s
        if self._zoom_rate:
            self._lens.zoom_to(self._lens.percent + self._zoom_rate * _ZOOM_PERCENT_S * elapsed)
        if self.recording_since_s is not None:
            self._store(_VIDEO_MIB_S * elapsed)
        if sim_s >= self._next_image_s and not self._dead():
            self._capture()
        if sim_s >= self._status_s:
            self._status_s = sim_s + self._status_every_s
            self._outbox.append(self.capture_status())
        if not self._outbox:
            return []
        said, self._outbox = self._outbox, []
        return [] if self._dead() else said

    # What it tells ----------------------------------------------------------------------------------------------------

    @property
    def _ms(self) -> int:
        return int(self._now_s * 1000)

    def information(self) -> Any:
        """CAMERA_INFORMATION."""
        capture, modes, both, focus, tracking = 1 | 2, 4, 8, 128, 512 | 1024
        zoom = 64 if self._payload.zoom_max > 1 else 0
        video = 256 if self.streams.count else 0
        lens = self._lens
        return mav.MAVLink_camera_information_message(
            self._ms,
            list(b"Kestrel".ljust(32, b"\0")),
            list((b"Simulated thermal" if self._payload.thermal else b"Simulated").ljust(32, b"\0")),
            _FIRMWARE,
            lens.focal_length_mm,
            lens.sensor_width_mm,
            lens.sensor_height_mm,
            1920,
            1080,
            0,
            capture | modes | both | focus | tracking | zoom | video,
            0,
            b"",
            154 if self._payload.gimbal else 0,
            0,
        )

    def settings(self) -> Any:
        """CAMERA_SETTINGS."""
        return mav.MAVLink_camera_settings_message(self._ms, int(self.mode), self._lens.percent, self._focus_percent, 0)

    def storage(self) -> Any:
        """STORAGE_INFORMATION: one card, sizes in MiB."""
        return mav.MAVLink_storage_information_message(
            self._ms, 1, 1, 2, _CAPACITY_MIB, self._used_mib, _CAPACITY_MIB - self._used_mib, 90.0, 60.0, 3, b"card", 7
        )

    def capture_status(self) -> Any:
        """CAMERA_CAPTURE_STATUS."""
        every = 2 if self._next_image_s < math.inf and self._interval_s > 0 else 0
        recording = self.recording_since_s is not None
        recorded_s = 0.0 if self.recording_since_s is None else self._now_s - self.recording_since_s
        return mav.MAVLink_camera_capture_status_message(
            self._ms,
            every,
            int(recording),
            self._interval_s if every else 0.0,
            round(1000 * recorded_s),
            _CAPACITY_MIB - self._used_mib,
            self.image_count,
            0,
        )

    def tracking_status(self) -> Any:
        """CAMERA_TRACKING_IMAGE_STATUS: what was asked for is what is followed."""
        numbers = self.tracking
        point = numbers if len(numbers) == 3 else (math.nan,) * 3
        rectangle = numbers if len(numbers) == 4 else (math.nan,) * 4
        mode = {0: 0, 3: 1, 4: 2}[len(numbers)]
        return mav.MAVLink_camera_tracking_image_status_message(int(mode > 0), mode, 1, *point, *rectangle, 0)

    def _requested(self, message_id: int, which: int = 0) -> Reply:
        if message_id in (269, 270):
            build = self.streams.information if message_id == 269 else self.streams.status
            found = [build(number) for number in self.streams.numbers if which in (0, number)]
            return Reply(Result.ACCEPTED if found else Result.DENIED, tuple(found))
        if message_id == 263:
            images = [image for image in self._images if image.image_index == which]
            return Reply(Result.ACCEPTED if images else Result.DENIED, tuple(images))
        build_one: Callable[[], Any] = {
            259: self.information,
            260: self.settings,
            261: self.storage,
            262: self.capture_status,
            271: self.field_of_view,
            275: self.tracking_status,
        }[message_id]
        return Reply(Result.ACCEPTED, (build_one(),))

    def field_of_view(self) -> Any:
        """CAMERA_FOV_STATUS: where it is and how wide it sees; where it looks is not known to it."""
        place, unknown = self._place(), 2**31 - 1
        return mav.MAVLink_camera_fov_status_message(
            self._ms,
            round(place.lat_deg * 1e7),
            round(place.lon_deg * 1e7),
            round(place.alt_amsl_m * 1000),
            unknown,
            unknown,
            unknown,
            list(place.quaternion),
            self._lens.hfov_deg,
            self._lens.hfov_deg * 9 / 16,
            0,
        )

    # What it does -----------------------------------------------------------------------------------------------------

    def _store(self, mib: float) -> None:
        self._used_mib = min(_CAPACITY_MIB, self._used_mib + mib)

    def _capture(self) -> None:
        place = self._place()
        full = self._used_mib + _IMAGE_MIB > _CAPACITY_MIB
        if not full:
            self._store(_IMAGE_MIB)
            image = mav.MAVLink_camera_image_captured_message(
                self._ms,
                place.unix_us,
                0,
                round(place.lat_deg * 1e7),
                round(place.lon_deg * 1e7),
                round(place.alt_amsl_m * 1000),
                round(place.alt_above_home_m * 1000),
                list(place.quaternion),
                self.image_count,
                1,
                f"image-{self.image_count:05d}.jpg".encode(),
            )
            self.image_count += 1
            self._images.append(image)
            self._outbox.append(image)
        if self._images_left > 0:
            self._images_left -= 1
        done = full or self._images_left == 0 or self._interval_s <= 0
        self._next_image_s = math.inf if done else self._now_s + self._interval_s

    def _start_images(self, command: Command) -> Reply:
        interval, count = command.params[1], whole(command.params[2], 1)
        if self._next_image_s < math.inf:
            return Reply(Result.TEMPORARILY_REJECTED)
        if count != 1 and (math.isnan(interval) or interval < _SHORTEST_INTERVAL_S):
            return Reply(Result.DENIED)
        self._interval_s = 0.0 if count == 1 else interval
        self._images_left = count if count > 0 else -1
        self._next_image_s = self._now_s
        return Reply(Result.ACCEPTED)

    def _stop_images(self, _command: Command) -> Reply:
        self._next_image_s, self._interval_s = math.inf, 0.0
        return Reply(Result.ACCEPTED)

    def _start_video(self, command: Command) -> Reply:
        if self.recording_since_s is not None:
            return Reply(Result.ACCEPTED)
        if self._used_mib >= _CAPACITY_MIB:
            return Reply(Result.FAILED)
        self.recording_since_s = self._now_s
        hertz = command.params[1]
        if hertz > 0:
            self._status_every_s = 1.0 / hertz
            self._status_s = self._now_s + self._status_every_s
        return Reply(Result.ACCEPTED)

    def _stop_video(self, _command: Command) -> Reply:
        self.recording_since_s, self._status_s = None, math.inf
        return Reply(Result.ACCEPTED)

    def _set_mode(self, command: Command) -> Reply:
        try:
            self.mode = CameraMode(whole(command.params[1], -1))
        except ValueError:
            return Reply(Result.DENIED)
        self._outbox.append(self.settings())
        return Reply(Result.ACCEPTED)

    def _zoom(self, command: Command) -> Reply:
        kind, value = whole(command.params[0], -1), command.params[1]
        if self._payload.zoom_max <= 1:
            return Reply(Result.UNSUPPORTED)
        if math.isnan(value) or kind not in (0, 1, 2, 3, 4):
            return Reply(Result.DENIED)
        self._zoom_rate = 0.0
        lens = self._lens
        if kind == 0:
            lens.zoom_to(lens.percent + value * _ZOOM_STEP_PERCENT)
        elif kind == 1:
            self._zoom_rate = max(-1.0, min(1.0, value))
        elif kind == 2:
            if not 0 <= value <= 100:
                return Reply(Result.DENIED)
            lens.zoom_to(value)
        elif kind == 3:
            lens.zoom_to(lens.percent_of_focal_length(value))
        else:
            lens.zoom_to(lens.percent_of_hfov(value))
        self._outbox.append(self.settings())
        return Reply(Result.ACCEPTED)

    def _set_focus(self, command: Command) -> Reply:
        kind, value = whole(command.params[0], -1), command.params[1]
        if kind == 0 and not math.isnan(value):
            self._focus_percent = max(0.0, min(100.0, self._focus_percent + 5.0 * value))
        elif kind == 2 and 0 <= value <= 100:
            self._focus_percent = value
        elif kind not in (1, 3, 4, 5, 6):
            return Reply(Result.DENIED)
        self._outbox.append(self.settings())
        return Reply(Result.ACCEPTED)

    def _select_source(self, command: Command) -> Reply:
        wanted = whole(command.params[1])
        if wanted not in (Source.DEFAULT, Source.RGB, Source.IR):
            return Reply(Result.DENIED)
        if not self.streams.select(Source(wanted)):
            return Reply(Result.UNSUPPORTED)
        self._outbox += [self.streams.status(number) for number in self.streams.numbers]
        return Reply(Result.ACCEPTED)

    def _show(self, command: Command, *, running: bool) -> Reply:
        if not self.streams.run(whole(command.params[0]), running=running):
            return Reply(Result.DENIED)
        return Reply(Result.ACCEPTED)

    def _track(self, numbers: tuple[float, ...]) -> Reply:
        if any(math.isnan(number) for number in numbers[:2]):
            return Reply(Result.DENIED)
        self.tracking = numbers
        self._outbox.append(self.tracking_status())
        return Reply(Result.ACCEPTED)

    def _format(self, _command: Command) -> Reply:
        if self.recording_since_s is not None:
            return Reply(Result.TEMPORARILY_REJECTED)
        self._used_mib = 0.0
        self._outbox.append(self.storage())
        return Reply(Result.ACCEPTED)

    def _reset(self, _command: Command) -> Reply:
        self._lens.zoom_to(0.0)
        self._focus_percent, self.mode, self._zoom_rate = 50.0, CameraMode.VIDEO, 0.0
        self._outbox.append(self.settings())
        return Reply(Result.ACCEPTED)
