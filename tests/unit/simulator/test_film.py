"""What simulated cameras film: the picture, the time in it, the stream, and who films how large."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import socket
import time
from datetime import UTC, datetime
from typing import Any

import av
import numpy as np
import psutil  # type: ignore[import-untyped]
import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.h264 import AccessUnit, Depacketiser
from media.rtp import parse
from simulator.film import barcode
from simulator.film.camera import FilmCamera
from simulator.film.encoder import HD, SMALL, Encoder, Quality
from simulator.film.ground import Ground, make_ground
from simulator.film.lettering import BLACK, Plane, write
from simulator.film.rtp import MAX_PAYLOAD, units_of
from simulator.film.scene import Painter
from simulator.film.shot import Shot, Site
from simulator.film.unit import FilmUnit, run
from simulator.filming import Films, filming
from simulator.station import Station
from simulator.world import World
from tests.films import BEGAN_MS, decoded, film
from tests.unit.simulator.ground import scenario
from tests.videoviewers import time_in

NOW = datetime.fromtimestamp(BEGAN_MS / 1000, UTC)


@pytest.fixture(scope="module")
def ground() -> Ground:
    return make_ground()


def shot(**changes: Any) -> Shot:
    values: dict[str, Any] = {"camera": "K1", "send_to": "127.0.0.1:9", "filming": True, "height_m": 60.0}
    return Shot(**(values | {"pitch_deg": -50.0} | changes))


def luma_of(frame: av.VideoFrame) -> Plane:
    plane = frame.planes[0]
    whole: Plane = np.frombuffer(memoryview(plane), dtype=np.uint8).reshape(plane.height, plane.line_size)
    return whole[:, : plane.width].copy()


def scene_of(painter: Painter, taken: Shot) -> Plane:
    """The picture without what is burnt into its edges."""
    luma = luma_of(painter.paint(taken, now=NOW))
    return luma[luma.shape[0] // 6 : luma.shape[0] * 5 // 6]


@given(st.integers(0, 2**48 - 1), st.sampled_from([320, 640, 1280, 1920]))
def test_a_time_in_the_picture_is_read_as_it_was_drawn(unix_ms: int, width: int) -> None:
    luma = np.full((width * 9 // 16, width), 90, dtype=np.uint8)
    barcode.draw(luma, unix_ms)
    assert barcode.read(luma) == unix_ms


@given(st.integers(0, 63))
def test_a_damaged_time_is_none(cell: int) -> None:
    luma = np.full((360, 640), 90, dtype=np.uint8)
    barcode.draw(luma, BEGAN_MS)
    size, x, y = 8, 640 - 33 * 8, 8
    row, column = divmod(cell, 32)
    square = luma[y + row * size : y + (row + 1) * size, x + column * size : x + (column + 1) * size]
    square[:] = 251 - square
    assert barcode.read(luma) is None


def test_a_picture_without_a_time_has_none() -> None:
    assert barcode.read(np.full((360, 640), 90, dtype=np.uint8)) is None


def test_the_time_can_be_read_from_compressed_pictures() -> None:
    assert [time_in(frame) for frame in decoded(list(film()))] == [BEGAN_MS + 100 * n for n in range(25)]


def test_what_does_not_fit_in_the_picture_is_left_out() -> None:
    luma = np.full((40, 60), 90, dtype=np.uint8)
    write(luma, "TOO LONG FOR THIS", x=30, y=34, scale=2)
    write(luma, "ELSEWHERE", x=90, y=2)
    assert luma[33, 59] == 90
    assert luma[34, 30] == BLACK


def test_the_scene_moves_as_the_drone_flies_turns_climbs_and_zooms(ground: Ground) -> None:
    painter = Painter(ground=ground, width=640, height=360)
    looks = [shot(), shot(north_m=5.0), shot(yaw_deg=20.0), shot(height_m=80.0), shot(hfov_deg=30.0)]
    pictures = [scene_of(painter, look) for look in (*looks, shot(thermal=True))]
    for one, other in itertools.combinations(pictures, 2):
        assert np.mean(np.abs(one.astype(int) - other)) > 3
    assert np.array_equal(pictures[0], scene_of(painter, shot()))


def test_flying_forward_brings_what_is_ahead_nearer(ground: Ground) -> None:
    painter = Painter(ground=ground, width=640, height=360)
    for pitch_deg, ahead_m in ((-90.0, 8.0), (-50.0, 55.0)):
        looks = [shot(pitch_deg=pitch_deg, marker=(ahead_m, 0.0), north_m=north_m) for north_m in (0.0, 6.0)]
        rows = [_marker_row(painter, look) for look in looks]
        assert rows[1] > rows[0] + 5


def _marker_row(painter: Painter, taken: Shot) -> float:
    with_it, without = scene_of(painter, taken), scene_of(painter, taken.model_copy(update={"marker": None}))
    return float(np.mean(np.nonzero(with_it != without)[0]))


def test_what_it_looks_at_is_in_the_middle(ground: Ground) -> None:
    painter = Painter(ground=ground, width=640, height=360)
    looking = shot(height_m=58.5, pitch_deg=-45.0, yaw_deg=90.0, marker=(0.0, 60.0))
    with_it, without = (
        luma_of(painter.paint(each, now=NOW)) for each in (looking, looking.model_copy(update={"marker": None}))
    )
    rows, columns = np.nonzero(with_it != without)
    assert abs(np.mean(rows) - 180) < 4
    assert abs(np.mean(columns) - 320) < 4


def test_level_it_sees_the_horizon_in_the_middle_and_upwards_the_sky_alone(ground: Ground) -> None:
    painter = Painter(ground=ground, width=640, height=360)
    level, upwards = (luma_of(painter.paint(shot(pitch_deg=pitch), now=NOW)) for pitch in (0.0, 30.0))
    assert np.ptp(level[80:170, 10:300].astype(int)) == 0
    assert np.ptp(level[200:300, 10:300].astype(int)) > 50
    assert np.ptp(upwards[60:300].astype(int)) == 0


def test_a_dock_is_seen_where_it_stands(ground: Ground) -> None:
    painter = Painter(ground=ground, width=640, height=360)
    down = shot(height_m=20.0, pitch_deg=-90.0)
    empty, seen = (
        scene_of(painter, each)
        for each in (down, shot(height_m=20.0, pitch_deg=-90.0, sites=(Site(name="cov-1", north_m=0.0, east_m=0.0),)))
    )
    changed = np.nonzero(empty != seen)
    assert abs(float(np.median(changed[0])) - 120) < 20


def test_pictures_cost_a_fraction_of_what_their_encoding_does(ground: Ground) -> None:
    painter, encoder = Painter(ground=ground, width=HD.width, height=HD.height), Encoder(HD)
    painting = encoding = 0.0
    for number in range(12):
        began = time.thread_time()
        frame = painter.paint(shot(north_m=number * 0.5), now=NOW)
        painted = time.thread_time()
        encoder.encode(frame, timestamp=number * 3000)
        if number > 1:
            painting, encoding = painting + painted - began, encoding + time.thread_time() - painted
    assert painting < 1.5 * encoding


def test_a_keyframe_comes_each_second_with_its_parameter_sets_and_no_frame_waits_for_another() -> None:
    kinds = [[part[0] & 0x1F for part in units_of(unit)] for unit in film()]
    assert all((5 in each) == (number % 10 == 0) for number, each in enumerate(kinds))
    assert all({7, 8} <= set(each) for each in kinds[::10])
    context = av.CodecContext.create("h264", "r")
    assert all(len(context.decode(av.Packet(unit))) == 1 for unit in film())  # none is held back


def test_a_machine_that_is_too_slow_makes_fewer_pictures_and_a_keyframe_each_second_all_the_same(
    ground: Ground,
) -> None:
    painter = Painter(ground=ground, width=320, height=180)
    encoder = Encoder(Quality(width=320, height=180, frames_s=30, bits_s=200_000))
    units = [
        encoder.encode(painter.paint(shot(north_m=float(second)), now=NOW), timestamp=second * 45_000)
        for second in range(8)
    ]
    kinds = [{part[0] & 0x1F for part in units_of(unit)} for unit in units]
    assert [5 in each for each in kinds] == [True, False] * 4
    assert all({7, 8} <= each for each in kinds[::2])


def test_a_camera_films_in_real_time_what_it_looks_at_until_it_is_stopped(ground: Ground) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as door:
        door.bind(("127.0.0.1", 0))
        door.settimeout(5)
        address = f"127.0.0.1:{door.getsockname()[1]}"
        camera = FilmCamera(shot=shot(send_to=address), quality=SMALL, ground=lambda: ground)
        depacketiser, units = Depacketiser(), list[AccessUnit]()
        camera.start()
        while len(units) < 12:
            datagram = door.recv(2048)
            assert len(datagram) <= MAX_PAYLOAD + 12
            packet = parse(datagram)
            assert packet is not None
            units += depacketiser.push(packet, gap=False, unix_us=time.time_ns() // 1000)
        camera.stop()
        camera.join(5)
        assert camera.ended
    taken_ms = [time_in(frame) for frame in decoded([unit.data for unit in units])]
    assert all(
        taken is not None and 0 <= unit.received_unix_us / 1000 - taken < 2000
        for taken, unit in zip(taken_ms, units, strict=True)
    )
    spans_s = (units[-1].timestamp - units[0].timestamp) / 90_000
    assert 0.9 < spans_s < 10


class StillCamera(FilmCamera):
    """Never runs."""

    def __init__(self, taken: Shot, quality: Quality) -> None:
        super().__init__(shot=taken, quality=quality, ground=make_ground)
        self.stopped = False

    def start(self) -> None:
        pass

    def stop(self) -> None:
        self.stopped = True

    def join(self, timeout_s: float) -> None:
        pass

    @property
    def ended(self) -> bool:
        return self.stopped


def test_two_film_large_and_who_comes_later_small_until_a_place_is_free() -> None:
    unit = FilmUnit(make=StillCamera)
    for name in ("K1", "K2", "K3"):
        unit.direct(shot(camera=name))
    assert [camera.quality for camera in unit.cameras.values()] == [HD, HD, SMALL]
    first = unit.cameras["K1"]
    unit.direct(shot(camera="K1", yaw_deg=90.0))
    assert first.shot.yaw_deg == 90.0
    unit.direct(shot(camera="K1", filming=False))
    assert isinstance(first, StillCamera)
    assert first.stopped
    assert unit.cameras["K3"].quality is SMALL  # nobody's picture changes its size in the air
    unit.direct(shot(camera="K4"))
    assert unit.cameras["K4"].quality is HD
    unit.wrap()
    assert unit.cameras == {}


def test_lines_that_are_no_shots_are_passed_over() -> None:
    run(iter(["", "{", '{"camera": "K1"}', "null"]))


def stations(video: str, *, films: bool = True) -> tuple[World, dict[str, Station]]:
    docks = scenario().model_dump(by_alias=True)["docks"]
    docks[0]["aircraft"] |= {"video": video, "films": films}
    world = World(scenario(docks=docks))
    return world, {"dock": Station(vehicle=world.vehicle(docks[0]["id"]), epoch_us=0)}


def test_a_camera_films_only_while_its_drone_is_armed_and_says_once_when_it_stops() -> None:
    world, found = stations("rtp://127.0.0.1:5600")
    films, vehicle = Films(found), found["dock"].vehicle
    world.run(6)
    assert films.any
    assert films.shots() == []
    assert vehicle.arm()
    (taken,) = films.shots()
    assert (taken.filming, taken.send_to, taken.thermal) == (True, "127.0.0.1:5600", False)
    vehicle.disarm(force=True)
    assert [each.filming for each in films.shots()] == [False]
    assert films.shots() == []


def test_a_dead_camera_and_a_stopped_stream_send_nothing() -> None:
    world, found = stations("rtp://127.0.0.1:5600")
    films, station = Films(found), found["dock"]
    world.run(6)
    station.vehicle.arm()
    camera = station.camera
    assert camera is not None
    camera.streams.run(0, running=False)
    assert films.shots() == []
    camera.streams.run(0, running=True)
    assert films.shots()[0].filming
    station.vehicle.troubles.camera_dead = True
    assert not films.shots()[0].filming


def test_where_no_address_is_given_nobody_ever_films() -> None:
    _, found = stations("")
    assert not Films(found).any


def test_a_camera_that_is_only_announced_never_films() -> None:
    _, found = stations("rtsp://127.0.0.1:8554/k1", films=False)
    assert not Films(found).any


def test_a_camera_that_is_asked_films_by_the_same_rule() -> None:
    world, found = stations("rtsp://127.0.0.1:8554/k1")
    films, vehicle = Films(found), found["dock"].vehicle
    world.run(6)
    assert films.shots() == []
    assert vehicle.arm()
    (taken,) = films.shots()
    assert (taken.filming, taken.serve_at, taken.send_to) == (True, "rtsp://127.0.0.1:8554/k1", "")


def film_units() -> list[int]:
    """The processes beneath us that film."""
    found = []
    for child in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):  # a zombie too is none any more
            if "simulator.film.unit" in " ".join(child.cmdline()):
                found.append(child.pid)
    return found


async def test_the_film_unit_comes_with_the_first_picture_comes_again_and_goes_with_the_simulator() -> None:
    loop = asyncio.get_running_loop()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as door:
        door.bind(("127.0.0.1", 0))
        door.setblocking(False)
        world, found = stations(f"rtp://127.0.0.1:{door.getsockname()[1]}")
        world.run(6)
        async with filming(found):
            await asyncio.sleep(0.5)
            assert film_units() == []
            assert found["dock"].vehicle.arm()
            async with asyncio.timeout(30):
                assert parse(await loop.sock_recv(door, 2048)) is not None
            (unit,) = film_units()
            psutil.Process(unit).kill()
            assert await another_than(unit)
        assert film_units() == []


async def another_than(unit: int) -> bool:
    """Whether another one films within half a minute."""
    for _ in range(300):
        if film_units() not in ([], [unit]):
            return True
        await asyncio.sleep(0.1)
    return False
