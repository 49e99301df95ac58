from __future__ import annotations

import asyncio
import uuid
from dataclasses import replace

from kestrel.clock import VirtualClock
from media.h264 import CLOCK_HZ, AccessUnit
from media.sps import Format
from media.stream import Condition, Stream, Viewer

FORMAT = Format(sps=b"g", pps=b"h", codec="avc1.42c01f", width=640, height=360)
RATE = 10


def picture(number: int, *, every: int = RATE, began_us: int = 0) -> AccessUnit:
    """The ``number``-th at ten a second."""
    return AccessUnit(
        sequence=number,
        timestamp=number * CLOCK_HZ // RATE,
        keyframe=number % every == 0,
        after_gap=False,
        data=bytes([number % 251]),
        format=FORMAT,
        received_unix_us=began_us + number * 1_000_000 // RATE,
    )


def new_stream(clock: VirtualClock) -> Stream:
    return Stream(flight_id=uuid.uuid4(), wall_s=clock.wall_s)


async def taken(viewer: Viewer, count: int) -> list[AccessUnit]:
    units = []
    for _ in range(count):
        unit = await asyncio.wait_for(viewer.next(), 1)
        assert unit is not None
        units.append(unit)
    return units


async def test_who_comes_between_two_keyframes_has_a_picture_at_once() -> None:
    stream = new_stream(VirtualClock())
    for number in range(17):
        stream.publish(picture(number))
    units = await taken(stream.join(), 7)
    assert [unit.keyframe for unit in units] == [True] + [False] * 6
    assert [unit.data for unit in units] == [picture(number).data for number in range(10, 17)]


async def test_who_comes_before_the_first_picture_waits_for_a_keyframe() -> None:
    stream = new_stream(VirtualClock())
    viewer = stream.join()
    assert stream.shown.condition is Condition.WAITING
    for number in range(5, 12):
        stream.publish(picture(number))
    (unit, _) = await taken(viewer, 2)
    assert (unit.keyframe, unit.data) == (True, picture(10).data)


async def test_a_slow_viewer_loses_pictures_up_to_a_keyframe_and_the_others_none() -> None:
    stream = new_stream(VirtualClock())
    slow, quick = stream.join(queued=8), stream.join()
    seen = []
    for number in range(35):
        stream.publish(picture(number))
        seen += await taken(quick, 1)
    assert [unit.data for unit in seen] == [picture(number).data for number in range(35)]
    left = await taken(slow, slow.waiting)
    assert left[0].keyframe
    assert left[0].after_gap
    assert slow.dropped > 0
    assert [unit.sequence for unit in left] == list(range(left[0].sequence, 36))


async def test_a_stream_without_pictures_for_a_second_is_stale_and_shows_new_viewers_nothing_old() -> None:
    clock = VirtualClock()
    stream = new_stream(clock)
    stream.publish(picture(0))
    assert stream.shown.condition is Condition.LIVE
    await clock.advance(1.5)
    assert (stream.shown.condition, stream.shown.age_s) == (Condition.STALE, 1.5)
    assert stream.join().waiting == 0


async def test_a_sender_that_starts_anew_does_not_turn_time_back() -> None:
    stream = new_stream(VirtualClock())
    first = [stream.publish(picture(number)) for number in range(20)]
    # A new sender counts from 0, three seconds later.
    again = [stream.publish(picture(number, began_us=5_000_000)) for number in range(20)]
    stamps = [unit.timestamp for unit in (*first, *again)]
    assert stamps == sorted(set(stamps))
    pause_s = (again[0].timestamp - first[-1].timestamp) / CLOCK_HZ
    assert abs(pause_s - 3.1) < 0.01
    assert [unit.sequence for unit in (*first, *again)] == list(range(1, 41))


async def test_a_closed_stream_ends_its_viewers() -> None:
    stream = new_stream(VirtualClock())
    viewer = stream.join()
    waiting = asyncio.create_task(viewer.next())
    await asyncio.sleep(0)
    stream.close()
    assert await waiting is None


async def test_one_long_stretch_without_keyframes_does_not_fill_the_memory() -> None:
    stream = new_stream(VirtualClock())
    stream.publish(picture(0))
    for number in range(1, 1000):
        stream.publish(replace(picture(number), keyframe=False))
    assert stream.join().waiting < 300
