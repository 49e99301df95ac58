"""The city day: how much of what foresight would gain Kestrel gains without it; and what a day costs to play.

The calls are real, and their file is not part of this repository: where it is not beside the checkout the rows are left
out, and the bench says so. How it is played, and why the bound is one: `tests.bench.cityday`.
"""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from tests.bench.cityday.comparison import KESTREL, NEAREST, SEEDS, WINDY, compare
from tests.bench.cityday.county import SAMPLE, County
from tests.bench.cityday.kestrel import Kestrel
from tests.bench.cityday.physics import Physics
from tests.bench.cityday.rivals import NearestAvailable
from tests.bench.errors import MeasurementFailed, NothingToMeasure
from tests.bench.figure import Figure, Measured, Say

MOST_DOCKS = 48


def _county() -> County:
    if not SAMPLE.exists():
        raise NothingToMeasure(f"the calls are not beside this checkout ({SAMPLE.name})")
    return County.read()


def _gap(docks: int) -> Figure:
    async def measure(_folder: Path, say: Say) -> Measured:
        compared = await asyncio.to_thread(
            compare, _county(), docks=docks, physics=Physics(wind=WINDY), seeds=SEEDS, percents=(90,)
        )
        for result in compared.results:
            say(f"{result.name}: median {result.at(50):.0f} s, p90 {result.at(90):.0f} s, missed {result.missed}")
        say(f"bound: p90 {compared.bound_s[90]:.0f} s; gap closed {100 * compared.gap_closed(KESTREL):.0f} %")
        ours, rival = compared.of(KESTREL), compared.of(NEAREST)
        if ours.missed > rival.missed:
            raise MeasurementFailed(f"Kestrel missed {ours.missed} calls, the nearest available dock {rival.missed}")
        bound_s = compared.bound_s[90]
        return Measured(ours=(ours.at(90) - bound_s,), rival=(rival.at(90) - bound_s,))

    return Figure(
        name=f"city_day_{docks}_gap_p90",
        unit="s",
        about=f"{len(SEEDS)} busy days, {docks} docks, wind 8 m/s: time to scene at p90 over the bound that knows the "
        "future; rival: the nearest available dock's",
        measure=measure,
    )


async def _measure_cpu(_folder: Path, say: Say) -> Measured:
    county, physics = _county(), Physics(wind=WINDY)
    ours: list[float] = []
    rival: list[float] = []
    county.docks(county.year(1), MOST_DOCKS)
    for seed in (1, 4, 7):
        for policy, times in ((Kestrel(density=county.density(county.year(seed))), ours), (NearestAvailable(), rival)):
            began_s = time.process_time()
            county.day(seed=seed, docks=MOST_DOCKS, physics=physics).run(policy)
            times.append(time.process_time() - began_s)
        say(f"day {seed}: {ours[-1]:.2f} s")
        await asyncio.sleep(0)
    return Measured(ours=tuple(ours), rival=tuple(rival))


GAPS = tuple(_gap(docks) for docks in (12, 24, MOST_DOCKS))
CPU = Figure(
    name="city_day_cpu",
    unit="s",
    about=f"processor time of one day with {MOST_DOCKS} docks; rival: with the nearest available dock as the policy",
    measure=_measure_cpu,
)
