"""The laws of the decision: what holds for every fleet, weather and incident."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from contracts.vocabulary import Lid
from dispatcher.decision.choice import plan_flight
from dispatcher.decision.errors import InvalidFactError, NotFlyableError
from dispatcher.decision.facts import DockFacts, PilotFacts, Policy
from dispatcher.decision.option import Decision
from geo.flight.plan import estimate_plan, straight_plan
from geo.ranking import rank_key
from tests.unit.decision.scene import (
    DOCK,
    INCIDENT,
    POLICY,
    any_docks,
    decided,
    dock_at,
    fleets,
    good_docks,
    option_of,
    pilots,
)


@settings(deadline=None)
@given(docks=fleets(any_docks), crew=pilots, random=st.randoms(use_true_random=False))
def test_the_decision_does_not_depend_on_the_order_of_the_facts(
    docks: list[DockFacts], crew: list[PilotFacts], random: object
) -> None:
    mixed, mixed_crew = list(docks), list(crew)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    random.shuffle(mixed_crew)  # type: ignore[attr-defined]
    first = decided(*docks, pilots=tuple(crew))
    assert written(decided(*mixed, pilots=tuple(mixed_crew))) == written(first)


@settings(deadline=None)
@given(docks=fleets(any_docks), crew=pilots)
def test_every_dock_has_an_option_that_is_ranked_or_says_why_not(
    docks: list[DockFacts], crew: list[PilotFacts]
) -> None:
    decision = decided(*docks, pilots=tuple(crew))
    assert sorted(option.dock_id for option in decision.options) == sorted(dock.dock_id for dock in docks)
    eligible = [option for option in decision.options if option.eligible]
    assert list(decision.options[: len(eligible)]) == eligible
    assert [option.rank for option in eligible] == list(range(1, len(eligible) + 1))
    for option in decision.options:
        assert option.eligible == (not option.reasons)
        assert option.eligible == (option.rank is not None)
        assert all(reason.text for reason in option.reasons)
    assert (decision.best is None) == (not eligible)


@settings(deadline=None)
@given(docks=fleets(good_docks, least=1), newcomer=good_docks)
def test_another_dock_never_makes_the_best_option_slower(docks: list[DockFacts], newcomer: DockFacts) -> None:
    assume(newcomer.dock_id not in {dock.dock_id for dock in docks})
    before, after = decided(*docks).best, decided(*docks, newcomer).best
    if before is None:
        return
    assert after is not None
    assert before.time_to_scene_s is not None
    assert after.time_to_scene_s is not None
    assert after.time_to_scene_s <= before.time_to_scene_s
    assert key(after.time_to_scene_s, after.energy_wh, after.dock_id) <= key(
        before.time_to_scene_s, before.energy_wh, before.dock_id
    )


@settings(deadline=None)
@given(docks=fleets(good_docks, least=1))
def test_the_options_are_in_the_order_of_their_shown_figures(docks: list[DockFacts]) -> None:
    eligible = [option for option in decided(*docks).options if option.eligible]
    keys = [key(option.time_to_scene_s, option.energy_wh, option.dock_id) for option in eligible]
    assert keys == sorted(keys)


@settings(deadline=None)
@given(docks=fleets(good_docks, least=1), east_deg=st.floats(-178, 178))
def test_turning_the_world_around_its_axis_changes_nothing(docks: list[DockFacts], east_deg: float) -> None:
    here = decided(*docks)
    there = decided(
        *(replace(dock, lon_deg=wrapped(dock.lon_deg + east_deg)) for dock in docks),
        incident=replace(INCIDENT, lon_deg=wrapped(INCIDENT.lon_deg + east_deg)),
    )
    for option in here.options:
        other = there.option(option.dock_id)
        assert other.eligible == option.eligible
        assert other.distance_m == pytest.approx(option.distance_m, abs=1)
        assert other.time_to_scene_s == pytest.approx(option.time_to_scene_s, abs=0.11)
        assert other.on_scene_s == pytest.approx(option.on_scene_s, abs=0.3)
        assert other.battery_on_return_percent == pytest.approx(option.battery_on_return_percent, abs=0.11)


@settings(deadline=None)
@given(docks=fleets(good_docks, least=1), wanted_s=st.floats(0, 3600), reserve=st.floats(0, 50))
def test_energy_is_never_promised_that_the_model_does_not_have(
    docks: list[DockFacts], wanted_s: float, reserve: float
) -> None:
    policy = Policy(watch_s=wanted_s, reserve_percent=reserve)
    decision = decided(*docks, policy=policy)
    for dock in docks:
        option = decision.option(dock.dock_id)
        if not option.eligible:
            continue
        assert option.watch_s is not None
        assert option.on_scene_s is not None
        assert option.battery_on_return_percent is not None
        assert option.watch_s <= min(option.on_scene_s, wanted_s, policy.watch_cap_s) + 1e-6
        held_back = max(reserve, dock.performance.reserve_percent)
        assert option.battery_on_return_percent >= math.floor(held_back * 10) / 10
        # The whole plan, with its real waypoints and the longest watch that was told, by the model once more.
        plan = straight_plan(
            home=(dock.lat_deg, dock.lon_deg), scene=(INCIDENT.lat_deg, INCIDENT.lon_deg), standoff_m=policy.standoff_m
        )
        flown = estimate_plan(
            plan=plan,
            performance=dock.performance,
            watch_s=option.on_scene_s,
            charge_percent=dock.charge_percent or 0.0,
            reserve_percent=reserve,
            wind=dock.wind_aloft(60.0, policy),
        )
        assert flown.feasible
        assert flown.watch.seconds == pytest.approx(option.on_scene_s, abs=1.0)


@settings(deadline=None)
@given(dock=good_docks)
def test_the_planned_flight_keeps_the_promise_of_its_option(dock: DockFacts) -> None:
    option = option_of(dock)
    assume(option.eligible)
    assert option.time_to_scene_s is not None
    flight = plan_flight(incident=INCIDENT, dock=dock, policy=POLICY)
    to_scene_s = option.time_to_airborne_s + flight.estimate.time_to_scene_s
    assert to_scene_s == pytest.approx(option.time_to_scene_s, abs=0.3)
    assert flight.watch_s == pytest.approx(option.watch_s, abs=1.0)
    assert flight.estimate.battery_on_return_percent == pytest.approx(option.battery_on_return_percent, abs=0.3)
    assert flight.plan.fence.contains(INCIDENT.lat_deg, INCIDENT.lon_deg)
    assert flight.plan.ceiling_above_home_m == dock.performance.ceiling_agl_m


def test_the_nearer_of_two_like_docks_is_best_and_an_open_lid_is_time_won() -> None:
    near = dock_at("dock-near", bearing_deg=40, distance_m=1000)
    assert decided(DOCK, near).best_dock_id == "dock-near"
    opened = replace(DOCK, dock_id="dock-open", lid=Lid.OPEN)
    decision = decided(DOCK, opened)
    assert decision.best_dock_id == "dock-open"
    assert decision.option("dock-open").time_to_airborne_s == pytest.approx(4.5)
    assert decision.option("dock-1").time_to_airborne_s == pytest.approx(8.5)


def test_twins_are_told_apart_by_their_names() -> None:
    twins = [replace(DOCK, dock_id=name) for name in ("dock-b", "dock-a", "dock-c")]
    assert [option.dock_id for option in decided(*twins).options] == ["dock-a", "dock-b", "dock-c"]


def test_head_wind_makes_the_dock_in_the_lee_slower() -> None:
    weather = replace(DOCK.weather, wind_speed_m_s=11.5, wind_from_deg=40.0, gust_m_s=12.0) if DOCK.weather else None
    upwind = dock_at("dock-up", bearing_deg=40, distance_m=5000, weather=weather)
    downwind = replace(DOCK, dock_id="dock-down", weather=weather)
    options = decided(upwind, downwind)
    up, down = options.option("dock-up"), options.option("dock-down")
    assert up.distance_m == down.distance_m
    assert options.best_dock_id == "dock-up"
    assert (down.time_to_scene_s or 0) > (up.time_to_scene_s or 0) + 30


def test_the_incident_may_ask_for_its_own_watch_and_the_policy_caps_it() -> None:
    assert option_of(DOCK, incident=replace(INCIDENT, watch_s=120.0)).watch_s == 120.0
    assert option_of(DOCK).watch_s == 600.0
    capped = option_of(DOCK, incident=replace(INCIDENT, watch_s=5000.0), policy=replace(POLICY, watch_cap_s=300.0))
    assert (capped.watch_s, capped.on_scene_s) == (300.0, 300.0)


def test_an_uncertain_scene_opens_the_fence_only_so_far() -> None:
    vague = replace(INCIDENT, radius_m=20_000.0)
    flight = plan_flight(incident=vague, dock=DOCK, policy=POLICY)
    clearance_m = flight.plan.fence.clearance_m(vague.lat_deg, vague.lon_deg)
    assert 549 < clearance_m < 600


def test_no_docks_are_no_error() -> None:
    decision = decided()
    assert decision.options == ()
    assert decision.best is None
    with pytest.raises(KeyError):
        decision.option("dock-1")


def test_what_nobody_could_fly_is_not_planned() -> None:
    far = dock_at("dock-far", bearing_deg=220, distance_m=20_000)
    for dock, words in ((far, "energy"), (replace(DOCK, charge_percent=None), "charge")):
        with pytest.raises(NotFlyableError, match=words):
            plan_flight(incident=INCIDENT, dock=dock, policy=POLICY)


def test_facts_that_cannot_be_are_refused() -> None:
    with pytest.raises(InvalidFactError):
        decided(DOCK, DOCK)
    with pytest.raises(InvalidFactError):
        replace(DOCK, charge_percent=math.nan)
    with pytest.raises(InvalidFactError):
        replace(INCIDENT, lat_deg=math.inf)
    with pytest.raises(InvalidFactError):
        Policy(min_watch_s=100, watch_cap_s=50)
    with pytest.raises(InvalidFactError):
        PilotFacts(pilot_id="pilot-1", accepts_beforehand=True, limit=-1)


def written(decision: Decision) -> bytes:
    return json.dumps(decision.to_json(), sort_keys=True, allow_nan=False).encode()


def key(time_s: float | None, energy_wh: float | None, dock_id: str) -> tuple[int, int, str]:
    assert time_s is not None
    assert energy_wh is not None

    class Shown:
        pass

    shown = Shown()
    shown.__dict__.update(dock_id=dock_id, time_to_scene_s=time_s, energy_wh=energy_wh)
    return rank_key(shown)  # type: ignore[arg-type]


def wrapped(lon_deg: float) -> float:
    return (lon_deg + 180.0) % 360.0 - 180.0
