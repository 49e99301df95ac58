"""The rival of the simulator: sends what fifty aircraft send, packed by pymavlink, with nothing that flies behind it.

The messages are those of two seconds of a real flight of one simulated aircraft, as library objects, sent again and
again in the same steps of 20 ms: what these frames cost at the least when nobody packs them by hand.
"""

from __future__ import annotations

import argparse
import asyncio
import socket
import time
from pathlib import Path
from typing import Any

from pymavlink.dialects.v20 import development as mav

from kestrel.ports import LOOPBACK
from kestrel.readiness import announce_ready
from kestrel.stopping import until_asked_to_stop
from simulator.frames import Packer, Parser
from simulator.station import Station
from simulator.world import STEP_S, World
from tests.missions import launch, shuttle
from tests.simfleet import fleet_of

SECONDS = 2.0
DATAGRAM = 1200


def messages_of_a_flight() -> list[list[Any]]:
    """The messages of each step, in order."""
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
    world.run(30)
    station.collect()
    steps = []
    for _ in range(round(SECONDS / STEP_S)):
        world.step()
        messages = [m for frame in station.collect() for m in parser.messages(frame)]
        steps.append([m for m in messages if not m.get_type().startswith("UNKNOWN_")])  # the library cannot pack these
    return steps


async def _serve(*, ports: list[int], ready_file: Path) -> None:
    steps = messages_of_a_flight()
    packers = [mav.MAVLink(None, srcSystem=number + 1, srcComponent=1) for number in range(len(ports))]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.setblocking(False)

        async def fly() -> None:
            next_s = time.monotonic()
            while True:
                for messages in steps:
                    for packer, port in zip(packers, ports, strict=True):
                        _send(sender, [message.pack(packer) for message in messages], port)
                    next_s += STEP_S
                    await asyncio.sleep(max(0.0, next_s - time.monotonic()))

        async with asyncio.TaskGroup() as tasks:
            flying = tasks.create_task(fly(), name="fly")
            announce_ready(ready_file, {"frames_a_second": sum(map(len, steps)) / SECONDS})
            await until_asked_to_stop()
            flying.cancel()


def _send(sender: socket.socket, frames: list[bytes], port: int) -> None:
    datagram = b""
    for frame in frames:
        if len(datagram) + len(frame) > DATAGRAM:
            sender.sendto(datagram, (LOOPBACK, port))
            datagram = b""
        datagram += frame
    if datagram:
        sender.sendto(datagram, (LOOPBACK, port))


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--ready-file", type=Path, required=True)
    parser.add_argument("--ports", type=int, nargs="+", required=True)
    options = parser.parse_args()
    asyncio.run(_serve(ports=options.ports, ready_file=options.ready_file))


if __name__ == "__main__":
    main()
