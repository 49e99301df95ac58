"""A whole dispatcher behind its API, without a link: real desk, real journal on disk, real tokens, three docks."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import httpx
from fastapi import FastAPI

from contracts.reports import Fact, OrderAccepted, Telemetry
from contracts.vocabulary import Deployment, Phase
from dispatcher import events as ev
from dispatcher.api.application import create_application
from dispatcher.api.console import ConsoleFiles
from dispatcher.coverage.surveyor import Surveyor
from dispatcher.decision.facts import Policy
from dispatcher.desk import Desk
from dispatcher.journal import Journal
from dispatcher.link.pictures import PictureSlots
from dispatcher.link.telemetry import TelemetrySlots
from dispatcher.live.hub import Hub
from dispatcher.policy import FlyingPolicy
from dispatcher.reach import Reach
from dispatcher.state import State
from dispatcher.traffic import TrafficPicture
from dispatcher.video import VideoDoor
from geo.terrain.elevation import Elevation
from kestrel.clock import VirtualClock
from kestrel.identity import uuid7
from tests.desks import BOOT, QUAD, SITES, Scene, dock
from tests.eventlog import MemoryLog
from tests.journals import open_journal
from tests.unit.security.issuer import Issuer

Json = dict[str, Any]
ROLES = ("controller", "pilot", "officer", "supervisor", "engineer")


@dataclass
class House:
    """``scene`` makes docks and agents speak; `ask` is anybody with a role."""

    scene: Scene
    journal: Journal
    issuer: Issuer
    slots: TelemetrySlots
    hub: Hub
    application: FastAPI
    surveyor: Surveyor
    http: httpx.AsyncClient
    crewed: TrafficPicture | None = None
    """What the receiver hears; None: there is no receiver."""
    references: int = 0
    pictures: PictureSlots = field(default_factory=PictureSlots)
    tokens: dict[str, str] = field(default_factory=dict)

    @property
    def clock(self) -> VirtualClock:
        return self.scene.clock

    @property
    def desk(self) -> Desk:
        return self.scene.desk

    def token(self, role: str) -> str:
        """Of the person ``{role}-1``."""
        return self.tokens.setdefault(role, self.issuer.token(f"{role}-1", role, exp=4_000_000_000))

    async def ask(self, method: str, path: str, *, role: str | None = "controller", **request: Any) -> httpx.Response:
        """A request under /api/v1 as somebody; None: as nobody."""
        return await self.fetch(method, f"/api/v1{path}", role=role, **request)

    async def fetch(self, method: str, path: str, *, role: str | None = None, **request: Any) -> httpx.Response:
        """A request for any path at all."""
        headers = dict(request.pop("headers", {}))
        if role is not None:
            headers["Authorization"] = f"Bearer {self.token(role)}"
        return await self.http.request(method, path, headers=headers, **request)

    async def taken(self, method: str, path: str, **request: Any) -> Json:
        """The JSON of a request that must be taken."""
        answer = await self.ask(method, path, **request)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return dict(answer.json())

    def report(self, **changes: Any) -> Json:
        """The body of a new incident, 800 m from cov-1."""
        self.references += 1
        body: Json = {
            "source": "cad",
            "reference": f"R{self.references}",
            "grade": "1",
            "category": "robbery",
            "place": {"lat_deg": 52.41, "lon_deg": -1.51},
        }
        return body | changes

    async def incident(self, **changes: Any) -> Json:
        """A new incident with its options."""
        return await self.taken("POST", "/incidents", json=self.report(**changes))

    def press(self, incident: Json, **changes: Any) -> Json:
        """The body of a press on what was shown."""
        body = {
            "purpose": "see what is there",
            "decision_id": incident["decision_id"],
            "incident_revision": incident["incident_revision"],
        }
        return body | changes

    async def dispatch(self, incident: Json, *, key: str = "press-1", **changes: Any) -> httpx.Response:
        """Press dispatch."""
        return await self.ask(
            "POST",
            f"/incidents/{incident['id']}/dispatch",
            json=self.press(incident, **changes),
            headers={"Idempotency-Key": key},
        )

    async def flown(self, *phases: Phase, facts: list[Fact] | None = None) -> Json:
        """A flight that has been accepted by its agent and entered these phases."""
        answer = await self.dispatch(await self.incident())
        assert answer.status_code == 201, answer.text
        flight = self.desk.state.flights[UUID(answer.json()["id"])]
        await self.scene.says(flight.dock_id, OrderAccepted(order_id=flight.order.order_id, flight_id=flight.id))
        await self.scene.fly(flight, *phases)
        for fact in facts or []:
            await self.scene.says(flight.dock_id, fact)
        return await self.taken("GET", f"/flights/{flight.id}")

    def telemetry(self, dock_id: str, **changes: Any) -> None:
        """The dock's aircraft says where it is."""
        known = self.desk.state.docks[dock_id].dock
        values: Json = {
            "boot_id": BOOT,
            "counter": 1,
            "deployment": Deployment.SIMULATION,
            "mission_time": self.clock.mission_now(),
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
        self.slots.put(dock_id, Telemetry(**(values | changes)))

    async def in_the_air(self, *phases: Phase, at: tuple[float, float] = (52.4080, -1.5160), key: str = "air") -> Json:
        """A flight that has come so far (on its way when nothing is said), at a known place of its way's height."""
        answer = await self.dispatch(await self.incident(), key=key)
        assert answer.status_code == 201, answer.text
        flight = self.desk.state.flights[UUID(answer.json()["id"])]
        await self.scene.says(flight.dock_id, OrderAccepted(order_id=flight.order.order_id, flight_id=flight.id))
        out = (Phase.PREPARING, Phase.LAUNCHING, Phase.EN_ROUTE)
        await self.scene.fly(flight, *(phases or out))
        self.seen(flight.id, at)
        return await self.taken("GET", f"/flights/{flight.id}")

    def seen(self, flight: UUID, at: tuple[float, float], **changes: Any) -> None:
        """The flight's aircraft says where it is in the air."""
        known = self.desk.state.flights[flight]
        alt_m = known.order.route_out[-1].alt_above_home_m
        values: Json = {"flight_id": flight, "alt_above_home_m": alt_m, "armed": True, "in_air": True}
        self.telemetry(known.dock_id, lat_deg=at[0], lon_deg=at[1], **(values | changes))

    def person(self, person_id: str, *roles: str) -> str:
        """Another person's name for `ask`'s ``role``."""
        self.tokens[person_id] = self.issuer.token(person_id, *roles, exp=4_000_000_000)
        return person_id

    async def seq(self) -> int:
        """How many events there are."""
        return self.journal.last_seq


def _built_console(folder: Path) -> Path:
    """What a build leaves, in small."""
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html><title>Kestrel</title>", encoding="utf-8")
    (folder / "watch.html").write_text("<!doctype html><title>Kestrel: watch</title>", encoding="utf-8")
    (folder / "watch").mkdir()
    (folder / "watch" / "sw.js").write_text("self.skipWaiting()\n", encoding="utf-8")
    (folder / "favicon.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>", encoding="utf-8")
    (folder / "basemap.pmtiles").write_bytes(bytes(range(256)) * 4)
    script = b"export const answer = 42\n"
    (folder / "assets" / "app-0a1B2c_4.js").write_bytes(script)
    (folder / "assets" / "app-0a1B2c_4.js.gz").write_bytes(gzip.compress(script))
    (folder / "assets" / "mapworker.js").write_bytes(script)
    return folder


@contextlib.asynccontextmanager
async def open_house(
    path: Path,
    *,
    pilots: bool = True,
    video: VideoDoor | None = None,
    policy: Policy | None = None,
    flying: FlyingPolicy | None = None,
    ground: Elevation | None = None,
    receiver: bool = False,
) -> AsyncIterator[House]:
    """Three docks ready around Coventry; pilot-1 on duty accepts beforehand."""
    clock = VirtualClock()
    issuer = Issuer(clock)
    policy = policy or Policy(watch_s=300)
    async with open_journal(path / "journal.db", clock=clock, seed=1) as journal, asyncio.TaskGroup() as tasks:
        reach = Reach(policy=policy)
        slots, pictures = TelemetrySlots(), PictureSlots()
        crewed = TrafficPicture(clock=clock, around=list(SITES.values())) if receiver else None
        desk = Desk(
            journal=journal,
            state=State(),
            clock=clock,
            policy=policy,
            deployment=Deployment.SIMULATION,
            new_id=lambda: uuid7(clock.mission_now()),
            reach=reach,
            flying=flying,
            whereabouts=slots,
            traffic=crewed,
        )
        await desk.record(
            [
                ev.DispatcherStarted(
                    boot_id=BOOT, deployment=Deployment.SIMULATION, force="test", force_name="Test Police"
                ),
                *(
                    ev.DockRegistered(dock=dock(dock_id, number, *site), aircraft_type=QUAD)
                    for number, (dock_id, site) in enumerate(SITES.items(), start=1)
                ),
            ]
        )
        # The scene's own log stays empty: everything is in the journal.
        scene = Scene(clock=clock, log=cast("MemoryLog", journal), desk=desk, reach=reach)
        for dock_id in SITES:
            await scene.status(dock_id)
        if pilots:
            await desk.sign_on("pilot-1", "beforehand", 4)
        hub = Hub(journal=journal, state=desk.state, telemetry=slots, clock=clock, epoch="first", crewed=crewed)
        surveyor = Surveyor(clock=clock)
        application = create_application(
            desk=desk,
            journal=journal,
            hub=hub,
            authenticator=issuer.authenticator(),
            clock=clock,
            version="1.2.3",
            telemetry=slots,
            pictures=pictures,
            ground=ground,
            crewed=crewed,
            gauges=(lambda: {"given": 7.0},),
            surveyor=surveyor,
            console=ConsoleFiles(_built_console(path / "console"), connect=["https://maps.test"]),
            video=video,
        )
        transport = httpx.ASGITransport(application)
        async with (
            hub.running(tasks),
            surveyor.running(),
            httpx.AsyncClient(transport=transport, base_url="http://test") as http,
        ):
            yield House(
                scene=scene,
                journal=journal,
                issuer=issuer,
                slots=slots,
                hub=hub,
                application=application,
                crewed=crewed,
                surveyor=surveyor,
                http=http,
                pictures=pictures,
            )
