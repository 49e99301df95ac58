"""Measures figures one after the other; one that fails leaves its row missing and does not end the run."""

from __future__ import annotations

import tempfile
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from tests.bench.bars import Bar
from tests.bench.errors import FigureWithoutBar, NothingToMeasure, UnknownFigure
from tests.bench.figure import Figure
from tests.bench.row import Row, row_of

SayOf = Callable[[str, str], None]
"""Takes a figure's name and a line about it."""


def choose(figures: Mapping[str, Figure], only: Sequence[str], bars: Mapping[str, Bar]) -> list[Figure]:
    """The figures named, or all; raises `UnknownFigure`, or `FigureWithoutBar` for one that nothing is asked of."""
    for name in figures:
        if name not in bars:
            raise FigureWithoutBar(name)
    for name in only:
        if name not in figures:
            raise UnknownFigure(name, figures)
    return [figure for name, figure in figures.items() if not only or name in only]


async def measure_all(
    figures: Sequence[Figure], bars: Mapping[str, Bar], *, say: SayOf, skipped: list[str] | None = None
) -> list[Row]:
    """A row for each figure that could be measured; why another could not is said.

    ``skipped`` is filled with the names of those whose data are not here.
    """
    rows: list[Row] = []
    for figure in figures:
        say(figure.name, figure.about)
        began_s = time.monotonic()
        try:
            with tempfile.TemporaryDirectory(prefix="kestrel-bench-") as folder:
                measured = await figure.measure(Path(folder), partial(say, figure.name))
            rows.append(row_of(figure, measured, bars[figure.name]))
        except NothingToMeasure as error:
            say(figure.name, f"SKIPPED: {error}")
            if skipped is not None:
                skipped.append(figure.name)
        except Exception as error:
            say(figure.name, f"FAILED: {''.join(traceback.format_exception(error)).rstrip()}")
        say(figure.name, f"took {time.monotonic() - began_s:.0f} s")
    return rows
