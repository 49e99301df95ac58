"""Who watches: every session that is open, by whose ticket, how, since when, and until when it may last."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from contracts.video import Via, Watching
from contracts.viewing import Ticket
from kestrel.clock import Clock
from media.errors import too_many, withdrawn


@dataclass(eq=False, kw_only=True)
class Session:
    """``end`` is set when it must end; ``why`` says why."""

    id: UUID
    ticket: Ticket
    via: Via
    since: datetime
    end: asyncio.Event = field(default_factory=asyncio.Event)
    why: str = ""

    def cut(self, why: str) -> None:
        """Make it end."""
        if not self.end.is_set():
            self.why = why
            self.end.set()


OVER, EXPIRED, WITHDRAWN, STOPPING = "over", "expired", "withdrawn", "stopping"


class Sessions:
    """At most ``most`` at a time."""

    def __init__(self, *, clock: Clock, most: int, new_id: Callable[[], UUID] = uuid.uuid4) -> None:
        self._clock = clock
        self._most = most
        self._new_id = new_id
        self._open: dict[UUID, Session] = {}
        self._withdrawn: frozenset[str] = frozenset()

    @contextlib.contextmanager
    def opened(self, ticket: Ticket, via: Via) -> Iterator[Session]:
        """A session for the time of the block. Raises `Refused`."""
        session = self.open(ticket, via)
        try:
            yield session
        finally:
            self.close(session)

    def open(self, ticket: Ticket, via: Via) -> Session:
        """A session until `close`. Raises `Refused`."""
        self.check(ticket)
        if len(self._open) >= self._most:
            raise too_many()
        session = Session(id=self._new_id(), ticket=ticket, via=via, since=self._clock.wall_now())
        self._open[session.id] = session
        return session

    def close(self, session: Session) -> None:
        """It is over."""
        self._open.pop(session.id, None)
        session.end.set()

    def check(self, ticket: Ticket) -> None:
        """Raise `Refused` for a ticket that was withdrawn."""
        if ticket.jti in self._withdrawn:
            raise withdrawn()

    def withdraw(self, ticket_ids: frozenset[str]) -> None:
        """These tickets are good no more, whoever watches by them."""
        self._withdrawn = ticket_ids
        for session in list(self._open.values()):
            if session.ticket.jti in ticket_ids:
                session.cut(WITHDRAWN)

    def look_after(self) -> None:
        """End what has lasted as long as it may; called about once a second."""
        now_s = self._clock.wall_now().timestamp()
        for session in list(self._open.values()):
            if now_s >= session.ticket.until:
                session.cut(EXPIRED)

    def cut_all(self, why: str, *, flight_id: UUID | None = None) -> None:
        """End those of a flight (None: all)."""
        for session in list(self._open.values()):
            if flight_id is None or session.ticket.flight == flight_id:
                session.cut(why)

    def get(self, session_id: UUID) -> Session | None:
        """One that is open."""
        return self._open.get(session_id)

    def count(self, flight_id: UUID) -> int:
        """How many watch a flight, whichever way."""
        return sum(1 for session in self._open.values() if session.ticket.flight == flight_id)

    def watching(self) -> list[Watching]:
        """For the dispatcher."""
        return [
            Watching(
                session_id=session.id,
                ticket_id=UUID(session.ticket.jti),
                flight_id=session.ticket.flight,
                via=session.via,
                since=session.since,
            )
            for session in self._open.values()
        ]
