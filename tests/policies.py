"""Policies to test with: a document from what differs, in force."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from immutables import Map

from dispatcher.policy import PolicyDocument, PolicyInForce
from dispatcher.policy.file import policy_loaded

GRADES: list[dict[str, Any]] = [
    {"name": "Immediate", "aliases": ["1"], "weight": 8, "launch": "by_itself", "window_s": 10},
    {"name": "Priority", "aliases": ["2"], "weight": 2, "launch": "asks", "window_s": 30},
    {"name": "Scheduled", "aliases": ["3"], "launch": "pressed"},
    {"name": "Advice", "aliases": ["4"], "launch": "never", "override": ["supervisor"]},
]


def document(**changes: Any) -> PolicyDocument:
    """Four grades, one of each kind, but for ``changes``; raises `ValidationError`."""
    base: dict[str, Any] = {
        "schema": "kestrel.policy/1",
        "name": "test",
        "time_zone": "Europe/London",
        "grades": GRADES,
        "unknown_grade": "Priority",
    }
    return PolicyDocument.model_validate(base | changes)


def in_force(policy: PolicyDocument | None = None, **lines: int) -> PolicyInForce:
    """A policy as the state has it; ``lines`` by rule, with ``__`` for the slash."""
    policy = policy or document()
    return PolicyInForce(
        document=policy,
        digest=policy_loaded(policy).digest,
        source="policy.yaml",
        lines=Map({name.replace("__", "/"): line for name, line in lines.items()}),
        loaded_at=datetime(2026, 1, 1, tzinfo=UTC),
    )
