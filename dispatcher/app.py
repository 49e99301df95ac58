"""The dispatcher's composition root: what is made, in which order, and how it all ends.

Journal, its fold, the desk; then the link to the docks, the live hub and the HTTP server; ready when it is served.
Asked to stop, it stops listening first and closes the journal last. Nothing here is needed to fly: a drone in the air
goes on by its orders, and the next start picks it up from the journal.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from importlib.metadata import version
from pathlib import Path
from uuid import UUID

from contracts.fleet import Fleet
from dispatcher import airspace
from dispatcher.api.application import create_application
from dispatcher.api.console import ConsoleFiles
from dispatcher.coverage.question import question_of
from dispatcher.coverage.surveyor import Surveyor
from dispatcher.decision.facts import Policy
from dispatcher.decision.world import Ground
from dispatcher.desk import Desk
from dispatcher.events import DispatcherStarted, PolicyLoaded
from dispatcher.fleetfile import check_deployment, fleet_changes, read_fleet
from dispatcher.identifiers import NewId
from dispatcher.journal import Journal
from dispatcher.journal.errors import WriterLost
from dispatcher.link.link import DispatcherLink
from dispatcher.link.telemetry import TelemetrySlots
from dispatcher.live.hub import Hub
from dispatcher.lookout import looking
from dispatcher.policy.derived import decision_policy, flying_policy
from dispatcher.policy.file import load_policy, policy_changes
from dispatcher.reach import Reach
from dispatcher.security.keyset import FileKeySource, KeySet, UrlKeySource
from dispatcher.security.tokens import JwtAuthenticator
from dispatcher.serving import listen, serving
from dispatcher.settings import DispatcherSettings
from dispatcher.state import State, apply
from dispatcher.terrainfile import read_ground
from dispatcher.traffic import TrafficPicture
from dispatcher.trafficfeed import TrafficFeed
from dispatcher.weatherfile import LOOK_EACH_S, WeatherFile
from dispatcher.worlds import LOOK_AGAIN_S, Worlds
from geo.terrain.elevation import Elevation
from kestrel.clock import Clock
from kestrel.identity import uuid7
from kestrel.keyfile import read_private_key, read_trust
from kestrel.readiness import announce_ready
from kestrel.stopping import until_asked_to_stop

log = logging.getLogger(__name__)

LOOK_AFTER_EACH_S = 3.0
PILOTS_EACH_S = 1.0
LAUNCHES_EACH_S = 1.0
TURNS_EACH_S = 0.5
NEARNESS_EACH_S = 1.0
NUDGES_EACH_S = 0.25
REPLAYED_AT_ONCE = 2048
"""Events: nobody else waits for the loop while a start replays the journal."""


async def run(settings: DispatcherSettings, *, until: Callable[[], Awaitable[None]] = until_asked_to_stop) -> None:
    """Serve until asked to stop. Raises `KestrelError` or `JournalError` when it cannot start."""
    clock = settings.clock()
    fleet, policy = read_fleet(settings.fleet_file), load_policy(settings.policy_file)
    key, keyring = read_private_key(settings.key_file), read_trust(settings.trust_file)
    listening = listen(settings.http_host, settings.http_port)
    with listening:
        async with Journal.open(url=settings.database_url, force=fleet.force, clock=clock) as journal:
            new_id = _new_id(clock)
            boot_id = new_id()
            reach = Reach(policy=_decision_policy(settings, policy))
            ground = await asyncio.to_thread(
                read_ground,
                settings.terrain_file,
                sea_level=settings.terrain_sea_level,
                gaps_are_sea=settings.terrain_gaps_are_sea,
                fleet=fleet,
            )
            slots = TelemetrySlots()
            crewed = _crewed(settings, fleet=fleet, clock=clock)
            desk = await _desk(
                settings,
                journal=journal,
                fleet=fleet,
                policy=policy,
                clock=clock,
                new_id=new_id,
                boot_id=boot_id,
                reach=reach,
                slots=slots,
                ground=ground,
                crewed=crewed,
            )
            link = DispatcherLink(
                broker=settings.broker(),
                force=fleet.force,
                deployment=fleet.deployment,
                docks=list(desk.state.docks),
                boot_id=boot_id,
                desk=desk,
                key=key,
                keyring=keyring,
                slots=slots,
                clock=clock,
                silent_after_s=settings.dispatcher_silence_s,
            )
            hub = Hub(
                journal=journal,
                state=desk.state,
                telemetry=slots,
                clock=clock,
                tick_s=settings.live_tick_s,
                crewed=crewed,
            )
            surveyor = Surveyor(clock=clock)
            video = settings.video(key=key, force=fleet.force, deployment=fleet.deployment)
            application = create_application(
                desk=desk,
                journal=journal,
                hub=hub,
                authenticator=_authenticator(settings, force=fleet.force, clock=clock),
                clock=clock,
                version=version("kestrel-dfr"),
                telemetry=slots,
                pictures=link.pictures,
                surveyor=surveyor,
                ground=ground,
                crewed=crewed,
                gauges=(link.counters.gauges, desk.counters.gauges),
                video=video,
                console=ConsoleFiles(connect=(*settings.console_connect, *video.origins)),
                map_source=settings.map_source(),
            )
            async with (
                asyncio.TaskGroup() as tasks,
                _background(tasks, journal=journal, desk=desk, clock=clock, reach=reach),
                looking(tasks, desk=desk, clock=clock),
                _feeds(tasks, settings, desk=desk, clock=clock, crewed=crewed),
                surveyor.running(lambda: question_of(desk.state, policy=desk.policy, mission_time=clock.mission_now())),
                link.running(tasks),
                hub.running(tasks),
                serving(tasks, application, listening),
            ):
                host, port = listening.getsockname()[:2]
                announce_ready(settings.ready_file, {"host": host, "port": port})
                log.info("ready", extra={"host": host, "port": port, "events": journal.last_seq})
                await until()
                log.info("asked to stop")


async def replay(journal: Journal) -> State:
    """The state after all that the journal holds."""
    state = State()
    async for recorded in journal.read(page_size=REPLAYED_AT_ONCE):
        state = apply(state, recorded)
    return state


async def _desk(
    settings: DispatcherSettings,
    *,
    journal: Journal,
    fleet: Fleet,
    policy: PolicyLoaded,
    clock: Clock,
    new_id: NewId,
    boot_id: UUID,
    reach: Reach,
    slots: TelemetrySlots,
    ground: Elevation | None,
    crewed: TrafficPicture | None,
) -> Desk:
    state = await replay(journal)
    check_deployment(settings.fleet_file, fleet, state)
    zones = await asyncio.to_thread(airspace.read_files, settings.airspace_files)
    desk = Desk(
        journal=journal,
        state=state,
        clock=clock,
        policy=_decision_policy(settings, policy),
        deployment=fleet.deployment,
        new_id=new_id,
        reach=reach,
        flying=flying_policy(policy.document),
        whereabouts=slots,
        traffic=crewed,
        worlds=Worlds(policy=_decision_policy(settings, policy), ground=_ground(ground)),
    )
    started = DispatcherStarted(boot_id=boot_id, deployment=fleet.deployment, force=fleet.force, force_name=fleet.name)
    await desk.record(
        [
            started,
            *policy_changes(state.policy, policy),
            *fleet_changes(state, fleet),
            *airspace.file_changes(state, zones),
        ]
    )
    await desk.tell_maintenance()
    # Made now, off the loop, so that the first decision need not wait for them.
    await asyncio.to_thread(lambda: desk.state.airspace.zones)
    await desk.worlds.prepare(desk.state, clock.mission_now())
    return desk


def _ground(elevation: Elevation | None) -> Ground | None:
    return None if elevation is None else Ground(terrain_amsl=elevation.cleared_amsl_m, digest=elevation.digest)


def _decision_policy(settings: DispatcherSettings, policy: PolicyLoaded) -> Policy:
    return decision_policy(policy.document, heartbeat_max_age_s=settings.dispatcher_silence_s)


def _crewed(settings: DispatcherSettings, *, fleet: Fleet, clock: Clock) -> TrafficPicture | None:
    if settings.traffic_source is None:
        return None
    return TrafficPicture(clock=clock, around=[(dock.lat_deg, dock.lon_deg) for dock in fleet.docks])


def _new_id(clock: Clock) -> NewId:
    return lambda: uuid7(clock.mission_now(), random_bits=secrets.randbits)


def _authenticator(settings: DispatcherSettings, *, force: str, clock: Clock) -> JwtAuthenticator:
    if settings.jwks_file is not None:
        source: FileKeySource | UrlKeySource = FileKeySource(path=settings.jwks_file)
    else:
        source = UrlKeySource(url=settings.jwks_url or "")
    return JwtAuthenticator(keys=KeySet(source=source, clock=clock), issuer=settings.issuer, force=force, clock=clock)


@contextlib.asynccontextmanager
async def _background(
    tasks: asyncio.TaskGroup, *, journal: Journal, desk: Desk, clock: Clock, reach: Reach
) -> AsyncIterator[None]:
    """What runs beside everything else, inside the block."""
    own = [
        tasks.create_task(_each(clock, LOOK_AFTER_EACH_S, desk.look_after_flights), name="look after flights"),
        tasks.create_task(_each(clock, LOOK_AFTER_EACH_S, desk.look_after_relays), name="look after relays"),
        tasks.create_task(_each(clock, LOOK_AFTER_EACH_S, desk.look_after_diversions), name="look after diversions"),
        tasks.create_task(_each(clock, LOOK_AFTER_EACH_S, desk.look_after_video), name="look after video"),
        tasks.create_task(_each(clock, LAUNCHES_EACH_S, desk.look_after_launches), name="look after launches"),
        tasks.create_task(_each(clock, TURNS_EACH_S, desk.look_after_turns), name="look after turns"),
        tasks.create_task(_each(clock, NEARNESS_EACH_S, desk.look_after_nearness), name="look after nearness"),
        tasks.create_task(_each(clock, PILOTS_EACH_S, desk.look_after_pilots), name="look after pilots"),
        tasks.create_task(_each(clock, LOOK_AFTER_EACH_S, desk.look_after_zones), name="look after zones"),
        tasks.create_task(_each(clock, NUDGES_EACH_S, desk.end_nudges), name="end nudges"),
        tasks.create_task(_watch_journal(journal), name="watch journal"),
        tasks.create_task(_keep_reach(desk, reach), name="keep reach"),
        tasks.create_task(_keep_worlds(desk, clock), name="keep worlds"),
    ]
    try:
        yield
    finally:
        for task in own:
            task.cancel()


@contextlib.asynccontextmanager
async def _feeds(
    tasks: asyncio.TaskGroup,
    settings: DispatcherSettings,
    *,
    desk: Desk,
    clock: Clock,
    crewed: TrafficPicture | None,
) -> AsyncIterator[None]:
    """What is read from elsewhere again and again, inside the block."""
    own: list[asyncio.Task[None]] = []
    if settings.weather_file is not None:
        own.append(tasks.create_task(_keep_weather(settings.weather_file, desk, clock), name="keep weather"))
    if settings.traffic_source is not None and crewed is not None:
        feed = TrafficFeed(settings.traffic_source, picture=crewed, clock=clock)
        own.append(tasks.create_task(feed.run(), name="keep traffic"))
    try:
        yield
    finally:
        for task in own:
            task.cancel()


async def _keep_weather(path: Path, desk: Desk, clock: Clock) -> None:
    file = WeatherFile(path, clock=clock)

    async def look() -> None:
        await file.look(desk)

    await look()
    await _each(clock, LOOK_EACH_S, look)


async def _each(clock: Clock, seconds: float, look_after: Callable[[], Awaitable[None]]) -> None:
    """Do it for ever, so many wall seconds apart; a failure is logged, and the next time it is tried again."""
    while True:
        await clock.sleep_wall(seconds)
        try:
            await look_after()
        except WriterLost:
            raise
        except Exception:
            log.exception("could not be looked after", extra={"what": getattr(look_after, "__name__", "?")})


async def _keep_reach(desk: Desk, reach: Reach) -> None:
    while True:
        await reach.wait_changed()
        await reach.keep(desk.state)


async def _keep_worlds(desk: Desk, clock: Clock) -> None:
    while True:
        await desk.worlds.prepare(desk.state, clock.mission_now())
        await desk.worlds.wait_missed(at_most_wall_s=LOOK_AGAIN_S / clock.factor)


async def _watch_journal(journal: Journal) -> None:
    await journal.wait_lost()
    raise WriterLost("this process can be the journal's writer no more: it must start anew")
