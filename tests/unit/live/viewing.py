"""A hub over a scene, and viewers that keep their frames: what the socket would carry, without a socket."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from contracts.reports import Telemetry
from contracts.vocabulary import Deployment
from dispatcher.events import ViewReason
from dispatcher.link.telemetry import TelemetrySlots
from dispatcher.live.hub import Hub
from dispatcher.live.viewer import Closing, Gone, Viewer
from dispatcher.record import Recorded
from dispatcher.security.watching import Doorkeeper, WatchSessions
from dispatcher.state import State
from tests.desks import BOOT, Scene
from tests.eventlog import MemoryLog
from tests.unit.security.issuer import Issuer

Json = dict[str, Any]
KEEP_ENDED_S = 100.0
TOKEN_S = 300.0


class LogTail:
    """The tail of a log in memory."""

    def __init__(self, scene: Scene) -> None:
        self._log: MemoryLog = scene.log
        self._grown = asyncio.Event()
        scene.desk.on_appended(lambda _: self._grown.set())

    async def tail(self, after_seq: int) -> AsyncIterator[Recorded]:
        while True:
            self._grown.clear()
            for recorded in self._log.records[after_seq:]:
                yield recorded
                after_seq = recorded.seq
            await self._grown.wait()


@dataclass
class Gallery:
    """Everything that a viewer needs, on one virtual clock."""

    scene: Scene
    hub: Hub
    slots: TelemetrySlots
    issuer: Issuer
    tasks: asyncio.TaskGroup
    seats: list[Seat] = field(default_factory=list)

    async def tick(self, times: int = 1) -> None:
        """Let the hub publish."""
        for _ in range(times):
            await self.scene.clock.advance(self.hub.tick_s)

    def seat(self, *, patience_s: float = 10.0) -> Seat:
        """A connection that has been opened and has said nothing yet."""
        seat = Seat(self, patience_s=patience_s)
        self.seats.append(seat)
        return seat

    async def viewer(self, role: str = "controller", *, earlier: Seat | None = None) -> Seat:
        """A connection that has authenticated, as one that comes back when ``earlier`` is given."""
        seat = self.seat()
        resume = {} if earlier is None else {"epoch": earlier.epoch, "seq": earlier.seq}
        seat.say({"type": "auth", "token": self.token(f"{role}-1", role), **resume})
        if earlier is not None:
            seat.entities = dict(earlier.entities)
            seat.epoch, seat.seq = earlier.epoch, earlier.seq
        await self.settle()
        return seat

    def token(self, subject: str, role: str) -> str:
        """A token that lasts `TOKEN_S`."""
        expires = self.scene.clock.wall_now() + timedelta(seconds=TOKEN_S)
        return self.issuer.token(subject, role, exp=int(expires.timestamp()))

    def sessions(self) -> WatchSessions:
        """Who comes through a link."""
        desk = self.scene.desk
        return WatchSessions(
            find_link=lambda link_id: desk.state.links.get(link_id),
            force=lambda: desk.state.force,
            clock=self.scene.clock,
            key=b"k" * 32,
        )

    async def watcher(self, incident_id: UUID, *, earlier: Seat | None = None) -> Seat:
        """A connection through a new link to this incident, or through that of ``earlier`` again."""
        desk = self.scene.desk
        if earlier is None or earlier.link is None:
            link, token = await desk.give_link(
                "controller-1",
                incident_id,
                given_to="PC 4711",
                reason=ViewReason.ATTENDING,
                lasts=timedelta(hours=1),
            )
            await desk.open_link(token, "a device of an officer, as text of its own")
        else:
            link = desk.state.links[earlier.link]
        seat = self.seat()
        seat.link = link.id
        session, _ = self.sessions().begin(desk.state.links[link.id])
        resume = {} if earlier is None else {"epoch": earlier.epoch, "seq": earlier.seq}
        seat.say({"type": "auth", "token": session, **resume})
        if earlier is not None:
            seat.entities = dict(earlier.entities)
            seat.epoch, seat.seq = earlier.epoch, earlier.seq
        await self.settle()
        return seat

    async def settle(self) -> None:
        """Let every task run as far as it can."""
        await self.scene.clock.advance(0)

    def sample(self, dock_id: str, **changes: Any) -> None:
        """New telemetry of a dock's aircraft."""
        self.slots.put(dock_id, self.sampled(dock_id, **changes))

    def sampled(self, dock_id: str, **changes: Any) -> Telemetry:
        """What a dock's aircraft would say."""
        known = self.scene.desk.state.docks[dock_id].dock
        values: Json = {
            "boot_id": BOOT,
            "counter": 1,
            "deployment": Deployment.SIMULATION,
            "mission_time": self.scene.clock.mission_now(),
            "flight_id": None,
            "aircraft_id": known.aircraft.id,
            "lat_deg": known.lat_deg,
            "lon_deg": known.lon_deg,
            "alt_amsl_m": 92.0,
            "alt_above_home_m": 0.0,
            "heading_deg": 10.0,
            "ground_speed_m_s": 0.0,
            "climb_m_s": 0.0,
            "battery_percent": 88.0,
            "armed": False,
            "in_air": False,
            "flight_mode": "HOLD",
            "position_age_s": 0.1,
            "link_age_s": 0.1,
        }
        return Telemetry(**(values | changes))


class Seat:
    """One connection: what was sent is in ``frames``, their fold in ``entities``."""

    def __init__(self, gallery: Gallery, *, patience_s: float) -> None:
        self.frames: list[Json] = []
        self.texts: list[str] = []
        self.entities: dict[tuple[str, str], Json] = {}
        self.epoch: str | None = None
        self.seq = 0
        self.closed: int | None = None
        self.link: UUID | None = None
        """Through which it looks."""
        self.why = ""
        self.taking = asyncio.Event()
        self.taking.set()
        self._said: asyncio.Queue[str | None] = asyncio.Queue(maxsize=16)
        self._gone = False
        viewer = Viewer(
            hub=gallery.hub,
            authenticator=Doorkeeper(people=gallery.issuer.authenticator(), sessions=gallery.sessions()),
            clock=gallery.scene.clock,
            receive=self._receive,
            send=self._send,
            patience_s=patience_s,
        )
        self.task = gallery.tasks.create_task(self._run(viewer))

    async def _run(self, viewer: Viewer) -> None:
        try:
            await viewer.run()
            self.closed = 0
        except Closing as closing:
            self.closed, self.why = int(closing.code), closing.reason

    async def _receive(self) -> str | None:
        said = await self._said.get()
        if self._gone:
            raise Gone
        return said

    async def _send(self, text: str) -> None:
        await self.taking.wait()
        frame = json.loads(text)
        self.texts.append(text)
        self.frames.append(frame)
        self.epoch = frame.get("epoch", self.epoch)
        self.seq = frame["seq"]
        if frame["type"] == "snapshot":
            self.entities.clear()
        for entity in (*frame.get("entities", ()), *frame.get("changed", ())):
            self.entities[entity["kind"], entity["id"]] = entity["data"]
        for gone in frame.get("removed", ()):
            self.entities.pop((gone["kind"], gone["id"]), None)

    def say(self, frame: Json | str | None) -> None:
        """The client sends a frame; None is one that is not text."""
        self._said.put_nowait(frame if isinstance(frame, str | None) else json.dumps(frame))

    def leave(self) -> None:
        """The client closes the connection."""
        self._gone = True
        self._said.put_nowait(None)

    def is_open(self) -> bool:
        """True until the server or the client has ended it."""
        return self.closed is None

    def types(self) -> list[str]:
        """The types of all frames so far."""
        return [frame["type"] for frame in self.frames]

    def of(self, kind: str) -> dict[str, Json]:
        """The entities of a kind."""
        return {entity_id: data for (this, entity_id), data in self.entities.items() if this == kind}


@contextlib.asynccontextmanager
async def open_gallery(*, state: State | None = None, epoch: str = "first") -> AsyncIterator[Gallery]:
    """A hub that has caught up; ``state`` None: it begins with what the desk knows."""
    scene = await Scene.open()
    slots = TelemetrySlots()
    hub = Hub(
        journal=LogTail(scene),
        state=scene.desk.state if state is None else state,
        telemetry=slots,
        clock=scene.clock,
        epoch=epoch,
        keep_ended=timedelta(seconds=KEEP_ENDED_S),
    )
    async with asyncio.TaskGroup() as tasks, hub.running(tasks):
        gallery = Gallery(scene=scene, hub=hub, slots=slots, issuer=Issuer(scene.clock), tasks=tasks)
        await gallery.tick(2)
        yield gallery
        for seat in gallery.seats:
            seat.task.cancel()
