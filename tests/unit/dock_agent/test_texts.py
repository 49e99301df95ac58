"""Which of the autopilot's words explain a refusal."""

from __future__ import annotations

from dock_agent.telemetry_slots import TEXT_S, Slot, telling

WHICH = "Preflight Fail: Compass needs calibration"
VAGUE = "Arming denied: Resolve system health failures first"


def test_the_check_that_failed_is_kept_over_the_word_that_one_did() -> None:
    assert telling(Slot(WHICH, 10.0), VAGUE, 10.2) == (WHICH, 10.2)


def test_a_vague_word_alone_is_better_than_none() -> None:
    assert telling(Slot(), VAGUE, 10.0) == (VAGUE, 10.0)
    assert telling(Slot("Low battery", 9.0), VAGUE, 10.0) == (VAGUE, 10.0)
    assert telling(Slot(WHICH, 10.0), VAGUE, 10.1 + TEXT_S)[0] == VAGUE


def test_any_other_word_takes_the_place_of_the_last() -> None:
    assert telling(Slot(WHICH, 10.0), "Failsafe activated", 11.0) == ("Failsafe activated", 11.0)
