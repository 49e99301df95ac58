"""Writes one part of a flight's recording: fragmented MP4, the pictures as they came, in a thread of its own.

Each second's pictures are a fragment of their own (ISO/IEC 14496-12, movie fragments): a process that is killed loses
at most the last one, and what is there plays. Beside the file lies what must be known of it (`Sidecar`), written whole
or not at all.
"""

from __future__ import annotations

import hashlib
import io
import logging
import os
import queue
import threading
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import Literal
from uuid import UUID

import av
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from media.h264 import CLOCK_HZ, AccessUnit
from media.sps import Format

log = logging.getLogger(__name__)

WAITING = 150
"""Pictures that may wait for the disk, some five seconds; then they are left out up to the next keyframe."""
SYNC_EACH = 10
"""Keyframes between two syncs to the disk: what a loss of power can cost, in seconds."""
GAP_S = 0.5
"""A longer time between two pictures is listed as a gap."""
_LAST_S = 1 / 30
_TIME_BASE = Fraction(1, CLOCK_HZ)


class Gap(BaseModel):
    """A time without pictures; ``at_s`` in media time."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    at_s: float
    lasts_s: float


class Sidecar(BaseModel):
    """What lies beside a part, as JSON. Without ``complete`` the process that wrote it never ended it."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    schema_: Literal["kestrel.recording/1"] = Field(default="kestrel.recording/1", alias="schema")
    flight_id: UUID
    aircraft_id: str
    part: int
    codec: str
    width: int
    height: int
    began_at: AwareDatetime
    mission_began_at: AwareDatetime
    time_factor: float
    duration_s: float = 0.0
    bytes: int = 0
    complete: bool = False
    because: str = ""
    gaps: tuple[Gap, ...] = ()
    sha256: str | None = None

    def write(self, path: Path) -> None:
        """Whole or not at all, and on the disk before it is there."""
        draft = path.with_suffix(".part")
        with draft.open("w", encoding="utf-8") as file:
            file.write(self.model_dump_json(by_alias=True, indent=1))
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)


class Recorder:
    """One part, from its first keyframe on. `offer` never waits; `close` does, for the disk."""

    def __init__(self, *, folder: Path, sidecar: Sidecar, first: AccessUnit) -> None:
        self.sidecar = sidecar
        self.format: Format = first.format
        self._path = folder / f"{sidecar.part}.mp4"
        self._beside = folder / f"{sidecar.part}.json"
        self._queue: queue.Queue[AccessUnit | None] = queue.Queue(maxsize=WAITING + 1)
        self._first = self._last = first.timestamp
        self._gaps: list[Gap] = []
        self._skipping = False
        self.left_out = 0
        """Pictures that the disk was too slow for."""
        self.failure = ""
        """Why it cannot write (any more); empty while it can."""
        self._thread = threading.Thread(target=self._write, name=f"recorder {sidecar.flight_id}", daemon=True)
        self._thread.start()
        self.offer(first)

    def offer(self, unit: AccessUnit) -> None:
        """One more picture."""
        if self._queue.qsize() >= WAITING:
            self._skipping = True
        if self._skipping and (not unit.keyframe or self._queue.qsize() >= WAITING // 2):
            self.left_out += 1
            return
        self._skipping = False
        between_s = (unit.timestamp - self._last) / CLOCK_HZ
        if between_s > GAP_S:
            self._gaps.append(Gap(at_s=self.duration_s, lasts_s=round(between_s, 3)))
        self._last = unit.timestamp
        self._queue.put_nowait(unit)

    @property
    def duration_s(self) -> float:
        """Media time of the newest picture."""
        return (self._last - self._first) / CLOCK_HZ

    @property
    def now(self) -> Sidecar:
        """What is known of it at this moment."""
        size = self._path.stat().st_size if self._path.exists() else 0
        known = {"duration_s": round(self.duration_s, 3), "bytes": size, "gaps": tuple(self._gaps)}
        return self.sidecar.model_copy(update=known)

    def close(self, because: str) -> Sidecar:
        """End it. Blocks until it is on the disk: call it in a thread."""
        self._queue.put(None)
        self._thread.join()
        if self.failure:
            because = f"it could not be written: {self.failure}"
        known = {"complete": True, "because": because, "sha256": digest(self._path)}
        self.sidecar = self.now.model_copy(update=known)
        try:
            self.sidecar.write(self._beside)
        except OSError as error:
            self.failure = str(error.strerror)
        return self.sidecar

    def _write(self) -> None:
        try:
            self.sidecar.write(self._beside)
            with self._path.open("wb", buffering=0) as raw:
                self._mux(raw)
                os.fsync(raw.fileno())
        except (OSError, av.FFmpegError) as error:
            self.failure = getattr(error, "strerror", None) or type(error).__name__
            log.error(  # noqa: TRY400 - the disk is full or gone: no trace says more
                "a recording cannot be written", extra={"file": self._path.name, "why": self.failure}
            )
            while self._queue.get() is not None:
                pass  # so that `offer` and `close` go on

    def _mux(self, raw: io.FileIO) -> None:
        unit = self._queue.get()
        if unit is None:
            return
        # The container learns the format from the first keyframe, as from a file of nothing else.
        with av.open(io.BytesIO(unit.data), format="h264") as sample:
            options = {"movflags": "frag_keyframe+empty_moov+default_base_moof"}
            with av.open(raw, "w", format="mp4", options=options) as container:
                stream = container.add_stream_from_template(sample.streams.video[0])
                stream.time_base = _TIME_BASE
                keyframes = 0
                while unit is not None:
                    following = self._queue.get()
                    lasts = round(_LAST_S * CLOCK_HZ) if following is None else following.timestamp - unit.timestamp
                    packet = av.Packet(unit.data)
                    packet.stream, packet.time_base = stream, _TIME_BASE
                    packet.pts = packet.dts = unit.timestamp - self._first
                    packet.duration = max(1, lasts)
                    packet.is_keyframe = unit.keyframe
                    container.mux_one(packet)
                    keyframes += unit.keyframe
                    if unit.keyframe and keyframes % SYNC_EACH == 0:
                        os.fsync(raw.fileno())
                    unit = following


def new_sidecar(
    *,
    flight_id: UUID,
    aircraft_id: str,
    part: int,
    first: AccessUnit,
    wall_now: datetime,
    mission_now: datetime,
    time_factor: float,
) -> Sidecar:
    """Of a part that begins with this picture, now."""
    return Sidecar(
        flight_id=flight_id,
        aircraft_id=aircraft_id,
        part=part,
        codec=first.format.codec,
        width=first.format.width,
        height=first.format.height,
        began_at=wall_now,
        mission_began_at=mission_now,
        time_factor=time_factor,
    )


def digest(path: Path) -> str | None:
    """SHA-256 of a file; None where there is none."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None
