"""From what was measured to a row that holds, does not, or is missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench.bars import Bar
from tests.bench.errors import MeasurementFailed
from tests.bench.figure import Figure, Measured, Say
from tests.bench.row import Row, all_hold, missing, row_of

VALUE = Bar(unit="ms", of="value", at_most=150.0)
RATIO = Bar(unit="ms", of="ratio", at_most=2.0)


async def _unmeasured(_folder: Path, _say: Say) -> Measured:
    raise AssertionError("nobody asked for it")


def _figure(name: str = "a", unit: str = "ms") -> Figure:
    return Figure(name=name, unit=unit, about="nothing", measure=_unmeasured)


def _row(name: str, *, holds: bool = True) -> Row:
    return Row(name=name, value=1.0, unit="ms", rival=None, ratio=None, bar=2.0, holds=holds)


def test_value_and_rival_are_the_medians_of_their_rounds() -> None:
    row = row_of(_figure(), Measured(ours=(90.0, 400.0, 100.0), rival=(50.0, 20.0, 30.0)), VALUE)
    assert (row.value, row.rival, row.bar) == (100.0, 30.0, 150.0)
    assert row.ratio == pytest.approx(10 / 3)


@pytest.mark.parametrize(("value", "holds"), [(149.9, True), (150.0, True), (150.1, False)])
def test_a_value_holds_up_to_its_bar(value: float, holds: bool) -> None:
    assert row_of(_figure(), Measured(ours=(value,)), VALUE).holds is holds


@pytest.mark.parametrize(("value", "holds"), [(19.0, True), (20.0, True), (20.1, False)])
def test_a_ratio_holds_up_to_its_bar_whatever_the_value(value: float, holds: bool) -> None:
    row = row_of(_figure(), Measured(ours=(value,), rival=(10.0,)), RATIO)
    assert row.holds is holds
    assert row.ratio == pytest.approx(value / 10)


def test_without_a_rival_there_is_no_ratio() -> None:
    row = row_of(_figure(), Measured(ours=(1.0,)), VALUE)
    assert (row.rival, row.ratio) == (None, None)


def test_a_bar_may_add_a_duration_that_the_figure_states() -> None:
    bar = Bar(unit="s", of="value", at_most=5.0, plus="lid")
    row = row_of(_figure(unit="s"), Measured(ours=(10.9,), terms={"lid": 6.0}), bar)
    assert (row.bar, row.holds) == (11.0, True)
    assert not row_of(_figure(unit="s"), Measured(ours=(10.9,), terms={"lid": 5.0}), bar).holds


@pytest.mark.parametrize(
    ("measured", "bar", "why"),
    [
        (Measured(ours=()), VALUE, "nothing was measured"),
        (Measured(ours=(1.0,)), RATIO, "no rival was measured"),
        (Measured(ours=(1.0,), rival=(0.0,)), RATIO, "no rival was measured"),
        (Measured(ours=(1.0,)), Bar(unit="s", of="value", at_most=1.0), "measured in ms, its bar is in s"),
        (Measured(ours=(1.0,)), Bar(unit="ms", of="value", at_most=1.0, plus="lid"), "'lid', which was not measured"),
    ],
)
def test_what_the_bar_cannot_be_applied_to_is_no_row(measured: Measured, bar: Bar, why: str) -> None:
    with pytest.raises(MeasurementFailed, match=why):
        row_of(_figure(), measured, bar)


def test_a_bar_without_a_row_is_missing_and_fails() -> None:
    bars = {"a": VALUE, "b": VALUE}
    absent = missing([_row("a")], bars)
    assert absent == ["b"]
    assert not all_hold([_row("a")], absent)


def test_a_row_that_does_not_hold_fails() -> None:
    assert all_hold([_row("a"), _row("b")], [])
    assert not all_hold([_row("a"), _row("b", holds=False)], [])


def test_of_those_asked_for_only_they_can_be_missing() -> None:
    bars = {"a": VALUE, "b": VALUE, "c": VALUE}
    assert missing([_row("a")], bars, wanted=["a"]) == []
    assert missing([], bars, wanted=["a"]) == ["a"]
