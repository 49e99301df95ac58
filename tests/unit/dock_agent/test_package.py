"""What the package must never hold."""

from __future__ import annotations

import ast
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
