"""What fifty aircraft in the air cost one simulator process at PX4's full rates, as a share of one core.

The real command in real time, with a client for each aircraft that sends heartbeats and takes what comes. The rival
packs the very same messages with pymavlink and sends them to as many sockets, with no aircraft behind them.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import yaml

from kestrel.ports import LOOPBACK, FreePorts
from simulator.scenario import Scenario
from tests.bench.child import Child, child
from tests.bench.cpu import cpu_s
from tests.bench.errors import MeasurementFailed
from tests.bench.figure import Figure, Measured, Say
from tests.bench.groundstations import GroundStation, ground_station
from tests.bench.rounds import alternate
from tests.missions import shuttle
from tests.simcontrol import SimControl, sim_control
from tests.simfleet import fleet_of

AIRCRAFT = 50
WINDOW_S = 6.0
SETTLE_S = 2.0
LAUNCH_WITHIN_S = 60.0
MIN_FRAMES_A_SECOND = 380
"""From each aircraft: PX4's rates add up to more than 400."""
MIN_PACE = 0.5
"""Simulation seconds in a second: with fewer the machine is too busy to measure anything. Both shares are for each
simulated second, and so many frames, so that one that falls behind looks no better for it.
"""


async def measure(folder: Path, say: Say) -> Measured:
    """Share of one core, five windows each, ours and the rival's."""
    with FreePorts() as free:
        scenario = fleet_of(AIRCRAFT, ports=iter([free.take() for _ in range(4 * AIRCRAFT)]))
        sink_ports = [free.take() for _ in range(AIRCRAFT)]
    async with contextlib.AsyncExitStack() as leaving:
        process = await leaving.enter_async_context(_simulator(folder, scenario))
        control = await leaving.enter_async_context(sim_control(process.facts["control_port"]))
        stations = [
            await leaving.enter_async_context(_station(dock_number, scenario)) for dock_number in range(AIRCRAFT)
        ]
        for dock in scenario.docks:
            await control.ask({"do": "lid", "dock": dock.id, "open": True})
        await _launch(stations, control, say)
        sinks = [await leaving.enter_async_context(_sink(port)) for port in sink_ports]
        bare = await leaving.enter_async_context(_bare(folder, sink_ports))

        async def ours() -> float:
            await _let_run(process, not_=bare)
            await _all_fly(control)
            before_s = (await control.faults())["sim_s"]
            used_s, frames, took_s = await _window(process, stations)
            lived_s = float((await control.faults())["sim_s"] - before_s)
            if lived_s < MIN_PACE * took_s:
                raise MeasurementFailed(f"{lived_s / took_s:.2f} simulation seconds in a second: it cannot keep up")
            _all_came(frames / lived_s)
            return used_s / lived_s

        async def rival() -> float:
            await _let_run(bare, not_=process)
            used_s, frames, took_s = await _window(bare, sinks)
            lived_s = frames / (AIRCRAFT * float(bare.facts["frames_a_second"]))
            if lived_s < MIN_PACE * took_s:
                raise MeasurementFailed(f"the rival sends {lived_s / took_s:.2f} of its frames: it cannot keep up")
            return used_s / lived_s

        try:
            mine, theirs = await alternate(ours, rival, say=say, unit="cores")
        finally:
            for each in (process, bare):  # one that stands still cannot end
                os.kill(each.pid, signal.SIGCONT)
    return Measured(ours=tuple(mine), rival=tuple(theirs))


def _simulator(folder: Path, scenario: Scenario) -> contextlib.AbstractAsyncContextManager[Child]:
    file, ready = folder / "scenario.yaml", folder / "simulator.ready"
    file.write_text(yaml.safe_dump(scenario.model_dump(by_alias=True, mode="json", exclude_none=True)))
    argv = (sys.executable, "-m", "simulator", "--scenario", str(file), "--ready-file", str(ready))
    return child((*argv, "--control", f"{LOOPBACK}:0"), ready_file=ready, log_file=folder / "simulator.log")


def _bare(folder: Path, ports: list[int]) -> contextlib.AbstractAsyncContextManager[Child]:
    ready = folder / "bare.ready"
    argv = (sys.executable, "-m", "tests.bench.bareaircraft", "--ready-file", str(ready), "--ports", *map(str, ports))
    return child(argv, ready_file=ready, log_file=folder / "bare.log")


@contextlib.asynccontextmanager
async def _station(number: int, scenario: Scenario) -> AsyncIterator[GroundStation]:
    dock = scenario.docks[number]
    link = dock.aircraft.mavlink
    if link is None:
        raise MeasurementFailed("a real PX4 is not measured here")
    mission = shuttle(lat_deg=dock.lat_deg, lon_deg=dock.lon_deg)
    async with ground_station(
        port=_port(link.send_to), aircraft=_port(link.bind), system_id=dock.aircraft.system_id, mission=mission
    ) as station:
        yield station


def _sink(port: int) -> contextlib.AbstractAsyncContextManager[GroundStation]:
    return ground_station(port=port, aircraft=None, system_id=1, mission=())


def _port(address: str) -> int:
    return int(address.rpartition(":")[2])


async def _launch(stations: list[GroundStation], control: SimControl, say: Say) -> None:
    deadline_s = time.monotonic() + LAUNCH_WITHIN_S
    waiting = stations
    while waiting:
        for station in waiting:
            station.press_on()
        await asyncio.sleep(1.0)
        docks = (await control.world())["docks"]
        up = {dock["aircraft"]["system_id"] for dock in docks.values() if dock["aircraft"]["height_m"] > 30}
        waiting = [station for station in stations if station.system_id not in up]
        if time.monotonic() > deadline_s:
            raise MeasurementFailed(f"{len(waiting)} of {len(stations)} aircraft are not in the air")
    say(f"{len(stations)} aircraft in the air")


async def _all_fly(control: SimControl) -> None:
    docks = (await control.world())["docks"]
    down = [name for name, dock in docks.items() if dock["aircraft"]["height_m"] < 10 or dock["aircraft"]["broken"]]
    if down:
        raise MeasurementFailed(f"{', '.join(down)} do not fly")


async def _let_run(one: Child, *, not_: Child) -> None:
    """Stop the other, so that it takes nothing from this one, and let this one get into its stride."""
    os.kill(not_.pid, signal.SIGSTOP)
    os.kill(one.pid, signal.SIGCONT)
    await asyncio.sleep(SETTLE_S)


async def _window(process: Child, stations: list[GroundStation]) -> tuple[float, int, float]:
    """Processor time, frames that came, and wall time of one window."""
    frames, cpu_before_s, began_s = _frames(stations), cpu_s(process.pid), time.monotonic()
    await asyncio.sleep(WINDOW_S)
    used_s, took_s = cpu_s(process.pid) - cpu_before_s, time.monotonic() - began_s
    return used_s, _frames(stations) - frames, took_s


def _all_came(frames_a_second: float) -> None:
    each = frames_a_second / AIRCRAFT
    if each < MIN_FRAMES_A_SECOND:
        raise MeasurementFailed(f"{each:.0f} frames a second from each, at least {MIN_FRAMES_A_SECOND} are meant")


def _frames(stations: list[GroundStation]) -> int:
    return sum(station.frames for station in stations)


FIGURE = Figure(
    name="simulator_fleet_50_cpu",
    unit="cores",
    about=f"share of a core for {AIRCRAFT} aircraft in the air at PX4's rates; rival: bare pymavlink sending the same",
    measure=measure,
)
