"""A decision can be written, read and decided again, and comes to the same bytes."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.fleet import AircraftType, Limits
from dispatcher.decision.choice import redecide
from dispatcher.decision.codec import from_json, to_json
from dispatcher.decision.errors import InvalidFactError, UnreadableRecord
from dispatcher.decision.facts import (
    DecisionInputs,
    DockFacts,
    PilotFacts,
    facts_from_json,
    facts_to_json,
    performance_from_fleet,
)
from dispatcher.decision.option import Decision
from tests.unit.decision.scene import DOCK, INCIDENT, NOW, any_docks, decided, fleets, pilots


@settings(deadline=None)
@given(docks=fleets(any_docks), crew=pilots, reach=st.none() | st.sets(st.sampled_from(["dock-1", "dock-2"])))
def test_a_recorded_decision_is_derived_again_to_the_same_bytes(
    docks: list[DockFacts], crew: list[PilotFacts], reach: set[str] | None
) -> None:
    decision = decided(*docks, pilots=tuple(crew), within_reach=reach)
    record = rfc8785.dumps(decision.to_json())
    again = redecide(facts_from_json(json.loads(record)["inputs"]))
    assert again == decision
    assert rfc8785.dumps(again.to_json()) == record
    assert Decision.from_json(json.loads(record)) == decision


@settings(deadline=None)
@given(docks=fleets(any_docks), crew=pilots)
def test_the_figures_of_a_record_are_finite_and_in_shown_steps(docks: list[DockFacts], crew: list[PilotFacts]) -> None:
    for option in decided(*docks, pilots=tuple(crew)).options_json():
        for name in ("time_to_airborne_s", "time_to_scene_s", "on_scene_s", "watch_s", "energy_wh", "flight_s"):
            value = option[name]
            assert value is None or (math.isfinite(value) and value == round(value, 1))
        assert option["distance_m"] == round(option["distance_m"])
        assert 0 <= option["bearing_deg"] < 360


def test_the_record_has_what_the_journal_asks_for() -> None:
    decision = decided(DOCK)
    record = decision.to_json()
    assert record["best_dock_id"] == "dock-1"
    assert record["options"] == decision.options_json()
    assert record["inputs"] == decision.inputs_json() == facts_to_json(decision.inputs)
    assert record["inputs"]["mission_time"] == "2026-03-01T21:14:03.250000Z"
    assert facts_from_json(record["inputs"]) == decision.inputs


def test_one_moment_is_written_in_one_way_whatever_its_zone() -> None:
    summer = NOW.astimezone(timezone(timedelta(hours=1)))
    assert decided(DOCK, mission_time=summer).to_json() == decided(DOCK).to_json()
    with pytest.raises(InvalidFactError):
        decided(DOCK, mission_time=datetime(2026, 3, 1)).to_json()  # noqa: DTZ001 - that is what is refused


def damaged(change: Any) -> Any:
    record = json.loads(json.dumps(decided(DOCK).inputs_json()))
    change(record)
    return record


@pytest.mark.parametrize(
    ("change", "path"),
    [
        (lambda record: record.pop("policy"), "/policy"),
        (lambda record: record["docks"][0].pop("lid"), "/docks/0/lid"),
        (lambda record: record["docks"][0].update(lid="ajar"), "/docks/0/lid"),
        (lambda record: record["docks"][0].update(colour="red"), "/docks/0/colour"),
        (lambda record: record["docks"][0].update(charge_percent="full"), "/docks/0/charge_percent"),
        (lambda record: record["docks"][0].update(registered=1), "/docks/0/registered"),
        (lambda record: record["docks"][0]["performance"].update(cruise_m_s=0), "/docks/0/performance"),
        (lambda record: record.update(docks={}), "/docks"),
        (lambda record: record.update(incident=[]), "/incident"),
        (lambda record: record.update(mission_time="yesterday"), "/mission_time"),
        (lambda record: record.update(mission_time="2026-03-01T21:14:03"), "/mission_time"),
        (lambda record: record["incident"].update(revision=1.5), "/incident/revision"),
    ],
)
def test_a_damaged_record_says_where(change: Any, path: str) -> None:
    with pytest.raises(UnreadableRecord) as caught:
        facts_from_json(damaged(change))
    assert caught.value.path == path


def test_numbers_that_json_cannot_hold_are_never_written() -> None:
    @dataclass(frozen=True)
    class Loose:
        value: Any

    for value in (math.nan, math.inf, {1, 2}, b"bytes"):
        with pytest.raises(InvalidFactError):
            to_json(Loose(value=value))
    assert str(to_json(Loose(value=-0.0))["value"]) == "0.0"


def test_whole_numbers_read_back_as_the_floats_that_they_were() -> None:
    record = json.loads(rfc8785.dumps(facts_to_json(decided(DOCK).inputs)))
    assert record["docks"][0]["charge_percent"] == 96
    inputs = from_json(DecisionInputs, record)
    assert isinstance(inputs.docks[0].charge_percent, float)
    assert inputs.mission_time == NOW.astimezone(UTC)


def test_the_fleet_file_s_type_and_the_site_s_limits_become_one_performance() -> None:
    aircraft_type = AircraftType(
        cruise_m_s=15,
        climb_m_s=3,
        descent_m_s=1.5,
        battery_wh=150,
        hover_power_w=200,
        cruise_power_w=190,
        climb_power_w=260,
        wind_limit_m_s=12,
        gust_limit_m_s=15,
        rain_limit_mm_h=2,
        temperature_min_c=-10,
        temperature_max_c=40,
    )
    made = performance_from_fleet(
        aircraft_type=aircraft_type, limits=Limits(reserve_percent=25, ceiling_above_home_m=90)
    )
    assert made == replace(DOCK.performance, reserve_percent=25.0, ceiling_agl_m=90.0)
    assert decided(replace(DOCK, performance=made), incident=INCIDENT).best_dock_id == "dock-1"
