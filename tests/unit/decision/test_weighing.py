"""A fleet weighed at once: bits as words, bounds that hold, and the best the same as if every way were looked for."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import rfc8785
from hypothesis import Phase, given, settings

from contracts.vocabulary import DockState
from dispatcher.decision import weighing
from dispatcher.decision.choice import redecide
from dispatcher.decision.columns import Columns, codes_of
from dispatcher.decision.facts import DockFacts, facts_from_json
from dispatcher.decision.gates import reasons_against
from dispatcher.decision.option import Decision, Option
from dispatcher.decision.weighing import BEST, SMALL_FLEET
from dispatcher.decision.world import Airspace
from geo.airspace.zone import Zone
from tests.unit.decision.scene import POLICY, WEATHER, any_docks, dock_at, fleets
from tests.unit.decision.zones import airspace, box_zone, decided_in

FLEET = 60


def fleet(seed: int = 1, count: int = FLEET) -> list[DockFacts]:
    """Docks all around, some of which cannot go."""
    rng = np.random.default_rng(seed)
    return [
        dock_at(
            f"dock-{number:03}",
            bearing_deg=float(rng.uniform(0, 360)),
            distance_m=float(rng.uniform(0, 5000)),
            charge_percent=float(rng.uniform(50, 100)),
            alt_amsl_m=float(rng.uniform(60, 110)),
            state=DockState.FLYING if rng.random() < 0.2 else DockState.READY,
            weather=replace(WEATHER, wind_speed_m_s=float(rng.uniform(0, 12)), wind_from_deg=220.0),
        )
        for number in range(count)
    ]


def town(seed: int = 1, count: int = 40) -> tuple[Zone, ...]:
    rng = np.random.default_rng(seed)
    return tuple(
        box_zone(
            f"zone-{number}",
            bearing_deg=float(rng.uniform(0, 360)),
            distance_m=float(rng.uniform(200, 5000)),
            half_m=float(rng.uniform(30, 250)),
        )
        for number in range(count)
    )


def all_exact(loaded: Airspace, docks: list[DockFacts]) -> Decision:
    return decided_in(loaded, *docks, exact_for=[dock.dock_id for dock in docks])


@settings(deadline=None, phases=[Phase.explicit, Phase.generate])
@given(docks=fleets(any_docks, least=1))
def test_the_bits_of_a_dock_are_the_codes_of_its_reasons(docks: list[DockFacts]) -> None:
    masks = Columns(docks).against(POLICY, deployment="simulation")
    for dock, mask in zip(docks, masks.tolist(), strict=True):
        told = {reason.code for reason in reasons_against(dock, POLICY, deployment="simulation")}
        assert set(codes_of(mask)) == told


@pytest.mark.parametrize("seed", range(6))
def test_the_best_are_those_that_looking_for_every_way_would_find(seed: int) -> None:
    docks, loaded = fleet(seed), airspace(*town(seed))
    decision, full = decided_in(loaded, *docks), all_exact(loaded, docks)
    eligible = [option for option in full.options if option.eligible]
    proven = [option for option in decision.options if option.eligible and not option.bound]
    assert len(docks) > SMALL_FLEET
    assert len(proven) >= min(BEST, len(eligible))
    assert list(decision.options[:BEST]) == eligible[:BEST]
    assert any(option.bound for option in decision.options)


@pytest.mark.parametrize("seed", range(6))
def test_no_way_is_sooner_than_its_bound(seed: int) -> None:
    docks, loaded = fleet(seed), airspace(*town(seed))
    decision, full = decided_in(loaded, *docks), all_exact(loaded, docks)
    compared = 0
    for option in decision.options:
        exact = full.option(option.dock_id)
        assert not exact.bound
        if option.bound and option.time_to_scene_s is not None and exact.time_to_scene_s is not None:
            assert exact.time_to_scene_s >= option.time_to_scene_s - 0.1
            compared += 1
        if exact.eligible:
            assert option.eligible
    assert compared > 10


def test_a_dock_that_is_asked_for_is_exact_wherever_it_ranks() -> None:
    docks, loaded = fleet(), airspace(*town())
    decision = decided_in(loaded, *docks)
    last = [option for option in decision.options if option.eligible][-1]
    assert last.bound
    assert last.route is None
    asked = decided_in(loaded, *docks, exact_for=[last.dock_id])
    option = asked.option(last.dock_id)
    assert not option.bound
    assert option == replace(all_exact(loaded, docks).option(last.dock_id), rank=option.rank)
    assert asked.best_dock_id == decision.best_dock_id


def test_a_small_fleet_has_no_bounds_and_tells_of_ways_of_docks_that_cannot_go() -> None:
    docks = fleet(count=SMALL_FLEET)
    options = decided_in(airspace(*town()), *docks).options
    assert not any(option.bound for option in options)
    assert any(option.route for option in options if not option.eligible)


def test_options_are_made_when_they_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []
    build = weighing.Weighing.built

    def built(self: weighing.Weighing, index: int, rank: int | None) -> Option:
        made.append(index)
        return build(self, index, rank)

    monkeypatch.setattr(weighing.Weighing, "built", built)
    decision = decided_in(airspace(*town()), *fleet())
    assert decision.best is not None
    assert len(made) == 1
    assert decision.options[-1] is decision.options[len(decision.options) - 1]
    assert len(made) == 2


def test_a_weighed_fleet_is_derived_again_to_the_same_bytes() -> None:
    loaded = airspace(*town())
    decision = decided_in(loaded, *fleet(), exact_for=["dock-059"])
    record = rfc8785.dumps(decision.to_json())
    again = redecide(facts_from_json(json.loads(record)["inputs"]), airspace=loaded)
    assert rfc8785.dumps(again.to_json()) == record
    assert Decision.from_json(json.loads(record)) == decision
