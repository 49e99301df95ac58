"""Many incidents at once: the assignment is exact, and says nothing where nothing can be done."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatcher.decision.assignment import Weighing, assign, cost_of
from dispatcher.decision.errors import InvalidFactError
from dispatcher.decision.reserve import WORST_S, density_of, late_after_s, losses, losses_while_away


@st.composite
def cases(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    incidents, drones = draw(st.integers(1, 4)), draw(st.integers(0, 4))
    seconds = st.one_of(st.integers(0, 100).map(float), st.just(np.inf))
    costs = draw(st.lists(st.lists(seconds, min_size=drones, max_size=drones), min_size=incidents, max_size=incidents))
    unserved = draw(st.lists(st.integers(0, 120).map(float), min_size=incidents, max_size=incidents))
    return np.array(costs, dtype=float).reshape(incidents, drones), np.array(unserved)


def _by_hand(costs: np.ndarray, unserved: np.ndarray) -> float:
    """Every way there is: drones in every order, and for each incident also nobody."""
    incidents, drones = costs.shape
    best = np.inf
    for order in permutations([*range(drones), *([-1] * incidents)], incidents):
        total = sum(float(unserved[line] if column < 0 else costs[line, column]) for line, column in enumerate(order))
        best = min(best, total)
    return best


@given(cases())
def test_no_other_way_is_cheaper(case: tuple[np.ndarray, np.ndarray]) -> None:
    costs, unserved = case
    taken = assign(costs, unserved=unserved)
    sent = [column for column in taken.tolist() if column >= 0]
    assert len(set(sent)) == len(sent), "a drone goes to one incident"
    assert cost_of(taken, costs, unserved=unserved) == _by_hand(costs, unserved)


def test_an_incident_that_no_drone_can_reach_stays_without_one() -> None:
    taken = assign(np.array([[np.inf, np.inf], [10.0, 20.0]]), unserved=np.array([1e9, 1e9]))
    assert taken.tolist() == [-1, 0]


def test_no_incidents_and_no_drones_are_no_fault() -> None:
    assert assign(np.empty((0, 3)), unserved=np.empty(0)).tolist() == []
    assert assign(np.empty((2, 0)), unserved=np.ones(2)).tolist() == [-1, -1]


@pytest.mark.parametrize("cost", [np.nan, -np.inf])
def test_what_is_no_price_is_refused(cost: float) -> None:
    with pytest.raises(InvalidFactError, match="costs"):
        assign(np.array([[cost]]), unserved=np.ones(1))


def test_the_graver_incident_gets_the_near_drone() -> None:
    weighing = Weighing(grade_weights={"immediate": 4.0}, late_weight=0.0)
    waited_s = np.array([[100.0, 200.0], [110.0, 260.0]])
    weights = np.array([weighing.weight("immediate"), weighing.weight("standard")])
    equal = assign(weighing.waiting_cost(waited_s), unserved=np.full(2, 1e6))
    graded = assign(weighing.waiting_cost(waited_s) * weights[:, None], unserved=np.full(2, 1e6))
    assert (equal.tolist(), graded.tolist()) == ([1, 0], [0, 1])


def test_a_second_past_the_limit_costs_more_and_never_stays_never() -> None:
    weighing = Weighing(late_s=100.0, late_weight=3.0)
    assert weighing.waiting_cost(np.array([90.0, 110.0, np.inf])).tolist() == [90.0, 140.0, np.inf]
    assert Weighing(late_weight=0.0).waiting_cost(np.array([np.inf])).tolist() == [np.inf]


@pytest.mark.parametrize("field", ["late_s", "late_weight", "unserved_s", "reserve_weight", "reserve_most_s", "gain_s"])
def test_a_weighing_that_cannot_be_names_its_field(field: str) -> None:
    with pytest.raises(InvalidFactError, match=field):
        Weighing(**{field: -1.0})  # type: ignore[arg-type]


def test_the_reserve_prices_the_drone_that_alone_covers_a_place() -> None:
    # Two places; drones 0 and 1 stand beside each other, drone 2 alone covers the second place.
    costs = np.array([[50.0, 60.0, 900.0], [900.0, 900.0, 40.0]])
    lost = losses(costs=costs, share=np.array([0.5, 0.5]))
    assert lost.tolist() == [5.0, 0.0, 430.0]


@given(st.integers(2, 6), st.integers(1, 8), st.integers(0, 1000))
def test_a_loss_is_what_the_expected_cost_grows_by(drones: int, places: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    costs, share = rng.uniform(0, 900, (places, drones)), rng.dirichlet(np.ones(places))
    lost = losses(costs=costs, share=share)
    whole = float(share @ costs.min(axis=1))
    for drone in range(drones):
        without = float(share @ np.delete(costs, drone, axis=1).min(axis=1))
        assert lost[drone] == pytest.approx(without - whole, abs=1e-9)


def test_the_density_is_thick_where_calls_came_and_sums_to_one() -> None:
    rng = np.random.default_rng(1)
    town, farm = rng.normal(0, 400, (90, 2)), rng.normal(20_000, 400, (10, 2))
    points = np.vstack([town, farm])
    density = density_of(east_m=points[:, 0], north_m=points[:, 1], calls_per_s=0.01)
    assert density.share.sum() == pytest.approx(1.0)
    in_town = np.hypot(density.east_m, density.north_m) < 5_000
    assert density.share[in_town].sum() == pytest.approx(0.9)


def test_moving_the_world_by_whole_cells_moves_the_density() -> None:
    rng = np.random.default_rng(2)
    points = rng.uniform(-5_000, 5_000, (60, 2))
    here = density_of(east_m=points[:, 0], north_m=points[:, 1], calls_per_s=0.01)
    there = density_of(east_m=points[:, 0] + 3_000, north_m=points[:, 1] - 1_500, calls_per_s=0.01)
    assert there.east_m == pytest.approx(here.east_m + 3_000)
    assert there.share == pytest.approx(here.share)


def test_a_density_of_nothing_is_refused() -> None:
    with pytest.raises(InvalidFactError, match="no calls"):
        density_of(east_m=[], north_m=[], calls_per_s=1.0)


def test_lateness_begins_where_a_fleet_at_home_reaches_all_but_the_last_calls() -> None:
    times_s = np.array([[100.0, 400.0], [300.0, 200.0], [900.0, 800.0]])
    assert late_after_s(times_s=times_s, share=np.array([0.6, 0.36, 0.04])) == 200.0


def test_lateness_of_a_busy_fleet_begins_later_as_calls_fall_to_the_second_nearest() -> None:
    times_s = np.array([[100.0, 400.0], [300.0, 200.0]])
    share = np.array([0.5, 0.5])
    # Half of the time the near one is away: a quarter each of 100, 400, 200 and 300 s.
    found = [late_after_s(times_s=times_s, share=share, within=within, busy=0.5) for within in (0.2, 0.4, 0.7, 0.9)]
    assert found == [100.0, 200.0, 300.0, 400.0]
    with pytest.raises(InvalidFactError, match="busy"):
        late_after_s(times_s=times_s, share=share, busy=1.5)


def test_what_a_drone_is_missed_for_falls_as_others_come_back_while_it_is_away() -> None:
    times_s, share = np.array([[50.0, 60.0]]), np.array([1.0])

    def lost(ready_in_s: float) -> float:
        found = losses_while_away(
            times_s=times_s,
            ready_in_s=np.array([0.0, ready_in_s]),
            share=share,
            cost=lambda seconds: seconds,
        )
        return float(found[0])

    assert lost(0.0) == 10.0
    assert lost(np.inf) == WORST_S - 50.0
    # Ready in 900 s: without the first a call waits 960 s at once, 360 s a quarter of 2400 s later, then 60 s.
    assert lost(900.0) == pytest.approx((910 + 310 + 10 + 10) / 4)
