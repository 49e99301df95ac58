"""The whole real system for tests: every process as the product starts it, on free ports, at a speed factor.

Broker (embedded or Mosquitto), issuer, simulator, dispatcher and agents each have a supervisor of their own here, so
that a test may kill one and see it restarted, or keep it down for as long as it likes.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

import httpx
import yaml
from pymavlink.dialects.v20 import common as mavlink

from contracts.topics import DISPATCHER
from kestrel.apiclient import ask_for_token
from kestrel.clock import SystemClock
from kestrel.issuer import SECRET_FILE
from kestrel.journalfile import Entry, read_journal
from kestrel.ports import LOOPBACK, FreePorts
from kestrel.processes import AGENT_PREFIX, BROKER, ISSUER, SIMULATOR, Addresses, plan_processes
from kestrel.rundir import MissionTime, RunDir, with_free_ports, write_yaml
from kestrel.supervisor import ProcessSpec, Supervisor, tail_of
from kestrel.tokens import Role
from tests.liveclient import LiveClient, live_client
from tests.mosquitto import mosquitto_spec
from tests.overhearing import Overhearing, overhearing
from tests.simcontrol import SimControl, control_port, sim_control
from tests.wiretap import Wiretap, wiretap

EXAMPLE = Path(__file__).parents[1] / "examples" / "coventry"
FACTOR = 10.0
FIRST = (BROKER, ISSUER, SIMULATOR)
"""Started before the others, stopped after them."""
LOOK_S = 0.05

T = TypeVar("T")
Json = dict[str, Any]


class BrokerKind(StrEnum):
    """Which broker carries the messages."""

    AMQTT = "amqtt"
    MOSQUITTO = "mosquitto"


class Unit:
    """One process under a supervisor of its own."""

    def __init__(self, spec: ProcessSpec) -> None:
        self.spec = replace(spec, after=frozenset())
        self._supervisor: Supervisor | None = None
        self._leaving = contextlib.AsyncExitStack()

    async def start(self) -> None:
        """Start it and wait until it is ready."""
        if self._supervisor is not None:
            raise RuntimeError(f"{self.spec.name} runs already")
        self._supervisor = Supervisor(specs=[self.spec])
        try:
            await self._leaving.enter_async_context(self._supervisor.running())
            await self._supervisor.all_ready()
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """SIGTERM, and SIGKILL if that is not enough; it stays down."""
        self._supervisor = None
        await self._leaving.aclose()

    async def take_down(self) -> None:
        """SIGKILL; it stays down until `start`."""
        self.kill()
        await self.stop()

    def kill(self) -> int:
        """SIGKILL; its supervisor restarts it. Returns the pid that is no more."""
        return self.signal(signal.SIGKILL)

    def signal(self, number: signal.Signals) -> int:
        """Send a signal; returns the pid that got it."""
        pid = self.pid
        assert pid is not None, f"{self.spec.name} does not run"
        os.kill(pid, number)
        return pid

    @property
    def wanted(self) -> bool:
        """True between `start` and `stop`, whether it runs or is being restarted."""
        return self._supervisor is not None

    @property
    def pid(self) -> int | None:
        """The process now; None while there is none."""
        return self._supervisor.views()[0].pid if self._supervisor is not None else None

    @property
    def restarts(self) -> int:
        """How often its present supervisor had to start it again."""
        return self._supervisor.views()[0].restarts if self._supervisor is not None else 0

    def log(self) -> str:
        """All that it has written."""
        return self.spec.log_file.read_text(encoding="utf-8", errors="replace") if self.spec.log_file.exists() else ""


@dataclass(kw_only=True)
class Stack:
    """A running system. ``units`` by process name: broker, issuer, simulator, dispatcher, agent-DOCK."""

    run: RunDir
    broker_kind: BrokerKind
    addresses: Addresses
    clock: SystemClock
    fleet: Json
    passwords: dict[str, str]
    units: dict[str, Unit]
    taps: dict[str, Wiretap]
    _leaving: contextlib.AsyncExitStack
    _clients: dict[str, httpx.AsyncClient] = field(default_factory=dict)
    _tokens: dict[str, str] = field(default_factory=dict)

    @property
    def force(self) -> str:
        """The force's id."""
        return str(self.fleet["force"])

    @property
    def docks(self) -> list[str]:
        """The ids of the docks."""
        return [dock["id"] for dock in self.fleet["docks"]]

    def site(self, dock_id: str) -> tuple[float, float]:
        """Where a dock stands: latitude, longitude."""
        dock = next(dock for dock in self.fleet["docks"] if dock["id"] == dock_id)
        return dock["lat_deg"], dock["lon_deg"]

    def agent(self, dock_id: str) -> Unit:
        """A dock's agent."""
        return self.units[AGENT_PREFIX + dock_id]

    @property
    def dispatcher(self) -> Unit:
        """The dispatcher."""
        return self.units[DISPATCHER]

    @property
    def broker(self) -> Unit:
        """The broker."""
        return self.units[BROKER]

    async def token(self, role: str) -> str:
        """A token of ``{role}-1`` with that one role, from the local issuer; ``pilot-2`` is another pilot, and
        ``controller+pilot`` somebody who is both.
        """
        if role not in self._tokens:
            name, _, number = role.partition("-")
            self._tokens[role] = await ask_for_token(
                issuer=self.addresses.issuer,
                secret_file=self.run.issuer_folder / SECRET_FILE,
                subject=f"{name.replace('+', '-')}-{number or 1}",
                roles=[Role(each) for each in name.split("+")],
                force=self.force,
            )
        return self._tokens[role]

    async def api(self, role: str | None) -> httpx.AsyncClient:
        """A client with that role's token; None: without any."""
        name = role or ""
        if name not in self._clients:
            headers = {"Authorization": f"Bearer {await self.token(role)}"} if role else {}
            client = httpx.AsyncClient(base_url=self.addresses.api, headers=headers, timeout=15, trust_env=False)
            self._clients[name] = await self._leaving.enter_async_context(client)
        return self._clients[name]

    @contextlib.asynccontextmanager
    async def live(
        self, role: str, *, earlier: LiveClient | None = None, resume: bool = False
    ) -> AsyncIterator[LiveClient]:
        """A viewer of the live socket."""
        url = self.addresses.api.replace("http", "ws", 1) + "/api/v1/live"
        async with live_client(url=url, token=await self.token(role), earlier=earlier, resume=resume) as client:
            yield client

    def sim_control(self) -> contextlib.AbstractAsyncContextManager[SimControl]:
        """Faults put into the running simulator, and the truth about its world (docs/simulator.md)."""
        return sim_control(control_port(self.run.ready_file(SIMULATOR)))

    @contextlib.asynccontextmanager
    async def overhear(self) -> AsyncIterator[Overhearing]:
        """All that is said on the broker, read beside the dispatcher."""
        async with overhearing(
            port=self.addresses.broker_port, password=self.passwords[DISPATCHER], force=self.force
        ) as heard:
            yield heard

    async def journal(self) -> list[Entry]:
        """All events, from the file, by the checker's reader; the chain must hold."""
        entries, faults = await asyncio.to_thread(read_journal, self.run.journal_file)
        assert not faults, f"the chain is broken: {faults[:3]}"
        return entries

    async def until(self, look: Callable[[], Awaitable[T | None]], *, within_s: float, what: str) -> T:
        """What ``look`` gives as soon as it gives something; `AssertionError` after ``within_s`` wall seconds."""
        deadline = asyncio.get_running_loop().time() + within_s
        while True:
            found: T | None = None
            with contextlib.suppress(httpx.TransportError):
                found = await look()
            if found:
                return found
            assert asyncio.get_running_loop().time() < deadline, f"not within {within_s:.0f} s: {what}"
            await asyncio.sleep(LOOK_S)

    async def whole(self) -> None:
        """Start what an earlier test has left down."""
        for unit in self.units.values():
            if not unit.wanted:
                await unit.start()

    def tails(self) -> str:
        """The end of every process's log: what to read when a test has failed."""
        return "\n".join(f"--- {name}\n{tail_of(unit.spec.log_file, lines=30)}" for name, unit in self.units.items())


@contextlib.asynccontextmanager
async def running_stack(
    *,
    folder: Path,
    broker: BrokerKind = BrokerKind.AMQTT,
    dock_ids: Sequence[str] = ("cov-1", "cov-3"),
    tapped: Collection[str] = (),
    empty: Collection[str] = (),
    factor: float = FACTOR,
    policy: Json | None = None,
    video: bool = False,
) -> AsyncIterator[Stack]:
    """Everything ready inside the block; without a ``policy`` (as its file has it) the built-in one is in force.

    The links of the docks in ``tapped`` go through a wiretap; in those of ``empty`` no aircraft stands. With ``video``
    the cameras film, and there is a media process.
    """
    async with contextlib.AsyncExitStack() as leaving:
        run = leaving.enter_context(RunDir(folder / "run"))
        mission = run.prepare(keep=False, speed=factor)
        with FreePorts() as ports:
            fleet, scenario = with_free_ports(_only(dock_ids, "fleet"), _only(dock_ids, "scenario"), ports, video=video)
            if scenario is None:
                raise RuntimeError("the example has no scenario")
            for box in (each for each in scenario["docks"] if each["id"] in empty):
                # A real PX4 would fly in its place; there is none.
                del box["aircraft"]["mavlink"]
                box["aircraft"]["px4"] = {"observe": f"{LOOPBACK}:{ports.take()}"}
            taps = [_tap(box, fleet, ports) for box in scenario["docks"] if box["id"] in tapped]
            addresses = Addresses(
                broker_host=LOOPBACK,
                broker_port=ports.take(),
                own_broker=broker is BrokerKind.AMQTT,
                issuer_port=ports.take(),
                http_port=ports.take(),
                media_port=ports.take(tcp_alone=True) if video else None,
            )
        write_yaml(run.fleet_file, fleet)
        write_yaml(run.scenario_file, scenario)
        if policy is not None:
            write_yaml(run.policy_file, policy)
        run.make_keys(force=fleet["force"], dock_ids=list(dock_ids))
        passwords = run.make_accounts(force=fleet["force"], dock_ids=list(dock_ids))
        specs = [
            replace(spec, argv=(*spec.argv, "--control", f"{LOOPBACK}:0")) if spec.name == SIMULATOR else spec
            for spec in plan_processes(
                run=run, addresses=addresses, mission=mission, dock_ids=dock_ids, passwords=passwords
            )
        ]
        if broker is BrokerKind.MOSQUITTO:
            specs.append(_mosquitto(run, addresses, fleet["force"], passwords))
        stack = Stack(
            run=run,
            broker_kind=broker,
            addresses=addresses,
            clock=_clock(mission),
            fleet=fleet,
            passwords=passwords,
            units={spec.name: Unit(spec) for spec in specs},
            taps={dock: await leaving.enter_async_context(tap) for dock, tap in taps},
            _leaving=leaving,
        )
        try:
            await _start(stack)
            if video:
                run.write_secret(run.media_token_file.name, await stack.token("media"))
            for box in (each for each in scenario["docks"] if each["id"] in empty):
                _carried_off(box)
            yield stack
        finally:
            await asyncio.gather(*(unit.stop() for name, unit in stack.units.items() if name not in FIRST))
            await asyncio.gather(*(stack.units[name].stop() for name in FIRST))


async def _start(stack: Stack) -> None:
    try:
        await asyncio.gather(*(stack.units[name].start() for name in FIRST))
        await asyncio.gather(*(unit.start() for name, unit in stack.units.items() if name not in FIRST))
    except Exception as error:
        raise RuntimeError(f"the stack did not come up: {error}\n{stack.tails()}") from error


def _clock(mission: MissionTime) -> SystemClock:
    return SystemClock(epoch=mission.epoch, factor=mission.factor)


def _only(dock_ids: Sequence[str], what: str) -> Json:
    whole: Json = yaml.safe_load((EXAMPLE / f"{what}.yaml").read_text(encoding="utf-8"))
    return whole | {"docks": [dock for dock in whole["docks"] if dock["id"] in dock_ids]}


def _carried_off(box: Json) -> None:
    """Tell the simulator once, as a PX4's ground-station link would, that the dock's aircraft lies a mile away."""
    voice = mavlink.MAVLink(None, srcSystem=box["aircraft"]["system_id"], srcComponent=1)
    lat, lon = round((box["lat_deg"] + 0.015) * 1e7), round(box["lon_deg"] * 1e7)
    said = (
        mavlink.MAVLink_global_position_int_message(0, lat, lon, 90_000, 0, 0, 0, 0, 0),
        mavlink.MAVLink_extended_sys_state_message(0, mavlink.MAV_LANDED_STATE_ON_GROUND),
    )
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
        for message in said:
            out.sendto(message.pack(voice), (LOOPBACK, _port(box["aircraft"]["px4"]["observe"])))


def _tap(box: Json, fleet: Json, ports: FreePorts) -> tuple[str, contextlib.AbstractAsyncContextManager[Wiretap]]:
    """Put a relay between an aircraft and its agent: the aircraft sends to the relay instead."""
    links = next(dock["links"] for dock in fleet["docks"] if dock["id"] == box["id"])
    front = ports.take()
    mavlink = box["aircraft"]["mavlink"]
    mavlink["send_to"] = f"{LOOPBACK}:{front}"
    agent_port, aircraft_port = _port(links["mavlink_url"]), _port(mavlink["bind"])
    return box["id"], wiretap(front_port=front, agent_port=agent_port, aircraft_port=aircraft_port)


def _port(address: str) -> int:
    return int(address.rpartition(":")[2])


def _mosquitto(run: RunDir, addresses: Addresses, force: str, passwords: dict[str, str]) -> ProcessSpec:
    return mosquitto_spec(
        folder=run.root / "mosquitto",
        port=addresses.broker_port,
        force=force,
        passwords=passwords,
        log_file=run.log_file(BROKER),
    )
