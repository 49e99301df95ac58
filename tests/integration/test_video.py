"""A simulated camera, the media process as it runs, and viewers as browsers are."""

from __future__ import annotations

import asyncio
import contextlib
import io
import random
import signal
import socket
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import av
import httpx
import pytest
import pytest_asyncio
from websockets.exceptions import ConnectionClosed

from contracts.signing import SigningKey
from contracts.video import Via
from media.flights import STOPPED
from media.library import KILLED
from simulator.film.camera import FilmCamera
from simulator.film.encoder import Quality
from simulator.film.ground import Ground, make_ground
from simulator.film.shot import Shot
from tests.badrelay import bad_relay
from tests.films import packets
from tests.mediaprocess import MediaProcess, holds, media_process
from tests.videoviewers import Picture, SocketViewer, WhepViewer, socket_viewer, time_in, whep_viewer

pytestmark = pytest.mark.asyncio(loop_scope="module")

TEN = Quality(width=640, height=360, frames_s=10, bits_s=300_000)
OTHER = Quality(width=320, height=180, frames_s=10, bits_s=200_000)
FRESH_MS = 3000
"""A picture that is older on a busy machine comes from somewhere else than the camera."""


@pytest.fixture(scope="module")
def ground() -> Ground:
    return make_ground()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def media(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[MediaProcess]:
    """One for all tests, each with a flight of its own; who kills it has another."""
    async with media_process(tmp_path_factory.mktemp("media")) as media:
        yield media


@contextlib.contextmanager
def filming(media: MediaProcess, ground: Ground, quality: Quality = TEN) -> Iterator[FilmCamera]:
    """The aircraft's camera films to where the fleet file says."""
    shot = Shot(camera="K1", send_to=media.rtp_to, filming=True, height_m=60.0, pitch_deg=-60.0)
    camera = FilmCamera(shot=shot, quality=quality, ground=lambda: ground)
    camera.start()
    try:
        yield camera
    finally:
        camera.stop()
        camera.join(5)


async def on(media: MediaProcess, *, recording: bool = False) -> UUID:
    """A flight is on, and the media process knows."""
    flight_id = media.told.on(recording=recording)

    async def is_so_1() -> bool:
        return bool(await media.state(flight_id))

    await holds(is_so_1, within_s=15)
    return flight_id


def age_ms(frame: av.VideoFrame) -> float:
    """Of a picture, by the time burnt into it."""
    taken = time_in(frame)
    assert taken is not None, "the time in the picture cannot be read"
    return time.time() * 1000 - taken


async def until_closed(viewer: SocketViewer, *, within_s: float = 10.0) -> None:
    """Read on until the server closes; raises `ConnectionClosed`."""
    async with asyncio.timeout(within_s):
        while True:
            await viewer.next()


async def get(media: MediaProcess, path: str, ticket: str | None, **request: Any) -> httpx.Response:
    headers = request.pop("headers", {}) | ({} if ticket is None else {"Authorization": f"Bearer {ticket}"})
    async with httpx.AsyncClient(trust_env=False, base_url=media.url, timeout=10) as http:
        return await http.request(request.pop("method", "GET"), path, headers=headers, **request)


async def listed(media: MediaProcess, flight_id: UUID) -> list[dict[str, Any]]:
    answer = await get(media, f"/v1/flights/{flight_id}/recordings", media.ticket(flight_id))
    return list(answer.json()["recordings"])


async def recorded(media: MediaProcess, flight_id: UUID, seconds: float, *, within_s: float = 30.0) -> None:
    """Wait until the newest part is so long."""

    async def is_long() -> bool:
        parts = await listed(media, flight_id)
        return bool(parts) and parts[-1]["duration_s"] >= seconds

    await holds(is_long, within_s=within_s)


async def test_what_the_camera_films_is_seen_through_whep_as_it_happens(media: MediaProcess, ground: Ground) -> None:
    flight_id = await on(media)
    with filming(media, ground):
        async with whep_viewer(media.flight_url(flight_id, "whep"), media.ticket(flight_id)) as viewer:
            ages = [age_ms(await viewer.frame()) for _ in range(15)]
            assert min(ages) > 0
            assert ages[-1] < FRESH_MS

            async def is_so_2() -> bool:
                return bool(media.told.reports[-1].watching)

            await holds(is_so_2, within_s=10)
            (watching,) = media.told.reports[-1].watching
            assert (watching.flight_id, watching.via) == (flight_id, Via.WHEP)

        async def is_so_3() -> bool:
            return bool(not (media.told.reports[-1].watching))

        await holds(is_so_3, within_s=10)


async def test_the_socket_gives_pictures_from_a_keyframe_on_and_says_how_the_stream_is(
    media: MediaProcess, ground: Ground
) -> None:
    flight_id = await on(media)
    async with socket_viewer(media.socket_url(flight_id), media.ticket(flight_id)) as viewer:
        assert (await viewer.said("hello"))["viewer"] == "officer-1"
        assert (await viewer.said("state"))["stream"] == "waiting"
        with filming(media, ground):
            first = await viewer.picture(within_s=20)
            shapes = [said for said in viewer.texts if said["type"] == "format"]
            assert shapes == [{"type": "format", "codec": "avc1.42c01f", "width": 640, "height": 360}]
            pictures = [first, *[await viewer.picture() for _ in range(14)]]
            assert first.keyframe
            assert [picture.sequence for picture in pictures] == list(range(first.sequence, first.sequence + 15))
            decoder = av.CodecContext.create("h264", "r")
            frames = [frame for picture in pictures for frame in decoder.decode(av.Packet(picture.data))]
            assert len(frames) == 15
            assert age_ms(frames[-1]) < FRESH_MS
            assert abs(time.time() * 1e6 - pictures[-1].received_us) < FRESH_MS * 1000
        async with asyncio.timeout(10):
            while (await viewer.said("state"))["stream"] != "stale":
                pass
        media.told.flights = []
        with pytest.raises(ConnectionClosed) as closed:
            await viewer.picture()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1000


async def test_a_recording_is_played_back_with_its_times_whole_and_in_ranges(
    media: MediaProcess, ground: Ground
) -> None:
    flight_id = await on(media, recording=True)
    with filming(media, ground):
        await recorded(media, flight_id, 2.5)
        media.told.on(flight_id=flight_id)

        async def is_so_4() -> bool:
            return bool((await listed(media, flight_id))[0]["complete"])

        await holds(is_so_4, within_s=10)
    (part,) = await listed(media, flight_id)
    ticket = media.ticket(flight_id)
    whole = await get(media, part["url"], ticket)
    assert (whole.status_code, whole.headers["accept-ranges"], len(whole.content)) == (200, "bytes", part["bytes"])
    piece = await get(media, part["url"], ticket, headers={"Range": "bytes=100-299"})
    assert (piece.status_code, piece.headers["content-range"]) == (206, f"bytes 100-299/{part['bytes']}")
    assert piece.content == whole.content[100:300]
    with av.open(io.BytesIO(whole.content), "r") as container:
        frames = list(container.decode(video=0))
    assert frames[0].pts == 0
    began_ms = 1000 * time.mktime(time.strptime(part["began_at"][:19], "%Y-%m-%dT%H:%M:%S"))
    for frame in frames:
        taken = time_in(frame)
        assert taken is not None
        at_ms = float((frame.pts or 0) * (frame.time_base or 0)) * 1000
        first = time_in(frames[0]) or 0
        assert abs(taken - first - at_ms) < 50  # media time is the camera's own
        assert abs(taken - began_ms - at_ms) < FRESH_MS  # and the first picture's moment is the wall's

    async def is_so_5() -> bool:
        return bool(media.told.parts(flight_id).get(1, (False, ""))[0])

    await holds(is_so_5, within_s=10)
    assert media.told.parts(flight_id) == {1: (True, "the camera's recording ended")}


async def test_a_page_plays_by_a_cookie_that_is_good_for_one_flights_recordings(media: MediaProcess) -> None:
    flight_id, other = uuid.uuid4(), uuid.uuid4()
    path = f"/v1/flights/{flight_id}/recordings"
    answer = await get(
        media, f"{path}/cookie", media.ticket(flight_id), method="POST", headers={"Origin": "http://console.test"}
    )
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == "http://console.test"
    assert answer.headers["access-control-allow-credentials"] == "true"
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert f"Path={path}" in cookie
    sent = {"Cookie": cookie.partition(";")[0]}
    assert (await get(media, path, None, headers=sent)).status_code == 200
    assert (await get(media, f"/v1/flights/{other}/recordings", None, headers=sent)).status_code == 403
    assert (await get(media, f"/v1/flights/{flight_id}/state", None, headers=sent)).status_code == 401
    live_only = media.ticket(flight_id, play=False)
    assert (await get(media, path, live_only)).status_code == 403


async def test_nobody_sees_anything_without_a_ticket_for_it(media: MediaProcess) -> None:
    flight_id = await on(media)
    stranger = SigningKey.generate("stranger")
    now_s = int(time.time())
    tickets = {
        None: (401, 4401),
        "nonsense": (401, 4401),
        media.ticket(flight_id, key=stranger): (401, 4401),
        media.ticket(flight_id, exp=now_s - 60): (401, 4401),
        media.ticket(flight_id, force="elsewhere"): (401, 4401),
        media.ticket(uuid.uuid4()): (403, 4403),
    }
    for ticket, (status, code) in tickets.items():
        offer = {"method": "POST", "content": b"v=0", "headers": {"Content-Type": "application/sdp"}}
        answer = await get(media, f"/v1/flights/{flight_id}/whep", ticket, **offer)
        assert answer.status_code == status, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        if ticket is not None:
            with pytest.raises(ConnectionClosed) as closed:
                async with socket_viewer(media.socket_url(flight_id), ticket) as viewer:
                    await viewer.next()
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == code
    assert (await get(media, f"/v1/flights/{flight_id}/recordings", None)).status_code == 401
    unknown = uuid.uuid4()
    answer = await get(media, f"/v1/flights/{unknown}/state", media.ticket(unknown))
    assert answer.status_code == 404
    assert "nonsense" not in media.log
    assert "eyJ" not in media.log


async def test_offers_that_are_none_are_refused_and_said_why(media: MediaProcess) -> None:
    flight_id = await on(media)
    ticket = media.ticket(flight_id)
    path = f"/v1/flights/{flight_id}/whep"

    async def post(content: bytes, kind: str = "application/sdp") -> int:
        answer = await get(media, path, ticket, method="POST", content=content, headers={"Content-Type": kind})
        assert answer.json()["detail"]
        return answer.status_code

    assert await post(b"hello", "text/plain") == 415
    assert await post(b"x" * 70_000) == 413
    rng = random.Random(5)
    head = b"v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n"
    for content in (b"", b"hello", rng.randbytes(500), head, head + b"m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n"):
        assert await post(content) in (400, 406)
    assert (await get(media, "/v1/health", None)).json() == {"ok": True}


async def test_a_page_of_another_origin_gets_no_socket(media: MediaProcess) -> None:
    flight_id = await on(media)
    with pytest.raises(Exception, match="403"):
        async with socket_viewer(
            media.socket_url(flight_id), media.ticket(flight_id), origin="http://evil.test"
        ) as viewer:
            await viewer.next()


async def test_a_withdrawn_ticket_cuts_its_viewer_off(media: MediaProcess, ground: Ground) -> None:
    flight_id = await on(media)
    jti = uuid.uuid4()
    ticket = media.ticket(flight_id, jti=str(jti))
    with filming(media, ground):
        async with socket_viewer(media.socket_url(flight_id), ticket) as viewer:
            await viewer.picture(within_s=20)
            media.told.withdrawn = [jti]
            with pytest.raises(ConnectionClosed) as closed:
                await until_closed(viewer)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4410
    assert (await get(media, f"/v1/flights/{flight_id}/state", ticket)).status_code == 401


async def test_garbage_and_a_stranger_on_the_aircrafts_address_do_not_disturb_the_picture(
    media: MediaProcess, ground: Ground
) -> None:
    flight_id, rng = await on(media), random.Random(11)
    forged = packets(ssrc=0xBAD)
    with filming(media, ground), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        async with socket_viewer(media.socket_url(flight_id), media.ticket(flight_id)) as viewer:
            pictures: list[Picture] = [await viewer.picture(within_s=20)]
            for _ in range(20):
                for datagram in (*rng.sample(forged, 20), *(rng.randbytes(rng.randrange(1400)) for _ in range(20))):
                    stranger.sendto(datagram, ("127.0.0.1", media.video_port))
                pictures.append(await viewer.picture())
    assert not any(picture.after_gap for picture in pictures)
    assert [picture.sequence for picture in pictures] == list(range(pictures[0].sequence, pictures[0].sequence + 21))


async def test_a_viewer_on_a_bad_link_sees_what_it_can_and_costs_another_nothing(
    media: MediaProcess, ground: Ground
) -> None:
    flight_id = await on(media)
    ticket, whep = media.ticket(flight_id), media.flight_url(flight_id, "whep")
    with filming(media, ground):
        async with bad_relay(loss_percent=5, delay_ms=200) as relay:
            async with (
                whep_viewer(whep, ticket, through=relay.answer_through) as bad,
                socket_viewer(media.socket_url(flight_id), media.ticket(flight_id)) as good,
            ):
                await bad.frame(within_s=20)
                seen = asyncio.create_task(_frames(bad, 10))
                pictures = [await good.picture(within_s=20) for _ in range(30)]
                await seen
            assert relay.lost > 0
    first = pictures[0].sequence
    assert [picture.sequence for picture in pictures] == list(range(first, first + 30))
    assert not any(picture.after_gap for picture in pictures)


async def test_the_age_of_what_a_whep_viewer_shows_is_known_though_its_link_delays_it(
    media: MediaProcess, ground: Ground
) -> None:
    flight_id = await on(media)
    ticket, whep = media.ticket(flight_id), media.flight_url(flight_id, "whep")
    with filming(media, ground):
        async with (
            bad_relay(loss_percent=0, delay_ms=0) as relay,
            whep_viewer(whep, ticket, through=relay.answer_through) as viewer,
        ):
            await _frames(viewer, 5)
            path = httpx.URL(viewer.location).path
            assert (await get(media, path, media.ticket(flight_id))).status_code == 401, "another's session"
            relay.there_s = 1.0
            # What was on its way when the link became long comes first.
            frame = await viewer.frame()
            while age_ms(frame) < 1000:
                frame = await viewer.frame()
            by_the_picture = age_ms(frame)
            said = (await get(media, path, ticket)).json()
        # Its decoder counts from the first timestamp that came.
        began: int = vars(viewer.peer.getReceivers()[0])["_RTCRtpReceiver__timestamp_mapper"]._origin
    newest = said["picture"]
    ahead_ms = ((newest["rtp_timestamp"] - began - (frame.pts or 0)) % 2**32) / 90
    by_the_server = said["server_time_ms"] - (newest["came_ms"] - ahead_ms)
    assert by_the_server >= 1000
    # The picture's own time is of its painting; to encode it and the way to the server come between.
    assert abs(by_the_server - by_the_picture) < 1000


async def _frames(viewer: WhepViewer, count: int) -> None:
    for _ in range(count):
        await viewer.frame(within_s=20)


async def test_a_stream_that_stops_comes_back_and_in_another_format_too(media: MediaProcess, ground: Ground) -> None:
    flight_id = await on(media, recording=True)
    async with socket_viewer(media.socket_url(flight_id), media.ticket(flight_id)) as viewer:
        with filming(media, ground):
            await viewer.picture(within_s=20)
            await recorded(media, flight_id, 1.0)
        await media.until(flight_id, "stale")
        await asyncio.sleep(1.5)  # what the intake waits before it believes another sender
        with filming(media, ground, OTHER):
            async with asyncio.timeout(20):
                while (await viewer.said("format"))["width"] != 320:
                    pass
            assert (await viewer.picture()).keyframe

            async def is_so_6() -> bool:
                return bool(not (len(await listed(media, flight_id)) < 2))

            await holds(is_so_6, within_s=20)
    parts = await listed(media, flight_id)
    assert [(part["part"], part["width"]) for part in parts] == [(1, 640), (2, 320)]
    assert parts[0]["because"] == "the picture's format changed"


async def test_killed_it_leaves_a_recording_that_plays_and_records_on_when_it_is_back(
    tmp_path: Path, ground: Ground
) -> None:
    async with media_process(tmp_path / "media") as media:
        await _killed_and_back(media, ground)


async def _killed_and_back(media: MediaProcess, ground: Ground) -> None:
    flight_id = await on(media, recording=True)
    with filming(media, ground):
        await recorded(media, flight_id, 3.2)
        await media.end(signal.SIGKILL)
        left = av.open(str(media.folder / "recordings" / str(flight_id) / "1.mp4"))
        with left as container:
            assert len(list(container.decode(video=0))) >= 20
        await media.start()

        async def is_so_7() -> bool:
            return bool(not (len(await listed(media, flight_id)) < 2))

        await holds(is_so_7, within_s=20)
        parts = await listed(media, flight_id)
        assert (parts[0]["complete"], parts[0]["because"]) == (True, KILLED)
        assert parts[0]["duration_s"] >= 1.9

        async def is_so_8() -> bool:
            return bool(media.told.parts(flight_id).get(1) == (True, KILLED))

        await holds(is_so_8, within_s=10)
    assert await media.end() == 0
    assert media.told.parts(flight_id)[2] == (True, STOPPED)


async def test_while_the_dispatcher_is_silent_everything_goes_on(media: MediaProcess, ground: Ground) -> None:
    flight_id = await on(media, recording=True)
    with filming(media, ground):
        await recorded(media, flight_id, 0.5)
        media.told.silent = True
        async with socket_viewer(media.socket_url(flight_id), media.ticket(flight_id)) as viewer:
            for _ in range(30):
                await viewer.picture()
        await recorded(media, flight_id, 4.0)
        media.told.silent = False
        media.told.flights = []

        async def is_so_9() -> bool:
            return bool(media.told.parts(flight_id).get(1, (False, ""))[0])

        await holds(is_so_9, within_s=15)
    assert media.told.parts(flight_id) == {1: (True, "the flight is over")}
