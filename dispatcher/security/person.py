"""A person as a checked token describes them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from dispatcher.security.roles import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """What a link opens: one incident."""

    link_id: UUID
    incident_id: UUID
    given_to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """``id`` is the token's subject and becomes the actor of every event; ``expires_at`` is wall time, UTC."""

    id: str
    roles: frozenset[Role]
    force: str
    expires_at: datetime
    watch: Watch | None = None
    """Whoever comes through a link sees this and nothing else."""

    def has_any(self, roles: frozenset[Role]) -> bool:
        """True when one of these roles is held."""
        return not self.roles.isdisjoint(roles)
