"""Who may import whom, read from the source with `ast`: docs/architecture.md has the table and its reasons."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ALLOWED: dict[str, set[str]] = {
    "contracts": set(),
    "geo": set(),
    "kestrel": {"contracts"},
    "dispatcher": {"contracts", "geo", "kestrel"},
    "dock_agent": {"contracts", "kestrel", "geo.flight"},
    "simulator": {"contracts", "kestrel"},
    "media": {"contracts", "kestrel"},
}
OURS = {*ALLOWED, "console", "tests"}
ONLY_IN = {
    "mavsdk": {"dock_agent"},
    "aiomqtt": {"kestrel/mqtt.py"},
    "amqtt": {"kestrel"},
    "geopandas": {"geo"},
    "rasterio": {"geo"},
    "pymavlink": {"simulator"},
    "sqlalchemy": {"dispatcher/journal"},
    "aiortc": {"media/whep.py"},
    "av": {"media", "simulator/film"},
    "fastapi": {"dispatcher/api", "dispatcher/live", "dispatcher/security", "kestrel/issuer"},
}
"""Libraries that stay behind one door."""


def _sources(package: str) -> Iterator[Path]:
    return (path for path in sorted((ROOT / package).rglob("*.py")) if "__pycache__" not in path.parts)


@cache
def _imports(path: Path) -> tuple[tuple[int, str], ...]:
    return tuple(_found(path))


def _found(path: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"), str(path))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: relative import"
            yield node.lineno, node.module or ""


def _allowed(package: str, name: str) -> bool:
    top = name.split(".")[0]
    if top not in OURS or top == package:
        return True
    return any(name == allowed or name.startswith(allowed + ".") for allowed in ALLOWED[package])


@pytest.mark.parametrize("package", sorted(ALLOWED))
def test_each_package_imports_only_what_the_architecture_allows(package: str) -> None:
    sources = list(_sources(package))
    assert sources, f"{package} has no source"
    wrong = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for path in sources
        for line, name in _imports(path)
        if not _allowed(package, name)
    ]
    assert wrong == []


def test_what_the_edge_takes_from_geo_needs_the_standard_library_alone() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for path in _sources("geo/flight")
        for line, name in _imports(path)
        if not name.startswith("geo.flight") and name.split(".")[0] not in sys.stdlib_module_names
    ]
    assert wrong == []


@pytest.mark.parametrize("library", sorted(ONLY_IN))
def test_a_library_behind_one_door_is_imported_nowhere_else(library: str) -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{line}"
        for package in ALLOWED
        for path in _sources(package)
        for line, name in _imports(path)
        if name.split(".")[0] == library
        and not any(str(path.relative_to(ROOT)).startswith(door) for door in ONLY_IN[library])
    ]
    assert wrong == []


def test_the_rule_itself_sees_a_forbidden_import() -> None:
    assert not _allowed("dock_agent", "geo.coverage")
    assert not _allowed("dispatcher", "dock_agent.app")
    assert not _allowed("contracts", "kestrel.clock")
    assert not _allowed("simulator", "geo.flight.energy")
    assert _allowed("dock_agent", "geo.flight.energy")
