"""The independent checker: it must confirm what was right, and above all contradict what was wrong."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from kestrel.checker import Verdict, check_journal
from kestrel.errors import FileError
from kestrel.refusals import great_circle_m
from tests.unit.kestrel.journalkit import FINE, HandMadeJournal


def checked(journal: HandMadeJournal, folder: Path) -> Verdict:
    return check_journal(journal.write(folder / "journal.sqlite3"))


def refused_with(folder: Path, **report: Any) -> Verdict:
    journal = HandMadeJournal()
    journal.dock(**report)
    journal.pilot()
    journal.incident()
    journal.refuse()
    return checked(journal, folder)


def test_a_refusal_while_a_dock_was_ready_is_contradicted(tmp_path: Path) -> None:
    verdict = refused_with(tmp_path)
    assert not verdict.agrees
    assert [refusal.confirmed for refusal in verdict.refusals] == [False]
    assert [dock.contradicts for dock in verdict.refusals[0].docks] == [True]


@pytest.mark.parametrize(
    ("report", "reason"),
    [
        ({"battery_percent": 41.0}, "charge 41.0 %"),
        ({"battery_percent": None}, "charge was unknown"),
        ({"state": "recovering"}, "it was recovering"),
        ({"state": "fault"}, "it was fault"),
        ({"aircraft_seated": False}, "no aircraft"),
        ({"aircraft_connected": False}, "not connected"),
        ({"lid": "unknown"}, "lid was unknown"),
        ({"registered": False, "unregistered_because": "another uid"}, "unregistered: another uid"),
        ({"blockers": ["the charger reports a fault"]}, "would not launch"),
        ({"flight_id": "f0"}, "its agent had flight f0"),
        ({"weather": None}, "weather was unknown"),
        ({"weather": FINE | {"wind_speed_m_s": 13.0}}, "wind_speed_m_s 13.0"),
        ({"weather": FINE | {"gust_m_s": 17.0}}, "gust_m_s 17.0"),
        ({"weather": FINE | {"rain_mm_h": 9.0}}, "rain_mm_h 9.0"),
        ({"weather": FINE | {"temperature_c": -11.0}}, "temperature -11.0"),
        ({"place": (52.20, -1.50)}, "km away"),
    ],
)
def test_a_refusal_with_a_reason_is_confirmed_with_that_reason(
    tmp_path: Path, report: dict[str, Any], reason: str
) -> None:
    verdict = refused_with(tmp_path, **report)
    assert verdict.agrees
    assert any(reason in text for text in verdict.refusals[0].docks[0].clear)


def test_one_ready_dock_among_others_that_were_not_contradicts(tmp_path: Path) -> None:
    journal = HandMadeJournal()
    journal.dock("cov-1", battery_percent=20.0)
    journal.dock("cov-2")
    journal.pilot()
    journal.incident()
    journal.refuse()
    verdict = checked(journal, tmp_path)
    assert not verdict.agrees
    assert [dock.dock_id for dock in verdict.refusals[0].docks if dock.contradicts] == ["cov-2"]


def test_a_dock_in_flight_is_busy_until_its_flight_has_ended(tmp_path: Path) -> None:
    journal = HandMadeJournal()
    journal.dock()
    journal.pilot()
    journal.incident("i1")
    journal.decision("i1", best="cov-1")
    journal.order("f1")
    journal.phase("f1", "launching")
    journal.incident("i2")
    journal.refuse("i2")
    journal.phase("f1", "docked")
    journal.report()
    journal.incident("i3")
    journal.refuse("i3")
    verdict = checked(journal, tmp_path)
    assert [refusal.confirmed for refusal in verdict.refusals] == [True, False]
    assert verdict.flights == {"f1": "docked"}


def test_no_free_pilot_is_a_reason_for_every_dock(tmp_path: Path) -> None:
    journal = HandMadeJournal()
    journal.dock("cov-1")
    journal.dock("cov-2")
    journal.pilot(max_flights=1)
    journal.incident("i1")
    journal.decision("i1", best="cov-1")
    journal.order("f1")
    journal.incident("i2")
    journal.refuse("i2")
    journal.pilot("pilot-2")
    journal.incident("i3")
    journal.refuse("i3")
    verdict = checked(journal, tmp_path)
    assert [refusal.confirmed for refusal in verdict.refusals] == [True, False]


def test_a_silent_agent_is_a_reason_until_it_is_heard_again(tmp_path: Path) -> None:
    journal = HandMadeJournal()
    journal.dock()
    journal.pilot()
    journal.add("DockSilent", "dock/cov-1", dock_id="cov-1", silent_s=7.0)
    journal.incident("i1")
    journal.refuse("i1")
    journal.add("DockHeardAgain", "dock/cov-1", dock_id="cov-1")
    journal.incident("i2")
    journal.refuse("i2")
    verdict = checked(journal, tmp_path)
    assert [refusal.confirmed for refusal in verdict.refusals] == [True, False]


def test_a_dock_out_of_service_is_a_reason_until_it_is_released(tmp_path: Path) -> None:
    journal = HandMadeJournal()
    journal.dock()
    journal.pilot()
    journal.add("DockHeld", "dock/cov-1", dock_id="cov-1", because="rotor blades")
    journal.incident("i1")
    journal.refuse("i1")
    journal.add("DockReleased", "dock/cov-1", dock_id="cov-1")
    journal.incident("i2")
    journal.refuse("i2")
    verdict = checked(journal, tmp_path)
    assert [refusal.confirmed for refusal in verdict.refusals] == [True, False]


def test_a_dock_found_silent_just_after_is_given_the_benefit_but_not_a_minute_after(tmp_path: Path) -> None:
    for wait_s, confirmed in ((5.0, True), (60.0, False)):
        journal = HandMadeJournal()
        journal.dock()
        journal.pilot()
        journal.incident()
        journal.refuse()
        journal.wait(wait_s)
        journal.add("DockSilent", "dock/cov-1", dock_id="cov-1", silent_s=7.0)
        folder = tmp_path / str(wait_s)
        folder.mkdir()
        assert checked(journal, folder).refusals[0].confirmed is confirmed


@pytest.mark.parametrize(("quiet_s", "confirmed"), [(20.0, True), (2.0, False)])
def test_a_claimed_silence_counts_only_when_the_journal_does_not_belie_it(
    tmp_path: Path, quiet_s: float, confirmed: bool
) -> None:
    journal = HandMadeJournal()
    journal.dock()
    journal.pilot()
    journal.incident()
    journal.wait(quiet_s)
    journal.refuse(heartbeat_age_s=8.0)
    assert checked(journal, tmp_path).refusals[0].confirmed is confirmed


def test_a_missing_flight_that_is_found_again_ends_as_it_ended(tmp_path: Path) -> None:
    journal = HandMadeJournal()
    journal.dock()
    journal.incident()
    journal.order("f1")
    journal.phase("f1", "returning")
    journal.add("FlightEnded", "flight/f1", flight_id="f1", phase="missing", because="nothing heard")
    journal.phase("f1", "landing")
    journal.phase("f1", "docked")
    verdict = checked(journal, tmp_path)
    assert verdict.flights == {"f1": "docked"}
    assert verdict.agrees


def test_close_to_a_limit_both_answers_are_fair(tmp_path: Path) -> None:
    verdict = refused_with(tmp_path, battery_percent=61.5)
    assert verdict.agrees
    assert verdict.refusals[0].docks[0].clear == []
    assert verdict.refusals[0].docks[0].near != []


def test_a_withdrawn_dock_is_not_asked_and_no_docks_at_all_confirm_nothing(tmp_path: Path) -> None:
    journal = HandMadeJournal()
    journal.dock()
    journal.add("DockWithdrawn", "dock/cov-1", dock_id="cov-1")
    journal.pilot()
    journal.incident()
    journal.refuse()
    verdict = checked(journal, tmp_path)
    assert verdict.refusals[0].docks == []
    assert not verdict.refusals[0].confirmed


def test_a_person_may_decline_while_a_dock_could_go(tmp_path: Path) -> None:
    journal = HandMadeJournal()
    journal.dock()
    journal.pilot()
    journal.incident()
    journal.decision(best="cov-1")
    journal.add("IncidentDeclined", "incident/i1", incident_id="i1", revision=2, reason="indoors")
    verdict = checked(journal, tmp_path)
    assert verdict.refusals == []
    assert verdict.agrees


def test_a_flight_from_a_dock_out_of_service_is_a_fault(tmp_path: Path) -> None:
    journal = HandMadeJournal()
    journal.dock()
    journal.pilot()
    journal.incident("i1")
    journal.add("DockHeld", "dock/cov-1", dock_id="cov-1", because="rotor blades")
    journal.order("f1")
    verdict = checked(journal, tmp_path)
    assert any("was held for maintenance: rotor blades" in fault for fault in verdict.rule_faults)


def test_a_flight_that_is_accepted_out_of_a_dock_out_of_service_is_a_fault(tmp_path: Path) -> None:
    for released, faults in ((False, 1), (True, 0)):
        journal = HandMadeJournal()
        journal.dock()
        journal.pilot()
        journal.incident("i1")
        journal.order("f1")
        journal.add("DockHeld", "dock/cov-1", dock_id="cov-1", because="rotor blades", actor="engineer-1")
        journal.dock()
        if released:
            journal.add("DockReleased", "dock/cov-1", dock_id="cov-1", held_by="engineer-1")
        journal.add("FlightAccepted", "flight/f1", flight_id="f1", pilot="pilot-1")
        folder = tmp_path / str(released)
        folder.mkdir()
        found = checked(journal, folder).rule_faults
        assert sum("was held for maintenance: rotor blades" in fault for fault in found) == faults


def test_a_dock_that_two_hold_is_in_service_once_both_have_released_it(tmp_path: Path) -> None:
    journal = HandMadeJournal()
    journal.dock()
    journal.pilot()
    for engineer in ("engineer-1", "engineer-2"):
        journal.add("DockHeld", "dock/cov-1", dock_id="cov-1", because="rotor blades", actor=engineer)
    for number, engineer in enumerate(("engineer-1", "engineer-2"), start=1):
        journal.add("DockReleased", "dock/cov-1", dock_id="cov-1", held_by=engineer)
        journal.incident(f"i{number}")
        journal.refuse(f"i{number}")
    assert [refusal.confirmed for refusal in checked(journal, tmp_path).refusals] == [True, False]


def test_two_flights_of_one_dock_at_once_are_a_fault(tmp_path: Path) -> None:
    journal = HandMadeJournal()
    journal.dock()
    journal.pilot()
    journal.incident("i1")
    journal.order("f1")
    journal.incident("i2")
    journal.order("f2", incident="i2")
    verdict = checked(journal, tmp_path)
    assert any("second flight" in fault for fault in verdict.rule_faults)


def test_a_flight_that_goes_backwards_is_a_fault(tmp_path: Path) -> None:
    journal = HandMadeJournal()
    journal.dock()
    journal.incident()
    journal.order("f1")
    for phase in ("preparing", "launching", "returning", "on_scene"):
        journal.phase("f1", phase)
    verdict = checked(journal, tmp_path)
    assert any("went backwards" in fault for fault in verdict.rule_faults)


TAMPERINGS: list[tuple[str, Callable[[sqlite3.Connection], object], str]] = [
    (
        "a changed payload",
        lambda db: db.execute("UPDATE events SET payload = replace(payload, '41.0', '91.0') WHERE seq = 2"),
        "payload is not what was recorded",
    ),
    ("a changed actor", lambda db: db.execute("UPDATE events SET actor = 'x' WHERE seq = 3"), "hash does not follow"),
    ("a missing event", lambda db: db.execute("DELETE FROM events WHERE seq = 3"), "events are missing"),
    ("half an erasure", lambda db: db.execute("UPDATE events SET salt = NULL WHERE seq = 2"), "not erased together"),
]


@pytest.mark.parametrize(("tamper", "because"), [(t, b) for _, t, b in TAMPERINGS], ids=[n for n, _, _ in TAMPERINGS])
def test_a_journal_that_was_tampered_with_is_found_out(
    tmp_path: Path, tamper: Callable[[sqlite3.Connection], object], because: str
) -> None:
    assert refused_with(tmp_path, battery_percent=41.0).agrees
    with closing(sqlite3.connect(tmp_path / "journal.sqlite3")) as db:
        tamper(db)
        db.commit()
    verdict = check_journal(tmp_path / "journal.sqlite3")
    assert not verdict.agrees
    assert any(because in fault.because for fault in verdict.chain_faults)


def test_an_erased_payload_keeps_the_chain_whole(tmp_path: Path) -> None:
    journal = HandMadeJournal()
    journal.add("StrangerSeen", "force/coventry", name="somebody", because="unknown")
    path = journal.write(tmp_path / "journal.sqlite3")
    with closing(sqlite3.connect(path)) as db:
        db.execute("UPDATE events SET payload = NULL, salt = NULL")
        db.commit()
    assert check_journal(path).agrees


@pytest.mark.parametrize("content", [b"", b"not a database at all" * 100])
def test_a_file_that_is_no_journal_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x").write_bytes(content)
    with pytest.raises(FileError, match="not a journal"):
        check_journal(tmp_path / "x")


def test_distances_agree_with_a_known_one() -> None:
    # London Heathrow to Paris Charles de Gaulle, about 348 km.
    assert great_circle_m(51.4700, -0.4543, 49.0097, 2.5479) == pytest.approx(347_600, rel=0.005)


def launched(folder: Path, *, proposal: str | None = "p1", answered: bool = False, early: bool = False) -> Verdict:
    """A flight that the system has ordered from cov-1, announced for ten seconds as ``p1``."""
    journal = HandMadeJournal()
    journal.dock()
    journal.pilot()
    journal.incident()
    announced = {"proposal_id": "p1", "incident_id": "i1", "dock_id": "cov-1", "unanswered": "launched"}
    answer_by = (journal.now + timedelta(seconds=10)).isoformat()
    journal.add("LaunchProposed", "incident/i1", **announced, answer_by=answer_by)
    journal.wait(5.0 if early else 11.0)
    if answered:
        journal.add("ProposalAnswered", "incident/i1", proposal_id="p1", incident_id="i1", accepted=False)
    ordered = {"flight_id": "f1", "incident_id": "i1", "dock_id": "cov-1", "order": {"pilot": "pilot-1"}}
    journal.add("FlightOrdered", "flight/f1", actor="system", **ordered, proposal_id=proposal)
    return checked(journal, folder)


def test_a_launch_by_itself_that_was_announced_to_its_end_is_as_it_should_be(tmp_path: Path) -> None:
    assert launched(tmp_path).agrees


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"proposal": None}, "without having been announced"),
        ({"proposal": "p2"}, "without having been announced"),
        ({"answered": True}, "without having been announced"),
        ({"early": True}, "before its time"),
    ],
)
def test_a_launch_by_itself_that_nobody_was_told_of_or_that_somebody_cancelled_is_named(
    tmp_path: Path, changes: dict[str, Any], said: str
) -> None:
    verdict = launched(tmp_path, **changes)
    assert not verdict.agrees
    assert any(said in fault for fault in verdict.rule_faults)


def test_the_reserve_is_that_of_the_policy_on_record(tmp_path: Path) -> None:
    journal = HandMadeJournal()
    journal.add("PolicyLoaded", "force/coventry", content={"flights": {"reserve_percent": 90.0}})
    journal.dock()
    journal.pilot()
    journal.incident()
    journal.refuse()
    verdict = checked(journal, tmp_path)
    assert verdict.agrees
    assert any("above the reserve" in text for text in verdict.refusals[0].docks[0].clear)


def test_a_flight_that_was_turned_to_another_incident_begins_anew_once(tmp_path: Path) -> None:
    journal = HandMadeJournal()
    journal.dock()
    journal.incident("i1")
    journal.order("f1")
    journal.incident("i2")
    out = ("preparing", "launching", "en_route", "on_scene")
    for phase in out:
        journal.phase("f1", phase)
    journal.add("FlightTurned", "incident/i2", incident_id="i2", flight_id="f1", from_incident_id="i1", undone=False)
    for phase in ("en_route", "on_scene", "returning"):
        journal.phase("f1", phase)
    assert not any("went backwards" in fault for fault in checked(journal, tmp_path).rule_faults)
    journal.phase("f1", "en_route")
    later = tmp_path / "later"
    later.mkdir()
    assert any("went backwards" in fault for fault in checked(journal, later).rule_faults)
