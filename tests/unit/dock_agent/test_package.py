"""What the package must never hold."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import dock_agent
from dock_agent.flight_link import Command

FORBIDDEN = frozenset({"arm_force", "arm_force_async", "kill", "kill_async", "terminate", "terminate_async"})
"""MAVSDK's in-flight kill by its three names: a COMMAND_LONG 400 with the magic number, and flight termination."""


def test_the_in_flight_kill_cannot_be_reached_from_the_product() -> None:
    root = Path(dock_agent.__file__).parent
    sources = sorted(root.rglob("*.py"))
    assert len(sources) > 15
    for source in sources:
        text = source.read_text(encoding="utf-8")
        assert "21196" not in text, source
        for node in ast.walk(ast.parse(text)):
            name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
            assert name not in FORBIDDEN, f"{source.name}:{getattr(node, 'lineno', 0)}: {name}"
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                assert node.value not in FORBIDDEN, f"{source.name}: {node.value}"


KILLS = {400: "arm and disarm, which forced is the kill", 185: "flight termination", 21196: "the kill's magic number"}
"""MAV_CMD_COMPONENT_ARM_DISARM, MAV_CMD_DO_FLIGHTTERMINATION and what makes the first of them pass in the air."""


def numbers_in(tree: ast.AST) -> Iterator[tuple[int, float]]:
    """Every number that stands in a module with its line, but for the bounds of slices."""
    bounds = {id(part) for node in ast.walk(tree) if isinstance(node, ast.Slice) for part in ast.walk(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, int | float) and id(node) not in bounds:
            yield node.lineno, node.value


def test_no_raw_command_of_the_product_is_one_that_stops_the_motors() -> None:
    root = Path(dock_agent.__file__).parent
    speakers = 0
    for source in sorted(root.rglob("*.py")):
        text = source.read_text(encoding="utf-8")
        assert "FLIGHTTERMINATION" not in text.upper().replace("_", ""), source
        if "mavsdk" not in text:
            continue
        speakers += 1
        for line, number in numbers_in(ast.parse(text)):
            assert number not in KILLS, f"{source.name}:{line}: {number:g} is {KILLS[int(number)]}"
    assert speakers >= 4


def test_the_search_for_kills_would_find_one() -> None:
    hidden = "send(COMMAND, 0x190, [0.0, 21_196.0])\nreason[:400]\nother(0b10111001)"
    assert {number for _, number in numbers_in(ast.parse(hidden))} & set(KILLS) == set(KILLS)


def test_the_commands_are_the_known_harmless_ones() -> None:
    assert {str(command) for command in Command} == {
        "arm",
        "disarm",
        "start",
        "jump",
        "return",
        "hold",
        "land",
        "goto",
        "orbit",
        "look",
        "parachute",
    }
