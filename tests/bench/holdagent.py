"""One agent with the real link to its aircraft, for `tests.bench.figures.hold_to_wire`: told what to do line by line.

``fly`` takes off and hangs in the air; ``go`` starts the mission and waits until it is flown; ``hold`` gives the safety
order and says when (monotonic seconds, the machine's); ``load`` and ``idle`` switch the load on and off: parameters
that nobody has, asked for by 200 threads, a subscriber too slow for the rate of its topic, and a mission of 200 items
going up again and again. It leaves without closing MAVSDK: a pending parameter read can hang that for ever.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from mavsdk import MavsdkError
from mavsdk.plugins.param import Param
from mavsdk.plugins.telemetry import Telemetry

from contracts.fleet import Fleet
from contracts.orders import FlightOrder, SafetyAction, SafetyOrder
from contracts.position import Place, Waypoint
from contracts.vocabulary import Deployment, Phase
from dock_agent.agent import DockAgent
from dock_agent.flight_link import Command
from dock_agent.mavsdk_link import MavsdkLink
from dock_agent.mission import MissionPlan, mission_of
from dock_agent.modbus_dock import ModbusDock
from dock_agent.readings import Mode
from dock_agent.store import Store
from geo.flight.plan import straight_plan
from geo.flight.position import offset
from kestrel.clock import SystemClock
from kestrel.yamlfile import load_yaml

READS = 200
ITEMS = 200
SLOW_CALLBACK_S = 0.03
"""A subscriber that takes so long for each of 50 to 100 messages a second fills MAVSDK's queue of callbacks."""
WATCH_S = 7200.0
ATTITUDE_HZ = 100.0
PATIENCE_S = 60.0
POLL_S = 0.02


class Load:
    """What goes on beside the hold."""

    def __init__(self, *, link: MavsdkLink, plan: MissionPlan) -> None:
        self._link, self._plan = link, plan
        self._on = threading.Event()
        self._uploading: asyncio.Task[None] | None = None
        system: Any = link._system
        if system is None:
            raise RuntimeError("there is no aircraft")
        self._param, self._telemetry = Param(system), Telemetry(system)
        self.uploads = 0
        self._reading: set[str] = set()
        self._slow_calls, self._began_s = 0, time.monotonic()
        for number in range(READS):
            threading.Thread(target=self._read, args=(f"NO_SUCH_{number}",), daemon=True).start()
        self._telemetry.subscribe_attitude_quaternion(lambda _attitude, _: self._dawdle())

    async def begin(self) -> None:
        """Until `end`."""
        self._telemetry.set_rate_attitude_quaternion_async(ATTITUDE_HZ, lambda *_: None)
        self._slow_calls, self._began_s = 0, time.monotonic()
        self._on.set()
        self._uploading = asyncio.create_task(self._upload(), name="uploads")

    async def end(self) -> dict[str, float]:
        """What the load was; the reads that are pending run out by themselves."""
        took_s = time.monotonic() - self._began_s
        said = {
            "uploads": self.uploads,
            "reads_pending": len(self._reading),
            "callbacks_busy": self._slow_calls * SLOW_CALLBACK_S / took_s,
        }
        self._on.clear()
        self._telemetry.set_rate_attitude_quaternion_async(1.0, lambda *_: None)
        if self._uploading is not None:
            self._uploading.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._uploading
        return said

    def _read(self, name: str) -> None:
        while True:
            self._on.wait()
            self._reading.add(name)
            with contextlib.suppress(MavsdkError, RuntimeError):
                self._param.get_param_int(name)
            self._reading.discard(name)

    def _dawdle(self) -> None:
        if self._on.is_set():
            self._slow_calls += 1
            time.sleep(SLOW_CALLBACK_S)

    async def _upload(self) -> None:
        while True:
            await self._link.upload(self._plan)
            self.uploads += 1


class Bench:
    """The agent, its flight, and what it is told."""

    def __init__(self, *, fleet: Fleet, folder: Path, clock: SystemClock) -> None:
        self._dock = fleet.docks[0]
        self._clock = clock
        host, _, port = self._dock.links.modbus.rpartition(":")
        self.hardware = ModbusDock(host=host, port=int(port), clock=clock)
        kind = fleet.type_of(self._dock)
        self.link = MavsdkLink(dock=self._dock, aircraft_type=kind, clock=clock, on_change=lambda: self.agent.look())
        self.agent = DockAgent(
            dock=self._dock,
            aircraft_type=kind,
            deployment=fleet.deployment,
            clock=clock,
            link=self.link,
            hardware=self.hardware,
            store=Store(path=folder / "agent.sqlite", boot_id=uuid4()),
        )
        self._order = self._flight()
        self._load: Load | None = None

    def _flight(self) -> FlightOrder:
        home = (self._dock.lat_deg, self._dock.lon_deg)
        scene = offset(*home, bearing_deg=20.0, distance_m=150.0)
        plan, now = straight_plan(home=home, scene=scene), self._clock.mission_now()
        return FlightOrder(
            order_id=uuid4(),
            flight_id=uuid4(),
            incident_id=uuid4(),
            deployment=Deployment.SIMULATION,
            aircraft_id=self._dock.aircraft.id,
            pilot="pilot-1",
            purpose="a benchmark",
            issued_at=now,
            expires_at=now + timedelta(minutes=10),
            home=_place(plan.home),
            scene=_place(plan.scene),
            route_out=[_waypoint(point) for point in plan.route_out],
            route_home=[_waypoint(point) for point in plan.route_home],
            fence=[_place(vertex) for vertex in plan.fence.vertices],
            ceiling_above_home_m=plan.ceiling_above_home_m,
            cruise_speed_m_s=12.0,
            watch_s=WATCH_S,
            reserve_percent=0.0,
        )

    def _long_plan(self) -> MissionPlan:
        """Of 200 items, to and fro near the watch position, with a way home."""
        watch = self._order.route_out[-1]
        there = offset(watch.lat_deg, watch.lon_deg, bearing_deg=90.0, distance_m=30.0)
        ends = (watch, Waypoint(lat_deg=there[0], lon_deg=there[1], alt_above_home_m=watch.alt_above_home_m))
        route = [ends[number % 2] for number in range(ITEMS - 8)]
        return mission_of(self._order.model_copy(update={"route_out": route}), airborne=True)

    async def do(self, line: str) -> dict[str, Any]:
        """One thing; what there is to say of it."""
        match line:
            case "fly":
                await self._until(lambda: not self._blocked(), "a dock that can launch")
                self.agent.take_order(self._order, sequence=1)
                await self._until(lambda: self._phase() is Phase.ON_SCENE, "on scene")
            case "go":
                await self._until(lambda: self.agent.flight is not None and self.agent.flight.stop is None, "held")
                await self.link.command(Command.START)
                await self._until(lambda: self.link.reading().mode is Mode.MISSION, "in the mission")
            case "hold":
                return {"at_s": self._hold()}
            case "load":
                self._load = self._load or Load(link=self.link, plan=self._long_plan())
                await self._load.begin()
            case "idle":
                return {} if self._load is None else dict(await self._load.end())
            case _:
                raise ValueError(line)
        return {}

    def _hold(self) -> float:
        now = self._clock.mission_now()
        order = SafetyOrder(
            order_id=uuid4(),
            flight_id=self._order.flight_id,
            deployment=Deployment.SIMULATION,
            action=SafetyAction.HOLD,
            issued_at=now,
            expires_at=now + timedelta(minutes=1),
        )
        at_s = time.monotonic()
        self.agent.take_safety(order)
        return at_s

    def _blocked(self) -> bool:
        reading = self.link.reading()
        return not (reading.tuned and reading.armable and self.hardware.reading().seated)

    def _phase(self) -> Phase | None:
        return None if self.agent.flight is None else self.agent.flight.phase

    async def _until(self, what: Any, saying: str) -> None:
        deadline_s = time.monotonic() + PATIENCE_S
        while not what():
            if time.monotonic() > deadline_s:
                raise RuntimeError(f"not {saying} in {PATIENCE_S:.0f} s: {self._phase()}, {self.link.reading()}")
            await asyncio.sleep(POLL_S)


def _place(point: tuple[float, float]) -> Place:
    return Place(lat_deg=point[0], lon_deg=point[1])


def _waypoint(point: Any) -> Waypoint:
    return Waypoint(lat_deg=point.lat_deg, lon_deg=point.lon_deg, alt_above_home_m=point.alt_above_home_m)


async def _serve(bench: Bench) -> None:
    loop, reader = asyncio.get_running_loop(), asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    async with bench.link.running(), bench.hardware.running(), bench.agent.running():
        while line := (await reader.readline()).decode().strip():
            said = await bench.do(line)
            sys.stdout.write(json.dumps(said) + "\n")
            sys.stdout.flush()
        os._exit(0)


def main() -> None:
    """The folder holds fleet.yaml."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--epoch", type=float, required=True)
    given = parser.parse_args()
    clock = SystemClock(epoch=given.epoch, factor=1.0)
    asyncio.run(_serve(Bench(fleet=load_yaml(given.folder / "fleet.yaml", Fleet), folder=given.folder, clock=clock)))


if __name__ == "__main__":
    main()
