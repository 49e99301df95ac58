"""A stage for the figures of video: the film unit and the media process as they run, and one flight that is on."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from kestrel.ports import FreePorts
from kestrel.supervisor import leashed
from simulator.film.shot import Shot
from tests.bench.child import end
from tests.bench.cpu import cpu_s
from tests.bench.errors import MeasurementFailed
from tests.mediaprocess import MediaProcess, media_process

FLYING_M_S = 12.0
SHOTS_S = 1 / 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One camera films in 720p30; its flight is on."""

    media: MediaProcess
    flight_id: UUID

    @property
    def whep(self) -> str:
        """Where a viewer makes its offer."""
        return self.media.flight_url(self.flight_id, "whep")

    def cpu_s(self) -> float:
        """Seconds of processor time that the media process has used."""
        process = self.media.process
        if process is None:
            raise MeasurementFailed("the media process does not run")
        return cpu_s(process.pid)


@contextlib.asynccontextmanager
async def stage(
    folder: Path,
    *,
    origins: str = "http://console.test",
    host: str = "127.0.0.1",
    recording: bool = True,
    pulled: bool = False,
) -> AsyncIterator[Stage]:
    """Live inside the block; ``pulled``: the camera is asked by RTSP, and does not send."""
    serve_at = ""
    if pulled:
        with FreePorts() as ports:
            serve_at = f"rtsp://127.0.0.1:{ports.take()}/k1"
    links = {"video": serve_at} if pulled else {}
    async with (
        media_process(folder / "media", origins=origins, host=host, **links) as media,
        _filming(media, folder, serve_at),
    ):
        flight_id = media.told.on(recording=recording)
        await media.until(flight_id, "live", within_s=30)
        yield Stage(media=media, flight_id=flight_id)


@contextlib.asynccontextmanager
async def _filming(media: MediaProcess, folder: Path, serve_at: str) -> AsyncIterator[None]:
    """The film unit in a process of its own, told where the camera looks as it flies on."""
    argv = leashed((sys.executable, "-m", "simulator.film.unit"))
    with (folder / "film.log").open("ab") as log:
        unit = await asyncio.create_subprocess_exec(*argv, stdin=asyncio.subprocess.PIPE, stderr=log)
    flying = asyncio.create_task(_fly(unit, "" if serve_at else media.rtp_to, serve_at))
    try:
        yield
    finally:
        flying.cancel()
        await asyncio.gather(flying, return_exceptions=True)
        await end(unit)


async def _fly(unit: asyncio.subprocess.Process, send_to: str, serve_at: str) -> None:
    pipe, loop = unit.stdin, asyncio.get_running_loop()
    if pipe is None:
        raise MeasurementFailed("the film unit has no pipe")
    began_s = loop.time()
    while True:
        north_m = FLYING_M_S * (loop.time() - began_s)
        shot = Shot(
            camera="K1",
            send_to=send_to,
            serve_at=serve_at,
            filming=True,
            north_m=north_m,
            height_m=60.0,
            pitch_deg=-50.0,
        )
        pipe.write(shot.model_dump_json().encode() + b"\n")
        await pipe.drain()
        await asyncio.sleep(SHOTS_S)
