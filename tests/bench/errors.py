"""The errors of the bench.

BenchError
├── BarsFileError       the file of bars is wrong: names the figure
├── UnknownFigure       asked for by a name that no figure has
├── FigureWithoutBar    a figure that the file of bars does not name
├── MeasurementFailed   a figure could not be measured; its row is missing
└── NothingToMeasure    what it measures on is not there; said, and no fault
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path


class BenchError(Exception):
    """Base of all errors of the bench."""


class BarsFileError(BenchError):
    """The file of bars is wrong."""

    def __init__(self, path: Path, problem: str) -> None:
        super().__init__(f"{path}: {problem}")
        self.path = path
        self.problem = problem


class UnknownFigure(BenchError):
    """Asked for by a name that no figure has."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        super().__init__(f"no figure {name!r}: choose from {', '.join(sorted(known))}")
        self.name = name


class FigureWithoutBar(BenchError):
    """A figure that the file of bars does not name: what it measures could not fail."""

    def __init__(self, name: str) -> None:
        super().__init__(f"figure {name!r} has no bar: add one to the file of bars")
        self.name = name


class MeasurementFailed(BenchError):
    """A figure could not be measured: its row is missing, and that fails the bench."""


class NothingToMeasure(BenchError):
    """The data that a figure is measured on are not beside this checkout: the row is left out, visibly."""
