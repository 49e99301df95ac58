"""What ten minutes of flight cost in processor time, in one process on the virtual clock: nobody waits for anything.

An aircraft with its autopilot, its wind and its dock flies a mission; no message goes out. The rival is the innermost
part alone: as many steps of the body's equations, asked for nothing but to fly on.
"""

from __future__ import annotations

import time
from pathlib import Path

from simulator.body import BodyState, Demand, Hull, step
from simulator.frames import Packer, Parser
from simulator.station import Station
from simulator.weather import Air
from simulator.world import STEP_S, World
from tests.bench.errors import MeasurementFailed
from tests.bench.figure import Figure, Measured, Say
from tests.bench.rounds import alternate
from tests.missions import launch, shuttle
from tests.simfleet import fleet_of

MINUTES = 10
UP_S = 30.0
"""To be armed, off the ground and on its way when the time begins."""


async def measure(_folder: Path, say: Say) -> Measured:
    """Seconds of processor time for ten minutes of simulation, five times each, ours and the rival's."""

    async def ours() -> float:
        world = _flying()
        began_s = time.process_time()
        world.run(MINUTES * 60)
        took_s = time.process_time() - began_s
        vehicle = world.vehicle("dock-0")
        if not vehicle.armed or vehicle.body.height_m < 10:
            raise MeasurementFailed(f"it did not fly for {MINUTES} minutes: {vehicle.fault or vehicle.mode}")
        return took_s

    async def rival() -> float:
        return _bare_body_s()

    mine, theirs = await alternate(ours, rival, say=say, unit="s")
    return Measured(ours=tuple(mine), rival=tuple(theirs))


def _flying() -> World:
    world = World(fleet_of(1, ports=iter(range(20_000, 20_004))))
    station = Station(vehicle=world.vehicle("dock-0"), epoch_us=1_700_000_000_000_000)
    packer, parser = Packer(system_id=245, component_id=190), Parser()
    world.places["dock-0"].dock.lid_open_wanted = True
    world.run(10)
    launch(
        lambda message: [m for frame in station.receive(packer.pack(message)) for m in parser.messages(frame)],
        system_id=1,
        mission=shuttle(lat_deg=52.3, lon_deg=-1.6),
    )
    world.run(UP_S)
    return world


def _bare_body_s() -> float:
    hull, demand, air = Hull(20.0, 5.0, 3.0), Demand(10.0, 4.0, 0.0, 0.3), Air(3.0, 2.0, 0.5, 0.5)
    state = BodyState(down_m=-60.0, on_ground=False)
    began_s = time.process_time()
    for _ in range(round(MINUTES * 60 / STEP_S)):
        state = step(state, demand, air, hull, STEP_S)
    took_s = time.process_time() - began_s
    if state.on_ground:
        raise MeasurementFailed("the bare body does not fly")
    return took_s


FIGURE = Figure(
    name="simulator_ten_minutes_cpu",
    unit="s",
    about=f"processor time for {MINUTES} minutes of flight on the virtual clock; rival: the body's equations alone",
    measure=measure,
)
