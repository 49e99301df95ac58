"""An alarm is raised once, told anew when its figures have moved, and over once, over restarts too."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from contracts.reports import AlarmChanged
from contracts.vocabulary import AlarmKind
from dock_agent.alarms import TELL_AGAIN_S, Alarm, AlarmBoard

FLIGHT = UUID(int=7)
NOW = datetime(2026, 1, 1, tzinfo=UTC)
LOW = Alarm(kind=AlarmKind.ENERGY, text="the battery is at 31 %: it returns by itself")


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def told(facts: list[AlarmChanged]) -> list[tuple[AlarmKind, bool]]:
    return [(fact.alarm, fact.active) for fact in facts]


def helicopter(*, bearing_deg: float, distance_m: float) -> Alarm:
    return Alarm(
        kind=AlarmKind.TRAFFIC,
        text=f"from {bearing_deg:.0f}",
        bearing_deg=bearing_deg,
        above_m=12.34,
        distance_m=distance_m,
        in_s=20.4,
    )


def test_an_alarm_is_raised_once_and_over_once() -> None:
    board = AlarmBoard()
    (fact,) = board.changes([LOW], flight_id=FLIGHT, now=NOW)
    assert (fact.alarm, fact.active, fact.flight_id, fact.text) == (AlarmKind.ENERGY, True, FLIGHT, LOW.text)
    assert board.changes([LOW], flight_id=FLIGHT, now=later(60)) == []
    (fact,) = board.changes([], flight_id=FLIGHT, now=later(61))
    assert (fact.alarm, fact.active, fact.flight_id) == (AlarmKind.ENERGY, False, FLIGHT)
    assert board.changes([], flight_id=FLIGHT, now=later(62)) == []


def test_other_figures_in_the_same_words_are_no_news() -> None:
    board = AlarmBoard()
    board.changes([LOW], flight_id=FLIGHT, now=NOW)
    lower = Alarm(kind=AlarmKind.ENERGY, text="the battery is at 30 %: it returns by itself")
    assert board.changes([lower], flight_id=FLIGHT, now=later(60)) == []
    other = Alarm(kind=AlarmKind.ENERGY, text="the battery is at 30 %: it may not reach home")
    assert told(board.changes([other], flight_id=FLIGHT, now=later(60))) == [(AlarmKind.ENERGY, True)]


def test_a_crewed_aircraft_is_told_anew_when_it_has_moved_and_not_too_often() -> None:
    board = AlarmBoard()
    (fact,) = board.changes([helicopter(bearing_deg=350.0, distance_m=2000.0)], flight_id=FLIGHT, now=NOW)
    assert (fact.bearing_deg, fact.above_m, fact.distance_m, fact.in_s) == (350.0, 12.0, 2000.0, 20.0)
    near = helicopter(bearing_deg=15.0, distance_m=1900.0)
    assert board.changes([near], flight_id=FLIGHT, now=later(TELL_AGAIN_S - 1)) == []
    assert len(board.changes([near], flight_id=FLIGHT, now=later(TELL_AGAIN_S))) == 1
    same = helicopter(bearing_deg=20.0, distance_m=1800.0)
    assert board.changes([same], flight_id=FLIGHT, now=later(60)) == []
    nearer = helicopter(bearing_deg=20.0, distance_m=900.0)
    assert len(board.changes([nearer], flight_id=FLIGHT, now=later(60))) == 1


def test_an_alarm_of_the_box_is_not_the_flights_and_outlives_it() -> None:
    board = AlarmBoard()
    box = Alarm(kind=AlarmKind.CHARGER, text="the charger reports a fault", of_dock=True)
    facts = board.changes([LOW, box], flight_id=FLIGHT, now=NOW)
    assert {fact.alarm: fact.flight_id for fact in facts} == {AlarmKind.ENERGY: FLIGHT, AlarmKind.CHARGER: None}
    assert told(board.changes([box], flight_id=None, now=later(9))) == [(AlarmKind.ENERGY, False)]
    assert list(board.standing) == [AlarmKind.CHARGER]


def test_a_restart_neither_repeats_an_alarm_nor_leaves_one_standing() -> None:
    board = AlarmBoard()
    board.changes([LOW], flight_id=FLIGHT, now=NOW)
    again = AlarmBoard.load(board.save())
    assert again.changes([LOW], flight_id=FLIGHT, now=later(1)) == []
    gone = AlarmBoard.load(board.save())
    assert told(gone.changes([], flight_id=FLIGHT, now=later(1))) == [(AlarmKind.ENERGY, False)]
    assert AlarmBoard.load(None).standing == {}


def test_of_two_alarms_of_a_kind_the_first_counts() -> None:
    board = AlarmBoard()
    second = Alarm(kind=AlarmKind.ENERGY, text="another")
    (fact,) = board.changes([LOW, second], flight_id=FLIGHT, now=NOW)
    assert fact.text == LOW.text
