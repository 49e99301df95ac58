"""Kestrel, its rivals and the bound on the same days, and the figures by which they are compared.

Percentiles are over all calls that some dock reaches with a full battery, of all days together; a missed call counts as
one that waits for ever.
"""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from geo.flight.wind import Wind
from tests.bench.cityday.bound import least_time_s, services_of
from tests.bench.cityday.county import County
from tests.bench.cityday.day import Policy
from tests.bench.cityday.kestrel import Kestrel
from tests.bench.cityday.knowing import Knowing
from tests.bench.cityday.physics import Physics
from tests.bench.cityday.rivals import NearestAvailable, SoonestAvailable
from tests.bench.rounds import percentile

SEEDS = tuple(range(1, 11))
WINDY = Wind(speed_m_s=8.0, from_deg=270.0)
NEAREST, SOONEST, KESTREL = "nearest available dock", "greedy by time to scene", "Kestrel"
TOLD = "told the next eight calls"
"""No rival: how far foresight would go that still has to fly (`tests.bench.cityday.knowing`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """Of one policy over all days."""

    name: str
    response_s: tuple[float, ...]
    watched: float
    drone_hours: float
    """A day."""
    cpu_s: float
    """The dearest day's."""

    def at(self, percent: float) -> float:
        """A percentile of the time to scene."""
        return percentile(self.response_s, percent)

    def within(self, seconds: float) -> float:
        """The share of calls with somebody on scene by then."""
        return sum(value <= seconds for value in self.response_s) / len(self.response_s)

    @property
    def missed(self) -> int:
        """Calls to which nobody came."""
        return sum(math.isinf(value) for value in self.response_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """All policies on the same days, and the bound."""

    docks: int
    physics: Physics
    results: tuple[Result, ...]
    bound_s: dict[int, float]
    """By percent."""
    out_of_reach: int

    def of(self, name: str) -> Result:
        """The result of a policy."""
        return next(result for result in self.results if result.name == name)

    def gap_closed(self, name: str, percent: int = 90) -> float:
        """1: as good as the bound; 0: as the nearest available dock."""
        nearest_s = self.of(NEAREST).at(percent)
        return (nearest_s - self.of(name).at(percent)) / (nearest_s - self.bound_s[percent])


def compare(
    county: County,
    *,
    docks: int,
    physics: Physics,
    seeds: Sequence[int] = SEEDS,
    percents: Sequence[int] = (50, 90, 99),
) -> Comparison:
    """Play every day with every policy, and bound it."""
    policies: dict[str, Callable[[int], Policy]] = {
        NEAREST: lambda _year: NearestAvailable(),
        SOONEST: lambda _year: SoonestAvailable(),
        KESTREL: lambda year: Kestrel(density=county.density(year)),
        TOLD: lambda _year: Knowing(),
    }
    days = [county.day(seed=seed, docks=docks, physics=physics) for seed in seeds]
    bounded = [(day, services_of(day)) for day in days]
    reached = [frozenset(service.call for service in services) for _, services in bounded]
    calls = sum(len(each) for each in reached)
    results = []
    for name, policy in policies.items():
        response_s: list[float] = []
        watched, hours, cpu_s = [], [], []
        for seed, mine in zip(seeds, reached, strict=True):
            began_s = time.process_time()
            outcome = county.day(seed=seed, docks=docks, physics=physics).run(policy(county.year(seed)))
            cpu_s.append(time.process_time() - began_s)
            response_s += [value for call, value in enumerate(outcome.response_s) if call in mine]
            watched.append(outcome.watched)
            hours.append(outcome.drone_hours)
        results.append(
            Result(
                name=name,
                response_s=tuple(response_s),
                watched=statistics.mean(watched),
                drone_hours=statistics.mean(hours),
                cpu_s=max(cpu_s),
            )
        )
    return Comparison(
        docks=docks,
        physics=physics,
        results=tuple(results),
        bound_s={percent: least_time_s(bounded, percent=percent, calls=calls) for percent in percents},
        out_of_reach=sum(len(day.calls) for day in days) - calls,
    )
