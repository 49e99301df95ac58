"""Alarms by their cause: few, each with its action, the gravest first (EEMUA 191)."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.vocabulary import AlarmKind, Charger, DockState, Lid
from dispatcher import causes
from dispatcher import events as ev
from dispatcher.causes import BROKER_ACTION, RULES, causes_of
from dispatcher.entities import Alarm
from dispatcher.folding.alarms import condition_of
from dispatcher.record import Recorded
from dispatcher.state import State, apply
from kestrel.identity import uuid7
from tests.desks import QUAD, dock

START = datetime(2026, 1, 31, 9, 30, tzinfo=UTC)
DOCKS = [f"dock-{number:02}" for number in range(50)]


def _report(dock_id: str) -> ev.DockReported:
    return ev.DockReported(
        dock_id=dock_id,
        state=DockState.READY,
        flight_id=None,
        lid=Lid.CLOSED,
        aircraft_seated=True,
        charger=Charger.FULL,
        battery_percent=100.0,
        weather=None,
        aircraft_connected=True,
        aircraft_system_id=1,
        aircraft_uid="0x1",
        aircraft_position=None,
        blockers=[],
        registered=True,
        measured_at=START,
    )


class Log:
    """Events one after another, folded as they come."""

    def __init__(self, docks: list[str]) -> None:
        self.state = State()
        self.seq = 0
        for number, dock_id in enumerate(docks, start=1):
            self.say(
                ev.DockRegistered(dock=dock(dock_id, number, 52.4 + number / 1000, -1.5), aircraft_type=QUAD), START
            )
            self.say(_report(dock_id), START)

    def say(self, event: ev.Event, at: datetime, actor: str = "dispatcher") -> Recorded:
        """One more event."""
        self.seq += 1
        entry = Recorded(
            seq=self.seq,
            force="test",
            stream="test",
            version=self.seq,
            id=uuid7(at, random_bits=random.Random(self.seq).getrandbits),
            type=event.type_name(),
            schema_version=event.schema_version,
            mission_time=at,
            wall_time=at,
            actor=actor,
            causation_id=None,
            event=event,
            hash=bytes(32),
        )
        self.state = apply(self.state, entry)
        return entry


def test_every_kind_has_a_priority_and_names_what_is_to_be_done() -> None:
    assert set(RULES) == set(AlarmKind)
    for rule in RULES.values():
        assert rule.priority in (1, 2, 3)
        assert rule.action
        assert "{n}" in rule.several


def test_fifty_docks_that_lose_their_link_at_once_are_at_most_ten_alarms_in_the_ten_minutes_after() -> None:
    chance = random.Random(191)
    log = Log(DOCKS)
    changes: list[tuple[float, ev.Event]] = []
    for dock_id in DOCKS:
        # Noticed over some seconds; a third comes back for a while and is lost again.
        lost = chance.uniform(0, 8)
        changes.append((lost, ev.DockSilent(dock_id=dock_id, silent_s=6.0)))
        if chance.random() < 0.33:
            back = chance.uniform(60, 400)
            changes.append((back, ev.DockHeardAgain(dock_id=dock_id)))
            changes.append((back + chance.uniform(5, 120), ev.DockSilent(dock_id=dock_id, silent_s=6.0)))
    shown: set[UUID] = set()
    most = 0
    for seconds, event in sorted(changes, key=lambda change: change[0]):
        log.say(event, START + timedelta(seconds=seconds))
        lines = causes_of(log.state)
        most = max(most, len(lines))
        shown |= {line.id for line in lines}
    assert len(log.state.open_alarms) >= 50, "every dock has its own in the record"
    assert 1 <= len(shown) <= 10
    assert most <= 10


def test_when_no_dock_is_heard_it_is_the_broker_and_its_docks_are_listed() -> None:
    log = Log(DOCKS[:12])
    for dock_id in DOCKS[:11]:
        log.say(ev.DockSilent(dock_id=dock_id, silent_s=6.0), START)
    (some,) = causes_of(log.state)
    assert (some.priority, some.action == BROKER_ACTION) == (2, False), "one is still heard"
    log.say(ev.DockSilent(dock_id=DOCKS[11], silent_s=6.0), START)
    (line,) = causes_of(log.state)
    assert (line.priority, line.action) == (1, BROKER_ACTION)
    assert line.text.startswith("12 docks are not heard: ")
    assert line.text.endswith(" and 4 more")
    assert not line.may_be_shelved


def test_a_dock_that_was_never_heard_is_no_alarm() -> None:
    log = Log([])
    log.say(ev.DockRegistered(dock=dock("new", 1, 52.4, -1.5), aircraft_type=QUAD), START)
    log.say(ev.DockSilent(dock_id="new", silent_s=6.0), START)
    assert causes_of(log.state) == []


def test_what_comes_much_later_is_a_cause_of_its_own() -> None:
    log = Log(DOCKS[:3])
    log.say(ev.DockSilent(dock_id=DOCKS[0], silent_s=6.0), START)
    log.say(ev.DockSilent(dock_id=DOCKS[1], silent_s=6.0), START + timedelta(minutes=30))
    assert [len(line.alarms) for line in causes_of(log.state)] == [1, 1]


def test_the_same_docks_in_another_order_are_the_same_cause_come_again() -> None:
    log = Log(DOCKS[:4])
    for dock_id in DOCKS[:3]:
        log.say(ev.DockSilent(dock_id=dock_id, silent_s=6.0), START)
    (once,) = causes_of(log.state)
    for dock_id in DOCKS[:3]:
        log.say(ev.DockHeardAgain(dock_id=dock_id), START + timedelta(seconds=30))
    again = START + timedelta(minutes=10)
    for dock_id in reversed(DOCKS[:3]):
        log.say(ev.DockSilent(dock_id=dock_id, silent_s=6.0), again)
    (line,) = causes_of(log.state)
    assert (line.id, line.text, line.came, line.raised_at) == (once.id, once.text, 2, again)
    assert once.came == 1
    log.say(ev.DockHeardAgain(dock_id=DOCKS[0]), again + timedelta(seconds=5))
    (fewer,) = causes_of(log.state)
    assert fewer.text.startswith("2 docks are not heard: "), "what is over is not told as if it lasted"


def test_what_lasts_stands_before_what_is_over_however_grave_that_was() -> None:
    log = Log(DOCKS[:3])
    log.say(ev.AlarmRaised(alarm=AlarmKind.MOTOR, dock_id=DOCKS[0], text="motor 2"), START)
    log.say(ev.AlarmEnded(alarm=AlarmKind.MOTOR, dock_id=DOCKS[0]), START + timedelta(seconds=5))
    log.say(ev.AlarmRaised(alarm=AlarmKind.CHARGER, dock_id=DOCKS[1], text="hot"), START)
    assert [(line.kind, line.active) for line in causes_of(log.state)] == [
        (AlarmKind.CHARGER, True),
        (AlarmKind.MOTOR, False),
    ]


def test_it_is_gone_once_it_is_over_and_seen_and_not_before() -> None:
    log = Log(DOCKS[:2])
    raised = log.say(ev.DockSilent(dock_id=DOCKS[0], silent_s=6.0), START)
    log.say(ev.DockHeardAgain(dock_id=DOCKS[0]), START + timedelta(seconds=20))
    (line,) = causes_of(log.state)
    assert (line.active, line.acknowledged) == (False, False)
    log.say(ev.AlarmAcknowledged(alarm_id=raised.id, flight_id=None, dock_id=DOCKS[0]), START, actor="controller-1")
    assert causes_of(log.state) == []


def _shelved(log: Log, alarm_id: UUID, dock_id: str, *, until: datetime) -> None:
    event = ev.AlarmShelved(alarm_id=alarm_id, dock_id=dock_id, until=until, because="the mast is being moved")
    log.say(event, START, actor="controller-1")


def test_a_cause_is_shelved_while_all_that_lasts_of_it_is_and_what_is_new_brings_it_back() -> None:
    log = Log(DOCKS[:4])
    hour, half = START + timedelta(hours=1), START + timedelta(minutes=30)
    first = log.say(ev.DockSilent(dock_id=DOCKS[0], silent_s=6.0), START)
    second = log.say(ev.DockSilent(dock_id=DOCKS[1], silent_s=6.0), START)
    _shelved(log, first.id, DOCKS[0], until=hour)
    assert causes_of(log.state)[0].shelf is None, "one of two"
    _shelved(log, second.id, DOCKS[1], until=half)
    shelf = causes_of(log.state)[0].shelf
    assert shelf is not None
    assert (shelf.by, shelf.until, shelf.because) == ("controller-1", half, "the mast is being moved")
    log.say(ev.DockSilent(dock_id=DOCKS[2], silent_s=6.0), START + timedelta(seconds=9))
    assert causes_of(log.state)[0].shelf is None, "a third is new"


HOT = "the charger is at 61.5 C, limit 60 C"


@pytest.mark.parametrize(
    ("then", "stays"),
    [
        ("the charger is at 64 C, limit 60 C", True),
        ("the charger is at -3 C, limit 60 C", True),
        ("the charger is at 64 C, limit 60 C: it has switched itself off", False),
        ("the charger reports a fault", False),
    ],
)
def test_a_shelved_alarm_is_in_sight_again_when_it_says_something_else_but_not_for_other_figures(
    then: str, stays: bool
) -> None:
    log = Log(DOCKS[:1])
    raised = log.say(ev.AlarmRaised(alarm=AlarmKind.CHARGER, dock_id=DOCKS[0], text=HOT), START)
    _shelved(log, raised.id, DOCKS[0], until=START + timedelta(hours=8))
    log.say(ev.AlarmRaised(alarm=AlarmKind.CHARGER, dock_id=DOCKS[0], text=then), START + timedelta(minutes=10))
    (line,) = causes_of(log.state)
    assert (line.text, line.shelf is not None) == (then, stays)


def test_a_number_that_belongs_to_a_name_is_no_figure() -> None:
    assert condition_of("cov-1 relieves it in 40 s") == condition_of("cov-1 relieves it in 45.5 s")
    assert condition_of("cov-1 relieves it in 40 s") != condition_of("cov-2 relieves it in 40 s")


def test_a_shelved_cause_that_becomes_a_matter_of_safety_is_in_sight_again() -> None:
    log = Log(DOCKS[:2])
    for dock_id in DOCKS[:1]:
        raised = log.say(ev.DockSilent(dock_id=dock_id, silent_s=6.0), START)
        _shelved(log, raised.id, dock_id, until=START + timedelta(hours=1))
    assert causes_of(log.state)[0].shelf is not None
    second = log.say(ev.DockSilent(dock_id=DOCKS[1], silent_s=6.0), START)
    _shelved(log, second.id, DOCKS[1], until=START + timedelta(hours=1))
    (line,) = causes_of(log.state)
    assert (line.priority, line.shelf) == (1, None), "no dock at all is heard"


def _alarm(number: int, kind: AlarmKind, place: int, minute: float, *, over: bool) -> Alarm:
    """Of a dock for a small place, of a flight else."""
    at = START + timedelta(minutes=minute)
    return Alarm(
        id=UUID(int=number),
        kind=kind,
        flight_id=UUID(int=place) if place > 3 else None,
        dock_id=f"dock-{place}" if place <= 3 else None,
        raised_at=at,
        text="x",
        changed_at=at,
        ended_at=at + timedelta(seconds=1) if over else None,
    )


def _by_looking_at_all(groups: Sequence[Sequence[Alarm]]) -> list[list[Sequence[Alarm]]]:
    """The rule as it is said: the first cause of the same kind with a flight or dock in common, where nothing of an
    aircraft lasts.
    """
    found: list[list[Sequence[Alarm]]] = []
    for group in sorted(groups, key=lambda each: (each[0].raised_at, each[0].id.int)):
        for cause in found:
            known = [alarm for coming in cause for alarm in coming]
            places = {each.flight_id or each.dock_id for each in known}
            common = any((each.flight_id or each.dock_id) in places for each in group)
            lasts = group[0].kind is AlarmKind.TRAFFIC and any(alarm.active for alarm in known)
            if known[0].kind is group[0].kind and common and not lasts:
                cause.append(group)
                break
        else:
            found.append([group])
    return found


KINDS = (AlarmKind.TRAFFIC, AlarmKind.DOCK_SILENT, AlarmKind.CHARGER)
RAISED = st.tuples(
    st.sampled_from(KINDS), st.integers(0, 7), st.sampled_from([n / 4 for n in range(60)]), st.booleans()
)


@given(st.lists(RAISED, max_size=40))
@settings(max_examples=200)
def test_the_index_finds_the_causes_that_looking_at_all_of_them_finds(
    raised: list[tuple[AlarmKind, int, float, bool]],
) -> None:
    alarms = [
        _alarm(number, kind, place, minute, over=over)
        for number, (kind, place, minute, over) in enumerate(raised, start=1)
    ]
    groups = list(causes._groups(alarms))
    assert causes._recurring(groups) == _by_looking_at_all(groups)


@pytest.mark.parametrize("docks", [1, 400], ids=["one dock that flaps", "each another dock"])
def test_each_alarm_is_looked_at_once_however_many_there_are(monkeypatch: pytest.MonkeyPatch, docks: int) -> None:
    looks: list[UUID] = []
    about = causes._about

    def counted(alarm: Alarm) -> UUID | str:
        looks.append(alarm.id)
        return about(alarm)

    monkeypatch.setattr(causes, "_about", counted)
    alarms = [_alarm(n, AlarmKind.ENERGY, 4 + n % docks, 5.0 * n, over=True) for n in range(400)]
    assert len(causes._recurring(causes._groups(alarms))) == docks
    assert sorted(looks) == [alarm.id for alarm in alarms]
