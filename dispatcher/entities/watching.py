"""Links that open one incident to one device, and the notes that go to and fro."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from dispatcher.events.watching import ViewReason


@dataclass(frozen=True, kw_only=True)
class WatchLink:
    """A link to one incident. That it expires is a matter of wall time, as with every token."""

    id: UUID
    incident_id: UUID
    """When its incident became part of another one, that one."""
    given_to: str
    reason: ViewReason
    given_by: str
    given_at: datetime
    expires_wall_time: datetime
    token_sha256: str
    device_sha256: str | None = None
    """Of the first device that opened it; None: nobody has yet."""
    bound_at: datetime | None = None
    opened_wall_time: datetime | None = None
    """When its device last began to look, as journalled."""
    declined: tuple[str, ...] = ()
    """Other devices that tried, as far as they are told apart."""
    declined_at: datetime | None = None
    revoked_at: datetime | None = None
    revoked_by: str | None = None
    revoked_because: str = ""

    @property
    def revoked(self) -> bool:
        """True when it was withdrawn."""
        return self.revoked_at is not None


@dataclass(frozen=True, kw_only=True)
class Note:
    """A line on an incident."""

    id: UUID
    origin: Literal["field", "control", "system"]
    """``system``: what Kestrel itself tells the control room; the field is not shown it."""
    by: str
    """The actor."""
    by_name: str
    text: str
    at: datetime
    wall_time: datetime
    link_id: UUID | None = None
    idempotency_key: str | None = None
