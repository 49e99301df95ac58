"""The press until the order is at the dock's agent, with coverage of a hundred docks being worked out, over without.

The system and the presses are those of `press_to_order`. The load is the dispatcher's own worker of coverage, in its
process and with its niceness: it is asked again and again about a hundred docks among five hundred zones in winds that
have all turned, so that each question solves every dock. Rounds with and without alternate over the one running system.
A busy round counts when the worker has had its processor during the presses; else nothing was measured.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import itertools
import statistics
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from dispatcher.coverage.question import Question
from dispatcher.coverage.workshop import Workshop
from dispatcher.decision.world import Airspace, world_key
from geo.flight.wind import Wind
from tests.bench.cpu import cpu_s
from tests.bench.errors import MeasurementFailed
from tests.bench.figure import Figure, Measured, Say
from tests.bench.figures.coverage import TERMS, County
from tests.bench.figures.decisions import SEA_M, prohibited
from tests.bench.figures.press_to_order import press_and_cancel, with_quick_lids
from tests.bench.presses import Button, button_of, delays_s
from tests.bench.rounds import alternate, percentile
from tests.bench.stack import planned_stack
from tests.unit.decision.scene import POLICY

PRESSES = 20
"""In one round."""
LEAST_SHARE = 0.5
"""Of a processor, that the worker has used during a round's presses: with less it was not busy."""
TURN_DEG = 15.0
ANSWERS_WITHIN_S = 120.0
NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)


@dataclass(slots=True, kw_only=True)
class _Worker:
    """The process of coverage, and how much it had to do."""

    workshop: Workshop
    question: Question
    turns: int = 0
    """Questions so far; no two have a dock's wind in common one after the other."""

    async def answer_next(self) -> None:
        """Everything anew."""
        self.turns += 1
        await self.workshop.solve(_turned(self.question, TURN_DEG * self.turns))

    def cpu_s(self) -> float:
        """Processor seconds that it has used."""
        if self.workshop.pid is None:
            raise MeasurementFailed("the worker of coverage has died")
        return cpu_s(self.workshop.pid)

    @contextlib.asynccontextmanager
    async def busy(self) -> AsyncIterator[None]:
        """Asked without a pause inside the block, which ends with an answer: what follows finds it idle."""
        ending = asyncio.Event()

        async def ask() -> None:
            while not ending.is_set():
                await self.answer_next()

        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(ask(), name="ask for coverage")
            try:
                yield
            finally:
                ending.set()


async def measure(folder: Path, say: Say) -> Measured:
    """Milliseconds; one p99 over the presses of all rounds."""
    fleet_file, scenario_file = with_quick_lids(folder)
    (folder / "run").mkdir()
    busy: list[float] = []
    idle: list[float] = []
    with (
        planned_stack(folder / "run", fleet_file=fleet_file, scenario_file=scenario_file) as stack,
        _worker() as worker,
    ):
        async with asyncio.timeout(ANSWERS_WITHIN_S):
            await worker.answer_next()
        async with stack.running(), button_of(stack) as button:
            docks = itertools.cycle([dock.id for dock in stack.plan.fleet.docks])

            async def one_round() -> tuple[list[float], float]:
                """Delays in ms, and the worker's share of a processor while they ran."""
                worked_s = waited_s = 0.0
                pressed = []
                for _ in range(PRESSES):
                    dock_id = next(docks)
                    await button.until_ready(dock_id)
                    before_s, began_s = worker.cpu_s(), time.monotonic()
                    pressed.append(await press_and_cancel(button, dock_id))
                    worked_s, waited_s = worked_s + worker.cpu_s() - before_s, waited_s + time.monotonic() - began_s
                history = await button.history()
                return [delay_s * 1000 for delay_s in delays_s(pressed, history.accepted_at)], worked_s / waited_s

            async def ours() -> float:
                before = worker.turns
                async with worker.busy():
                    delays_ms, share = await one_round()
                    answered = worker.turns - before
                say(f"busy: {_said(delays_ms)}; the worker had {share:.2f} of a processor, question {answered}")
                if share < LEAST_SHARE:
                    raise MeasurementFailed(f"the worker of coverage was not busy: {share:.2f} of a processor")
                busy.extend(delays_ms)
                return percentile(delays_ms, 99)

            async def rival() -> float:
                delays_ms, share = await one_round()
                say(f"idle: {_said(delays_ms)}")
                if share > 1 - LEAST_SHARE:
                    raise MeasurementFailed(f"the worker of coverage was not idle: {share:.2f} of a processor")
                idle.extend(delays_ms)
                return percentile(delays_ms, 99)

            await _warm(button, docks)
            await alternate(ours, rival, say=say, unit="ms")
    return Measured(ours=(percentile(busy, 99),), rival=(percentile(idle, 99),))


async def _warm(button: Button, docks: itertools.cycle[str]) -> None:
    for _ in button.stack.plan.fleet.docks:
        await press_and_cancel(button, next(docks))
    await button.history()


def _said(delays_ms: list[float]) -> str:
    return f"median {statistics.median(delays_ms):.0f} ms, slowest {max(delays_ms):.0f} ms"


@contextlib.contextmanager
def _worker() -> Iterator[_Worker]:
    """Ended with the block, whatever it is at."""
    workshop = Workshop()
    try:
        yield _Worker(workshop=workshop, question=_question())
    finally:
        workshop.close()


def _question() -> Question:
    """The county of the figures of coverage."""
    county = County()
    zones = prohibited(county.zones)
    digest = hashlib.sha256(repr([zone.volumes for zone in zones]).encode()).hexdigest()
    airspace = Airspace(zones=zones, revision=1, digest=digest)
    sites = tuple(county.sites)
    places = tuple((site.lat_deg, site.lon_deg) for site in sites)
    return Question(
        sites=sites,
        plates_amsl_m=(SEA_M,) * len(sites),
        measured=tuple(site.wind for site in sites),
        terms=TERMS,
        key=world_key(airspace, sites=places, policy=POLICY, mission_time=NOW),
        zones=zones,
        deployment="simulation",
    )


def _turned(question: Question, by_deg: float) -> Question:
    """With every dock's wind from another side, and somewhat of it at least."""
    winds = [
        Wind(speed_m_s=max(1.0, wind.speed_m_s), from_deg=(wind.from_deg + by_deg) % 360.0)
        for wind in question.measured
    ]
    sites = tuple(replace(site, wind=wind) for site, wind in zip(question.sites, winds, strict=True))
    return replace(question, sites=sites, measured=tuple(winds))


FIGURE = Figure(
    name="press_to_order_busy_over_idle",
    unit="ms",
    about="from POST dispatch until the order is persisted at the agent, p99, while the worker of coverage solves 100 "
    "docks among 500 zones; rival: the same idle",
    measure=measure,
)
