"""The errors of deciding.

DecisionError
├── InvalidFactError    a fact that cannot be (a number that is not finite, a count below 0)
├── UnreadableRecord    journalled facts or a decision that do not have our shape
└── NotFlyableError     a flight was to be planned that nobody could fly

A dock that cannot go is no error: it is an option with its reasons.
"""

from __future__ import annotations


class DecisionError(Exception):
    """Base of all errors of this package."""


class InvalidFactError(DecisionError, ValueError):
    """A fact that cannot be; ``field`` names it."""

    def __init__(self, field: str, value: object) -> None:
        super().__init__(f"{field} cannot be {value!r}")
        self.field = field
        self.value = value


class UnreadableRecord(DecisionError, ValueError):
    """Journalled facts that do not have our shape; ``path`` says where."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


class NotFlyableError(DecisionError):
    """A flight was to be planned that nobody could fly."""

    def __init__(self, dock_id: str, reason: str) -> None:
        super().__init__(f"dock {dock_id}: {reason}")
        self.dock_id = dock_id
        self.reason = reason
