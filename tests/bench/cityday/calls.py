"""Calls: a county's file of them, and the busy days that are cut from it.

The file has no head: latitude, longitude, "KIND: type", local time, township, cross streets. A day takes calls of one
year at random and keeps the order in which they came; docks are placed on the other years' calls, so that nothing
that a day asks was known when its docks were chosen. The hours are not kept: the file holds three hours of each of
its days, so that there is no shape of a day in it. Calls come evenly at random over 24 hours, which is a Poisson stream
given its count.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np

from tests.bench.cityday.errors import TooFewCalls, UnreadableCalls

DAY_S = 86_400.0
SERVICE_MEDIAN_S = 900.0
SERVICE_SIGMA = 0.5
"""Of the service's logarithm: nine of ten scenes want between 6.6 and 34 minutes, mean 17."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PastCall:
    """One line of the file."""

    lat_deg: float
    lon_deg: float
    kind: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call of a day: seconds after its beginning, and how long a drone is wanted on scene (no policy knows that)."""

    number: int
    at_s: float
    lat_deg: float
    lon_deg: float
    service_s: float


def read_calls(path: Path) -> list[PastCall]:
    """All calls in the file's order; raises `UnreadableCalls` with the line that is at fault."""
    calls = []
    with path.open(encoding="utf-8", newline="") as file:
        for number, fields in enumerate(csv.reader(file), start=1):
            try:
                calls.append(_call(fields))
            except (ValueError, IndexError) as error:
                raise UnreadableCalls(path, number, str(error)) from None
    return calls


def _call(fields: Sequence[str]) -> PastCall:
    lat_deg, lon_deg = float(fields[0]), float(fields[1])
    if not (abs(lat_deg) <= 90 and abs(lon_deg) <= 180):
        raise ValueError(f"{fields[0]}, {fields[1]} is no place")
    at = datetime.strptime(fields[3], "%Y-%m-%d %H:%M")  # noqa: DTZ007  (the file's local time; only its year is used)
    return PastCall(lat_deg=lat_deg, lon_deg=lon_deg, kind=fields[2], at=at)


def years_of(calls: Sequence[PastCall]) -> list[int]:
    """The years that have calls, in order."""
    return sorted({call.at.year for call in calls})


def other_years(calls: Sequence[PastCall], year: int) -> list[PastCall]:
    """What was known: every call that is not of this year."""
    return [call for call in calls if call.at.year != year]


def busy_day(calls: Sequence[PastCall], *, year: int, count: int, seed: int) -> list[Call]:
    """``count`` calls of a year, without repetition and in their order, over one day; raises `TooFewCalls`."""
    those = sorted((call for call in calls if call.at.year == year), key=lambda call: call.at)
    if len(those) < count:
        raise TooFewCalls(year, len(those), count)
    rng = np.random.default_rng([seed, year])
    chosen = np.sort(rng.choice(len(those), size=count, replace=False))
    times = np.sort(rng.uniform(0.0, DAY_S, size=count))
    services = SERVICE_MEDIAN_S * np.exp(SERVICE_SIGMA * rng.standard_normal(count))
    return [
        Call(
            number=number,
            at_s=float(at_s),
            lat_deg=those[index].lat_deg,
            lon_deg=those[index].lon_deg,
            service_s=float(service_s),
        )
        for number, (index, at_s, service_s) in enumerate(zip(chosen, times, services, strict=True))
    ]
