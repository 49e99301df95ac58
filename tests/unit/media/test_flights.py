from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from contracts.video import VideoFlight
from kestrel.clock import VirtualClock
from media.flights import ENDED, FLIGHT_OVER, NO_PICTURE_S, OTHER_FORMAT, STOPPED, Flights
from media.intake import Intake
from media.library import Library
from simulator.film.encoder import Quality
from tests.films import SMALL, TINY
from tests.unit.media.pictures import pictures

FLIGHT, NEXT = uuid.UUID(int=1), uuid.UUID(int=2)


def on(flight_id: uuid.UUID = FLIGHT, *, recording: bool = False, aircraft: str = "k1") -> VideoFlight:
    return VideoFlight(flight_id=flight_id, dock_id="cov-1", aircraft_id=aircraft, callsign="K1", recording=recording)


class Watch:
    def __init__(self, folder: Path) -> None:
        self.clock = VirtualClock()
        self.library = Library(folder)
        self.over: list[uuid.UUID] = []
        self.intake = Intake(
            aircraft_id="k1",
            only_from=None,
            on_unit=lambda unit: self.flights.take("k1", unit),
            wall_s=self.clock.wall_s,
            unix_us=lambda: int(self.clock.wall_s() * 1e6),
        )
        self.flights = Flights(
            sources={"k1": self.intake}, library=self.library, clock=self.clock, over=self.over.append
        )

    async def show(self, count: int, *, start: int = 0, quality: Quality = SMALL) -> None:
        for unit in pictures(quality=quality)[start : start + count]:
            self.flights.take("k1", unit)
            await self.clock.advance(0.1)
            self.flights.look_after()

    async def parts(self, count: int = 1, *, flight_id: uuid.UUID = FLIGHT) -> list[tuple[int, bool, str]]:
        """Number, whether it is complete, and why, of so many parts; their threads have the time that they take."""
        found = self.library.parts(flight_id)
        for _ in range(2000):
            if len(found) >= count and all(part.complete for part in found):
                break
            await asyncio.sleep(0.005)
            found = self.library.parts(flight_id)
        return [(part.part, part.complete, part.because) for part in found]

    def said(self) -> list[str]:
        return [exception.text for exception in self.flights.told()[1]]


@pytest.fixture
async def watch(tmp_path: Path) -> AsyncIterator[Watch]:
    watch = Watch(tmp_path)
    yield watch
    await watch.flights.stop()


async def test_pictures_of_an_aircraft_that_is_not_on_go_nowhere(watch: Watch) -> None:
    await watch.show(5)
    assert watch.flights.stream(FLIGHT) is None
    assert not watch.intake.open


async def test_a_flight_is_shown_but_recorded_only_while_its_cameras_recording_runs(watch: Watch) -> None:
    watch.flights.follow([on()])
    assert watch.intake.open
    await watch.show(12)
    assert watch.flights.recording(FLIGHT) is None
    watch.flights.follow([on(recording=True)])
    await watch.show(13, start=12)
    growing = watch.flights.recording(FLIGHT)
    assert growing is not None
    assert growing.duration_s == 0.4  # from the next keyframe on
    watch.flights.follow([on()])
    assert await watch.parts() == [(1, True, ENDED)]


async def test_recording_begun_again_is_another_part(watch: Watch) -> None:
    for _ in range(2):
        watch.flights.follow([on(recording=True)])
        await watch.show(25)
        watch.flights.follow([on()])
    assert await watch.parts(2) == [(1, True, ENDED), (2, True, ENDED)]


async def test_another_format_is_another_part(watch: Watch) -> None:
    watch.flights.follow([on(recording=True)])
    await watch.show(10)
    await watch.show(10, quality=TINY)
    watch.flights.follow([])
    assert await watch.parts(2) == [(1, True, OTHER_FORMAT), (2, True, FLIGHT_OVER)]
    assert [part.width for part in watch.library.parts(FLIGHT)] == [640, 320]


async def test_a_flight_that_is_over_ends_its_viewers_its_recording_and_its_intake(watch: Watch) -> None:
    watch.flights.follow([on(recording=True)])
    await watch.show(3)
    stream = watch.flights.stream(FLIGHT)
    assert stream is not None
    watch.flights.follow([])
    assert stream.closed
    assert watch.over == [FLIGHT]
    assert not watch.intake.open
    assert await watch.parts() == [(1, True, FLIGHT_OVER)]


async def test_the_next_flight_of_the_aircraft_has_a_recording_of_its_own(watch: Watch) -> None:
    watch.flights.follow([on(recording=True)])
    await watch.show(12)
    watch.flights.follow([on(NEXT, recording=True)])
    assert watch.intake.open
    await watch.show(25)
    await watch.flights.stop()
    assert await watch.parts() == [(1, True, FLIGHT_OVER)]
    assert await watch.parts(flight_id=NEXT) == [(1, True, STOPPED)]


async def test_recording_without_a_picture_is_an_exception_told_once_and_again_when_it_is_over(watch: Watch) -> None:
    watch.flights.follow([on(recording=True)])
    await watch.clock.advance(NO_PICTURE_S - 0.5)
    watch.flights.look_after()
    assert watch.said() == []
    await watch.clock.advance(1.0)
    watch.flights.look_after()
    watch.flights.look_after()
    assert watch.said() == ["recording is on, and no picture comes"]
    await watch.show(3)
    assert watch.said() == ["recording is on, and no picture comes", "recording was on, and no picture came for 3.5 s"]


class Refusing:
    """A source that says why nothing comes."""

    why = "it refuses the login"

    def begin(self) -> None:
        pass

    def end(self) -> None:
        pass


async def test_why_a_camera_gives_no_picture_is_told_with_the_recording_that_misses_it(tmp_path: Path) -> None:
    clock = VirtualClock()
    flights = Flights(sources={"k1": Refusing()}, library=Library(tmp_path), clock=clock, over=lambda _: None)
    flights.follow([on(recording=True)])
    await clock.advance(NO_PICTURE_S + 0.5)
    flights.look_after()
    assert [each.text for each in flights.told()[1]] == ["recording is on, and no picture comes: it refuses the login"]
    await flights.stop()


async def test_a_stream_that_stops_while_it_is_recorded_is_an_exception_too(watch: Watch) -> None:
    watch.flights.follow([on(recording=True)])
    await watch.show(10)
    for _ in range(8):
        await watch.clock.advance(1.0)
        watch.flights.look_after()
    watch.flights.follow([])
    assert [text.split(" for ")[0] for text in watch.said()] == [
        "recording is on, and no picture comes",
        "recording was on, and no picture came",
    ]


async def test_what_was_not_recorded_because_nobody_wanted_it_is_no_exception(watch: Watch) -> None:
    watch.flights.follow([on()])
    await watch.clock.advance(60)
    watch.flights.look_after()
    assert watch.said() == []


async def test_what_is_told_is_told_until_it_is_acknowledged_as_it_is_now(watch: Watch) -> None:
    watch.flights.follow([on(recording=True)])
    await watch.show(10)
    begun, _ = watch.flights.told()
    assert [(part.part, part.complete) for part in begun] == [(1, False)]
    watch.flights.follow([])
    await watch.parts()
    for _ in range(50):
        await asyncio.sleep(0.005)
    watch.flights.acknowledged(begun, [])  # the answer to what was told before it ended
    ended, _ = watch.flights.told()
    assert [(part.part, part.complete, part.because) for part in ended] == [(1, True, FLIGHT_OVER)]
    watch.flights.acknowledged(ended, [])
    assert watch.flights.told() == ([], [])
