"""The dock's camera: what its picture shows, how old it says that is, and what it answers over HTTP."""

from __future__ import annotations

import asyncio
import struct
import zlib
from collections.abc import AsyncIterator

import httpx
import pytest

from simulator import dockcamera, stills
from simulator.dockcamera import DockCamera
from simulator.errors import PortTaken
from simulator.faults import FAULT
from simulator.stills import HEIGHT, WIDTH, Colour, View, draw
from simulator.world import World
from tests.unit.simulator.ground import Ground, scenario, way_home_mission


def pixels(png: bytes) -> list[Colour]:
    """Decode a PNG of this kind, checking its frame and sums."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    at, chunks = 8, {}
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        name, data = png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        assert struct.unpack(">I", png[at + 8 + length : at + 12 + length])[0] == zlib.crc32(name + data)
        chunks[name] = data
        at += 12 + length
    assert struct.unpack(">IIBBBBB", chunks[b"IHDR"]) == (WIDTH, HEIGHT, 8, 2, 0, 0, 0)
    raw = zlib.decompress(chunks[b"IDAT"])
    stride = 3 * WIDTH + 1
    assert len(raw) == stride * HEIGHT
    assert {raw[row * stride] for row in range(HEIGHT)} == {0}
    body = b"".join(raw[row * stride + 1 : (row + 1) * stride] for row in range(HEIGHT))
    return [(body[i], body[i + 1], body[i + 2]) for i in range(0, len(body), 3)]


def colours(png: bytes) -> set[Colour]:
    return set(pixels(png))


@pytest.fixture
def world() -> World:
    return World(scenario())


@pytest.fixture
def camera(world: World) -> DockCamera:
    return DockCamera(place=world.places["d1"])


def shown(camera: DockCamera) -> set[Colour]:
    found = camera.still()
    assert found is not None
    return colours(found[0].png)


def put(world: World, kind: str, **fields: object) -> int:
    number = world.inject(FAULT.validate_python({"kind": kind, "dock": "d1", **fields})).number
    world.step()
    return number


def test_a_shut_lid_hides_the_aircraft_and_an_open_one_shows_it(world: World, camera: DockCamera) -> None:
    shut = shown(camera)
    assert stills.LID in shut
    assert stills.AIRFRAME not in shut
    world.places["d1"].dock.lid_open_wanted = True
    world.run(7)
    opened = shown(camera)
    assert stills.LID not in opened
    assert {stills.AIRFRAME, stills.PLATE} <= opened


def test_half_open_it_covers_half_of_the_plate() -> None:
    half = pixels(draw(View(lid_open_share=0.5, aircraft_m=None, over_plate=""), note=""))
    shut = pixels(draw(View(lid_open_share=0.0, aircraft_m=None, over_plate=""), note=""))
    assert half.count(stills.LID) == pytest.approx(shut.count(stills.LID) / 2, rel=0.05)


def test_an_aircraft_that_is_away_is_not_in_the_picture() -> None:
    ground = Ground()
    camera = DockCamera(place=ground.world.places["d1"])
    assert stills.ROTOR in shown(camera)
    ground.take_off_on_mission(way_home_mission())
    ground.run(10)
    assert stills.ROTOR not in shown(camera)


@pytest.mark.parametrize(("what", "colour"), [("person", stills.HEAD), ("object", stills.PARCEL)])
def test_who_or_what_is_over_the_plate_is_seen_lid_or_no_lid(
    world: World, camera: DockCamera, what: str, colour: Colour
) -> None:
    number = put(world, "over_dock", what=what)
    assert colour in shown(camera)
    world.mend(number)
    world.run(1.1)
    assert colour not in shown(camera)


def test_a_picture_is_renewed_every_second_and_tells_its_age(world: World, camera: DockCamera) -> None:
    first = camera.still()
    world.run(0.6)
    again = camera.still()
    world.run(0.6)
    later = camera.still()
    assert first is not None
    assert again is not None
    assert later is not None
    assert (first[0].sequence, again[0].sequence, later[0].sequence) == (1, 1, 2)
    assert (first[1], later[1]) == (0, 0)
    assert again[1] == pytest.approx(0.6)


def test_a_frozen_camera_keeps_its_picture_and_lets_it_age(world: World, camera: DockCamera) -> None:
    before = camera.still()
    put(world, "camera_frozen")
    put(world, "over_dock", what="person")
    world.run(30)
    after = camera.still()
    assert before is not None
    assert after is not None
    assert after[0] is before[0]
    assert after[1] == pytest.approx(30, abs=0.1)


@pytest.fixture
async def url(camera: DockCamera) -> AsyncIterator[str]:
    async with asyncio.timeout(20):
        port = await _free_port()
        async with dockcamera.serve(camera, owner="d1", address=f"127.0.0.1:{port}"):
            yield f"http://127.0.0.1:{port}"


async def _free_port() -> int:
    server = await asyncio.start_server(lambda _r, _w: None, "127.0.0.1", 0)
    port: int = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    return port


async def test_over_http_it_is_a_png_with_its_age_in_a_header(world: World, camera: DockCamera, url: str) -> None:
    async with httpx.AsyncClient(trust_env=False) as client:
        world.run(5)
        camera.still()
        world.run(0.5)
        answer = await client.get(f"{url}/picture")
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "image/png"
        assert float(answer.headers["picture-age-s"]) == pytest.approx(0.5)
        assert stills.BOX in colours(answer.content)
        assert (await client.get(f"{url}/")).status_code == 404
        assert (await client.post(f"{url}/picture")).status_code == 405
        put(world, "camera_dead")
        assert (await client.get(f"{url}/picture")).status_code == 503


async def test_a_client_that_sends_no_http_does_not_hold_it_up(url: str) -> None:
    port = int(url.rpartition(":")[2])
    _, silent = await asyncio.open_connection("127.0.0.1", port)
    _, rude = await asyncio.open_connection("127.0.0.1", port)
    rude.write(b"\0" * 20_000)
    async with httpx.AsyncClient(trust_env=False) as client:
        assert (await client.get(f"{url}/picture")).status_code == 200
    silent.close()
    rude.close()


async def test_a_taken_port_is_named_with_its_owner(camera: DockCamera, url: str) -> None:
    with pytest.raises(PortTaken, match=r"d1 \(camera\): cannot bind tcp"):
        async with dockcamera.serve(camera, owner="d1 (camera)", address=url.removeprefix("http://")):
            pass
