"""What a camera shows: its lens, and the video streams of its visible and its thermal picture.

Sent by RTP (``rtp://HOST:PORT``) both name the port where the ground listens; served by RTSP both name the address to
ask. Either way the selected source's picture is what comes (`simulator.filming`): one encoder, as on small drones.
"""

from __future__ import annotations

import math
from enum import IntEnum
from typing import Any

from pymavlink.dialects.v20 import development as mav

_RUNNING, _THERMAL = 1, 2
"""VIDEO_STREAM_STATUS_FLAGS."""
_VISIBLE_PIXELS, _THERMAL_PIXELS = (1920, 1080), (640, 512)
_THERMAL_HFOV_DEG = 33.0
_BITS_S = 4_000_000
_FRAMES_S = 30.0
_H264 = 1
_RTP = "rtp://"
_RTSP, _RTP_UDP = 0, 1
"""VIDEO_STREAM_TYPE."""


class Source(IntEnum):
    """CAMERA_SOURCE, as far as there are some."""

    DEFAULT = 0
    RGB = 1
    IR = 2


class Lens:
    """A zoom lens in front of a 1/2.8 inch sensor; ``percent`` of its range, 0 the widest."""

    sensor_width_mm, sensor_height_mm = 5.57, 3.13
    _widest_mm = 4.3

    def __init__(self, *, zoom_max: float) -> None:
        self._zoom_max = zoom_max
        self.percent = 0.0

    def zoom_to(self, percent: float) -> None:
        """Zoom, as far as it goes."""
        self.percent = max(0.0, min(100.0, percent))

    @property
    def focal_length_mm(self) -> float:
        """Now."""
        return self._widest_mm * (1.0 + (self._zoom_max - 1.0) * self.percent / 100.0)

    @property
    def hfov_deg(self) -> float:
        """Horizontal angle of view now, of a lens without distortion."""
        return 2.0 * math.degrees(math.atan(self.sensor_width_mm / (2.0 * self.focal_length_mm)))

    def percent_of_focal_length(self, millimetres: float) -> float:
        """The zoom that gives a focal length; beyond 0 to 100 what it cannot."""
        return 100.0 * (millimetres / self._widest_mm - 1.0) / (self._zoom_max - 1.0)

    def percent_of_hfov(self, degrees: float) -> float:
        """The zoom that gives a horizontal angle of view."""
        half = math.radians(max(0.1, min(170.0, degrees)) / 2.0)
        return self.percent_of_focal_length(self.sensor_width_mm / (2.0 * math.tan(half)))


class Streams:
    """Stream 1 is the visible picture, stream 2 the thermal one. The selected source's runs, unless it was stopped."""

    def __init__(self, *, uri: str, lens: Lens, thermal: bool) -> None:
        self._uri = uri
        self._lens = lens
        self._sources = (Source.RGB, Source.IR) if thermal else (Source.RGB,)
        self.source = Source.RGB
        self._stopped: set[int] = set()

    @property
    def count(self) -> int:
        """Streams that are served."""
        return len(self._sources) if self._uri else 0

    @property
    def numbers(self) -> range:
        """Stream ids."""
        return range(1, self.count + 1)

    def select(self, source: Source) -> bool:
        """Show another picture; False if there is none such."""
        wanted = Source.RGB if source is Source.DEFAULT else source
        if wanted not in self._sources:
            return False
        self.source = wanted
        return True

    @property
    def shown(self) -> bool:
        """False where there is no address, or the selected picture's stream was stopped."""
        return bool(self._uri) and self._sources.index(self.source) + 1 not in self._stopped

    @property
    def rtp_to(self) -> str:
        """HOST:PORT that the selected picture is sent to; empty where it is served."""
        return self._uri.removeprefix(_RTP) if self._uri.startswith(_RTP) else ""

    @property
    def rtsp_at(self) -> str:
        """The address where the selected picture is served; empty where it is sent."""
        return "" if self._uri.startswith(_RTP) else self._uri

    @property
    def hfov_deg(self) -> float:
        """Horizontal angle of view of the selected picture."""
        return _THERMAL_HFOV_DEG if self.source is Source.IR else self._lens.hfov_deg

    @property
    def is_thermal(self) -> bool:
        """True when the selected picture is the thermal one."""
        return self.source is Source.IR

    def run(self, stream_id: int, *, running: bool) -> bool:
        """Start or stop a stream (0: all); False if there is none such."""
        chosen = {number for number in self.numbers if stream_id in (0, number)}
        self._stopped = self._stopped - chosen if running else self._stopped | chosen
        return bool(chosen)

    def _facts(self, stream_id: int) -> tuple[int, float, int, int, int, int, int]:
        """Flags, frame rate, resolution, bit rate, rotation, angle of view."""
        source = self._sources[stream_id - 1]
        running = _RUNNING if source is self.source and stream_id not in self._stopped else 0
        if source is Source.IR:
            return running | _THERMAL, _FRAMES_S, *_THERMAL_PIXELS, _BITS_S // 4, 0, round(_THERMAL_HFOV_DEG)
        return running, _FRAMES_S, *_VISIBLE_PIXELS, _BITS_S, 0, round(self._lens.hfov_deg)

    def information(self, stream_id: int) -> Any:
        """VIDEO_STREAM_INFORMATION."""
        thermal = self._sources[stream_id - 1] is Source.IR
        return mav.MAVLink_video_stream_information_message(
            stream_id,
            self.count,
            _RTP_UDP if self._uri.startswith(_RTP) else _RTSP,
            *self._facts(stream_id),
            b"thermal" if thermal else b"visible",
            self._address.encode(),
            _H264,
            0,
        )

    @property
    def _address(self) -> str:
        """Where a client connects to, or the UDP port that it listens on."""
        if self._uri.startswith(_RTP):
            return self._uri.rpartition(":")[2]
        return self._uri

    def status(self, stream_id: int) -> Any:
        """VIDEO_STREAM_STATUS."""
        return mav.MAVLink_video_stream_status_message(stream_id, *self._facts(stream_id), 0)
