"""Who comes through a watch link: a session of some minutes, for one incident.

The link's own token opens nothing but a session (`POST /api/v1/watch`); with every request the link is looked at again,
so that one that has been withdrawn ends at once, whatever its sessions say. Sessions are signed with a key that this
process makes and keeps to itself: after a restart the device exchanges its link anew.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import UUID

import jwt

from dispatcher.entities import WatchLink
from dispatcher.errors import DispatcherError
from dispatcher.security.errors import NotAuthenticated
from dispatcher.security.person import Person, Watch
from dispatcher.security.roles import Role
from dispatcher.security.tokens import MAX_TOKEN_CHARS, Authenticator
from dispatcher.watching import refusal_of
from kestrel.clock import Clock

PREFIX = "kw1."
"""What a session's token begins with: an issuer's token, being a JWT, begins with ``ey``."""
LASTS = timedelta(minutes=10)
_AUDIENCE = "kestrel-watch"
_ALGORITHM = "HS256"

FindLink = Callable[[UUID], WatchLink | None]


class WatchSessions:
    """Makes sessions, and knows them again."""

    def __init__(
        self, *, find_link: FindLink, force: Callable[[], str], clock: Clock, key: bytes | None = None
    ) -> None:
        self._find_link = find_link
        self._force = force
        self._clock = clock
        self._key = key or secrets.token_bytes(32)

    def begin(self, link: WatchLink) -> tuple[str, datetime]:
        """A session's token, and when (wall time) it expires: never after its link."""
        expires = min(self._clock.wall_now() + LASTS, link.expires_wall_time)
        claims = {"aud": _AUDIENCE, "sub": str(link.id), "exp": expires.timestamp()}
        return PREFIX + jwt.encode(claims, self._key, algorithm=_ALGORITHM), expires

    def person(self, token: str) -> Person:
        """Whom it was given to; raises `NotAuthenticated`, or why the link opens nothing any more."""
        claims = self._claims(token)
        expires = datetime.fromtimestamp(cast("float", claims["exp"]), UTC)
        now = self._clock.wall_now()
        if now >= expires:
            raise NotAuthenticated("the session is over: open the link again")
        link = self._find_link(UUID(claims["sub"]))
        if link is None:
            raise NotAuthenticated("the session's link is not known any more: ask the control room for a new one")
        refusal: DispatcherError | None = refusal_of(link, now)
        if refusal is not None:
            raise refusal
        return Person(
            id=f"watch:{link.id}",
            roles=frozenset({Role.WATCH}),
            force=self._force(),
            expires_at=expires,
            watch=Watch(link_id=link.id, incident_id=link.incident_id, given_to=link.given_to),
        )

    def _claims(self, token: str) -> dict[str, Any]:
        try:
            # Times are checked on our own clock.
            return jwt.decode(
                token.removeprefix(PREFIX),
                self._key,
                algorithms=[_ALGORITHM],
                audience=_AUDIENCE,
                options={"require": ["exp", "sub"], "verify_exp": False},
            )
        except (jwt.PyJWTError, ValueError, RecursionError):
            raise NotAuthenticated("the session is not one of this dispatcher: open the link again") from None


class Doorkeeper:
    """An `Authenticator` of both: people with an issuer's token, and devices with a session of a link."""

    def __init__(self, *, people: Authenticator, sessions: WatchSessions) -> None:
        self._people = people
        self._sessions = sessions

    async def authenticate(self, token: str) -> Person:
        if len(token) <= MAX_TOKEN_CHARS and token.startswith(PREFIX):
            return self._sessions.person(token)
        return await self._people.authenticate(token)
