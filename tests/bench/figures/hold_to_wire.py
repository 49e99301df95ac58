"""From the hold's order at the agent until the command is on the wire, with everything else going on at once.

The real agent, its store and the real MAVSDK link, in a process of its own, in the air over a simulated aircraft; a
peer between the two notes when the hold leaves. Meanwhile 200 reads of missing parameters are pending, a subscriber is
too slow for its topic, and a mission of 200 items is going up. The rival is the same hold, in the same process and
flight, on an idle link.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from kestrel.supervisor import leashed
from tests.bench.child import end
from tests.bench.errors import MeasurementFailed
from tests.bench.figure import Figure, Measured, Say
from tests.bench.rounds import alternate, percentile
from tests.flight.rig import Rig
from tests.flight.wire import Wire

HOLDS = 6
"""In one round; its p95 is the round's value."""
ANSWER_S = 90.0
WIRE_S = 5.0
LOAD_S = 2.0
"""Until the load is what it is: reads pending, queue full, upload begun."""
READS = 190
"""Of 200: one that has just timed out begins anew."""
BUSY = 0.8
"""Share of the time that MAVSDK's one callback thread spends in the slow subscriber: then its queue is full."""
SET_MODE, AUTO, LOITER = 176, 4.0, 3.0


class HoldWire(Wire):
    """Notes when each hold leaves, in monotonic seconds."""

    def __init__(self, *, aircraft_side: int, agent_port: int) -> None:
        super().__init__(aircraft_side=aircraft_side, agent_port=agent_port)
        self.holds: list[float] = []

    def from_agent(self, data: bytes) -> None:
        """The time first: reading and passing on come after it."""
        at_s, before = time.monotonic(), len(self.said)
        super().from_agent(data)
        self.holds += [at_s for message in self.said[before:] if _is_hold(message)]
        del self.said[:]


class Agent:
    """The process under measurement."""

    def __init__(self, process: asyncio.subprocess.Process, log_file: Path) -> None:
        self._process, self._log_file = process, log_file

    async def tell(self, line: str) -> dict[str, Any]:
        """Tell it to do something, and wait for what it says of it."""
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            raise MeasurementFailed("the agent has no pipes")
        stdin.write(f"{line}\n".encode())
        await stdin.drain()
        async with asyncio.timeout(ANSWER_S):
            said = await stdout.readline()
        if not said:
            tail = await asyncio.to_thread(self._log_file.read_text, errors="replace")
            raise MeasurementFailed(f"the agent ended at {line!r}:\n{tail[-3000:]}")
        answer: dict[str, Any] = json.loads(said)
        return answer


async def measure(folder: Path, say: Say) -> Measured:
    """Milliseconds; one p95 a round."""
    rig = Rig(folder=folder, speed=1.0, lid_s=0.5)
    wire = rig.wire = HoldWire(aircraft_side=rig.wire.aircraft_side, agent_port=rig.agent_port)
    async with rig.simulated(), _agent(rig) as agent:
        await agent.tell("fly")

        async def holds() -> list[float]:
            took = []
            for _ in range(HOLDS):
                await agent.tell("go")
                del wire.holds[:]
                at_s = float((await agent.tell("hold"))["at_s"])
                took.append(await _left(wire) - at_s)
            return took

        async def ours() -> float:
            await agent.tell("load")
            await asyncio.sleep(LOAD_S)
            took = await holds()
            load = await agent.tell("idle")
            _was_there(load)
            say(
                f"slowest {max(took) * 1000:.1f} ms; {load['reads_pending']} reads pending, callbacks busy "
                f"{load['callbacks_busy']:.0%}, {load['uploads']} missions up so far"
            )
            await asyncio.sleep(LOAD_S)
            return percentile(took, 95) * 1000

        async def rival() -> float:
            return percentile(await holds(), 95) * 1000

        mine, theirs = await alternate(ours, rival, say=say, unit="ms")
    return Measured(ours=tuple(mine), rival=tuple(theirs))


def _was_there(load: dict[str, Any]) -> None:
    """A hold that was fast because nothing else went on is no measurement."""
    if load["reads_pending"] < READS or load["callbacks_busy"] < BUSY or not load["uploads"]:
        raise MeasurementFailed(f"the load was not there: {load}")


async def _left(wire: HoldWire) -> float:
    deadline_s = time.monotonic() + WIRE_S
    while not wire.holds:
        if time.monotonic() > deadline_s:
            raise MeasurementFailed(f"no hold on the wire in {WIRE_S:.0f} s")
        await asyncio.sleep(0.001)
    return wire.holds[0]


@contextlib.asynccontextmanager
async def _agent(rig: Rig) -> AsyncIterator[Agent]:
    log_file = rig.folder / "holdagent.log"
    argv = (sys.executable, "-m", "tests.bench.holdagent", str(rig.folder), "--epoch", repr(rig.epoch))
    with log_file.open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            *leashed(argv), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=log
        )
    try:
        yield Agent(process, log_file)
    finally:
        await end(process)


def _is_hold(message: Any) -> bool:
    return (
        message.get_type() == "COMMAND_LONG"
        and message.command == SET_MODE
        and (message.param2, message.param3) == (AUTO, LOITER)
    )


FIGURE = Figure(
    name="hold_to_wire_p95",
    unit="ms",
    about="from a hold's order at the agent to the wire, under 200 parameter reads, a full queue and an upload; "
    "rival: the same on an idle link",
    measure=measure,
)
