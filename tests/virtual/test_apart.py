"""Nobody comes near anybody: real desk, real agents, drones that obey, and people who ask for the impossible.

Every pair of drones is judged over every second by `tests.closeness`, which shares nothing with who keeps them apart.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from contracts.vocabulary import AlarmKind
from dispatcher import apart
from dispatcher.policy import FlyingPolicy
from geo.flight.position import LatLon, offset
from tests.virtual.busy import DOCKS, Busy, homecomings, launches_into_others, meetings, tracks_of
from tests.virtual.city import SCENE, City

MANY = {
    f"d-{number}": offset(*SCENE, bearing_deg=number * 137.5, distance_m=420.0 * number**0.5) for number in range(24)
}


async def lived(
    folder: Path, seed: int, *, seconds: float, docks: Mapping[str, LatLon] = DOCKS, **often: Any
) -> tuple[City, Busy]:
    """So long in a city, and what was asked of it."""
    async with City.open(folder, pilots=len(docks), docks=docks) as city:
        city.desk.flying = FlyingPolicy(flights_in_hand=4, flights_watched=4)
        busy = Busy(city=city, rng=Random(seed), **often)
        await busy.run(seconds)
        return city, busy


async def test_in_a_busy_quarter_of_an_hour_no_two_are_ever_too_near_whatever_people_ask_for(tmp_path: Path) -> None:
    city, busy = await lived(tmp_path, 5, seconds=800)
    assert meetings(city) == []
    assert city.alarms(AlarmKind.TOO_NEAR) == []
    assert sum(map(len, tracks_of(city).values())) >= 12, "many flew"
    home = homecomings(city)
    assert len(home) >= 10, "and came home"
    assert launches_into_others(city, after_s=home[2]) >= 8, "others took off after that, into air that was in use"
    for asked in ("call", "retask", "divert", "goto", "orbit", "altitude", "nudge", "resume", "hold", "return"):
        assert busy.done[asked] >= 2, asked
    crowded = {name.split(":")[0] for name in busy.refused if name.endswith("NotApart")}
    assert len(crowded) >= 3, "and much was asked for that could not be"


@settings(max_examples=4, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
@example(seed=418)  # called home on a way out that was laid in the air, across another's dock
def test_nobody_comes_near_anybody_whatever_people_do(seed: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        city, _ = asyncio.run(lived(Path(folder), seed, seconds=300))
        assert meetings(city) == []


async def test_where_nobody_is_kept_apart_they_do_come_too_near(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those above can fail: the same people in a city in which no flight is ever in the way."""
    monkeypatch.setattr(apart, "flying", lambda *_, **__: [])
    city, _ = await lived(tmp_path, 0, seconds=600)
    assert meetings(city)
    assert city.alarms(AlarmKind.TOO_NEAR), "and people are told"


@pytest.mark.nightly
@pytest.mark.parametrize("seed", [5, 11])
async def test_in_twenty_busy_minutes_of_other_people_no_two_are_ever_too_near(tmp_path: Path, seed: int) -> None:
    city, _ = await lived(tmp_path, seed, seconds=1200)
    assert meetings(city) == []
    assert homecomings(city)


@pytest.mark.nightly
async def test_in_a_busy_hour_with_twenty_four_docks_no_two_are_ever_too_near(tmp_path: Path) -> None:
    city, _ = await lived(tmp_path, 1, seconds=3600, docks=MANY, each_s=4.0)
    assert meetings(city) == []
    assert sum(map(len, tracks_of(city).values())) >= 100
