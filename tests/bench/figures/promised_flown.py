"""Promised against flown: fifty simulated flights in gusts, and how far the promise was from what came of it."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable
from pathlib import Path

from tests.bench.figure import Figure, Measured, Say
from tests.bench.promised import FLIGHTS, Flown, asked_for, fly
from tests.bench.rounds import percentile


@functools.cache
def _flown() -> tuple[Flown, ...]:
    """Both figures are of the same flights: they are flown once a run."""
    return tuple(fly(asked) for asked in asked_for())


def _figure(name: str, unit: str, about: str, off: Callable[[Flown], float]) -> Figure:
    async def measure(_folder: Path, say: Say) -> Measured:
        flown = await asyncio.to_thread(_flown)
        offs = [off(each) for each in flown]
        say(f"{len(offs)} flights: from {min(offs):+.1f} to {max(offs):+.1f} {unit}, above 0 worse than promised")
        return Measured(ours=(percentile([abs(each) for each in offs], 90),))

    return Figure(name=name, unit=unit, about=about, measure=measure)


TIME = _figure(
    "promised_time_p90",
    "%",
    f"time to scene against the promised one, p90 of {FLIGHTS} flights in gusts",
    lambda flown: 100 * flown.late,
)
BATTERY = _figure(
    "promised_battery_p90",
    "points",
    f"charge on return against the promised one, p90 of the same {FLIGHTS} flights",
    lambda flown: flown.short_percent,
)
