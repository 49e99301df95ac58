"""A parachute is let out only over an aircraft that falls: sink rate and motor, in the air, where one is fitted."""

from __future__ import annotations

from typing import Any

import pytest

from dock_agent.parachute import LEAST_HEIGHT_M, motor_failed, parachute_reasons
from dock_agent.readings import AircraftReading, Parachute, Position
from dock_agent.telemetry_slots import of_motor
from tests.unit.dock_agent.fakes import QUAD

FITTED = QUAD.model_copy(update={"has_parachute": True})


def aircraft(**changes: Any) -> AircraftReading:
    """Falling, with a motor that has failed, 60 m above home."""
    fields: dict[str, Any] = {
        "in_air": True,
        "climb_m_s": -9.0,
        "motor_text": "Motor failure detected",
        "parachute": Parachute.READY,
        "position": Position(lat_deg=52.4, lon_deg=-1.5, alt_amsl_m=148.0, alt_above_home_m=60.0),
    }
    return AircraftReading(**{**fields, **changes})


def test_one_that_falls_with_a_failed_motor_may_be_saved() -> None:
    assert parachute_reasons(aircraft(), FITTED) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"in_air": False}, "the aircraft is not in the air"),
        ({"in_air": None}, "the aircraft is not in the air"),
        ({"climb_m_s": -2.0}, "it is not falling: it sinks at 2.0 m/s; 5.0 m/s is the least"),
        ({"climb_m_s": 3.0}, "it is not falling: it sinks at 0.0 m/s; 5.0 m/s is the least"),
        ({"climb_m_s": None}, "it is not falling: it sinks at 0.0 m/s; 5.0 m/s is the least"),
        ({"motor_text": None}, "the autopilot does not say that a motor has failed"),
        ({"parachute": Parachute.DEPLOYED}, "the parachute is out already"),
        (
            {"position": Position(lat_deg=52.4, lon_deg=-1.5, alt_amsl_m=98.0, alt_above_home_m=10.0)},
            f"at 10 m above home it has no time to open; {LEAST_HEIGHT_M:.0f} m is the least",
        ),
    ],
)
def test_each_condition_alone_forbids_it(change: dict[str, Any], words: str) -> None:
    assert parachute_reasons(aircraft(**change), FITTED) == [words]


def test_a_type_without_one_says_so() -> None:
    assert parachute_reasons(aircraft(), QUAD) == ["this type of aircraft has no parachute"]


def test_a_type_that_comes_down_fast_on_purpose_must_fall_faster() -> None:
    fast = FITTED.model_copy(update={"descent_m_s": 6.0})
    assert parachute_reasons(aircraft(climb_m_s=-8.0), fast) == [
        "it is not falling: it sinks at 8.0 m/s; 9.0 m/s is the least"
    ]
    assert parachute_reasons(aircraft(climb_m_s=-9.5), fast) == []


def test_a_healthy_hover_has_every_reason_against_it() -> None:
    hover = aircraft(climb_m_s=0.0, motor_text=None)
    assert len(parachute_reasons(hover, QUAD)) == 3


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Motor failure detected", True),
        ("Motor failure: motors stopped", True),
        ("ESC failure: motor 3", True),
        ("Failure detector: ESCs failed", True),
        ("Motors armed", False),
        ("Failsafe activated", False),
        ("Description failed", False),
    ],
)
def test_the_autopilots_words_of_a_motor_are_told_from_others(text: str, wanted: bool) -> None:
    assert of_motor(text) is wanted


def test_nothing_heard_is_no_failure() -> None:
    assert motor_failed(AircraftReading()) is None
