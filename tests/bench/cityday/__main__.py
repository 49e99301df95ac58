"""``python -m tests.bench.cityday [--write PAGE]``: the table of the city day, printed, or put into a page of the docs.

In the page it takes the place of what stands between its two marks.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from geo.flight.wind import CALM
from tests.bench.cityday.comparison import KESTREL, SEEDS, TOLD, WINDY, Comparison, compare
from tests.bench.cityday.county import SAMPLE, County
from tests.bench.cityday.physics import FLAT_OUT, HOLDING, Physics

BEGIN, END = "<!-- city day: written by python -m tests.bench.cityday -->", "<!-- city day: end -->"
DOCKS = (12, 24, 48)
SCENARIOS = (
    ("Flat out (20 m/s through the air), wind 8 m/s from the west", Physics(wind=WINDY, aircraft=FLAT_OUT)),
    ("Flat out, calm", Physics(wind=CALM, aircraft=FLAT_OUT)),
    ("Holding 15 m/s over ground, wind 8 m/s from the west", Physics(wind=WINDY, aircraft=HOLDING)),
    ("Holding 15 m/s over ground, calm", Physics(wind=CALM, aircraft=HOLDING)),
)
HEAD = (
    "| docks | policy | median | p90 | p99 | within 120 s | within 180 s | missed | drone-hours a day | watch given |"
    " gap closed at p90 |"
)


def lines_of(comparison: Comparison) -> Iterator[str]:
    """The rows of one number of docks."""
    for result in comparison.results:
        times = " | ".join(_seconds(result.at(percent)) for percent in (50, 90, 99))
        shares = " | ".join(f"{100 * result.within(seconds):.1f} %" for seconds in (120, 180))
        closed = f"{100 * comparison.gap_closed(result.name):.0f} %" if result.name in (KESTREL, TOLD) else ""
        yield (
            f"| {comparison.docks} | {result.name} | {times} | {shares} | {result.missed} | {result.drone_hours:.1f} | "
            f"{100 * result.watched:.0f} % | {closed} |"
        )
    bounds = " | ".join(_seconds(comparison.bound_s[percent]) for percent in (50, 90, 99))
    yield f"| {comparison.docks} | bound | {bounds} | | | | | | |"


def _seconds(value: float) -> str:
    return "never" if math.isinf(value) else f"{value:.0f} s"


def table(county: County, seeds: Sequence[int]) -> str:
    """Every scenario with every number of docks."""
    parts = []
    for title, physics in SCENARIOS:
        rows = []
        for docks in DOCKS:
            comparison = compare(county, docks=docks, physics=physics, seeds=seeds)
            rows += list(lines_of(comparison))
            sys.stderr.write(f"{title}: {docks} docks, {comparison.out_of_reach} calls out of every dock's reach\n")
        parts.append("\n".join([f"**{title}**", "", HEAD, "|" + "---|" * (HEAD.count("|") - 1), *rows]))
    return "\n\n".join(parts)


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit status: 0, or 2 where there is nothing to play or nowhere to write."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.cityday", description="Days of a county, compared.")
    parser.add_argument("--calls", type=Path, default=SAMPLE, help="the file of calls (default: %(default)s)")
    parser.add_argument("--write", type=Path, metavar="PAGE", help="put the table between the marks of this page")
    parser.add_argument("--days", type=int, default=len(SEEDS), help="seeds 1 to this (default: %(default)s)")
    options = parser.parse_args(arguments)
    if not options.calls.exists():
        sys.stderr.write(f"skipped: there is no {options.calls}: give a file of calls with --calls\n")
        return 2
    text = table(County.read(options.calls), range(1, options.days + 1))
    if options.write is None:
        sys.stdout.write(text + "\n")
        return 0
    page = options.write.read_text(encoding="utf-8")
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        sys.stderr.write(f"{options.write} has no marks: {BEGIN} and {END}\n")
        return 2
    options.write.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
