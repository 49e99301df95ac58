"""A dispatcher with one incident and a drone that flies to it, as a process of its own: for the officers' page.

The real desk, journal on disk, live hub, API and console behind a real server, in real time; the real media server
with a film of the simulated camera. What speaks for docks and aircraft is written here: lines on its input say what
happens (``arrive``, ``home``, ``freeze``, ``thaw``, ``blind``, ``see``; ``say TEXT`` is the control room's line,
``brief`` a link for 2 s, ``graver`` a call for which its drone is wanted), each answered by a line.
Killed and started again on the same folder and ports it goes on from its journal.

    python -m tests.watchstage FOLDER HOST HTTP_PORT VIDEO_PORT ORIGIN...
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import time
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast
from uuid import UUID

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from contracts.reports import OrderAccepted, Telemetry
from contracts.signing import Keyring, PrivateKeyFile, SigningKey, TrustFile
from contracts.video import VideoFlight
from contracts.vocabulary import Deployment, Phase
from dispatcher import events as ev
from dispatcher.api.application import create_application
from dispatcher.api.console import ConsoleFiles
from dispatcher.app import replay
from dispatcher.decision.facts import Policy
from dispatcher.desk import Desk
from dispatcher.entities import Flight
from dispatcher.journal import Journal
from dispatcher.link.telemetry import TelemetrySlots
from dispatcher.live.hub import Hub
from dispatcher.reach import Reach
from dispatcher.requests import IncidentAmendment
from dispatcher.serving import listen, serving
from dispatcher.video import VideoDoor
from kestrel.clock import SystemClock, VirtualClock
from kestrel.identity import uuid7
from media.api import Api
from media.doorman import Doorman
from media.flights import Flights
from media.h264 import Depacketiser
from media.library import Library
from media.rtp import parse
from media.sessions import Sessions
from media.socket import VideoSocket
from media.whep import Whep
from simulator.film.encoder import CLOCK_HZ, Encoder, Quality
from simulator.film.ground import make_ground
from simulator.film.rtp import Packetiser
from simulator.film.scene import Painter
from simulator.film.shot import Shot
from tests.desks import BOOT, QUAD, SITES, Scene, dock
from tests.eventlog import MemoryLog
from tests.unit.security.issuer import Issuer

DOCK = "cov-1"
SPEED_M_S = 15.0
FRAMES_S = 10
PICTURES = 60
HEIGHT_M = 60.0
SUMMARY = "14 High Street: two men with a crowbar at the back door"


class RealClock(SystemClock):
    """Time passes by itself: nobody advances it."""

    async def advance(self, seconds: float) -> None:
        """As a scene on a virtual clock would."""


class Stage:
    """Everything that speaks."""

    def __init__(self, *, desk: Desk, scene: Scene, slots: TelemetrySlots, clock: RealClock) -> None:
        self._desk = desk
        self._scene = scene
        self._slots = slots
        self._clock = clock
        self.frozen = False
        self.filming = True
        self._counter = 0
        self._began_s = clock.wall_s()
        self._position: tuple[float, float] = SITES[DOCK]

    @property
    def flight(self) -> Flight | None:
        """The one that is out."""
        return next(iter(self._desk.state.active_flights()), None)

    async def begin(self) -> UUID:
        """An incident and a drone on its way to it; as the journal has it after a restart."""
        for dock_id, cursor in self._desk.state.agents.items():
            self._scene.counters[dock_id] = cursor.counter
        known = next(iter(self._desk.state.incidents), None)
        if known is not None:
            return known
        for dock_id in SITES:
            await self._scene.status(dock_id)
        await self._desk.sign_on("pilot-1", "beforehand", 4)
        incident = await self._scene.incident(category="burglary in progress", summary=SUMMARY, grade="1")
        flight = await self._scene.press(incident, dock_id=DOCK)
        await self._scene.says(DOCK, OrderAccepted(order_id=flight.order.order_id, flight_id=flight.id))
        await self._scene.fly(flight, Phase.PREPARING, Phase.LAUNCHING, Phase.EN_ROUTE)
        return incident.id

    async def speak(self) -> None:
        """Telemetry, five times a second, for as long as a flight is out."""
        while True:
            await asyncio.sleep(0.2)
            flight = self.flight
            if flight is not None and not self.frozen:
                self._slots.put(DOCK, self._sample(flight))

    def _sample(self, flight: Flight) -> Telemetry:
        way = flight.order.route_out[-1]
        at = (
            (way.lat_deg, way.lon_deg)
            if flight.phase is not Phase.EN_ROUTE
            else self._on_the_way(way.lat_deg, way.lon_deg)
        )
        moved = at != self._position
        self._position = at
        self._counter += 1
        now = self._clock.mission_now()
        left_m = 111_000 * max(abs(at[0] - way.lat_deg), 0.62 * abs(at[1] - way.lon_deg))
        coming = flight.phase is Phase.EN_ROUTE
        arrives, leaves = now + timedelta(seconds=left_m / SPEED_M_S), self._since(flight) + timedelta(seconds=300)
        return Telemetry(
            boot_id=BOOT,
            counter=self._counter,
            deployment=Deployment.SIMULATION,
            mission_time=now,
            flight_id=flight.id,
            aircraft_id=flight.order.aircraft_id,
            lat_deg=at[0],
            lon_deg=at[1],
            alt_amsl_m=90 + HEIGHT_M,
            alt_above_home_m=HEIGHT_M,
            heading_deg=62.0,
            ground_speed_m_s=SPEED_M_S if moved else 0.0,
            climb_m_s=0.0,
            battery_percent=81.0,
            armed=True,
            in_air=True,
            flight_mode="MISSION",
            position_age_s=0.1,
            link_age_s=0.1,
            next_action="watches the scene" if coming else "returns home: the watch is over",
            next_action_at=arrives if coming else leaves,
            battery_at_home_percent=64.0,
            must_leave_at=leaves + timedelta(seconds=200),
        )

    def _since(self, flight: Flight) -> datetime:
        return flight.phases[-1].mission_time

    def _on_the_way(self, lat_deg: float, lon_deg: float) -> tuple[float, float]:
        """From the dock towards the scene, as far as the time since has brought it; never quite there."""
        since = next(entry for entry in (self.flight or self._nobody()).phases if entry.phase is Phase.EN_ROUTE)
        gone = min(0.9, (self._clock.mission_now() - since.mission_time).total_seconds() * SPEED_M_S / 760.0)
        from_lat, from_lon = SITES[DOCK]
        return from_lat + gone * (lat_deg - from_lat), from_lon + gone * (lon_deg - from_lon)

    def _nobody(self) -> Flight:
        raise LookupError("no flight is out")

    async def _say(self, text: str) -> None:
        """The control room writes it, though nobody reaches this machine."""
        incident_id = next(iter(self._desk.state.incidents))
        await self._desk.make_note(
            "controller-1",
            incident_id,
            origin="control",
            by_name="controller-1",
            text=text,
            link_id=None,
            idempotency_key=None,
        )

    async def _graver(self) -> None:
        """The call that the drone is on turns out to be a lesser one, and a graver one comes in beside it."""
        lesser = next(iter(self._desk.state.incidents))
        await self._desk.amend_incident("controller-1", lesser, IncidentAmendment(grade="4"))
        # Of an earlier life of this stage other references are known.
        self._scene.references += len(self._desk.state.incidents)
        await self._scene.incident(lat_deg=52.4105, lon_deg=-1.5085, category="person in the water", grade="1")
        await self._desk.look_after_turns()

    async def do(self, what: str) -> str:
        """What a line on the input says; the token of a brief link."""
        flight = self.flight
        if what == "brief":
            incident_id = next(iter(self._desk.state.incidents))
            _, token = await self._desk.give_link(
                "controller-1",
                incident_id,
                given_to="PC 4711",
                reason=ev.ViewReason.ATTENDING,
                lasts=timedelta(seconds=2),
            )
            return token
        if what.startswith("say "):
            await self._say(what.removeprefix("say "))
        elif what == "graver":
            await self._graver()
        elif what in ("freeze", "thaw"):
            self.frozen = what == "freeze"
        elif what in ("blind", "see"):
            self.filming = what == "see"
        elif flight is not None and what == "arrive":
            await self._scene.fly(flight, Phase.ON_SCENE)
        elif flight is not None and what == "home":
            await self._scene.fly(flight, Phase.RETURNING, Phase.LANDING, Phase.DOCKED)
        return ""


async def film(flights: Flights, stage: Stage) -> None:
    """The simulated camera's own pictures by RTP, over and over; each is made when it is first due."""
    quality = Quality(width=640, height=360, frames_s=FRAMES_S, bits_s=500_000)
    painter, encoder = Painter(ground=make_ground(), width=quality.width, height=quality.height), Encoder(quality)
    packetiser, depacketiser, step = Packetiser(ssrc=1), Depacketiser(), CLOCK_HZ // FRAMES_S
    pictures: list[bytes] = []

    def make(number: int) -> bytes:
        shot = Shot(camera="K1", send_to="", filming=True, north_m=1.5 * number, height_m=HEIGHT_M, pitch_deg=-60.0)
        painted = painter.paint(shot, now=datetime.fromtimestamp(time.time(), UTC))
        return encoder.encode(painted, timestamp=number * step)

    number = 0
    while True:
        if stage.filming and stage.flight is not None:
            if len(pictures) < PICTURES:
                pictures.append(await asyncio.to_thread(make, number))
            for packet in packetiser.packets(pictures[number % PICTURES], timestamp=number * step):
                taken = parse(packet)
                if taken is None:
                    continue
                for unit in depacketiser.push(taken, gap=False, unix_us=time.time_ns() // 1000):
                    flights.take(stage.flight.order.aircraft_id, unit)
            number += 1
        await asyncio.sleep(1 / FRAMES_S)


async def follow(flights: Flights, desk: Desk) -> None:
    """Tell the media server which flights are on."""
    while True:
        flights.follow(
            VideoFlight(
                flight_id=each.id,
                dock_id=each.dock_id,
                aircraft_id=each.order.aircraft_id,
                callsign=each.callsign,
                recording=False,
            )
            for each in desk.state.active_flights()
        )
        await asyncio.sleep(0.3)


@contextlib.asynccontextmanager
async def _media(
    tasks: asyncio.TaskGroup,
    *,
    folder: Path,
    key: SigningKey,
    clock: SystemClock,
    host: str,
    port: int,
    origins: Sequence[str],
) -> AsyncIterator[Flights]:
    """The media server without its sockets for RTP and without its talk with a dispatcher."""
    sessions = Sessions(clock=clock, most=50)
    flights = Flights(sources={}, library=Library(folder / "media"), clock=clock, over=lambda _: None)
    keyring = Keyring(TrustFile(keys=[key.trusted(force="test", holder="dispatcher")]))
    doorman = Doorman(keyring=keyring, force="test", deployment=Deployment.SIMULATION, sessions=sessions, clock=clock)
    whep = Whep(sessions=sessions)
    video = VideoSocket(
        doorman=doorman, sessions=sessions, stream_of=flights.stream, origins=frozenset(origins), clock=clock
    )
    api = Api(
        doorman=doorman,
        sessions=sessions,
        flights=flights,
        library=Library(folder / "media"),
        whep=whep,
        socket=video,
    )
    with listen(host, port) as listening:
        async with serving(tasks, api.application([*origins]), listening):
            yield flights
            await whep.stop()
            await flights.stop()


async def run(folder: Path, host: str, http_port: int, video_port: int, origins: Sequence[str]) -> None:
    """Serve until the input ends; pages come from ``origins``: somebody may stand in between."""
    clock = RealClock()
    issuer, key = _keys(folder, clock)
    policy = Policy(watch_s=300)
    async with Journal.open(url=f"sqlite:///{folder / 'journal.db'}", force="test", clock=clock) as journal:
        reach, slots = Reach(policy=policy), TelemetrySlots()
        desk = Desk(
            journal=journal,
            state=await replay(journal),
            clock=clock,
            policy=policy,
            deployment=Deployment.SIMULATION,
            new_id=lambda: uuid7(clock.mission_now()),
            reach=reach,
            whereabouts=slots,
        )
        started = ev.DispatcherStarted(
            boot_id=BOOT, deployment=Deployment.SIMULATION, force="test", force_name="Test Police"
        )
        docks = [
            ev.DockRegistered(dock=dock(dock_id, number, *site), aircraft_type=QUAD)
            for number, (dock_id, site) in enumerate(SITES.items(), start=1)
            if dock_id not in desk.state.docks
        ]
        await desk.record([started, *docks])
        # The scene moves no clock here: it only speaks for docks and agents.
        scene = Scene(
            clock=cast("VirtualClock", clock), log=cast("MemoryLog", journal), desk=desk, reach=reach, slots=slots
        )
        stage = Stage(desk=desk, scene=scene, slots=slots, clock=clock)
        incident_id = await stage.begin()
        hub = Hub(journal=journal, state=desk.state, telemetry=slots, clock=clock)
        application = create_application(
            desk=desk,
            journal=journal,
            hub=hub,
            authenticator=issuer.authenticator(),
            clock=clock,
            telemetry=slots,
            video=VideoDoor(key=key, force="test", deployment=Deployment.SIMULATION, url=f"http://{host}:{video_port}"),
            console=ConsoleFiles(connect=(f"http://{host}:{video_port}", f"ws://{host}:{video_port}")),
        )
        with listen(host, http_port) as listening:
            async with (
                asyncio.TaskGroup() as tasks,
                hub.running(tasks),
                _media(
                    tasks, folder=folder, key=key, clock=clock, host=host, port=video_port, origins=origins
                ) as flights,
                serving(tasks, application, listening),
            ):
                own = [
                    tasks.create_task(stage.speak(), name="telemetry"),
                    tasks.create_task(film(flights, stage), name="film"),
                    tasks.create_task(follow(flights, desk), name="flights on"),
                ]
                _say(
                    {
                        "incident_id": str(incident_id),
                        "controller": issuer.token("controller-1", "controller", exp=4_000_000_000),
                        "pilot": issuer.token("pilot-1", "pilot", exp=4_000_000_000),
                    }
                )
                await _obey(stage.do)
                for task in own:
                    task.cancel()


async def _obey(do: Callable[[str], Any]) -> None:
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := (await reader.readline()).decode().strip():
        _say({"did": line, "token": await do(line)})


def _say(what: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def _keys(folder: Path, clock: RealClock) -> tuple[Issuer, SigningKey]:
    """The same after a restart."""
    file = folder / "keys.json"
    if not file.exists():
        raw = Ed25519PrivateKey.generate().private_bytes(
            serialization.Encoding.Raw, serialization.PrivateFormat.Raw, serialization.NoEncryption()
        )
        signing = SigningKey.generate("dispatcher").to_file()
        file.write_text(
            json.dumps({"issuer": raw.hex(), "signing": signing.model_dump(mode="json", by_alias=True)}),
            encoding="utf-8",
        )
    kept = json.loads(file.read_text(encoding="utf-8"))
    private = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(kept["issuer"]))
    issuer = Issuer(clock, keys={"one": ("EdDSA", private)})
    return issuer, SigningKey.load(PrivateKeyFile.model_validate(kept["signing"]))


if __name__ == "__main__":
    asyncio.run(run(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), sys.argv[5:]))
