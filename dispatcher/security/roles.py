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
    MEDIA = "media"
    """The media process: it reports what is watched and recorded, and learns which flights are on."""
    WATCH = "watch"
    """Looks at one incident through a link; never in a token of the issuer."""


EVERYONE = frozenset(Role) - {Role.WATCH, Role.MEDIA}
"""Every person with at least one role that an issuer gives; still nobody without."""


def known_roles(names: Iterable[str]) -> frozenset[Role]:
    """The roles among ``names``; others belong to other systems of the same issuer and mean nothing here."""
    known = {role.value: role for role in EVERYONE | {Role.MEDIA}}
    return frozenset(known[name] for name in names if name in known)
