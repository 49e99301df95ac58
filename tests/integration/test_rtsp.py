"""A camera that is asked for its picture: the simulator's server, our client, and FFmpeg as another one."""

from __future__ import annotations

import asyncio
import contextlib
import io
import itertools
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import av
import pytest

from kestrel.ports import FreePorts
from simulator.film.camera import FilmCamera
from simulator.film.encoder import Quality
from simulator.film.rtspserver import Account, RtspServer
from simulator.film.shot import Shot
from tests.films import STEP, film, town
from tests.mediaprocess import holds, media_process
from tests.videoviewers import socket_viewer, time_in, whep_viewer

SMALL = Quality(width=640, height=360, frames_s=10, bits_s=300_000)


@contextlib.contextmanager
def camera_at(uri: str) -> Iterator[FilmCamera]:
    """The aircraft's camera films, and serves its picture."""
    shot = Shot(camera="K1", send_to="", serve_at=uri, filming=True, height_m=60.0, pitch_deg=-60.0)
    camera = FilmCamera(shot=shot, quality=SMALL, ground=town)
    camera.start()
    try:
        yield camera
    finally:
        camera.stop()
        camera.join(5)


@contextlib.asynccontextmanager
async def camera_with_login(uri: str) -> AsyncIterator[None]:
    """Another camera, of the same film again and again, that wants to know who asks."""
    server = RtspServer(uri=uri, account=Account("ground", "sesame"))

    async def play() -> None:
        for number in itertools.count():
            server.publish(film(10)[number % 10], timestamp=number * STEP)
            await asyncio.sleep(0.1)

    async with server.serving():
        playing = asyncio.create_task(play())
        try:
            yield
        finally:
            playing.cancel()
            await asyncio.wait([playing])


@pytest.fixture
def uri() -> str:
    with FreePorts() as ports:
        return f"rtsp://127.0.0.1:{ports.take()}/k1"


async def test_whoever_watches_sees_a_camera_that_is_asked_and_it_is_recorded(
    tmp_path: Path, uri: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    logins = tmp_path / "cameras.yaml"
    logins.write_text(
        "schema: kestrel.cameras/1\ncameras: {k1: {username: ground, password: sesame}}\n", encoding="utf-8"
    )
    logins.chmod(0o600)
    monkeypatch.setenv("KESTREL_MEDIA_CAMERAS_FILE", str(logins))
    async with media_process(tmp_path / "media", video=uri) as media:
        flight_id = media.told.on(recording=True)
        with camera_at(uri):
            await media.until(flight_id, "live", within_s=30)
            async with whep_viewer(media.flight_url(flight_id, "whep"), media.ticket(flight_id)) as viewer:
                taken = [time_in(await viewer.frame()) for _ in range(5)]
            assert None not in taken
            async with socket_viewer(media.socket_url(flight_id), media.ticket(flight_id)) as socket:
                first = await socket.picture()
                assert first.keyframe
                assert (await socket.picture()).sequence == first.sequence + 1
        # The drone has landed: its camera is gone, which is said; the flight and its viewers stay until it is over.
        await media.until(flight_id, "stale", within_s=10)
        async with camera_with_login(uri):
            await media.until(flight_id, "live", within_s=30)
        media.told.flights = []

        async def is_told() -> bool:
            return media.told.parts(flight_id).get(1, (False, ""))[0]

        await holds(is_told, within_s=10)
        file = media.folder / "recordings" / str(flight_id) / "1.mp4"
        with av.open(io.BytesIO(file.read_bytes()), "r") as container:
            times = [time_in(frame) for frame in container.decode(video=0)]
        assert len(times) > 5
        assert None not in times
        assert "no picture of a camera" in media.log
        assert "the camera sends again" in media.log
        assert "sesame" not in media.log


@pytest.mark.parametrize("over", ["tcp", "udp"])
async def test_ffmpeg_plays_what_the_camera_serves(uri: str, over: str) -> None:
    def play() -> list[int | None]:
        options = {"rtsp_transport": over, "fflags": "nobuffer", "probesize": "100000", "analyzeduration": "500000"}
        with av.open(uri, options=options, timeout=(10.0, 10.0)) as container:
            frames = container.decode(video=0)
            return [time_in(next(frames)) for _ in range(5)]

    with camera_at(uri) as camera:
        await asyncio.sleep(0.5)
        assert not camera.ended
        taken = await asyncio.to_thread(play)
    assert None not in taken
