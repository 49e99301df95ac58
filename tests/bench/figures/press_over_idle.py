"""The press until the order is at the dock's agent, with coverage of a hundred docks being worked out, over without.

The system and the presses are those of `press_to_order`. The load is the dispatcher's own worker of coverage, in its
process and with its niceness: it is asked again and again about a hundred docks among five hundred zones in winds that
have all turned, so that each question solves every dock. Rounds in which it works alternate with rounds in which it is
stopped, over one running system. How much of a processor it had during the presses is said; with too little of it
nothing was measured.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import itertools
import os
import signal
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
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
from tests.bench.presses import button_of, delays_s
from tests.bench.rounds import alternate, percentile
from tests.bench.stack import planned_stack
from tests.unit.decision.scene import POLICY

PRESSES, ROUNDS = 10, 10
"""In one round, and rounds of each kind: a hundred presses, of which the p99 is the second slowest."""
LEAST_SHARE = 0.25
"""Of a processor, that the worker has used during the presses of busy rounds: with less it was not busy."""
TURN_DEG = 15.0
FIRST_WITHIN_S = 120.0
NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)


@dataclass(slots=True, kw_only=True)
class _Worker:
    """The process of coverage. It always has a question; in idle rounds it is stopped over it."""

    workshop: Workshop
    question: Question
    asked: int = 0
    """Questions so far: in no two that follow each other a dock has the same wind."""

    async def answer_next(self) -> None:
        """Every dock anew."""
        self.asked += 1
        await self.workshop.solve(_turned(self.question, TURN_DEG * self.asked))

    async def answer_on(self) -> None:
        """Without a pause."""
        while True:
            await self.answer_next()

    def work(self, *, on: bool) -> None:
        """Go on, or stop where it is."""
        os.kill(self._pid, signal.SIGCONT if on else signal.SIGSTOP)

    def cpu_s(self) -> float:
        """Processor seconds that it has used."""
        return cpu_s(self._pid)

    @property
    def _pid(self) -> int:
        if self.workshop.pid is None:
            raise MeasurementFailed("the worker of coverage has died")
        return self.workshop.pid


@dataclass(slots=True)
class _Rounds:
    """What came of the rounds of one kind."""

    delays_ms: list[float] = field(default_factory=list)
    worked_s: float = 0.0
    """Processor seconds of the worker while somebody pressed and the order went out."""
    waited_s: float = 0.0
    """Wall seconds of the same."""

    @property
    def share(self) -> float:
        """Of a processor, that the worker had."""
        return self.worked_s / self.waited_s


async def measure(folder: Path, say: Say) -> Measured:
    """Milliseconds; one p99 over the presses of all rounds."""
    fleet_file, scenario_file = with_quick_lids(folder)
    (folder / "run").mkdir()
    busy, idle = _Rounds(), _Rounds()
    with planned_stack(folder / "run", fleet_file=fleet_file, scenario_file=scenario_file) as stack:
        async with _answering() as worker, stack.running(), button_of(stack) as button:
            docks = itertools.cycle([dock.id for dock in stack.plan.fleet.docks])

            async def one_round(kind: _Rounds, *, on: bool) -> float:
                worker.work(on=on)
                pressed = []
                for _ in range(PRESSES):
                    dock_id = next(docks)
                    await button.until_ready(dock_id)
                    before_s, began_s = worker.cpu_s(), time.monotonic()
                    pressed.append(await press_and_cancel(button, dock_id))
                    kind.worked_s += worker.cpu_s() - before_s
                    kind.waited_s += time.monotonic() - began_s
                history = await button.history()
                delays_ms = [delay_s * 1000 for delay_s in delays_s(pressed, history.accepted_at)]
                kind.delays_ms += delays_ms
                return percentile(delays_ms, 99)

            await one_round(_Rounds(), on=False)
            await alternate(
                lambda: one_round(busy, on=True), lambda: one_round(idle, on=False), say=say, unit="ms", rounds=ROUNDS
            )
    for kind, name in ((busy, "busy"), (idle, "idle")):
        median_ms, slowest_ms = percentile(kind.delays_ms, 50), max(kind.delays_ms)
        say(f"{name}: median {median_ms:.0f} ms, slowest {slowest_ms:.0f}; the worker had {kind.share:.2f} processors")
    if busy.share < LEAST_SHARE:
        raise MeasurementFailed(f"no measurement: the worker of coverage had {busy.share:.2f} of a processor")
    return Measured(ours=(percentile(busy.delays_ms, 99),), rival=(percentile(idle.delays_ms, 99),))


@contextlib.asynccontextmanager
async def _answering() -> AsyncIterator[_Worker]:
    """Warm, at its next question, and stopped; ended with the block, whatever it is at."""
    worker = _Worker(workshop=Workshop(), question=_question())
    try:
        async with asyncio.timeout(FIRST_WITHIN_S):
            await worker.answer_next()
        async with asyncio.TaskGroup() as tasks:
            answering = tasks.create_task(worker.answer_on(), name="ask for coverage")
            worker.work(on=False)
            yield worker
            answering.cancel()
    finally:
        worker.workshop.close()


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
        wind_sources=("dock",) * len(sites),
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
