"""Whose ticket is believed, for which flight: deny by default."""

from __future__ import annotations

from uuid import UUID

from contracts.signing import Keyring
from contracts.viewing import BadTicket, Ticket, read_ticket
from contracts.vocabulary import Deployment
from kestrel.clock import Clock
from media.errors import another_flight, not_authenticated
from media.sessions import Sessions


class Doorman:
    """Checks tickets of one force and deployment."""

    def __init__(
        self, *, keyring: Keyring, force: str, deployment: Deployment, sessions: Sessions, clock: Clock
    ) -> None:
        self._keyring = keyring
        self._force = force
        self.deployment = deployment
        self._sessions = sessions
        self._clock = clock

    def check(self, text: str, flight_id: UUID, *, opening: bool = True) -> Ticket:
        """The ticket, good for this flight now. Raises `Refused`."""
        try:
            ticket = read_ticket(
                text,
                keyring=self._keyring,
                force=self._force,
                deployment=self.deployment,
                now=self._clock.wall_now(),
                opening=opening,
            )
        except BadTicket as bad:
            raise not_authenticated(str(bad)) from None
        self._sessions.check(ticket)
        if ticket.flight != flight_id:
            raise another_flight()
        return ticket

    def bearer(self, header: str | None, flight_id: UUID, *, opening: bool = True) -> Ticket:
        """The ticket of an ``Authorization`` header. Raises `Refused`."""
        scheme, _, text = (header or "").partition(" ")
        if scheme.lower() != "bearer" or not text.strip():
            raise not_authenticated("send it in the header: Authorization: Bearer <ticket>")
        return self.check(text.strip(), flight_id, opening=opening)
