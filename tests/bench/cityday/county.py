"""The county of the calls: docks for each year placed on the others' calls, and its days."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dispatcher.decision.reserve import CallDensity, Floats, density_of
from geo.flight.position import LocalPlane
from tests.bench.cityday.calls import DAY_S, Call, PastCall, busy_day, other_years, read_calls, years_of
from tests.bench.cityday.day import Day
from tests.bench.cityday.physics import Physics, Point
from tests.bench.cityday.sites import k_medoids

SAMPLE = Path(__file__).parents[4] / "shared" / "samples" / "incidents" / "montgomery-911.csv"
CALLS_A_DAY = 150
SITES_SEED = 1


@dataclass(frozen=True)
class County:
    """All its calls, in a plane around their middle."""

    past: tuple[PastCall, ...]

    @classmethod
    def read(cls, path: Path = SAMPLE) -> County:
        """From a file of calls; raises `UnreadableCalls`, `OSError`."""
        return cls(past=tuple(read_calls(path)))

    @functools.cached_property
    def plane(self) -> LocalPlane:
        """Metres east and north of the mean of all calls."""
        return LocalPlane(
            sum(call.lat_deg for call in self.past) / len(self.past),
            sum(call.lon_deg for call in self.past) / len(self.past),
        )

    @functools.cache  # noqa: B019  (counties live as long as the process)
    def known(self, year: int) -> Floats:
        """Where the calls of the years beside this one were, (n, 2)."""
        return np.array([self.plane.to_local(call.lat_deg, call.lon_deg) for call in other_years(self.past, year)])

    @functools.cache  # noqa: B019
    def docks(self, year: int, count: int) -> tuple[Point, ...]:
        """Placed on what was known."""
        known = self.known(year)
        return tuple((float(known[i, 0]), float(known[i, 1])) for i in k_medoids(known, k=count, seed=SITES_SEED))

    @functools.cache  # noqa: B019
    def density(self, year: int) -> CallDensity:
        """What was known of where calls come, and how often on a busy day."""
        known = self.known(year)
        return density_of(east_m=known[:, 0], north_m=known[:, 1], calls_per_s=CALLS_A_DAY / DAY_S)

    def year(self, seed: int) -> int:
        """Years take turns."""
        years = years_of(self.past)
        return years[seed % len(years)]

    def day(self, *, seed: int, docks: int, physics: Physics) -> Day:
        """A day that nobody has decided anything on yet."""
        year = self.year(seed)
        calls: list[Call] = busy_day(self.past, year=year, count=CALLS_A_DAY, seed=seed)
        return Day(
            calls=calls,
            places=[self.plane.to_local(call.lat_deg, call.lon_deg) for call in calls],
            docks=self.docks(year, docks),
            physics=physics,
        )
