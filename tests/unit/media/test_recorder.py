from __future__ import annotations

import shutil
import time
import uuid
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import av
import pytest

from media.h264 import CLOCK_HZ
from media.library import KILLED, Library
from media.recorder import Recorder, Sidecar, digest, new_sidecar
from tests.films import BEGAN_MS
from tests.unit.media.pictures import pictures
from tests.videoviewers import time_in

FLIGHT = uuid.UUID(int=7)
WALL, MISSION = datetime(2026, 5, 1, 12, tzinfo=UTC), datetime(2026, 5, 1, 15, tzinfo=UTC)


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path / "recordings")


def recorder(library: Library, part: int = 1) -> Recorder:
    sidecar = new_sidecar(
        flight_id=FLIGHT,
        aircraft_id="k1",
        part=part,
        first=pictures()[0],
        wall_now=WALL,
        mission_now=MISSION,
        time_factor=4.0,
    )
    return Recorder(folder=library.folder(FLIGHT), sidecar=sidecar, first=pictures()[0])


def played(path: Path) -> list[tuple[float, int | None]]:
    """Media time and burnt-in time of every picture."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        assert stream.time_base is not None
        return [
            (round(float((frame.pts or 0) * stream.time_base), 3), time_in(frame)) for frame in container.decode(stream)
        ]


def test_what_was_recorded_plays_with_its_times(library: Library) -> None:
    recording = recorder(library)
    for unit in pictures()[1:]:
        recording.offer(unit)
    part = recording.close("it was enough")
    path = library.file(FLIGHT, 1)
    assert path is not None
    assert played(path) == [(round(0.1 * n, 3), BEGAN_MS + 100 * n) for n in range(25)]
    assert (part.complete, part.because, part.duration_s) == (True, "it was enough", 2.4)
    assert (part.began_at, part.mission_began_at, part.time_factor) == (WALL, MISSION, 4.0)
    assert (part.sha256, part.bytes) == (digest(path), path.stat().st_size)
    assert library.parts(FLIGHT) == [part]


def test_the_file_holds_the_pictures_bit_for_bit_as_they_came(library: Library) -> None:
    recording = recorder(library)
    for unit in pictures()[1:]:
        recording.offer(unit)
    recording.close("")
    with av.open(str(library.file(FLIGHT, 1))) as container:
        kept = [bytes(packet) for packet in container.demux(video=0) if packet.size]
    for unit, sample in zip(pictures(), kept, strict=True):
        # In MP4 each NAL unit has its length where Annex B has a start code.
        slices = [part for part in unit.data.split(b"\0\0\0\1") if part and part[0] & 0x1F in (1, 5)]
        assert all(len(part).to_bytes(4, "big") + part in sample for part in slices)


def test_a_pause_of_the_stream_is_a_pause_of_the_recording_and_is_listed(library: Library) -> None:
    recording = recorder(library)
    for unit in pictures()[1:10]:
        recording.offer(unit)
    for unit in pictures()[10:]:
        recording.offer(replace(unit, timestamp=unit.timestamp + 3 * CLOCK_HZ))
    part = recording.close("")
    assert [(gap.at_s, gap.lasts_s) for gap in part.gaps] == [(0.9, 3.1)]
    path = library.file(FLIGHT, 1)
    assert path is not None
    assert [time for time, _ in played(path)][8:12] == [0.8, 0.9, 4.0, 4.1]


def test_what_a_killed_process_leaves_can_be_played_and_is_mended(library: Library, tmp_path: Path) -> None:
    recording = recorder(library)
    for unit in pictures()[1:]:
        recording.offer(unit)
    until_s, grown = time.monotonic() + 20, -1
    while recording.now.bytes < 15_000 or recording.now.bytes != grown:
        assert time.monotonic() < until_s
        grown = recording.now.bytes
        time.sleep(0.3)  # until two fragments have been written and nothing more comes; the third is not whole
    killed = tmp_path / "killed"
    shutil.copytree(tmp_path / "recordings", killed)
    recording.close("")
    after = Library(killed)
    assert [part.complete for part in after.parts(FLIGHT)] == [False]
    (mended,) = after.mend()
    assert (mended.complete, mended.because, mended.duration_s) == (True, KILLED, 1.9)
    path = after.file(FLIGHT, 1)
    assert path is not None
    assert [time for _, time in played(path)] == [BEGAN_MS + 100 * n for n in range(20)]
    assert after.next_part(FLIGHT) == 2
    assert after.mend() == []


def test_a_part_of_which_nothing_was_written_is_mended_too(library: Library) -> None:
    recording = recorder(library)
    sidecar = recording.sidecar
    recording.close("")
    folder = library.folder(FLIGHT)
    sidecar.write(folder / "1.json")
    (folder / "1.mp4").unlink()
    (mended,) = library.mend()
    assert (mended.complete, mended.duration_s, mended.bytes) == (True, 0.0, 0)


def test_a_disk_that_cannot_be_written_is_said_and_blocks_nobody(library: Library) -> None:
    folder = library.folder(FLIGHT)
    (folder / "1.mp4").mkdir()  # there is no file to be had of that name
    recording = recorder(library)
    for unit in pictures()[1:]:
        recording.offer(unit)
    part = recording.close("it was enough")
    assert recording.failure
    assert part.because.startswith("it could not be written")
    assert part.sha256 is None


def test_a_description_that_cannot_be_read_hides_no_other(library: Library) -> None:
    recorder(library).close("")
    (library.folder(FLIGHT) / "2.json").write_text("{", encoding="utf-8")
    assert [part.part for part in library.parts(FLIGHT)] == [1]
    assert library.next_part(FLIGHT) == 3


def test_a_sidecar_comes_back_as_it_was_written(library: Library) -> None:
    part = recorder(library).close("")
    text = (library.folder(FLIGHT) / "1.json").read_bytes()
    assert Sidecar.model_validate_json(text) == part
