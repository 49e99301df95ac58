"""``python -m tests.bench [--only NAME ...] [--list] [--out FILE]``.

Exit status: 0 when every bar has a row that holds (of those asked for), 1 when one is missing or does not, 2 for wrong
usage.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from tests.bench.bars import BARS_FILE, load_bars
from tests.bench.errors import BenchError
from tests.bench.figures import all_figures
from tests.bench.report import table_of, write_rows
from tests.bench.row import all_hold, missing
from tests.bench.running import choose, measure_all

DEFAULT_OUT = Path("build/bench.json")


def _say(figure: str, line: str) -> None:
    sys.stderr.write(f"{figure}: {line}\n")
    sys.stderr.flush()


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, write, print; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Kestrel's speed figures.")
    parser.add_argument("--only", action="append", default=[], metavar="NAME", help="this figure; may be repeated")
    parser.add_argument("--list", action="store_true", help="the figures and their bars")
    parser.add_argument("--out", type=Path, default=DEFAULT_OUT, help="where the rows go (default: %(default)s)")
    parser.add_argument("--bars", type=Path, default=BARS_FILE, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    console = Console()
    try:
        bars = load_bars(options.bars)
        figures = all_figures()
        if options.list:
            for name, figure in figures.items():
                bar = bars.get(name)
                console.print(f"{name} [{figure.unit}] {figure.about}; bar: {bar}", markup=False, highlight=False)
            return 0
        chosen = choose(figures, options.only, bars)
    except BenchError as error:
        sys.stderr.write(f"bench: {error}\n")
        return 2
    skipped: list[str] = []
    rows = asyncio.run(measure_all(chosen, bars, say=_say, skipped=skipped))
    absent = [name for name in missing(rows, bars, wanted=options.only or None) if name not in skipped]
    write_rows(options.out, rows)
    console.print(table_of(rows, absent, bars))
    if skipped:
        console.print(f"skipped, for want of data: {', '.join(skipped)}", markup=False, highlight=False)
    return 0 if all_hold(rows, absent) else 1


if __name__ == "__main__":
    sys.exit(main())
