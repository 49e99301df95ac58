"""The policy file: what is wrong is said with its line, what is left out has its default, and the same is the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from contracts.vocabulary import Avoidance, RecordingFrom
from dispatcher.policy import PolicyDocument
from dispatcher.policy.derived import decision_policy, flying_policy
from dispatcher.policy.file import load_policy, policy_changes, policy_loaded
from dispatcher.policycheck import main
from kestrel.errors import FileError
from tests.policies import document, in_force

ROOT = Path(__file__).parents[3]
SMALLEST = "schema: kestrel.policy/1\nname: least\ntime_zone: Europe/London\nunknown_grade: Immediate\n"
GRADES = "grades: [{name: Immediate}]\n"
QUIET = {"name": "Night", "starts": "23:00", "ends": "06:00", "launch": "pressed", "because": "sleep"}


def refused(tmp_path: Path, text: str) -> str:
    """What the dispatcher says to a file."""
    path = tmp_path / "policy.yaml"
    path.write_text(text if "grades: [" in text.replace(", grades: [", "") else text + GRADES)
    with pytest.raises(FileError) as refusal:
        load_policy(path)
    return str(refusal.value).replace(f"{tmp_path}/", "")


def test_what_is_left_out_has_its_default(tmp_path: Path) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text(SMALLEST + GRADES)
    loaded = load_policy(path)
    assert loaded.document.watch.usual_s == 600.0
    assert [grade.launch.value for grade in loaded.document.grades] == ["pressed"]
    assert loaded.source == "policy.yaml"


def test_without_a_file_every_flight_is_pressed_for() -> None:
    loaded = load_policy(None)
    assert loaded.document == PolicyDocument.built_in()
    assert {grade.launch.value for grade in loaded.document.grades} == {"pressed"}
    assert loaded.source == ""


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("grades: []", "policy.yaml:5: grades: "),
        ("colour: red", "policy.yaml:5: colour: unknown field"),
        ("watch: {least_s: 900, most_s: 600}", "policy.yaml:5: watch.least_s: must not be above most_s"),
        ("flights: {reserve_percent: 95}", "policy.yaml:5: flights.reserve_percent: "),
        ("warnings: {aircraft: [media]}", "policy.yaml:5: warnings.aircraft.0: media neither presses nor accepts"),
        ("flights: {avoidance: climb}", "policy.yaml:5: flights.avoidance: "),
        ("grades: [{name: A, launch: asks}]\n#", "policy.yaml:5: grades.0.launch: asks needs window_s"),
        ("grades: [{name: A, window_s: 9}]\n#", "policy.yaml:5: grades.0.window_s: has no meaning"),
        ("grades: [{name: A, override: [pilot]}]\n#", "policy.yaml:5: grades.0.override: has no meaning"),
        ("grades: [{name: A, watch_s: 20}]\n#", "policy.yaml:5: grades.0.watch_s: is below the least"),
        ("grades: [{name: A}, {name: a}]\n#", "policy.yaml:5: grades.1: a: 'a' already means A"),
        ("quiet_hours: [{starts: 23:00}]", "policy.yaml:5: quiet_hours.0.starts: is a number to YAML"),
        ("no_fly: [{name: A, categories: [], because: b}]", "policy.yaml:5: no_fly.0.categories: "),
        ("no_fly: [{name: A, categories: [x], because: b, grades: [Z]}]", "no_fly.0.grades.0: 'Z' is not one of: "),
        ("no_fly: [{name: Immediate, categories: [x], because: b}]", "no_fly.0.name: 'Immediate' stands twice"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(tmp_path: Path, line: str, said: str) -> None:
    assert said in refused(tmp_path, SMALLEST + line + "\n")


def test_every_fault_is_told_at_once_each_with_its_own_line(tmp_path: Path) -> None:
    text = (
        SMALLEST.replace("London", "Londn").replace("Immediate", "nothing") + "watch:\n  least_s: 900\n  most_s: 60\n"
    )
    said = refused(tmp_path, text).splitlines()
    assert [each.split(": ")[0].rsplit(":")[-1] for each in said] == ["3", "4", "6"]


@pytest.mark.parametrize(
    "changes",
    [
        {"ends": "23:00"},
        {"launch": "by_itself"},
        {"override": ["supervisor"]},
        {"days": []},
        {"starts": "24:00"},
        {"starts": "7:00"},
        {"grades": ["Nobody"]},
    ],
)
def test_quiet_hours_that_cannot_be_meant_are_refused(changes: dict[str, Any]) -> None:
    assert document(quiet_hours=[QUIET])
    with pytest.raises(ValidationError):
        document(quiet_hours=[QUIET | changes])


def test_the_journalled_content_is_the_whole_policy() -> None:
    policy = document(quiet_hours=[QUIET], no_fly=[{"name": "x", "categories": ["a*"], "because": "b"}])
    assert policy_loaded(policy).document == policy


def test_the_digest_is_of_what_the_policy_says_and_not_of_how_it_is_written(tmp_path: Path) -> None:
    one, other = tmp_path / "one.yaml", tmp_path / "other.yaml"
    one.write_text(SMALLEST + GRADES)
    other.write_text("# a remark\n\n" + SMALLEST + GRADES + "watch: {usual_s: 600}\n")
    assert load_policy(one).digest == load_policy(other).digest
    other.write_text(SMALLEST + GRADES + "watch: {usual_s: 601}\n")
    assert load_policy(one).digest != load_policy(other).digest


def test_a_policy_is_journalled_again_only_when_something_of_it_has_changed() -> None:
    loaded = policy_loaded(document(), source="policy.yaml")
    assert policy_changes(None, loaded) == [loaded]
    assert policy_changes(in_force(), loaded) == []
    moved = policy_loaded(document(), source="policy.yaml", lines={"grades/0": 7})
    assert policy_changes(in_force(), moved) == [moved]


@pytest.mark.parametrize("usual_s", [20.0, 60.0, 600.0])
def test_a_wish_for_a_shorter_watch_than_the_least_is_granted(usual_s: float) -> None:
    policy = decision_policy(document(watch={"usual_s": usual_s}), heartbeat_max_age_s=6.0)
    assert policy.watch_s == usual_s
    assert policy.min_watch_s <= usual_s


def test_the_figures_of_decisions_and_flights_are_the_files() -> None:
    policy = document(
        watch={"usual_s": 500, "least_s": 90, "most_s": 1200},
        flights={
            "reserve_percent": 25,
            "transit_alt_above_home_m": 70,
            "scene_alt_above_home_m": 50,
            "standoff_m": 40,
            "avoidance": "return",
            "recording_from": "asked",
        },
        pilots={"flights_watched": 3, "silent_hold_s": 90},
    )
    decisions, flying = decision_policy(policy, heartbeat_max_age_s=9.0), flying_policy(policy)
    assert (decisions.watch_s, decisions.min_watch_s, decisions.watch_cap_s) == (500, 90, 1200)
    assert (decisions.reserve_percent, decisions.standoff_m, decisions.heartbeat_max_age_s) == (25, 40, 9)
    assert (decisions.transit_alt_m, decisions.scene_alt_m) == (70, 50)
    assert (flying.avoidance, flying.recording_from) == (Avoidance.RETURN, RecordingFrom.ASKED)
    assert (flying.flights_watched, flying.silent_hold_s) == (3, 90)


@pytest.mark.parametrize("place", ["coventry", "county"])
def test_the_examples_are_said_in_words(place: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(ROOT / "examples" / place / "policy.yaml")]) == 0
    said = capsys.readouterr().out
    assert "only when a controller presses" in said
    assert "those of the aircraft by pilot, those of operations by controller; blockers by nobody" in said
    assert "[line " in said
    assert "its pilot has 60 s to answer, and who watches is told 20 s before it goes" in said
    assert "Held back for the calls to come, from 50 calls on record" in said


def test_the_check_tells_the_faults_and_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text(SMALLEST + "watch: {least_s: 900, most_s: 600}\n" + GRADES)
    assert main([str(path)]) == 2
    assert f"{path}:5: watch.least_s: must not be above most_s" in capsys.readouterr().err
