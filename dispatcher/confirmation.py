"""The second press: what cannot be taken back is said again, by the same person, within a few seconds.

Kept in memory alone: after a restart the first press is made anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from dispatcher.errors import Conflict
from dispatcher.identifiers import NewId
from kestrel.clock import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the first press is answered with. ``until_wall_s`` is on the monotonic clock."""

    token: UUID
    says: str
    until_wall_s: float


class Confirmations:
    """One question open per person, flight and action."""

    def __init__(self, *, clock: Clock, new_id: NewId, within_s: float) -> None:
        self._clock = clock
        self._new_id = new_id
        self.within_s = within_s
        self._asked: dict[tuple[str, UUID, str], Asked] = {}

    def ask(self, actor: str, flight_id: UUID, action: str, says: str) -> Asked:
        """A new question; one that was open before is void."""
        now_s = self._clock.wall_s()
        self._asked = {key: asked for key, asked in self._asked.items() if asked.until_wall_s >= now_s}
        asked = Asked(token=self._new_id(), says=says, until_wall_s=now_s + self.within_s)
        self._asked[actor, flight_id, action] = asked
        return asked

    def confirm(self, actor: str, flight_id: UUID, action: str, token: UUID) -> None:
        """Take the answer; raises `Conflict` when nothing was asked, or too long ago. An answer counts once."""
        asked = self._asked.get((actor, flight_id, action))
        if asked is None or asked.token != token:
            raise Conflict(f"this confirmation is not of your last press for {action}: press again")
        del self._asked[actor, flight_id, action]
        if self._clock.wall_s() > asked.until_wall_s:
            raise Conflict(f"the confirmation came after {self.within_s:.0f} s: press again")
