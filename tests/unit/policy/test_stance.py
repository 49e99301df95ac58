"""What the policy says of an incident: the strictest rule holds, each names itself, and local nights are local."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatcher.policy import Launch, PolicyInForce, Stance, stance_of
from dispatcher.policy.document import STRICTNESS, QuietHours
from dispatcher.policy.stance import is_quiet, matches
from dispatcher.security.roles import Role
from tests.policies import document, in_force

NOON = datetime(2026, 1, 7, 12, tzinfo=UTC)
NIGHT = datetime(2026, 1, 7, 23, 30, tzinfo=UTC)
LONDON = ZoneInfo("Europe/London")
HOURS: dict[str, Any] = {
    "name": "Night",
    "starts": "23:00",
    "ends": "06:00",
    "launch": "pressed",
    "because": "people sleep",
}
INDOORS = {"name": "Indoors", "categories": ["mental health*indoors*"], "because": "it frightens"}


def stance(policy: PolicyInForce, grade: str = "1", *, category: str = "robbery", now: datetime = NOON) -> Stance:
    return stance_of(policy, grade=grade, category=category, now=now)


@pytest.mark.parametrize(
    ("grade", "rank", "launch"),
    [
        ("1", 0, "by_itself"),
        ("immediate ", 0, "by_itself"),
        ("PRIORITY", 1, "asks"),
        ("3", 2, "pressed"),
        ("4", 3, "never"),
    ],
)
def test_a_grade_is_known_by_its_name_and_by_what_feeds_call_it(grade: str, rank: int, launch: str) -> None:
    found = stance(in_force(), grade)
    assert (found.rank, found.launch.value, found.known) == (rank, launch, True)


def test_an_unknown_grade_is_taken_as_the_one_that_the_policy_names_and_it_is_said() -> None:
    found = stance(in_force(unknown_grade=9), "Code 7")
    assert (found.grade, found.rank, found.known) == ("Priority", 1, False)
    said = next(ruling for ruling in found.rulings if ruling.kind == "unknown_grade")
    assert said.text == "grade 'Code 7' is not in the policy: taken as Priority"
    assert said.line == 9


def test_quiet_hours_leave_only_what_they_say() -> None:
    policy = in_force(document(quiet_hours=[HOURS]), quiet_hours__0=21)
    assert stance(policy).launch is Launch.BY_ITSELF
    by_night = stance(policy, now=NIGHT)
    assert by_night.launch is Launch.PRESSED
    assert by_night.window_s is None
    ruling = by_night.rulings[-1]
    assert (ruling.rule, ruling.line) == ("Night", 21)
    assert ruling.text == "Night, 23:00 to 06:00 Europe/London: people sleep"


def test_quiet_hours_never_free_what_a_grade_forbids() -> None:
    policy = in_force(document(quiet_hours=[HOURS | {"launch": "asks"}]))
    assert stance(policy, "4", now=NIGHT).launch is Launch.NEVER
    assert stance(policy, "3", now=NIGHT).launch is Launch.PRESSED


def test_quiet_hours_concern_the_grades_that_they_name_by_any_of_their_words() -> None:
    policy = in_force(document(quiet_hours=[HOURS | {"grades": ["2"]}]))
    assert stance(policy, "1", now=NIGHT).launch is Launch.BY_ITSELF
    assert stance(policy, "priority", now=NIGHT).launch is Launch.PRESSED


def test_a_category_that_never_flies_is_refused_with_the_rules_name_and_line() -> None:
    policy = in_force(document(no_fly=[INDOORS]), no_fly__0=33)
    found = stance(policy, category="Mental health crisis, indoors (flat)")
    assert found.launch is Launch.NEVER
    (ruling,) = found.forbidding
    assert (ruling.rule, ruling.line, ruling.text) == ("Indoors", 33, "Indoors: it frightens")


def test_only_who_may_override_every_rule_that_forbids_may_override() -> None:
    hours = HOURS | {"launch": "never", "override": ["supervisor", "controller"]}
    policy = in_force(document(quiet_hours=[hours], no_fly=[INDOORS | {"override": ["supervisor"]}]))
    category = "mental health, indoors"
    both = stance(policy, category=category, now=NIGHT)
    assert len(both.forbidding) == 2
    assert both.may_override(frozenset({Role.SUPERVISOR}))
    assert not both.may_override(frozenset({Role.CONTROLLER}))
    assert stance(policy, now=NIGHT).may_override(frozenset({Role.CONTROLLER}))
    nobody = in_force(document(no_fly=[INDOORS]))
    assert not stance(nobody, category=category).may_override(frozenset(Role))


@pytest.mark.parametrize(
    ("moment", "quiet"),
    [
        # Summer time: 23:00 in London is 22:00 UTC.
        (datetime(2026, 7, 7, 21, 59, tzinfo=UTC), False),
        (datetime(2026, 7, 7, 22, 0, tzinfo=UTC), True),
        (datetime(2026, 7, 8, 4, 59, tzinfo=UTC), True),
        (datetime(2026, 7, 8, 5, 0, tzinfo=UTC), False),
        # The night in which the clock goes forward (29 March 2026, 01:00 UTC) and the one in which it goes back.
        (datetime(2026, 3, 28, 22, 59, tzinfo=UTC), False),
        (datetime(2026, 3, 28, 23, 0, tzinfo=UTC), True),
        (datetime(2026, 3, 29, 4, 59, tzinfo=UTC), True),
        (datetime(2026, 3, 29, 5, 0, tzinfo=UTC), False),
        (datetime(2026, 10, 24, 22, 0, tzinfo=UTC), True),
        (datetime(2026, 10, 25, 5, 59, tzinfo=UTC), True),
        (datetime(2026, 10, 25, 6, 0, tzinfo=UTC), False),
    ],
)
def test_quiet_hours_follow_the_clock_on_the_wall_also_when_it_is_changed(moment: datetime, quiet: bool) -> None:
    assert is_quiet(QuietHours(**HOURS), zone=LONDON, now=moment) is quiet


def test_a_night_belongs_to_the_day_on_which_it_starts() -> None:
    hours = QuietHours(**(HOURS | {"days": ["sat"]}))
    saturday_night, sunday_morning, sunday_night = (
        datetime(2026, 1, 10, 23, 30, tzinfo=UTC),
        datetime(2026, 1, 11, 5, 30, tzinfo=UTC),
        datetime(2026, 1, 11, 23, 30, tzinfo=UTC),
    )
    assert is_quiet(hours, zone=LONDON, now=saturday_night)
    assert is_quiet(hours, zone=LONDON, now=sunday_morning)
    assert not is_quiet(hours, zone=LONDON, now=sunday_night)


@pytest.mark.parametrize(
    ("pattern", "category", "same"),
    [
        ("robbery", "Robbery", True),
        ("robbery", "robbery in progress", False),
        ("robbery*", "robbery in progress", True),
        ("*indoors", "crisis,  INDOORS", True),
        ("a.c", "abc", False),
        ("a*c", "a\nc", True),
    ],
)
def test_a_category_is_matched_whole_with_a_star_for_any_text(pattern: str, category: str, same: bool) -> None:
    assert matches(pattern, category) is same


MOMENTS = st.datetimes(min_value=datetime(2020, 1, 1), max_value=datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(
    grade=st.text(max_size=20) | st.sampled_from(["1", "2", "3", "4"]),
    category=st.text(max_size=20) | st.just("mental health indoors"),
    now=MOMENTS,
    left=st.sampled_from(["asks", "pressed", "never"]),
)
def test_no_rule_ever_makes_a_launch_freer(grade: str, category: str, now: datetime, left: str) -> None:
    plain = stance_of(in_force(), grade=grade, category=category, now=now)
    ruled = stance_of(
        in_force(document(quiet_hours=[HOURS | {"launch": left}], no_fly=[INDOORS])),
        grade=grade,
        category=category,
        now=now,
    )
    assert STRICTNESS[ruled.launch] >= STRICTNESS[plain.launch]
    assert ruled.launch is max((ruling.launch for ruling in ruled.rulings), key=STRICTNESS.__getitem__)
    assert (ruled.window_s is not None) == (ruled.launch in (Launch.BY_ITSELF, Launch.ASKS))
