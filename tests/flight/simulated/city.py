"""A simulated dock in a process of its own, and a MAVSDK client on its aircraft."""

from __future__ import annotations

import asyncio
import math
import os
import socket
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from mavsdk.asyncio import ComponentType, Configuration, Mavsdk
from mavsdk.asyncio.plugins.mission_raw import MissionItem

from tests.unit.simulator.ground import Item, place, scenario

PATIENCE_S = 60.0


@dataclass(frozen=True, slots=True)
class City:
    """Where the simulated world listens and sends."""

    process: asyncio.subprocess.Process
    modbus_port: int
    mavlink_port: int


def _free(kind: socket.SocketKind) -> tuple[socket.socket, int]:
    probe = socket.socket(socket.AF_INET, kind)
    probe.bind(("127.0.0.1", 0))
    return probe, int(probe.getsockname()[1])


@asynccontextmanager
async def simulated_city(
    folder: Path,
    *,
    speed: float = 10.0,
    payload: dict[str, Any] | None = None,
    video: str = "",
    faults: Sequence[dict[str, Any]] = (),
) -> AsyncIterator[City]:
    """``python -m simulator`` with one dock on free ports, ready, for the time of the block.

    ``payload`` is what its aircraft carries (the scenario's ``payload``), ``video`` where its video is served,
    ``faults`` the scenario's timeline.
    """
    probes = [_free(socket.SOCK_STREAM), _free(socket.SOCK_DGRAM), _free(socket.SOCK_DGRAM)]
    modbus, bind, send_to = (port for _, port in probes)
    for probe, _ in probes:
        probe.close()
    whole = scenario().model_dump(by_alias=True, exclude_none=True)
    whole["weather"] = {"wind_speed_m_s": 4, "wind_from_deg": 240, "gust_m_s": 7}
    whole["aircraft_types"]["quad"]["payload"] = payload or {}
    whole["docks"][0]["aircraft"]["video"] = video
    whole["faults"] = list(faults)
    whole["docks"][0]["modbus"] = f"127.0.0.1:{modbus}"
    whole["docks"][0]["aircraft"]["mavlink"] = {"bind": f"127.0.0.1:{bind}", "send_to": f"127.0.0.1:{send_to}"}
    file, ready = folder / "scenario.yaml", folder / "ready.json"
    file.write_text(yaml.safe_dump(whole), encoding="utf-8")
    arguments = ["-m", "simulator", "--scenario", str(file), "--speed", str(speed), "--ready-file", str(ready)]
    root = Path(__file__).parents[3]
    process = await asyncio.create_subprocess_exec(
        sys.executable, *arguments, cwd=root, env=os.environ | {"PYTHONPATH": str(root)}
    )
    try:
        async with asyncio.timeout(PATIENCE_S):
            while not ready.exists():
                assert process.returncode is None, "the simulator ended before it was ready"
                await asyncio.sleep(0.02)
        yield City(process, modbus, send_to)
    finally:
        if process.returncode is None:
            process.terminate()
        async with asyncio.timeout(PATIENCE_S):
            await process.wait()


@asynccontextmanager
async def client(city: City) -> AsyncIterator[Any]:
    """MAVSDK's system for the aircraft."""
    configuration = Configuration.create_with_component_type(ComponentType.GROUND_STATION)
    async with Mavsdk(configuration) as mavsdk:
        await mavsdk.add_any_connection(f"udpin://127.0.0.1:{city.mavlink_port}")
        system = await mavsdk.first_autopilot(timeout_s=PATIENCE_S)
        assert system is not None
        yield system


def raw(items: Sequence[Item], mission_type: int = 0) -> list[Any]:
    """Items as MAVSDK's mission_raw takes them."""
    converted = []
    for seq, item in enumerate(items):
        lat, lon = place(item.north_m, item.east_m) if item.frame != 2 else (0.0, 0.0)
        converted.append(
            MissionItem(
                seq,
                item.frame,
                int(item.command),
                int(seq == 0),
                1,
                *(float(value) for value in item.params),
                round(lat * 1e7),
                round(lon * 1e7),
                float(item.up_m),
                mission_type,
            )
        )
    return converted


async def until(stream: Any, holds: Callable[[Any], bool], *, patience_s: float = PATIENCE_S) -> Any:
    """The first value of a telemetry stream that holds."""
    try:
        async with asyncio.timeout(patience_s):
            async for value in stream:
                if holds(value):
                    return value
    finally:
        await stream.aclose()
    raise AssertionError("the stream ended")


async def retried(call: Callable[[], Any], *, times: int = 20, pause_s: float = 0.25) -> None:
    """Call until it does not raise (arming is denied until the first heartbeat was heard)."""
    for attempt in range(times):
        try:
            await call()
        except Exception:
            if attempt == times - 1:
                raise
            await asyncio.sleep(pause_s)
        else:
            return


def apart_m(position: Any, north_m: float, east_m: float) -> float:
    """Metres between a MAVSDK position and a point given from HOME."""
    lat, lon = place(north_m, east_m)
    return math.hypot((position.latitude_deg - lat) * 111_267.0, (position.longitude_deg - lon) * 68_040.0)
