"""From a bearer token to a person. `Authenticator` is the seam for an identity provider.

Only asymmetric signatures are believed (EdDSA, ES256, RS256), each with the algorithm that its key dictates. Issuer,
audience, expiry, subject, roles and force must all be there and right. No token and no part of one is ever logged or
repeated in an answer.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Protocol

import jwt

from contracts.screentext import unseen_in
from dispatcher.security.errors import NotAuthenticated
from dispatcher.security.keyset import KeySet
from dispatcher.security.person import Person
from dispatcher.security.roles import known_roles
from kestrel.clock import Clock

AUDIENCE = "kestrel"
ALGORITHMS = ("EdDSA", "ES256", "RS256")
MAX_TOKEN_CHARS = 8192
LEEWAY_S = 5.0
"""Between our clock and the issuer's."""
MAX_SUBJECT_CHARS = 120


class Authenticator(Protocol):
    """Who stands behind a token."""

    async def authenticate(self, token: str) -> Person:
        """The person; raises `NotAuthenticated`, or `KeysUnavailable` where nothing can be checked."""


class JwtAuthenticator:
    """Checks JWTs of one issuer for one force (RFC 7519, RFC 8725)."""

    def __init__(self, *, keys: KeySet, issuer: str, force: str, clock: Clock) -> None:
        self._keys = keys
        self._issuer = issuer
        self._force = force
        self._clock = clock

    async def authenticate(self, token: str) -> Person:
        if len(token) > MAX_TOKEN_CHARS:
            raise NotAuthenticated("the token is too long")
        try:
            header = jwt.get_unverified_header(token)
        except (jwt.PyJWTError, ValueError, RecursionError):
            raise NotAuthenticated("the token is not a JWT") from None
        algorithm = header.get("alg")
        if algorithm not in ALGORITHMS:
            raise NotAuthenticated(f"the token's algorithm is not one of {', '.join(ALGORITHMS)}")
        kid = header.get("kid")
        key = await self._keys.key(kid if isinstance(kid, str) else None)
        if key.algorithm != algorithm:
            raise NotAuthenticated("the token's algorithm is not that of its key")
        try:
            claims = jwt.decode(
                token,
                key.key,
                algorithms=[key.algorithm],
                audience=AUDIENCE,
                issuer=self._issuer,
                # Times are checked below, on our own clock.
                options={
                    "require": ["exp", "iss", "aud", "sub"],
                    "verify_exp": False,
                    "verify_nbf": False,
                    "verify_iat": False,
                    "verify_sub": False,
                },
            )
        except jwt.PyJWTError as error:
            raise NotAuthenticated(_why(error)) from None
        except (ValueError, RecursionError):
            raise NotAuthenticated("the token is not a JWT") from None
        return self._person(claims)

    def _person(self, claims: dict[str, Any]) -> Person:
        subject, roles, force = claims["sub"], claims.get("roles"), claims.get("force")
        if not isinstance(subject, str) or not subject.strip() or len(subject) > MAX_SUBJECT_CHARS:
            raise NotAuthenticated(f"the token's sub is not a name of 1 to {MAX_SUBJECT_CHARS} characters")
        if unseen_in(subject, allowed="") is not None:
            raise NotAuthenticated("the token's sub holds characters that are not seen")
        if not isinstance(roles, list) or not all(isinstance(role, str) for role in roles):
            raise NotAuthenticated("the token's roles are not a list of names")
        if force != self._force:
            raise NotAuthenticated("the token is for another force")
        now_s = self._clock.wall_now().timestamp()
        expires_s = _moment_s(claims, "exp")
        if expires_s is None or now_s >= expires_s + LEEWAY_S:
            raise NotAuthenticated("the token has expired: sign in again")
        for claim in ("nbf", "iat"):
            if claim in claims:
                moment_s = _moment_s(claims, claim)
                if moment_s is None or moment_s > now_s + LEEWAY_S:
                    raise NotAuthenticated("the token is not valid yet: check the clocks")
        return Person(
            id=subject, roles=known_roles(roles), force=force, expires_at=datetime.fromtimestamp(expires_s, UTC)
        )


def _moment_s(claims: dict[str, Any], name: str) -> float | None:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 253_402_300_800:
        return None
    return float(value)


_WHY: dict[type[jwt.PyJWTError], str] = {
    jwt.InvalidAudienceError: f"the token is not for the audience {AUDIENCE!r}",
    jwt.InvalidIssuerError: "the token is from another issuer",
    jwt.InvalidSignatureError: "the token's signature does not match",
}


def _why(error: jwt.PyJWTError) -> str:
    if isinstance(error, jwt.MissingRequiredClaimError):
        return f"the token has no {error.claim}"
    return _WHY.get(type(error), "the token is not a valid JWT")
