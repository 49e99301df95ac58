"""The checker's own eye on flights apart: no height free is believed only where somebody flew on that way."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from kestrel.checker import check_journal
from kestrel.refusals import RefusalVerdict
from tests.unit.kestrel.journalkit import HOME, HandMadeJournal

NEAR_HOME = (HOME[0] + 0.003, HOME[1])
ON_THE_WAY = (52.42, -1.50)
ELSEWHERE = (HOME[0] - 0.02, HOME[1] - 0.05)


def refused_beside(folder: Path, flown_to: tuple[float, float], crowded: Sequence[str]) -> RefusalVerdict:
    """A second call is refused while one flight is out."""
    journal = HandMadeJournal()
    journal.dock()
    journal.dock("cov-2", place=NEAR_HOME)
    journal.pilot(max_flights=4)
    journal.incident("i1", place=flown_to)
    journal.order("f1", incident="i1")
    journal.incident("i2", place=ON_THE_WAY)
    journal.refuse("i2", crowded=crowded)
    (refusal,) = check_journal(journal.write(folder / "journal.sqlite3")).refusals
    return refusal


def test_a_dock_with_a_flight_on_its_way_may_have_had_no_height(tmp_path: Path) -> None:
    refusal = refused_beside(tmp_path, ON_THE_WAY, ["cov-2"])
    assert refusal.confirmed
    assert [dock.near for dock in refusal.docks if dock.dock_id == "cov-2"] == [["flight f1 was on its way"]]


@pytest.mark.parametrize(("flown_to", "crowded"), [(ON_THE_WAY, []), (ELSEWHERE, [])])
def test_without_that_reason_in_the_decision_a_flight_on_the_way_excuses_nobody(
    tmp_path: Path, flown_to: tuple[float, float], crowded: list[str]
) -> None:
    assert not refused_beside(tmp_path, flown_to, crowded).confirmed


def test_a_flight_that_is_nowhere_near_excuses_nobody(tmp_path: Path) -> None:
    journal = HandMadeJournal()
    journal.dock(place=(HOME[0] - 0.03, HOME[1] - 0.03))
    journal.dock("cov-2", place=NEAR_HOME)
    journal.pilot(max_flights=4)
    journal.incident("i1", place=(HOME[0] - 0.03, HOME[1] - 0.05))
    journal.order("f1", incident="i1")
    journal.incident("i2", place=ON_THE_WAY)
    journal.refuse("i2", crowded=["cov-2"])
    (refusal,) = check_journal(journal.write(tmp_path / "journal.sqlite3")).refusals
    assert not refusal.confirmed
