"""One dock on this machine with everything real around it: broker, dock hardware, aircraft, and the agent as a process.

`Rig` starts and kills processes; `Controller` is the dispatcher's end of the wire: it signs orders, acknowledges events
once it has written them down, and remembers everything it was told. The aircraft is the simulator's, or a real PX4.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import yaml

from contracts.envelope import seal, unseal
from contracts.fleet import Fleet
from contracts.message import Message
from contracts.orders import EventAck, FlightOrder, SafetyAction, SafetyOrder, TaskOrder
from contracts.position import Place, Waypoint
from contracts.reports import AgentEvent, CommandSettled, DockStatus, PhaseEntered, Telemetry
from contracts.signing import Keyring, SigningKey, TrustFile
from contracts.tasks import Task
from contracts.topics import DISPATCHER, Channel, Topic, every_dock
from contracts.vocabulary import Deployment, Phase
from dock_agent.modbus_dock import ModbusDock
from geo.flight.fence import fence_around
from geo.flight.plan import FlightPlan, straight_plan
from geo.flight.plan import Waypoint as PlanWaypoint
from geo.flight.position import offset
from kestrel.brokeraccess import dispatcher_account, dock_account, write_accounts
from kestrel.clock import SystemClock
from kestrel.identity import uuid7
from kestrel.keyfile import write_private_key
from kestrel.mqtt import Broker, MqttSession, Subscription
from kestrel.ports import FreePorts
from kestrel.yamlfile import load_yaml
from tests.flight.wire import Wire
from tests.simcontrol import SimControl, control_port, sim_control

FORCE = "testshire"
DOCK = "dock-1"
HOME = (52.4081, -1.5106)
HOME_ALT_AMSL_M = 88.0
LID_S = 4.0
PASSWORD = "only for a test"  # noqa: S105
ROOT = Path(__file__).parents[2]
AIRCRAFT_UID = "4b45535452454c01"
WHOLE = [
    Phase.PREPARING,
    Phase.LAUNCHING,
    Phase.EN_ROUTE,
    Phase.ON_SCENE,
    Phase.RETURNING,
    Phase.LANDING,
    Phase.DOCKED,
]
"""The phases that an agent tells of a flight in which nothing happens."""


@dataclass
class Controller:
    """The dispatcher's end: what it was told, and short ways to order and to wait."""

    clock: SystemClock
    key: SigningKey
    keyring: Keyring
    events: dict[UUID, list[AgentEvent]] = field(default_factory=dict)
    told: list[AgentEvent] = field(default_factory=list)
    """In the order of the record: no gaps, nothing twice."""
    status: DockStatus | None = None
    telemetry: Telemetry | None = None
    silent: bool = False
    """True: takes nothing down and acknowledges nothing, like a dispatcher that is away."""
    _sequence: int = 0
    _news: asyncio.Event = field(default_factory=asyncio.Event)
    _session: MqttSession | None = None

    @contextlib.asynccontextmanager
    async def connected(self, broker: Broker) -> AsyncIterator[Controller]:
        """Connected inside the block."""
        session = MqttSession(
            broker=broker,
            client_id="kestrel-dispatcher",
            subscriptions=[
                Subscription(every_dock(FORCE, channel), 1)
                for channel in (Channel.EVENT, Channel.STATUS, Channel.TELEMETRY)
            ],
            on_message=self._take,
        )
        async with session.running():
            self._session = session
            await session.wait_connected()
            yield self

    async def _take(self, name: str, payload: bytes) -> None:
        topic = Topic.parse(name)
        envelope = unseal(payload, topic=topic, keyring=self.keyring)
        if topic.channel is Channel.STATUS:
            self.status = envelope.open_as(DockStatus)
        elif topic.channel is Channel.TELEMETRY:
            self.telemetry = envelope.open_as(Telemetry)
        elif not self.silent:
            event = envelope.open_as(AgentEvent)
            of_boot = self.events.setdefault(event.boot_id, [])
            if event.counter == len(of_boot) + 1:
                of_boot.append(event)
                self.told.append(event)
            if of_boot:
                await self.send(EventAck(boot_id=event.boot_id, counter=len(of_boot)), Channel.ACK)
        self._news.set()

    async def send(self, message: Message, channel: Channel, *, lasts_s: float = 600.0) -> None:
        """Sign and publish."""
        assert self._session is not None
        self._sequence += 1
        now = self.clock.mission_now()
        topic = Topic(FORCE, DOCK, channel)
        payload = seal(
            message,
            topic=topic,
            key=self.key,
            message_id=uuid7(now),
            sequence=self._sequence,
            issued_at=now,
            expires_at=now + timedelta(seconds=lasts_s),
        )
        await self._session.publish(str(topic), payload, qos=1)

    async def until(self, what: Callable[[], Any], *, within_s: float, saying: str) -> Any:
        """Wait until ``what`` is truthy; fails naming what was told so far."""
        deadline = time.monotonic() + within_s
        while not (value := what()):
            left_s = deadline - time.monotonic()
            if left_s <= 0:
                phases = [str(phase) for phase in self.phases()]
                blockers = self.status.blockers if self.status else None
                raise AssertionError(f"{saying}: not within {within_s:.0f} s; phases {phases}; blockers {blockers}")
            self._news.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(min(left_s, 0.25)):
                    await self._news.wait()
        return value

    async def ready(self, *, within_s: float = 60.0) -> None:
        """Wait until the dock can launch."""
        await self.until(
            lambda: self.status is not None and not self.status.blockers,
            within_s=within_s,
            saying="a dock that can launch",
        )

    def phases(self, flight_id: UUID | None = None) -> list[Phase]:
        """The phases told, in order."""
        return [fact.phase for fact in self.facts(PhaseEntered) if flight_id is None or fact.flight_id == flight_id]

    def facts(self, kind: type[Any]) -> list[Any]:
        """All facts told of one kind."""
        return [event.fact for event in self.told if isinstance(event.fact, kind)]

    async def blocked(self, words: str, *, within_s: float = 30.0) -> None:
        """Wait until the dock says that it cannot launch, in these words."""
        await self.until(
            lambda: self.status is not None and any(words in blocker for blocker in self.status.blockers),
            within_s=within_s,
            saying=f"a blocker with {words!r}",
        )

    async def phase(self, phase: Phase, *, within_s: float) -> PhaseEntered:
        """Wait for a phase."""

        def seen() -> PhaseEntered | None:
            return next((fact for fact in self.facts(PhaseEntered) if fact.phase is phase), None)

        entered = await self.until(seen, within_s=within_s, saying=f"phase {phase}")
        assert isinstance(entered, PhaseEntered)
        return entered

    async def order(
        self,
        *,
        distance_m: float = 300.0,
        bearing_deg: float = 40.0,
        watch_s: float = 20.0,
        alt_m: float = 40.0,
        via: tuple[tuple[float, float], ...] = (),
        plan: FlightPlan | None = None,
    ) -> FlightOrder:
        """Order a flight to a scene at a distance and bearing from home; out and home by other places, if any.

        ``plan`` takes the place of all that.
        """
        scene = offset(*HOME, bearing_deg=bearing_deg, distance_m=distance_m)
        planned, plan = plan, plan or straight_plan(home=HOME, scene=scene, transit_alt_m=alt_m, scene_alt_m=alt_m)
        if via and planned is None:
            turns = tuple(PlanWaypoint(lat_deg=lat, lon_deg=lon, alt_above_home_m=alt_m) for lat, lon in via)
            plan = replace(
                plan,
                route_out=(*turns, *plan.route_out),
                route_home=(*reversed(turns), *plan.route_home),
                fence=fence_around(path=(HOME, *via, scene), margin_m=60.0),
            )
        now = self.clock.mission_now()
        order = FlightOrder(
            order_id=uuid7(now),
            flight_id=uuid7(now),
            incident_id=uuid7(now),
            deployment=Deployment.SIMULATION,
            aircraft_id="k1",
            pilot="pilot-1",
            purpose="a flight test",
            issued_at=now,
            expires_at=now + timedelta(seconds=600),
            home=_place(plan.home),
            scene=_place(plan.scene),
            route_out=[_waypoint(point) for point in plan.route_out],
            route_home=[_waypoint(point) for point in plan.route_home],
            fence=[_place(vertex) for vertex in plan.fence.vertices],
            ceiling_above_home_m=plan.ceiling_above_home_m,
            cruise_speed_m_s=15.0,
            watch_s=watch_s,
            reserve_percent=20.0,
        )
        await self.send(order, Channel.ORDER)
        return order

    async def call(self, order: FlightOrder, action: SafetyAction) -> SafetyOrder:
        """Give a safety order."""
        now = self.clock.mission_now()
        safety = SafetyOrder(
            order_id=uuid7(now),
            flight_id=order.flight_id,
            deployment=Deployment.SIMULATION,
            action=action,
            issued_at=now,
            expires_at=now + timedelta(seconds=600),
        )
        await self.send(safety, Channel.SAFETY)
        return safety

    async def task(self, order: FlightOrder, task: Task) -> TaskOrder:
        """Give a task."""
        now = self.clock.mission_now()
        given = TaskOrder(
            order_id=uuid7(now),
            flight_id=order.flight_id,
            deployment=Deployment.SIMULATION,
            given_by="pilot-1",
            issued_at=now,
            expires_at=now + timedelta(seconds=600),
            task=task,
        )
        await self.send(given, Channel.ORDER)
        return given

    async def settled(self, given: SafetyOrder | TaskOrder, *, within_s: float) -> CommandSettled:
        """Wait for an order's outcome."""

        def seen() -> CommandSettled | None:
            return next((fact for fact in self.facts(CommandSettled) if fact.order_id == given.order_id), None)

        outcome = await self.until(seen, within_s=within_s, saying=f"the outcome of {given}")
        assert isinstance(outcome, CommandSettled)
        return outcome


class Rig:
    """The processes around one dock. Use `running`."""

    def __init__(
        self,
        *,
        folder: Path,
        speed: float,
        lid_s: float = LID_S,
        mavlink_url: str | None = None,
        system_id: int = 1,
        fleet_system_id: int | None = None,
        site: tuple[float, float] = HOME,
        carries: tuple[str, ...] = (),
        camera: bool = False,
        uid: str | None = None,
    ) -> None:
        """``carries``: of the fleet file's has_... that default to False, e.g. ``adsb_in``. ``camera``: the dock's.

        ``uid``: that the fleet file gives the aircraft; the simulator's is `AIRCRAFT_UID`.
        """
        self.folder, self.speed, self._lid_s, self._system_id = folder, speed, lid_s, system_id
        self._fleet_system_id, self._site = fleet_system_id or system_id, site
        self._real = mavlink_url is not None
        self._carries, self._camera_address, self._uid = carries, "", uid
        with FreePorts() as ports:
            self._mqtt_port, modbus_port = ports.take(), ports.take()
            self.aircraft_port, send_port, self.agent_port = ports.take(), ports.take(), ports.take()
            if camera:
                self._camera_address = f"127.0.0.1:{ports.take()}"
        self._epoch = time.time()
        self.clock = SystemClock(epoch=self._epoch, factor=speed)
        self.broker = Broker("127.0.0.1", self._mqtt_port, username="dispatcher", password=PASSWORD)
        # A real PX4 sends to the port of its URL: there sits the wire, and the agent behind it.
        aircraft_side = send_port if mavlink_url is None else urlsplit(mavlink_url).port or send_port
        self.wire = Wire(aircraft_side=aircraft_side, agent_port=self.agent_port)
        self._mavlink_url = f"udpin://127.0.0.1:{self.agent_port}"
        self._send_port, self._modbus = send_port, f"127.0.0.1:{modbus_port}"
        self._processes: dict[str, asyncio.subprocess.Process] = {}
        self._desk_key, self._agent_key = SigningKey.generate("desk"), SigningKey.generate("agent")

    @property
    def epoch(self) -> float:
        """When mission and wall time were equal, in Unix seconds."""
        return self._epoch

    @contextlib.asynccontextmanager
    async def simulated(self) -> AsyncIterator[Fleet]:
        """The simulator alone inside the block, for a test that is the agent's link itself."""
        self._write_files()
        async with contextlib.AsyncExitStack() as stack:
            await stack.enter_async_context(self.wire.up())
            stack.push_async_callback(self._stop_all)
            await self.start("simulator", "simulator", *self._scenario_arguments())
            await self._ready("simulator")
            yield load_yaml(self.folder / "fleet.yaml", Fleet)

    async def start_broker(self) -> None:
        """Start the broker (again), on the same port."""
        accounts = str(self.folder / "accounts.json")
        await self.start("broker", "kestrel", "broker", "--port", str(self._mqtt_port), "--accounts", accounts)
        await self._ready("broker")

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[Controller]:
        """Broker, simulator and agent run inside the block, and nothing of them after it."""
        self._write_files()
        async with contextlib.AsyncExitStack() as stack:
            await stack.enter_async_context(self.wire.up())
            stack.push_async_callback(self._stop_all)
            await self.start_broker()
            await self.start("simulator", "simulator", *self._scenario_arguments())
            await self._ready("simulator")
            await self.start_agent()
            controller = Controller(clock=self.clock, key=self._desk_key, keyring=self._keyring())
            async with controller.connected(self.broker):
                yield controller

    def _scenario_arguments(self) -> tuple[str, ...]:
        return "--scenario", str(self.folder / "scenario.yaml"), "--control", "127.0.0.1:0"

    def sim_control(self) -> contextlib.AbstractAsyncContextManager[SimControl]:
        """Whoever breaks things in the running simulator."""
        return sim_control(control_port(self.folder / "simulator.ready"))

    @contextlib.asynccontextmanager
    async def hardware(self) -> AsyncIterator[ModbusDock]:
        """The dock's hardware, read by somebody who is not the agent."""
        host, _, port = self._modbus.rpartition(":")
        dock = ModbusDock(host=host, port=int(port), clock=self.clock)
        async with dock.running():
            yield dock

    async def _stop_all(self) -> None:
        for name in reversed(list(self._processes)):
            await self.stop(name)

    async def start_agent(self) -> None:
        """Start the agent (again) and wait until it is ready."""
        await self.start("agent", "dock_agent", "--dock", DOCK)
        await self._ready("agent")

    async def start(self, name: str, module: str, *arguments: str) -> None:
        """Start a process."""
        ready = self.folder / f"{name}.ready"
        ready.unlink(missing_ok=True)
        if module == "simulator":
            arguments = (*arguments, "--ready-file", str(ready))
        environment = {
            **os.environ,
            "KESTREL_MISSION_EPOCH": repr(self._epoch),
            "KESTREL_TIME_FACTOR": repr(self.speed),
            "KESTREL_READY_FILE": str(ready),
            "KESTREL_MQTT_HOST": self.broker.host,
            "KESTREL_MQTT_PORT": str(self.broker.port),
            "KESTREL_MQTT_USERNAME": DOCK,
            "KESTREL_MQTT_PASSWORD": PASSWORD,
            "KESTREL_FLEET_FILE": str(self.folder / "fleet.yaml"),
            "KESTREL_KEY_FILE": str(self.folder / "agent.key"),
            "KESTREL_TRUST_FILE": str(self.folder / "trust.json"),
            "KESTREL_STATE_DIR": str(self.folder / "state"),
        }
        with (self.folder / f"{name}.log").open("ab") as log:
            self._processes[name] = await asyncio.create_subprocess_exec(
                sys.executable, "-m", module, *arguments, env=environment, cwd=ROOT, stdout=log, stderr=log
            )

    async def _ready(self, name: str, *, within_s: float = 30.0) -> None:
        deadline = time.monotonic() + within_s
        while not (self.folder / f"{name}.ready").exists():
            process = self._processes[name]
            if process.returncode is not None or time.monotonic() > deadline:
                raise AssertionError(f"{name} did not become ready:\n{self.log(name)[-4000:]}")
            await asyncio.sleep(0.05)

    def log(self, name: str) -> str:
        """What a process has written."""
        return (self.folder / f"{name}.log").read_text(errors="replace")

    async def ended(self, name: str, *, within_s: float = 20.0) -> int:
        """Wait for a process to end by itself; returns the exit status."""
        async with asyncio.timeout(within_s):
            return await self._processes.pop(name).wait()

    async def kill(self, name: str) -> None:
        """SIGKILL."""
        process = self._processes.pop(name)
        process.send_signal(signal.SIGKILL)
        await process.wait()

    async def stop(self, name: str) -> int:
        """SIGTERM, and SIGKILL after 8 s, as the supervisor does; returns the exit status."""
        process = self._processes.pop(name)
        if process.returncode is None:
            process.terminate()
        try:
            async with asyncio.timeout(8.0):
                return await process.wait()
        except TimeoutError:
            process.kill()
            return await process.wait()

    def _keyring(self) -> Keyring:
        return Keyring(self._trust())

    def _trust(self) -> TrustFile:
        return TrustFile(
            keys=[
                self._desk_key.trusted(force=FORCE, holder=DISPATCHER),
                self._agent_key.trusted(force=FORCE, holder=DOCK),
            ]
        )

    def _write_files(self) -> None:
        folder = self.folder
        write_private_key(folder / "agent.key", self._agent_key)
        (folder / "trust.json").write_text(self._trust().model_dump_json(by_alias=True))
        accounts = [
            dispatcher_account(force=FORCE, password=PASSWORD),
            dock_account(force=FORCE, dock=DOCK, password=PASSWORD),
        ]
        write_accounts(folder / "accounts.json", accounts)
        (folder / "fleet.yaml").write_text(yaml.safe_dump(self._fleet()))
        load_yaml(folder / "fleet.yaml", Fleet)
        (folder / "scenario.yaml").write_text(yaml.safe_dump(self._scenario()))

    def _fleet(self) -> dict[str, Any]:
        aircraft = {"id": "k1", "callsign": "K1", "type": "quad", "system_id": self._fleet_system_id, "uid": self._uid}
        return {
            "schema": "kestrel.fleet/1",
            "force": FORCE,
            "name": "Testshire",
            "deployment": "simulation",
            "aircraft_types": {"quad": {**QUAD, **{f"has_{what}": True for what in self._carries}}},
            "docks": [
                {
                    "id": DOCK,
                    "name": "Test dock",
                    "lat_deg": self._site[0],
                    "lon_deg": self._site[1],
                    "alt_amsl_m": HOME_ALT_AMSL_M,
                    "lid_s": self._lid_s,
                    "aircraft": aircraft,
                    "links": self._links(),
                }
            ],
        }

    def _links(self) -> dict[str, str]:
        links = {"mavlink_url": self._mavlink_url, "modbus": self._modbus}
        return {**links, "camera": self._camera_address} if self._camera_address else links

    def _scenario(self) -> dict[str, Any]:
        aircraft: dict[str, Any] = {"id": "k1", "type": "quad", "system_id": self._system_id, "uid": AIRCRAFT_UID}
        if self._real:
            # Where a PX4 in simulation sends its ground-station link: only listened to, for the box's presence sensor.
            aircraft["px4"] = {"observe": "127.0.0.1:14550"}
        else:
            bind = f"127.0.0.1:{self.aircraft_port}"
            aircraft["mavlink"] = {"bind": bind, "send_to": f"127.0.0.1:{self._send_port}"}
            aircraft |= {"video": "rtsp://127.0.0.1:8554/k1", "films": False}
        return {
            "schema": "kestrel.scenario/1",
            "name": "Testshire",
            "seed": 1,
            "speed": self.speed,
            "weather": {"wind_speed_m_s": 3.0, "wind_from_deg": 240, "temperature_c": 11.0},
            "aircraft_types": {
                "quad": {
                    "mass_kg": 2.5,
                    "battery_wh": 184,
                    "hover_power_w": 270,
                    "max_speed_m_s": 20,
                    "climb_m_s": 5,
                    "descent_m_s": 3,
                    "payload": {_CARRIED.get(what, what): True for what in self._carries},
                }
            },
            "docks": [
                {
                    "id": DOCK,
                    "lat_deg": HOME[0],
                    "lon_deg": HOME[1],
                    "alt_amsl_m": HOME_ALT_AMSL_M,
                    "modbus": self._modbus,
                    "lid_s": self._lid_s,
                    "aircraft": aircraft,
                    **({"camera": self._camera_address} if self._camera_address else {}),
                }
            ],
        }


_CARRIED = {"adsb_in": "adsb_receiver"}
"""What the simulator calls by another name than the fleet file."""

QUAD: dict[str, float] = {
    "cruise_m_s": 15.0,
    "climb_m_s": 4.0,
    "descent_m_s": 2.0,
    "battery_wh": 184.0,
    "hover_power_w": 270.0,
    "cruise_power_w": 260.0,
    "climb_power_w": 420.0,
    "wind_limit_m_s": 12.0,
    "gust_limit_m_s": 16.0,
    "rain_limit_mm_h": 8.0,
    "temperature_min_c": -10.0,
    "temperature_max_c": 40.0,
}


def _place(point: tuple[float, float]) -> Place:
    return Place(lat_deg=point[0], lon_deg=point[1])


def _waypoint(point: Any) -> Waypoint:
    return Waypoint(lat_deg=point.lat_deg, lon_deg=point.lon_deg, alt_above_home_m=point.alt_above_home_m)
