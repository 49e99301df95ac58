"""The media process's composition root: what is made, in which order, and how it all ends."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Awaitable, Callable

from contracts.fleet import Fleet
from kestrel.keyfile import read_trust
from kestrel.readiness import announce_ready
from kestrel.serving import listen, serving
from kestrel.stopping import until_asked_to_stop
from kestrel.yamlfile import load_yaml
from media.api import Api
from media.doorman import Doorman
from media.exchange import Exchange
from media.flights import Flights, Source
from media.library import Library
from media.logins import read_logins
from media.sessions import OVER, STOPPING, Sessions
from media.settings import MediaSettings
from media.socket import VideoSocket
from media.sources import receiving
from media.whep import Whep

log = logging.getLogger(__name__)

BACKLOG = 512
STOP_WITHIN_S = 2
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
    logins = read_logins(settings.media_cameras_file, fleet)
    sources: dict[str, Source] = {}
    flights = Flights(
        sources=sources,
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
            receiving(fleet, take=flights.take, logins=logins, clock=clock, into=sources),
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
            log.info("ready", extra={"host": host, "port": port, "streams": len(sources)})
            await until()
            log.info("asked to stop")
            talking.cancel()
            sessions.cut_all(STOPPING)
            await whep.stop()
            await flights.stop()
            await exchange.farewell()
