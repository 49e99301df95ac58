"""From the press at the public API until the drone is off the ground, in real time, by telemetry.

The whole real system with its simulator at speed 1: the lid is as slow as the fleet file says. Six docks launch and are
called home at once, until there were enough launches.
"""

from __future__ import annotations

import asyncio
import statistics
from pathlib import Path

from contracts.vocabulary import Phase
from tests.bench.errors import MeasurementFailed
from tests.bench.figure import Figure, Measured, Say
from tests.bench.presses import Button, Pressed, button_of, delays_s
from tests.bench.rounds import percentile
from tests.bench.stack import planned_stack

LAUNCHES = 20
AIRBORNE = frozenset({Phase.EN_ROUTE, Phase.ON_SCENE, Phase.RETURNING, Phase.LANDING})


async def measure(folder: Path, say: Say) -> Measured:
    """Seconds; the p95 of all launches, which the median of rounds would only hide."""
    (folder / "run").mkdir()
    with planned_stack(folder / "run") as stack:
        async with stack.running(), button_of(stack) as button:
            left = asyncio.Semaphore(LAUNCHES)
            async with asyncio.TaskGroup() as tasks:
                each = [
                    tasks.create_task(_launch_again_and_again(button, dock.id, left, say), name=f"bench {dock.id}")
                    for dock in stack.plan.fleet.docks
                ]
            pressed = [one for task in each for one in task.result()]
            delays = delays_s(pressed, (await button.history()).airborne_at)
            lid_s = max(dock.lid_s for dock in stack.plan.fleet.docks)
    say(f"{len(delays)} launches: median {statistics.median(delays):.2f} s, slowest {max(delays):.2f} s, lid {lid_s} s")
    return Measured(ours=(percentile(delays, 95),), terms={"lid": lid_s})


async def _launch_again_and_again(button: Button, dock_id: str, left: asyncio.Semaphore, say: Say) -> list[Pressed]:
    pressed: list[Pressed] = []
    while not left.locked():
        await left.acquire()
        await button.until_ready(dock_id)
        one = await button.press(dock_id)
        flight = await button.until(one, lambda flight: flight["phase"] in AIRBORNE, "airborne")
        if flight["ended"]:
            raise MeasurementFailed(f"{dock_id}: the flight ended as {flight['phase']} before it was in the air")
        await button.controller.post(f"/api/v1/flights/{one.flight_id}/return")
        pressed.append(one)
        say(f"{dock_id}: in the air")
        if not left.locked():
            await button.until(one, lambda flight: bool(flight["ended"]), "home")
    return pressed


FIGURE = Figure(
    name="press_to_airborne_p95",
    unit="s",
    about=f"from POST dispatch until telemetry shows the drone off the ground, p95 of {LAUNCHES} launches at speed 1",
    measure=measure,
)
