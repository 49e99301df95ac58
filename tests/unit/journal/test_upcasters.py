"""Old payloads are read step by step, and never guessed at."""

from __future__ import annotations

from typing import Any

import pytest

from dispatcher.events import EVENT_TYPES
from dispatcher.journal.upcasters import UPCASTERS, upcast


def add_unit(payload: dict[str, Any]) -> dict[str, Any]:
    return {"silent_s": payload["silent"], "dock_id": payload["dock_id"]}


def add_place(payload: dict[str, Any]) -> dict[str, Any]:
    return {**payload, "place": None}


STEPS = {("DockSilent", 1): add_unit, ("DockSilent", 2): add_place}


def test_a_payload_goes_through_every_step_in_turn() -> None:
    old = {"dock_id": "cov-1", "silent": 7.0}
    new = upcast("DockSilent", old, found=1, wanted=3, upcasters=STEPS)
    assert new == {"dock_id": "cov-1", "silent_s": 7.0, "place": None}
    assert old == {"dock_id": "cov-1", "silent": 7.0}


def test_a_payload_of_the_present_version_is_left_alone() -> None:
    payload = {"anything": 1}
    assert upcast("DockSilent", payload, found=3, wanted=3, upcasters=STEPS) is payload


def test_a_step_that_is_not_there_is_said() -> None:
    with pytest.raises(LookupError, match="from schema version 1 to 2"):
        upcast("DockSilent", {}, found=1, wanted=2, upcasters={})


def test_a_payload_of_a_newer_version_is_refused() -> None:
    with pytest.raises(LookupError, match="newer"):
        upcast("DockSilent", {}, found=2, wanted=1, upcasters=STEPS)


def test_every_event_type_can_be_read_from_each_of_its_earlier_versions() -> None:
    for name, kind in EVENT_TYPES.items():
        for version in range(1, kind.schema_version):
            assert (name, version) in UPCASTERS


@pytest.mark.parametrize("found", range(1, 6))
def test_a_decision_from_before_it_named_its_version_is_of_the_version_of_its_schema(found: int) -> None:
    old: dict[str, Any] = {"inputs": {}, "options": [], "best_dock_id": None}
    assert upcast("OptionsDecided", old, found=found, wanted=6)["decision_version"] == found


def test_a_decision_from_before_there_were_commands_in_flight_says_that_nobody_flew_by_hand() -> None:
    old = {"inputs": {"pilots": [{"pilot_id": "pilot-1", "flights_in_command": 2}]}, "best_dock_id": None}
    new = upcast("OptionsDecided", old, found=1, wanted=2)
    pilot = new["inputs"]["pilots"][0]
    assert (pilot["flights_in_hand"], pilot["hand_limit"], pilot["silent"]) == (0, 1, False)
    assert pilot["flights_in_command"] == 2


def test_incidents_before_addresses_had_none() -> None:
    assert upcast("IncidentReported", {"grade": "1"}, found=1, wanted=2) == {"grade": "1", "address": ""}
    assert upcast("IncidentAmended", {"revision": 2}, found=1, wanted=2) == {"revision": 2, "address": None}


def test_a_dock_released_before_holds_were_a_persons_is_held_by_nobody() -> None:
    assert upcast("DockReleased", {"dock_id": "cov-1"}, found=1, wanted=2) == {"dock_id": "cov-1", "held_by": None}
