"""The result as a file for machines and as a table for people."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from rich.table import Table

from tests.bench.bars import Bar
from tests.bench.row import Row


def write_rows(path: Path, rows: Sequence[Row]) -> None:
    """A JSON list of rows, written whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".part")
    draft.write_text(json.dumps([asdict(row) for row in rows], indent=2) + "\n", encoding="utf-8")
    draft.replace(path)


def table_of(rows: Sequence[Row], absent: Sequence[str], bars: Mapping[str, Bar]) -> Table:
    """All rows in the order of the bars, those that are missing too."""
    table = Table(title="Kestrel bench", title_justify="left")
    table.add_column("figure", no_wrap=True, min_width=max(len(name) for name in bars))
    for heading in ("value", "rival", "ratio", "bar"):
        table.add_column(heading, justify="right")
    table.add_column("holds")
    by_name = {row.name: row for row in rows}
    for name, bar in bars.items():
        row = by_name.get(name)
        if row is not None:
            table.add_row(
                name,
                f"{row.value:.4g} {row.unit}",
                "" if row.rival is None else f"{row.rival:.4g} {row.unit}",
                "" if row.ratio is None else f"{row.ratio:.2f}",
                f"≤ {row.bar:.4g} {row.unit if bar.of == 'value' else 'x the rival'}",
                "[green]yes[/green]" if row.holds else "[bold red]NO[/bold red]",
            )
        elif name in absent:
            table.add_row(name, "", "", "", f"≤ {bar.at_most:.4g}", "[bold red]MISSING[/bold red]")
    return table
