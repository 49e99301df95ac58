"""`geo.flight` goes to the edge: the standard library and itself, nothing more. `geo` imports nothing of ours."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import geo.flight

GEO = Path(geo.flight.__file__).parent.parent
OURS = {"contracts", "dispatcher", "dock_agent", "simulator", "kestrel", "media", "tests"}
IMPURE = {"asyncio", "time", "random", "os", "socket", "threading", "subprocess", "logging", "pathlib", "io"}
CLOCKS = {"now", "utcnow", "today"}
"""Of `datetime`, whose values are as pure as any other."""


def imported(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file.name}: relative import"
            yield node.module or ""


def test_the_edge_needs_the_standard_library_alone() -> None:
    files = sorted((GEO / "flight").rglob("*.py"))
    assert len(files) > 5
    for file in files:
        for name in imported(file):
            allowed = name.startswith("geo.flight") or name.split(".")[0] in sys.stdlib_module_names
            assert allowed, f"{file.name} imports {name}"


def test_geo_imports_nothing_of_ours_and_nothing_that_looks_at_the_world() -> None:
    for file in sorted(GEO.rglob("*.py")):
        for name in imported(file):
            top = name.split(".")[0]
            assert top not in OURS, f"{file.name} imports {name}"
            assert top not in IMPURE, f"{file.name} imports {name}"


def test_what_runs_before_geo_flight_is_light_too() -> None:
    assert list(imported(GEO / "__init__.py")) == []
    assert list(imported(GEO / "flight" / "__init__.py")) == []


def test_geo_never_asks_what_time_it_is() -> None:
    for file in sorted(GEO.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            assert not (isinstance(node, ast.Attribute) and node.attr in CLOCKS), f"{file.name} reads a clock"
