"""The plan for many incidents: the graver first, a threshold for diversions, and a reason for everything."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dispatcher.assigning import TURN_S, Turn, Waiting, gain_s, plan_of
from dispatcher.decision.assignment import Weighing

WEIGHING = Weighing(late_weight=0.0, gain_s=60.0)
GRAVE = Waiting(incident_id="grave", grade="Immediate", rank=0, weight=8.0, waited_s=5.0, docks={"far": 400.0})
LESS = Waiting(
    incident_id="less",
    grade="Scheduled",
    rank=3,
    weight=1.0,
    waited_s=300.0,
    docks={"near": 200.0},
    flight_id="flight-1",
)
TURN = Turn(
    flight_id="flight-1",
    callsign="K1",
    dock_id="dock-1",
    pilot="pilot-1",
    serves="less",
    phase="en_route",
    eligible=True,
    reasons=(),
    time_to_scene_s=90.0,
    remaining_s=50.0,
    others_s=200.0,
)


def test_the_nearest_drone_goes_to_the_graver_call_and_the_next_to_the_other() -> None:
    docks = {"one": 100.0, "two": 160.0}
    lesser = Waiting(incident_id="b", grade="Scheduled", rank=3, weight=1.0, waited_s=60.0, docks=docks)
    planned = plan_of([lesser, replace(GRAVE, docks=docks)], {}, weighing=WEIGHING)
    assert [(each.incident_id, each.dock_id) for each in planned] == [("grave", "one"), ("b", "two")]
    assert "one would be there in 100 s" in planned[1].because


def test_a_drone_on_a_lesser_call_is_planned_for_a_graver_one_and_its_own_gets_another() -> None:
    (planned,) = plan_of([GRAVE, LESS], {"grave": [TURN]}, weighing=WEIGHING)
    assert (planned.kind, planned.turn, planned.time_to_scene_s) == ("diversion", TURN, 90.0 + TURN_S)
    assert "the best dock needs 400 s" in planned.because
    assert "pilot-1 must accept" in planned.because


def test_below_the_threshold_nobody_is_diverted() -> None:
    soon = replace(GRAVE, docks={"far": 90.0 + TURN_S + 59.0})
    (planned,) = plan_of([soon, LESS], {"grave": [TURN]}, weighing=WEIGHING)
    assert (planned.kind, planned.dock_id) == ("dock", "far")


def test_a_call_as_grave_keeps_its_drone_whatever_is_gained() -> None:
    served = replace(LESS, rank=0, weight=8.0)
    (planned,) = plan_of([replace(GRAVE, docks={"far": 3_000.0}), served], {"grave": [TURN]}, weighing=WEIGHING)
    assert planned.kind == "dock"


def test_those_who_watch_are_named_and_their_countdown_counts() -> None:
    watched = replace(TURN, phase="on_scene", remaining_s=0.0, watched_by=("PC 4711",))
    (planned,) = plan_of([GRAVE, LESS], {"grave": [watched]}, weighing=WEIGHING, countdown_s=20.0)
    assert planned.time_to_scene_s == 90.0 + TURN_S + 20.0
    assert "PC 4711 would be told 20 s before" in planned.because


def test_what_the_lesser_call_loses_is_part_of_the_price() -> None:
    # Nobody else reaches the lesser call: an hour's wait of it weighs more than 300 s of one that is a little graver.
    lonely = replace(LESS, docks={}, weight=7.0, waited_s=0.0)
    (planned,) = plan_of([GRAVE, lonely], {"grave": [replace(TURN, others_s=None)]}, weighing=WEIGHING)
    assert planned.kind == "dock"


def test_where_nobody_can_go_the_plan_says_why() -> None:
    nobody = replace(GRAVE, docks={}, refusal="no dock can go; dock-1: gust 17.0 m/s, limit 16.0")
    second = Waiting(incident_id="b", grade="Scheduled", rank=3, weight=1.0, waited_s=1.0, docks={"far": 500.0})
    (planned,) = plan_of([nobody], {}, weighing=WEIGHING)
    assert (planned.kind, planned.because) == ("none", nobody.refusal)
    first, other = plan_of([GRAVE, second], {}, weighing=WEIGHING)
    assert (first.dock_id, other.kind) == ("far", "none")
    assert "far to a call of grade Immediate" in other.because


def test_a_dock_that_covers_much_alone_is_spared_where_another_is_hardly_later() -> None:
    both = replace(GRAVE, weight=1.0, docks={"keeper": 100.0, "other": 120.0})
    (planned,) = plan_of([both], {}, weighing=WEIGHING, reserve={"keeper": 80.0})
    assert planned.dock_id == "other"
    assert "worth more elsewhere" in planned.because


def test_seconds_that_weigh_more_because_they_are_late_do_not_stand_in_for_a_gain() -> None:
    # Both would be late, where each second counts sixteen times: fifteen real ones are still no sixty.
    late = Weighing(late_s=60.0, late_weight=15.0, gain_s=60.0)
    soon = replace(GRAVE, docks={"far": 90.0 + TURN_S + 15.0})
    (planned,) = plan_of([soon, LESS], {"grave": [TURN]}, weighing=late)
    assert (planned.kind, planned.dock_id) == ("dock", "far")


def test_what_a_call_gains_is_told_beside_what_it_would_have_got_and_not_beside_a_dock_that_goes_elsewhere() -> None:
    first = replace(GRAVE, incident_id="first", waited_s=10.0, docks={"near": 100.0})
    second = replace(GRAVE, docks={"near": 110.0, "far": 500.0})
    lesser = replace(LESS, docks={"other": 200.0})
    planned = plan_of([first, second, lesser], {"grave": [TURN]}, weighing=WEIGHING)
    assert [(each.incident_id, each.kind) for each in planned] == [("first", "dock"), ("grave", "diversion")]
    # 500 s less its own 100 s; and of that what the lesser call loses, 150 s of an eighth of the weight.
    assert planned[1].gain_s == pytest.approx(400.0 - 150.0 / 8.0, abs=0.1)
    gained = gain_s(
        [first, second, lesser], {"grave": [TURN]}, incident_id="grave", flight_id="flight-1", weighing=WEIGHING
    )
    assert gained == pytest.approx(planned[1].gain_s, abs=0.1)
