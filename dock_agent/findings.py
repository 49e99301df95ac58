"""What speaks against a launch, and whether it is of a kind that a person may set aside for one launch."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from contracts.warnings import WarningCode, WarningOverride, set_aside


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One reason, in words that the person on duty can act on."""

    text: str
    warning: WarningCode | None = None
    """Which of the warnings it is; None: a blocker, which yields to nobody."""
    value: float = 0.0
    """Of a warning, in its unit."""
    limit: float = 0.0


def against(findings: Iterable[Finding], overrides: Iterable[WarningOverride]) -> list[Finding]:
    """What still speaks against a launch that carries these overrides: each yields to its own and to no other."""
    carried = tuple(overrides)
    return [
        each
        for each in findings
        if each.warning is None or not set_aside(carried, each.warning, value=each.value, limit=each.limit)
    ]
