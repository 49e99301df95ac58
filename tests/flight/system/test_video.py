"""The whole way of a picture: filmed in flight, through the media process to viewers and into the record."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import av
import httpx
import pytest

from tests.filmed import filmed_flight
from tests.videoviewers import socket_viewer, time_in, whep_viewer

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.nightly]


async def test_what_a_flight_films_is_watched_two_ways_recorded_and_named_by_its_record(tmp_path: Path) -> None:
    async with filmed_flight(tmp_path) as filmed:
        await filmed.until_phase("on_scene")
        opened = await filmed.ticket()
        async with whep_viewer(opened["whep_url"], opened["ticket"]) as viewer:
            whep = [time_in(await viewer.frame()) for _ in range(5)]
        assert all(whep), "each picture carries the time at which it was filmed"
        async with socket_viewer(opened["socket_url"], opened["ticket"]) as socket:
            first = await socket.picture()
            assert first.keyframe
            assert (await socket.picture()).sequence == first.sequence + 1

        await filmed.until_phase("docked")
        parts = await filmed.until_recorded()
        opened = await filmed.ticket()
        headers = {"Authorization": f"Bearer {opened['ticket']}"}
        async with httpx.AsyncClient(headers=headers, trust_env=False, timeout=20) as media:
            listed = (await media.get(opened["recordings_url"])).json()["recordings"]
            assert [part["part"] for part in listed] == [part["part"] for part in parts]
            file = (await media.get(str(httpx.URL(opened["recordings_url"]).join(listed[0]["url"])))).content
        assert hashlib.sha256(file).hexdigest() == parts[0]["sha256"] == listed[0]["sha256"]
        with av.open(io.BytesIO(file), mode="r") as container:
            times = [time_in(frame) for frame in container.decode(video=0)]
        assert len(times) > 20
        assert None not in times
        filmed_s = ((times[-1] or 0) - (times[0] or 0)) / 1000
        assert filmed_s == pytest.approx(parts[0]["duration_s"], abs=1.0), "media time is the time that has passed"

        record = await filmed.get(f"/api/v1/flights/{filmed.flight_id}")
        assert record["video"]["recordings"] == parts, "the flight's record names its recording"
        on_scene = next(each for each in record["phases"] if each["phase"] == "on_scene")
        assert parts[0]["mission_began_at"][:16] >= on_scene["mission_time"][:16]
