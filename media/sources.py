"""Where each aircraft's pictures come from, as the fleet file says: a socket where they arrive, or a camera that is
asked for them."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from collections.abc import AsyncIterator, Callable, Mapping
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from contracts.fleet import Dock, Fleet
from kestrel.backoff import Backoff
from kestrel.clock import Clock
from kestrel.errors import KestrelError
from media.flights import Source
from media.h264 import AccessUnit
from media.intake import Intake
from media.rtsp.address import Address
from media.rtsp.camera import PulledCamera
from media.rtsp.login import Login
from media.rtsp.ports import RECEIVE_BYTES

_FIRST_S, _CAP_S = 0.25, 2.0
"""A camera that is not there is asked often: someone waits for its picture."""


@contextlib.asynccontextmanager
async def receiving(
    fleet: Fleet,
    *,
    take: Callable[[str, AccessUnit], None],
    logins: Mapping[str, Login],
    clock: Clock,
    into: dict[str, Source],
) -> AsyncIterator[None]:
    """A source for each aircraft that has video, put ``into`` that and alive inside the block.

    Raises:
        KestrelError: a socket cannot be opened.
    """
    async with contextlib.AsyncExitStack() as leaving, asyncio.TaskGroup() as tasks:
        asking: list[asyncio.Task[None]] = []
        try:
            for dock in fleet.docks:
                if dock.links.video is None:
                    continue
                on_unit = partial(take, dock.aircraft.id)
                if dock.links.video.startswith("rtp://"):
                    into[dock.aircraft.id] = await leaving.enter_async_context(_listening(dock, on_unit))
                else:
                    camera = _camera(dock, on_unit, logins.get(dock.aircraft.id), clock)
                    into[dock.aircraft.id] = camera
                    asking.append(tasks.create_task(camera.run(), name=f"asking {camera.aircraft_id}"))
            yield
        finally:
            for task in asking:
                task.cancel()


def _camera(dock: Dock, on_unit: Callable[[AccessUnit], None], login: Login | None, clock: Clock) -> PulledCamera:
    return PulledCamera(
        aircraft_id=dock.aircraft.id,
        address=Address.of(dock.links.video or ""),
        over=dock.links.video_over,
        login=login,
        on_unit=on_unit,
        clock=clock,
        backoff=Backoff(first_s=_FIRST_S, cap_s=_CAP_S),
        unix_us=_unix_us,
    )


@contextlib.asynccontextmanager
async def _listening(dock: Dock, on_unit: Callable[[AccessUnit], None]) -> AsyncIterator[Intake]:
    aircraft_id, where = dock.aircraft.id, urlsplit(dock.links.video or "")
    intake = Intake(
        aircraft_id=aircraft_id,
        only_from=dock.links.video_from,
        on_unit=on_unit,
        wall_s=time.monotonic,
        unix_us=_unix_us,
    )
    try:
        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: intake, local_addr=(where.hostname or "", where.port or 0)
        )
    except OSError as error:
        raise KestrelError(f"cannot listen for the video of {aircraft_id} on {where.netloc}: {error}") from None
    found: Any = transport.get_extra_info("socket")
    found.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BYTES)
    try:
        yield intake
    finally:
        transport.close()


def _unix_us() -> int:
    return time.time_ns() // 1000
