"""From what was measured and the bar to a row; from rows and bars to what is missing. Pure."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tests.bench.bars import Bar
from tests.bench.errors import MeasurementFailed
from tests.bench.figure import Figure, Measured


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the bench's result; ``bar`` is of ``ratio`` where the file of bars says so, else of ``value``."""

    name: str
    value: float
    unit: str
    rival: float | None
    ratio: float | None
    bar: float
    holds: bool


def row_of(figure: Figure, measured: Measured, bar: Bar) -> Row:
    """Medians over the rounds, and whether they hold; raises `MeasurementFailed` where the bar cannot be applied."""
    if not measured.ours:
        raise MeasurementFailed(f"{figure.name}: nothing was measured")
    if figure.unit != bar.unit:
        raise MeasurementFailed(f"{figure.name}: measured in {figure.unit}, its bar is in {bar.unit}")
    value = statistics.median(measured.ours)
    rival = statistics.median(measured.rival) if measured.rival else None
    ratio = value / rival if rival else None
    limit = bar.at_most + _term(figure, measured, bar)
    held_against = value if bar.of == "value" else ratio
    if held_against is None:
        raise MeasurementFailed(f"{figure.name}: its bar is of a ratio, and no rival was measured")
    return Row(
        name=figure.name,
        value=value,
        unit=figure.unit,
        rival=rival,
        ratio=ratio,
        bar=limit,
        holds=held_against <= limit,
    )


def _term(figure: Figure, measured: Measured, bar: Bar) -> float:
    if bar.plus is None:
        return 0.0
    if bar.plus not in measured.terms:
        raise MeasurementFailed(f"{figure.name}: its bar adds {bar.plus!r}, which was not measured")
    return measured.terms[bar.plus]


def missing(rows: Iterable[Row], bars: Mapping[str, Bar], *, wanted: Sequence[str] | None = None) -> list[str]:
    """The names of bars (of ``wanted`` alone, where given) that have no row."""
    there = {row.name for row in rows}
    return [name for name in bars if name not in there and (wanted is None or name in wanted)]


def all_hold(rows: Sequence[Row], absent: Sequence[str]) -> bool:
    """True when there is a row for every bar and each holds."""
    return not absent and all(row.holds for row in rows)
