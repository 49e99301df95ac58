"""The simulator process: a world from the scenario file, its sockets, and the loop that steps it."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import time
from contextlib import AsyncExitStack
from pathlib import Path

from kestrel.yamlfile import load_yaml
from simulator import control, dockcamera, dockserver
from simulator.dockcamera import DockCamera
from simulator.filming import filming
from simulator.link import AircraftLink, Observer, bound
from simulator.pacer import Pacer
from simulator.place import ObservedAircraft
from simulator.scenario import DockPart, Scenario
from simulator.settings import Settings
from simulator.station import Station
from simulator.world import STEP_S, World

_log = logging.getLogger(__name__)


async def run(settings: Settings) -> None:
    """Run until SIGTERM or SIGINT.

    Raises:
        kestrel.errors.FileError: the scenario file cannot be read or is wrong.
        SimulatorError: its parts do not fit together, or a port is taken.
    """
    scenario = load_yaml(settings.scenario, Scenario)
    scenario.check()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    world = World(scenario, speed=settings.speed)
    async with AsyncExitStack() as stack:
        facts = {"docks": len(world.places), "aircraft": len(world.places)}
        if settings.control is not None:
            host, port = settings.control
            facts["control_port"] = await stack.enter_async_context(control.serve(world, host=host, port=port))
            _log.info("faults are taken on %s:%d", host, facts["control_port"])
        await stack.enter_async_context(Simulation(world))
        _log.info("%s: %d docks at %g times real time", scenario.name, len(world.places), world.speed)
        if settings.ready_file is not None:
            _announce(settings.ready_file, facts)
        await stop.wait()


class Simulation:
    """``async with Simulation(world):`` the world is on the network and lives at its speed meanwhile."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._links: list[AircraftLink] = []
        self._stations: dict[str, Station] = {}
        self._stack = AsyncExitStack()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> World:
        """Bind every socket, then start time.

        Raises:
            PortTaken: an address of the scenario cannot be bound; nothing stays bound then.
        """
        async with AsyncExitStack() as stack:
            epoch_us = int(time.time() * 1e6)
            for part in self._world.scenario.docks:
                await self._open(stack, part, epoch_us)
            await stack.enter_async_context(filming(self._stations))
            self._stack = stack.pop_all()
        self._task = asyncio.create_task(self._live(), name="simulator.live")
        return self._world

    async def __aexit__(self, *_: object) -> None:
        """Stop time, then close every socket."""
        task = self._task
        if task is None:
            return
        task.cancel()
        await asyncio.wait([task])
        await self._stack.aclose()
        if not task.cancelled() and (problem := task.exception()) is not None:
            raise problem

    async def _open(self, stack: AsyncExitStack, part: DockPart, epoch_us: int) -> None:
        place, aircraft = self._world.places[part.id], part.aircraft
        await stack.enter_async_context(dockserver.serve(place.dock, part.modbus))
        if part.camera is not None:
            camera = DockCamera(place=place)
            await stack.enter_async_context(dockcamera.serve(camera, owner=f"{part.id} (camera)", address=part.camera))
        if aircraft.px4 is not None and isinstance(place.occupant, ObservedAircraft):
            observer = Observer(aircraft=place.occupant, system_id=aircraft.system_id)
            await stack.enter_async_context(bound(observer, owner=aircraft.id, address=aircraft.px4.observe))
        elif aircraft.mavlink is not None:
            host, _, port = aircraft.mavlink.send_to.rpartition(":")
            station = Station(vehicle=self._world.vehicle(part.id), epoch_us=epoch_us)
            self._stations[part.id] = station
            link = AircraftLink(station=station, send_to=(host, int(port)), clock=time.monotonic)
            await stack.enter_async_context(bound(link, owner=aircraft.id, address=aircraft.mavlink.bind))
            self._links.append(link)

    async def _live(self) -> None:
        pacer = Pacer(clock=time.monotonic, step_s=STEP_S, speed=self._world.speed)
        while True:
            for _ in range(pacer.due()):
                self._world.step()
                for link in self._links:
                    link.gather()
            for link in self._links:
                link.flush()
            await pacer.nap()


def _announce(path: Path, facts: dict[str, int]) -> None:
    """Write the ready file as a whole, never half."""
    partial = path.with_name(f"{path.name}.{os.getpid()}.part")
    partial.write_text(json.dumps(facts) + "\n", encoding="utf-8")
    partial.replace(path)
