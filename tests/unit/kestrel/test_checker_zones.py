"""The checker's own eye on zones: nobody sent through one, and no refusal that hides behind one far away."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kestrel.checker import Verdict, check_journal
from tests.unit.kestrel.journalkit import HOME, HandMadeJournal

SCENE = (52.42, -1.50)


def square(lat: float, lon: float, half_deg: float, **said: Any) -> str:
    """A zone as the journal records it."""
    ring = [[lon + x * half_deg, lat + y * half_deg] for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1))]
    volume = {"area": [ring], **said.pop("volume", {})}
    return json.dumps({"id": "prison", "restriction": "PROHIBITED", "volumes": [volume], **said})


def journal_with(*zones: str) -> HandMadeJournal:
    journal = HandMadeJournal()
    journal.add("AirspaceLoaded", "airspace/a", name="a", zones=list(zones))
    journal.dock()
    journal.pilot()
    journal.incident(place=SCENE)
    return journal


def checked(journal: HandMadeJournal, folder: Path) -> Verdict:
    return check_journal(journal.write(folder / "journal.sqlite3"))


def ordered(journal: HandMadeJournal, *points: tuple[float, float]) -> None:
    way = [{"lat_deg": lat, "lon_deg": lon, "alt_above_home_m": 60.0} for lat, lon in points]
    home = {"lat_deg": HOME[0], "lon_deg": HOME[1]}
    order = {"pilot": "pilot-1", "home": home, "route_out": way, "route_home": [*way[-2::-1], home]}
    journal.add("FlightOrdered", "flight/f1", flight_id="f1", incident_id="i1", dock_id="cov-1", order=order)


BETWEEN = square(52.41, -1.50, 0.002)


def test_a_flight_that_was_sent_through_a_prohibited_zone_is_a_fault(tmp_path: Path) -> None:
    journal = journal_with(BETWEEN)
    ordered(journal, SCENE)
    verdict = checked(journal, tmp_path)
    assert not verdict.agrees
    assert "was sent through prison" in verdict.rule_faults[0]


def test_a_flight_around_it_is_none_nor_is_one_after_it_was_withdrawn(tmp_path: Path) -> None:
    around = journal_with(BETWEEN)
    ordered(around, (52.41, -1.495), SCENE)
    assert checked(around, tmp_path).agrees
    later = journal_with(BETWEEN)
    later.add("AirspaceWithdrawn", "airspace/a", name="a")
    ordered(later, SCENE)
    (tmp_path / "later").mkdir()
    assert checked(later, tmp_path / "later").agrees


@pytest.mark.parametrize(
    "zone",
    [
        square(52.41, -1.50, 0.002, restriction="USPACE"),
        square(52.41, -1.50, 0.002, periods=[{"end": "2020-01-01T00:00:00Z"}]),
        square(52.41, -1.50, 0.002, volume={"lower": [400.0, "AMSL"]}),
    ],
)
def test_a_zone_that_may_not_have_been_in_the_way_makes_no_fault(tmp_path: Path, zone: str) -> None:
    journal = journal_with(zone)
    ordered(journal, SCENE)
    assert checked(journal, tmp_path).agrees


def test_a_task_through_a_zone_is_a_fault_too(tmp_path: Path) -> None:
    journal = journal_with(BETWEEN)
    ends = [{"lat_deg": lat, "lon_deg": -1.50, "alt_above_home_m": 60.0} for lat in (52.405, 52.415)]
    task = {"type": "retask", "route_out": ends, "route_home": ends[:1]}
    journal.add("TaskGiven", "flight/f1", flight_id="f1", dock_id="cov-1", task=task)
    assert "was sent through prison" in checked(journal, tmp_path).rule_faults[0]


@pytest.mark.parametrize(
    ("zone", "clear", "near"),
    [
        (square(*SCENE, 0.02), ["prison holds the scene"], []),
        (BETWEEN, [], ["prison is on the straight way"]),
        (square(*SCENE, 0.001), [], ["prison is on the straight way"]),
    ],
)
def test_a_refusal_because_of_a_zone_is_confirmed(tmp_path: Path, zone: str, clear: list[str], near: list[str]) -> None:
    journal = journal_with(zone)
    journal.refuse()
    verdict = checked(journal, tmp_path)
    assert verdict.agrees
    (dock,) = verdict.refusals[0].docks
    assert dock.clear == clear
    assert dock.near == near


def test_a_refusal_is_not_excused_by_a_zone_far_from_the_way(tmp_path: Path) -> None:
    journal = journal_with(square(52.41, -1.48, 0.002))
    journal.refuse()
    assert not checked(journal, tmp_path).agrees
