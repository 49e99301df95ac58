"""Links, notes and views at the desk."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import Literal
from uuid import UUID

from dispatcher import events as ev
from dispatcher import watching
from dispatcher.desks.writer import Writer
from dispatcher.entities import Note, WatchLink
from dispatcher.errors import LinkUnknown

TOKEN_BYTES = 32


class WatchDesk(Writer):
    """Who is shown what, and says what."""

    async def give_link(
        self, actor: str, incident_id: UUID, *, given_to: str, reason: ev.ViewReason, lasts: timedelta
    ) -> tuple[WatchLink, str]:
        """A link to one incident, and its token: that is told here, once, and kept nowhere."""
        token = secrets.token_urlsafe(TOKEN_BYTES)
        async with self._turnstile.passing():
            link_id = self._new_id()
            events = watching.give_link(
                self.state,
                incident_id,
                link_id=link_id,
                given_to=given_to,
                reason=reason,
                lasts=lasts,
                token_sha256=sha256(token),
                wall_now=self.clock.wall_now(),
            )
            await self._append(events, actor)
            return self.state.links[link_id], token

    async def revoke_link(self, actor: str, incident_id: UUID, link_id: UUID, because: str) -> WatchLink:
        """Withdrawn: whoever looks through it is shown nothing more."""
        async with self._turnstile.passing():
            await self._append(watching.revoke_link(self.state, incident_id, link_id, because), actor)
            return self.state.links[link_id]

    async def open_link(self, token: str, device_key: str) -> WatchLink:
        """The link that this token opens on this device; raises why it does not."""
        token_sha256, device_sha256 = sha256(token), sha256(device_key)
        # Whoever guesses must not hold up who decides.
        opening = watching.open_link(self.state, token_sha256, device_sha256, wall_now=self.clock.wall_now())
        if opening.events:
            async with self._turnstile.passing():
                opening = watching.open_link(self.state, token_sha256, device_sha256, wall_now=self.clock.wall_now())
                if opening.link is not None:
                    await self._append(opening.events, watcher(opening.link.id))
        if opening.refusal is not None:
            self._count(opening.refusal)
            raise opening.refusal
        if opening.link is None:
            raise LinkUnknown("ask the control room for a new one")
        return self.state.links[opening.link.id]

    async def make_note(
        self,
        actor: str,
        incident_id: UUID,
        *,
        origin: Literal["field", "control"],
        by_name: str,
        text: str,
        link_id: UUID | None,
        idempotency_key: str | None,
    ) -> Note:
        """A line on an incident; the same press again is the same note."""
        async with self._turnstile.passing():
            before, events = watching.make_note(
                self.state,
                incident_id,
                actor,
                note_id=self._new_id(),
                origin=origin,
                by_name=by_name,
                text=text,
                link_id=link_id,
                idempotency_key=idempotency_key,
                wall_now=self.clock.wall_now(),
            )
            if before is not None:
                return before
            await self._append(events, actor)
            return self.state.incidents[incident_id].notes[-1]

    async def view_flight(
        self, actor: str, flight_id: UUID, *, what: ev.Viewed, reason: ev.ViewReason, link_id: UUID | None
    ) -> None:
        """Somebody looks: it is in the journal before they see it."""
        async with self._turnstile.passing():
            watching.flight_of(self.state, flight_id)
            viewed = ev.FlightViewed(flight_id=flight_id, what=what, reason=reason, link_id=link_id)
            await self._append([viewed], actor)

    async def export_flight(self, actor: str, flight_id: UUID, *, form: ev.ExportFormat, reason: ev.ViewReason) -> None:
        """A flight's record goes out: it is in the journal before it does."""
        async with self._turnstile.passing():
            watching.flight_of(self.state, flight_id)
            await self._append([ev.FlightExported(flight_id=flight_id, format=form, reason=reason)], actor)


def watcher(link_id: UUID) -> str:
    """The actor of what is done through a link."""
    return f"watch:{link_id}"


def sha256(secret: str) -> str:
    """Hexadecimal; of 256 random bits, so that nothing slower is needed."""
    return hashlib.sha256(secret.encode()).hexdigest()
