"""A decision about who relieves a flight: the flight blocks nothing, and every dock has a height of its own."""

from __future__ import annotations

import json
from dataclasses import replace

from dispatcher.decision.choice import plan_flight, redecide
from dispatcher.decision.facts import HeightFacts, ReliefFacts, facts_from_json
from dispatcher.journal.upcasters import upcast
from tests.unit.decision.scene import DOCK, INCIDENT, POLICY, codes, decided, dock_at

FLOWN = replace(INCIDENT, active_flight_id="flight-7")


def relief(**heights: float | None) -> ReliefFacts:
    named = {name.replace("_", "-"): height_m for name, height_m in heights.items()}
    return ReliefFacts(
        flight_id="flight-7",
        heights=tuple(HeightFacts(dock_id=dock_id, height_m=height_m) for dock_id, height_m in named.items()),
    )


def test_the_flight_that_is_relieved_does_not_stand_in_the_way() -> None:
    assert decided(DOCK, incident=FLOWN).best is None
    assert decided(DOCK, incident=FLOWN, relief=relief(dock_1=80.0)).best_dock_id == "dock-1"


def test_a_closed_incident_is_relieved_by_nobody() -> None:
    decision = decided(DOCK, incident=replace(FLOWN, closed=True), relief=relief(dock_1=80.0))
    assert decision.best is None


def test_a_dock_without_a_free_height_says_so() -> None:
    decision = decided(DOCK, incident=FLOWN, relief=relief(dock_1=None))
    assert codes(decision.options[0]) == ["no_height_free"]


def test_a_greater_height_takes_longer_and_is_what_is_planned() -> None:
    low, high = (decided(DOCK, incident=FLOWN, relief=relief(dock_1=height_m)) for height_m in (40.0, 100.0))
    assert low.options[0].time_to_scene_s is not None
    assert high.options[0].time_to_scene_s is not None
    # 60 m more at 3 m/s.
    assert high.options[0].time_to_scene_s - low.options[0].time_to_scene_s == 20.0
    planned = plan_flight(incident=FLOWN, dock=DOCK, policy=POLICY, height_m=100.0)
    heights = {point.alt_above_home_m for point in (*planned.plan.route_out, *planned.plan.route_home)}
    assert heights == {100.0}
    assert planned.watch_s == high.options[0].watch_s


def test_a_recorded_decision_on_a_relief_is_derived_again() -> None:
    other = dock_at("dock-2", bearing_deg=90, distance_m=1500)
    decision = decided(DOCK, other, incident=FLOWN, relief=relief(dock_1=80.0, dock_2=None))
    assert redecide(facts_from_json(json.loads(json.dumps(decision.inputs_json())))) == decision


def test_a_decision_from_before_there_were_reliefs_is_still_read() -> None:
    decision = decided(DOCK)
    old = decision.inputs_json()
    del old["relief"]
    for pilot in old["pilots"]:
        for name in ("flights_in_hand", "hand_limit", "silent"):
            del pilot[name]
    payload = upcast("OptionsDecided", {"inputs": old, "best_dock_id": "dock-1"}, found=1, wanted=2)
    assert redecide(facts_from_json(payload["inputs"])) == decision
    assert payload["best_dock_id"] == "dock-1"
