"""What a person is to Kestrel."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Role(StrEnum):
    """A token carries one or several."""

    CONTROLLER = "controller"
    """Takes incidents in and presses dispatch."""
    PILOT = "pilot"
    """In command of aircraft."""
    OFFICER = "officer"
    """On the way to the scene."""
    SUPERVISOR = "supervisor"
    """Answers for what happened."""
    ENGINEER = "engineer"
    """Keeps it running."""


EVERYONE = frozenset(Role)
"""Everybody with at least one role; still nobody without."""


def known_roles(names: Iterable[str]) -> frozenset[Role]:
    """The roles among ``names``; others belong to other systems of the same issuer and mean nothing here."""
    known = {role.value: role for role in Role}
    return frozenset(known[name] for name in names if name in known)
