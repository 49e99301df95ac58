"""The city day: the same for the same seed, within the gates, and bounded by its bound."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime
from itertools import permutations, product
from pathlib import Path

import numpy as np
import pytest

from dispatcher.decision.reserve import density_of
from geo.flight.wind import CALM, Wind
from tests.bench.cityday.__main__ import main
from tests.bench.cityday.bound import least_time_s, most_within, services_of
from tests.bench.cityday.calls import Call, PastCall, busy_day, other_years, read_calls
from tests.bench.cityday.day import Day, Doing, Move, Outcome, Policy, Rules
from tests.bench.cityday.errors import ForbiddenMove, TooFewCalls, UnreadableCalls
from tests.bench.cityday.kestrel import Kestrel
from tests.bench.cityday.knowing import Knowing
from tests.bench.cityday.physics import Physics
from tests.bench.cityday.rivals import NearestAvailable, SoonestAvailable
from tests.bench.cityday.sites import k_medoids

COUNTY_CALLS = Path(__file__).parents[3] / "examples" / "county" / "calls.csv"
AREA_M = 16_000.0


def _day(seed: int, *, calls: int = 40, docks: int = 4, hours: float = 5.0, wind: Wind = CALM) -> Day:
    rng = np.random.default_rng(seed)
    places = [(float(x), float(y)) for x, y in rng.uniform(0, AREA_M, (calls, 2))]
    times = np.sort(rng.uniform(0, hours * 3600, calls))
    services = 900 * np.exp(0.5 * rng.standard_normal(calls))
    return Day(
        calls=[
            Call(number=n, at_s=float(t), lat_deg=0.0, lon_deg=0.0, service_s=float(s))
            for n, (t, s) in enumerate(zip(times, services, strict=True))
        ],
        places=places,
        docks=[(float(x), float(y)) for x, y in rng.uniform(0, AREA_M, (docks, 2))],
        physics=Physics(wind=wind),
    )


def _kestrel() -> Kestrel:
    known = np.random.default_rng(99).uniform(0, AREA_M, (80, 2))
    return Kestrel(density=density_of(east_m=known[:, 0], north_m=known[:, 1], calls_per_s=40 / 18_000))


@pytest.mark.parametrize("policy", [NearestAvailable, SoonestAvailable, _kestrel, Knowing])
def test_a_day_is_the_same_each_time_it_is_played(policy: type[Policy]) -> None:
    assert _day(1).run(policy()) == _day(1).run(policy())


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("policy", [NearestAvailable, SoonestAvailable, _kestrel, Knowing])
def test_nobody_beats_the_bound(seed: int, policy: type[Policy]) -> None:
    day = _day(seed, wind=Wind(speed_m_s=8.0, from_deg=200.0))
    services = services_of(day)
    outcome = _day(seed, wind=Wind(speed_m_s=8.0, from_deg=200.0)).run(policy())
    for within_s in (120.0, 240.0, 360.0, 600.0, 900.0):
        served = sum(value <= within_s for value in outcome.response_s)
        assert served <= most_within(day, services, within_s) + 1e-6


class _Told:
    """Serves its calls as it was told beforehand, each as soon as its drone can go."""

    def __init__(self, drone_of: Sequence[int], order: Sequence[int]) -> None:
        self._drone_of, self._left = drone_of, list(order)

    def moves(self, day: Day) -> Sequence[Move]:
        for call in self._left:
            drone = day.drones[self._drone_of[call]]
            if call in day.waiting and day.may_launch(drone, call):
                self._left.remove(call)
                return [Move(drone.number, call)]
        return []


def test_who_is_told_the_next_calls_lets_people_wait_less_than_who_is_not() -> None:
    seeds = range(6)
    told, untold = (
        sum(min(each, 3_600.0) for seed in seeds for each in _day(seed).run(policy()).response_s)
        for policy in (Knowing, SoonestAvailable)
    )
    assert told < 0.98 * untold


def test_not_even_the_best_of_all_plans_made_with_foresight_beats_the_bound() -> None:
    for seed in range(3):
        day = _day(seed, calls=4, docks=2, hours=0.4)
        best = [math.inf] * 4
        for drone_of in product(range(2), repeat=4):
            for order in permutations(range(4)):
                outcome: Outcome = _day(seed, calls=4, docks=2, hours=0.4).run(_Told(drone_of, order))
                best = [min(a, b) for a, b in zip(best, sorted(outcome.response_s), strict=True)]
        bounded = [(day, services_of(day))]
        for rank in range(1, 5):
            assert least_time_s(bounded, percent=25 * rank, calls=4) <= best[rank - 1]


def test_a_policy_that_does_what_is_forbidden_ends_the_day() -> None:
    class Reckless:
        def moves(self, day: Day) -> Sequence[Move]:
            return [Move(0, call) for call in sorted(day.waiting)]

    with pytest.raises(ForbiddenMove):
        _day(1).run(Reckless())


def test_everybody_comes_home_above_the_reserve_and_pilots_are_not_stretched() -> None:
    class Watched(NearestAvailable):
        def moves(self, day: Day) -> Sequence[Move]:
            least_wh = day.physics.reserve_wh - 1e-6
            assert all(drone.wh >= least_wh for drone in day.drones)
            assert day.pilots_free() >= 0
            return super().moves(day)

    day = _day(3, hours=1.5)
    day.rules = Rules(pilots=1, flights_each=2)
    outcome = day.run(Watched())
    assert any(math.isinf(value) for value in outcome.response_s), "two flights at once are too few for this day"
    assert outcome.drone_hours > 0.5
    assert 0.1 < outcome.watched <= 1


@pytest.mark.parametrize(("minutes", "taken"), [(1, 0), (15, 1)])
def test_a_call_waits_for_the_near_drone_when_that_is_sooner(minutes: int, taken: int) -> None:
    call = Call(number=0, at_s=0.0, lat_deg=0.0, lon_deg=0.0, service_s=60.0)
    day = Day(calls=[call], places=[(1_000.0, 0.0)], docks=[(0.0, 0.0), (7_000.0, 0.0)], physics=Physics())
    day.drones[0].wh = (
        day.gate_wh - minutes * day.physics.charge_percent_per_min / 100 * day.physics.aircraft.battery_wh
    )
    day.drones[0].doing = Doing.HOMEWARD  # about to touch down
    day._at(1e-3, lambda: day._docked(day.drones[0]))
    outcome = day.run(_kestrel())
    flights_s = [day.flight_of(drone, 0)[0] for drone in (0, 1)]
    wait_s = minutes * 60 if taken == 0 else 0
    assert outcome.response_s[0] == pytest.approx(flights_s[taken] + wait_s, abs=0.01)


def test_medoids_are_points_and_no_other_choice_of_one_swap_is_nearer() -> None:
    points = np.random.default_rng(4).uniform(0, 1000, (30, 2))
    chosen = k_medoids(points, k=3, seed=1, starts=8)
    distances = np.hypot(*(points[:, None, :] - points[None, :, :]).transpose(2, 0, 1))
    assert len(set(chosen.tolist())) == 3
    random = np.random.default_rng(5)
    others = [distances[:, random.choice(30, 3, replace=False)].min(axis=1).sum() for _ in range(200)]
    assert distances[:, chosen].min(axis=1).sum() <= min(others) + 1e-9


def test_a_day_keeps_the_order_of_its_year_and_takes_from_no_other() -> None:
    calls = [
        PastCall(lat_deg=float(year - 2000), lon_deg=float(day), kind="", at=datetime(year, 1, day))  # noqa: DTZ001
        for year in (2016, 2017)
        for day in range(1, 21)
    ]
    day = busy_day(calls, year=2017, count=10, seed=3)
    assert [call.lat_deg for call in day] == [17.0] * 10
    assert [call.lon_deg for call in day] == sorted(call.lon_deg for call in day)
    assert [call.at_s for call in day] == sorted(call.at_s for call in day)
    assert {call.at.year for call in other_years(calls, 2017)} == {2016}
    with pytest.raises(TooFewCalls):
        busy_day(calls, year=2017, count=21, seed=3)


def test_the_examples_calls_are_read_and_a_bad_line_is_named(tmp_path: Path) -> None:
    assert len(read_calls(COUNTY_CALLS)) == 12
    bad = tmp_path / "calls.csv"
    bad.write_text("52.1,-1.2,EMS: X,2026-01-01 10:00,A,B\n91.0,-1.2,EMS: X,2026-01-01 10:00,A,B\n")
    with pytest.raises(UnreadableCalls, match="line 2"):
        read_calls(bad)


def test_without_the_calls_the_command_says_that_it_was_skipped(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--calls", "nowhere.csv"]) == 2
    assert "skipped" in capsys.readouterr().err
