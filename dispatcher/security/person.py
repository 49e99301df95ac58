"""A person as a checked token describes them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dispatcher.security.roles import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """``id`` is the token's subject and becomes the actor of every event; ``expires_at`` is wall time, UTC."""

    id: str
    roles: frozenset[Role]
    force: str
    expires_at: datetime

    def has_any(self, roles: frozenset[Role]) -> bool:
        """True when one of these roles is held."""
        return not self.roles.isdisjoint(roles)
