"""The media process's composition root: what is made, in which order, and how it all ends."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from contracts.fleet import Fleet
from kestrel.errors import KestrelError
from kestrel.keyfile import read_trust
from kestrel.readiness import announce_ready
from kestrel.serving import listen, serving
from kestrel.stopping import until_asked_to_stop
from kestrel.yamlfile import load_yaml
from media.api import Api
from media.doorman import Doorman
from media.exchange import Exchange
from media.flights import Flights
from media.intake import Intake
from media.library import Library
from media.sessions import OVER, STOPPING, Sessions
from media.settings import MediaSettings
from media.socket import VideoSocket
from media.whep import Whep

log = logging.getLogger(__name__)

BACKLOG = 512
STOP_WITHIN_S = 2
_RECEIVE_BYTES = 2 * 1024 * 1024
"""A keyframe comes as a burst."""
_SEND_BYTES = 128 * 1024
"""Half a second of pictures: what the system would hold more of, a slow viewer would see late, and not lose."""


async def run(settings: MediaSettings, *, until: Callable[[], Awaitable[None]] = until_asked_to_stop) -> None:
    """Serve until asked to stop. Raises `KestrelError` when it cannot start."""
    clock = settings.clock()
    fleet = load_yaml(settings.fleet_file, Fleet)
    keyring = read_trust(settings.trust_file)
    library = Library(settings.media_dir)
    await asyncio.to_thread(library.mend)
    sessions = Sessions(clock=clock, most=settings.media_viewers)
    intakes: dict[str, Intake] = {}
    flights = Flights(
        intakes=intakes,
        library=library,
        clock=clock,
        over=lambda flight_id: sessions.cut_all(OVER, flight_id=flight_id),
    )
    flights.owe(await asyncio.to_thread(library.recent))
    doorman = Doorman(keyring=keyring, force=fleet.force, deployment=fleet.deployment, sessions=sessions, clock=clock)
    whep = Whep(sessions=sessions)
    origins = settings.origins()
    video = VideoSocket(
        doorman=doorman, sessions=sessions, stream_of=flights.stream, origins=frozenset(origins), clock=clock
    )
    api = Api(doorman=doorman, sessions=sessions, flights=flights, library=library, whep=whep, socket=video)
    exchange = Exchange(
        api_url=settings.api_url,
        token_file=settings.media_token_file,
        flights=flights,
        sessions=sessions,
        deployment=fleet.deployment,
        clock=clock,
    )
    send_buffer = (socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BYTES)
    with listen(settings.media_host, settings.media_port, backlog=BACKLOG, options=[send_buffer]) as listening:
        async with (
            _receiving(fleet, flights, intakes),
            asyncio.TaskGroup() as tasks,
            serving(
                tasks,
                api.application(origins),
                listening,
                stop_within_s=STOP_WITHIN_S,
                ws="websockets-sansio",
                ws_max_size=16_384,
                ws_per_message_deflate=False,
            ),
        ):
            talking = tasks.create_task(exchange.run(), name="dispatcher")
            host, port = listening.getsockname()[:2]
            announce_ready(settings.ready_file, {"host": host, "port": port})
            log.info("ready", extra={"host": host, "port": port, "streams": len(intakes)})
            await until()
            log.info("asked to stop")
            talking.cancel()
            sessions.cut_all(STOPPING)
            await whep.stop()
            await flights.stop()
            await exchange.farewell()


@contextlib.asynccontextmanager
async def _receiving(fleet: Fleet, flights: Flights, intakes: dict[str, Intake]) -> AsyncIterator[None]:
    """A socket for each aircraft whose video arrives by RTP, inside the block. Raises `KestrelError`."""
    loop = asyncio.get_running_loop()
    transports = []
    try:
        for dock in fleet.docks:
            if dock.links.video is None:
                continue
            aircraft_id = dock.aircraft.id
            intake = Intake(
                aircraft_id=aircraft_id,
                only_from=dock.links.video_from,
                on_unit=partial(flights.take, aircraft_id),
                wall_s=time.monotonic,
                unix_us=lambda: time.time_ns() // 1000,
            )
            where = urlsplit(dock.links.video)
            try:
                transport, _ = await loop.create_datagram_endpoint(
                    lambda intake=intake: intake,  # type: ignore[misc]
                    local_addr=(where.hostname or "", where.port or 0),
                )
            except OSError as error:
                raise KestrelError(f"cannot listen for the video of {aircraft_id} on {where.netloc}: {error}") from None
            transports.append(transport)
            found: Any = transport.get_extra_info("socket")
            found.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BYTES)
            intakes[aircraft_id] = intake
        yield
    finally:
        for transport in transports:
            transport.close()
