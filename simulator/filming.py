"""What the cameras in the air look at, told to the film unit (`simulator.film.unit`) as often as it takes pictures.

The unit is a process of its own, started with the first camera that films: encoding never holds up flying, and where no
scenario names an address for video there is none. A unit that dies is started again.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import os
import sys
from collections.abc import AsyncIterator, Mapping

from kestrel import leash
from simulator.film.shot import Shot, Site
from simulator.localframe import LocalFrame
from simulator.station import Station

_log = logging.getLogger(__name__)
SHOTS_S = 1 / 30
_IDLE_S = 0.2
_RESTART_S = 2.0
_SITES_WITHIN_M = 4000.0
_BACKLOG_BYTES = 65_536
"""A unit that does not read is not told more: it would only look where the cameras looked long ago."""
_FIXED_PITCH_DEG = -15.0
"""Of a camera without a gimbal, below the nose."""
_END_WITHIN_S = 3.0


class Films:
    """Which cameras film, and where they look. Pure of time: asked again and again."""

    def __init__(self, stations: Mapping[str, Station]) -> None:
        self._stations = {
            dock_id: station
            for dock_id, station in stations.items()
            if station.vehicle.video_uri and station.vehicle.films and station.camera is not None
        }
        frames = {dock_id: station.vehicle.frame for dock_id, station in stations.items()}
        self._sites = {dock_id: _sites(frames[dock_id], frames) for dock_id in self._stations}
        self._told: set[str] = set()

    @property
    def any(self) -> bool:
        """False when no camera of the scenario ever films."""
        return bool(self._stations)

    def forget(self) -> None:
        """Nobody films any more: the unit is gone."""
        self._told.clear()

    def shots(self) -> list[Shot]:
        """Of every camera that films now, and once of each that has ended."""
        found: list[Shot] = []
        for dock_id, station in self._stations.items():
            shot = self._shot(dock_id, station)
            if shot is not None:
                self._told.add(dock_id)
                found.append(shot)
            elif dock_id in self._told:
                self._told.discard(dock_id)
                found.append(Shot(camera=station.vehicle.identity.name, send_to="", filming=False))
        return found

    def _shot(self, dock_id: str, station: Station) -> Shot | None:
        vehicle, camera = station.vehicle, station.camera
        if camera is None or not camera.streams.shown or not vehicle.armed or vehicle.troubles.camera_dead:
            return None
        body, gimbal = vehicle.body, vehicle.gimbal
        yaw_rad = body.yaw_rad + (gimbal.yaw_rad if gimbal.fitted else 0.0)
        target = gimbal.region if gimbal.fitted else vehicle.navigator.roi
        lat_deg, lon_deg = vehicle.frame.to_global(body.north_m, body.east_m)
        return Shot(
            camera=vehicle.identity.name,
            send_to=camera.streams.rtp_to,
            serve_at=camera.streams.rtsp_at,
            filming=True,
            north_m=body.north_m,
            east_m=body.east_m,
            height_m=max(0.0, body.height_m),
            lat_deg=lat_deg,
            lon_deg=lon_deg,
            yaw_deg=math.degrees(yaw_rad) % 360,
            pitch_deg=math.degrees(gimbal.pitch_rad) if gimbal.fitted else _FIXED_PITCH_DEG,
            hfov_deg=camera.streams.hfov_deg,
            thermal=camera.streams.is_thermal,
            marker=None if target is None else (target[0], target[1]),
            sites=self._sites[dock_id],
        )


def _sites(own: LocalFrame, frames: Mapping[str, LocalFrame]) -> tuple[Site, ...]:
    """The docks that can come into view, the own one first."""
    sites = []
    for name, frame in frames.items():
        north_m, east_m = own.to_local(frame.lat_deg, frame.lon_deg)
        if math.hypot(north_m, east_m) <= _SITES_WITHIN_M:
            sites.append(Site(name=name, north_m=north_m, east_m=east_m))
    return tuple(sorted(sites, key=lambda site: math.hypot(site.north_m, site.east_m)))


@contextlib.asynccontextmanager
async def filming(stations: Mapping[str, Station]) -> AsyncIterator[None]:
    """Inside the block the cameras of what flies film."""
    films = Films(stations)
    if not films.any:
        yield
        return
    task = asyncio.create_task(_direct(films), name="simulator.filming")
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


async def _direct(films: Films) -> None:
    """Tell the unit what is looked at; it lives from the first shot on."""
    while True:
        first = await _first_shots(films)
        try:
            async with _unit() as unit:
                await _tell(unit, films, first)
        except OSError as problem:
            _log.warning("the film unit cannot be reached: %s", problem)
        else:
            _log.warning("the film unit has ended")
        films.forget()
        await asyncio.sleep(_RESTART_S)


async def _first_shots(films: Films) -> list[Shot]:
    while True:
        if shots := films.shots():
            return shots
        await asyncio.sleep(_IDLE_S)


async def _tell(unit: asyncio.subprocess.Process, films: Films, shots: list[Shot]) -> None:
    pipe = unit.stdin
    assert pipe is not None  # noqa: S101 - it was asked for
    while unit.returncode is None:
        if pipe.transport.get_write_buffer_size() < _BACKLOG_BYTES:
            for shot in shots:
                pipe.write(shot.model_dump_json().encode() + b"\n")
        await asyncio.sleep(SHOTS_S if shots else _IDLE_S)
        shots = films.shots()


@contextlib.asynccontextmanager
async def _unit() -> AsyncIterator[asyncio.subprocess.Process]:
    """The unit, on a leash; it ends when its input does."""
    arguments = ("-I", "-S", leash.__file__, str(os.getpid()), sys.executable, "-m", "simulator.film.unit")
    unit = await asyncio.create_subprocess_exec(sys.executable, *arguments, stdin=asyncio.subprocess.PIPE)
    try:
        yield unit
    finally:
        if unit.stdin is not None:
            unit.stdin.close()
        try:
            await asyncio.wait_for(unit.wait(), _END_WITHIN_S)
        except TimeoutError:
            unit.kill()
            await unit.wait()
