"""The flights that are on: each with its stream, and with its recording while the camera's own recording runs.

What is on, and what is to be recorded, the dispatcher says (`media.exchange`); while it says nothing, what it said
last goes on. When the recording ran, and when it should have and did not, is told as it was.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

from contracts.video import RecordedPart, RecordingException, VideoFlight
from kestrel.clock import Clock
from media.h264 import AccessUnit
from media.library import Library
from media.recorder import Recorder, Sidecar, new_sidecar
from media.stream import Stream

log = logging.getLogger(__name__)

NO_PICTURE_S = 3.0
"""So long may recording be on without a picture until that is an exception."""
MOST_TOLD = 100
ENDED, FLIGHT_OVER = "the camera's recording ended", "the flight is over"
OTHER_FORMAT, STOPPED = "the picture's format changed", "the media process was stopped"


class Source(Protocol):
    """Where an aircraft's pictures come from."""

    @property
    def why(self) -> str:
        """Why nothing comes, where that is known; else empty."""

    def begin(self) -> None:
        """A flight of it is on."""

    def end(self) -> None:
        """No flight of it is on any more."""


@dataclass(kw_only=True)
class _On:
    """One flight that is on."""

    flight: VideoFlight
    stream: Stream
    recorder: Recorder | None = None
    missing_since_s: float | None = None
    """Since when recording is on without a picture, on the wall's monotonic clock; None: it is not missed."""
    missing_since: datetime | None = None
    missing_told: bool = False
    left_out_told: int = 0
    ending: set[asyncio.Task[None]] = field(default_factory=set)


class Flights:
    """``sources`` by aircraft id; ``over`` is called with each flight that ends."""

    def __init__(
        self, *, sources: Mapping[str, Source], library: Library, clock: Clock, over: Callable[[UUID], None]
    ) -> None:
        self._sources = sources
        self._library = library
        self._clock = clock
        self._over = over
        self._on: dict[UUID, _On] = {}
        self._by_aircraft: dict[str, _On] = {}
        self._to_tell: dict[tuple[UUID, int], Sidecar] = {}
        self._exceptions: dict[UUID, RecordingException] = {}
        self._closing: set[asyncio.Task[None]] = set()

    def stream(self, flight_id: UUID) -> Stream | None:
        """Of a flight that is on."""
        on = self._on.get(flight_id)
        return None if on is None else on.stream

    def recording(self, flight_id: UUID) -> Sidecar | None:
        """The part that grows now, as it is."""
        on = self._on.get(flight_id)
        return None if on is None or on.recorder is None else on.recorder.now

    @property
    def count(self) -> int:
        """How many are on."""
        return len(self._on)

    # What the dispatcher says -----------------------------------------------------------------------------------------

    def follow(self, flights: Iterable[VideoFlight]) -> None:
        """These are on now, and no others."""
        wanted = {flight.flight_id: flight for flight in flights}
        for flight_id in [flight_id for flight_id in self._on if flight_id not in wanted]:
            self._end(flight_id, FLIGHT_OVER)
        for flight_id, flight in wanted.items():
            on = self._on.get(flight_id)
            if on is None:
                on = self._begin(flight)
            on.flight = flight
            if on.recorder is not None and not flight.recording:
                self._close(on, ENDED)
            self._watch(on)

    def _begin(self, flight: VideoFlight) -> _On:
        on = _On(flight=flight, stream=Stream(flight_id=flight.flight_id, wall_s=self._clock.wall_s))
        self._on[flight.flight_id] = on
        earlier = self._by_aircraft.get(flight.aircraft_id)
        if earlier is not None:
            log.error("two flights of one aircraft are on", extra={"aircraft": flight.aircraft_id})
        self._by_aircraft[flight.aircraft_id] = on
        source = self._sources.get(flight.aircraft_id)
        if source is not None:
            source.begin()
        return on

    def _end(self, flight_id: UUID, because: str) -> None:
        on = self._on.pop(flight_id)
        aircraft_id = on.flight.aircraft_id
        if self._by_aircraft.get(aircraft_id) is on:
            del self._by_aircraft[aircraft_id]
            source = self._sources.get(aircraft_id)
            if source is not None:
                source.end()
        self._found(on)
        self._close(on, because)
        on.stream.close()
        self._over(flight_id)

    # Pictures ---------------------------------------------------------------------------------------------------------

    def take(self, aircraft_id: str, unit: AccessUnit) -> None:
        """A picture came from an aircraft."""
        on = self._by_aircraft.get(aircraft_id)
        if on is None:
            return
        unit = on.stream.publish(unit)
        recorder = on.recorder
        if recorder is not None and unit.keyframe and recorder.format != unit.format:
            self._close(on, OTHER_FORMAT)
            recorder = None
        if recorder is None and on.flight.recording and unit.keyframe:
            self._record(on, unit)
        elif recorder is not None:
            recorder.offer(unit)
            self._found(on)

    def _record(self, on: _On, first: AccessUnit) -> None:
        flight = on.flight
        part = self._library.next_part(flight.flight_id)
        sidecar = new_sidecar(
            flight_id=flight.flight_id,
            aircraft_id=flight.aircraft_id,
            part=part,
            first=first,
            wall_now=self._clock.wall_now(),
            mission_now=self._clock.mission_now(),
            time_factor=self._clock.factor,
        )
        on.recorder = Recorder(folder=self._library.folder(flight.flight_id), sidecar=sidecar, first=first)
        on.left_out_told = 0
        self._to_tell[flight.flight_id, part] = sidecar
        self._found(on)

    def _close(self, on: _On, because: str) -> None:
        recorder, on.recorder = on.recorder, None
        if recorder is None:
            return
        task = asyncio.create_task(self._closed(recorder, because), name="close recording")
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def _closed(self, recorder: Recorder, because: str) -> None:
        sidecar = await asyncio.to_thread(recorder.close, because)
        self._to_tell[sidecar.flight_id, sidecar.part] = sidecar
        if recorder.failure:
            self._except(sidecar.flight_id, f"part {sidecar.part} could not be written: {recorder.failure}")

    # Exceptions -------------------------------------------------------------------------------------------------------

    def look_after(self) -> None:
        """Called about once a second: is recorded what should be?"""
        for on in self._on.values():
            recorder = on.recorder
            if recorder is not None and recorder.failure:
                self._close(on, "")
            if recorder is not None and recorder.left_out > on.left_out_told:
                on.left_out_told = recorder.left_out
                self._except(on.flight.flight_id, f"the disk is too slow: {recorder.left_out} pictures left out")
            self._watch(on)

    def _watch(self, on: _On) -> None:
        age_s = on.stream.shown.age_s
        dry = on.recorder is None or age_s is None or age_s > NO_PICTURE_S
        if not on.flight.recording or not dry:
            self._found(on)
            return
        if on.missing_since_s is None:
            on.missing_since_s, on.missing_since = self._clock.wall_s(), self._clock.wall_now()
        if not on.missing_told and self._clock.wall_s() - on.missing_since_s > NO_PICTURE_S:
            on.missing_told = True
            source = self._sources.get(on.flight.aircraft_id)
            why = f": {source.why}" if source is not None and source.why else ""
            self._except(on.flight.flight_id, f"recording is on, and no picture comes{why}"[:200], at=on.missing_since)

    def _found(self, on: _On) -> None:
        since_s, since, told = on.missing_since_s, on.missing_since, on.missing_told
        on.missing_since_s, on.missing_since, on.missing_told = None, None, False
        if told and since_s is not None:
            lasted_s = self._clock.wall_s() - since_s
            self._except(on.flight.flight_id, f"recording was on, and no picture came for {lasted_s:.1f} s", at=since)

    def _except(self, flight_id: UUID, text: str, *, at: datetime | None = None) -> None:
        said = RecordingException(id=uuid.uuid4(), flight_id=flight_id, at=at or self._clock.wall_now(), text=text)
        self._exceptions[said.id] = said
        log.warning("a recording is not as it should be", extra={"flight": str(flight_id), "why": text})

    # What the dispatcher is told --------------------------------------------------------------------------------------

    def owe(self, parts: Iterable[Sidecar]) -> None:
        """Tell the dispatcher of these too: they are from before our start."""
        for part in parts:
            self._to_tell[part.flight_id, part.part] = part

    def told(self) -> tuple[list[RecordedPart], list[RecordingException]]:
        """What is to be told and was not acknowledged."""
        parts = [_recorded(sidecar) for sidecar in list(self._to_tell.values())[:MOST_TOLD]]
        return parts, list(self._exceptions.values())[:MOST_TOLD]

    def acknowledged(self, parts: Iterable[RecordedPart], exceptions: Iterable[RecordingException]) -> None:
        """The dispatcher has these in its journal."""
        for part in parts:
            kept = self._to_tell.get((part.flight_id, part.part))
            if kept is not None and _recorded(kept) == part:
                del self._to_tell[part.flight_id, part.part]
        for each in exceptions:
            self._exceptions.pop(each.id, None)

    async def stop(self) -> None:
        """End every recording, and wait until all is on the disk."""
        for flight_id in list(self._on):
            self._end(flight_id, STOPPED)
        if self._closing:
            await asyncio.wait(list(self._closing))


def _recorded(sidecar: Sidecar) -> RecordedPart:
    return RecordedPart(
        flight_id=sidecar.flight_id,
        part=sidecar.part,
        began_at=sidecar.began_at,
        mission_began_at=sidecar.mission_began_at,
        duration_s=sidecar.duration_s,
        bytes=sidecar.bytes,
        complete=sidecar.complete,
        because=sidecar.because,
        sha256=sidecar.sha256,
    )
