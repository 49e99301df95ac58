"""The issuer's public keys (RFC 7517): from a file or a URL, read off the event loop, cached, renewed with restraint.

Whoever brings a token of a key that we know is never made to wait for the issuer: it may be away when a drone is to
return. Renewal goes on in the background; only who names a key that we do not know waits for it.

A key decides its own algorithm, so that a token cannot choose one: Ed25519 is EdDSA, P-256 is ES256, RSA is RS256. Any
other key, a symmetric one above all, is passed over. An OIDC provider is a URL of its ``jwks_uri``.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import jwt

from dispatcher.security.errors import KeysUnavailable, NotAuthenticated
from kestrel.clock import Clock

log = logging.getLogger(__name__)

FRESH_S = 600.0
"""Wall seconds after which the keys are read again, so that a withdrawn one goes."""
FLOOR_S = 10.0
"""Least wall seconds between two reads, whatever unknown keys tokens name."""
STALE_S = 24 * 3600.0
"""Wall seconds for which the last keys are used on when they cannot be read again."""
READ_WITHIN_S = 8.0
"""Wall seconds that one read may take altogether."""
MAX_BYTES = 256 * 1024
MIN_RSA_BITS = 2048

_ALGORITHMS = {("OKP", "Ed25519"): "EdDSA", ("EC", "P-256"): "ES256", ("RSA", None): "RS256"}


class KeySource(Protocol):
    """Where the key set (a JWKS document) comes from."""

    async def read(self) -> bytes:
        """The document as it is now; raises `KeysUnavailable`."""


class FileKeySource:
    """A JWKS file."""

    def __init__(self, *, path: Path) -> None:
        self._path = path

    async def read(self) -> bytes:
        try:
            return await asyncio.to_thread(self._path.read_bytes)
        except OSError as error:
            raise KeysUnavailable(f"the key file cannot be read: {error.strerror}") from None


class UrlKeySource:
    """A JWKS document behind HTTP(S); no redirects, 5 s without a byte and `READ_WITHIN_S` in all, at most 256 KB."""

    def __init__(self, *, url: str, timeout_s: float = 5.0) -> None:
        self._url = url
        self._timeout_s = timeout_s

    async def read(self) -> bytes:
        return await asyncio.to_thread(self._get)

    def _get(self) -> bytes:
        import httpx  # in this thread: it takes its time, and a key file needs none of it

        until_s = time.monotonic() + READ_WITHIN_S
        try:
            with httpx.stream("GET", self._url, timeout=self._timeout_s, follow_redirects=False) as answer:
                if answer.status_code != 200:
                    raise KeysUnavailable(f"the issuer answered {answer.status_code} for its keys")
                document = b""
                for chunk in answer.iter_bytes():
                    document += chunk
                    if len(document) > MAX_BYTES:
                        raise KeysUnavailable("the issuer's key document is over 256 KB")
                    if time.monotonic() > until_s:
                        raise KeysUnavailable("the issuer's key document comes too slowly")
                return document
        except httpx.HTTPError as error:
            raise KeysUnavailable(f"the issuer's keys cannot be had: {type(error).__name__}") from None


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyKey:
    """One public key and the only algorithm it may be used with."""

    kid: str | None
    algorithm: str
    key: Any


def parse_keys(document: bytes) -> tuple[VerifyKey, ...]:
    """The usable signature keys of a JWKS document; raises `KeysUnavailable` when there is none."""
    try:
        entries = json.loads(document)["keys"]
        usable = [key for entry in entries if (key := _usable(entry)) is not None]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise KeysUnavailable("the issuer's key document is not a JWKS") from None
    if not usable:
        raise KeysUnavailable("the issuer's key document holds no Ed25519, P-256 or RSA signature key")
    return tuple(usable)


def _usable(entry: dict[str, Any]) -> VerifyKey | None:
    if entry.get("use", "sig") != "sig":
        return None
    kind = str(entry.get("kty"))
    algorithm = _ALGORITHMS.get((kind, entry.get("crv") if kind != "RSA" else None))
    if algorithm is None or entry.get("alg", algorithm) != algorithm:
        return None
    public = {name: value for name, value in entry.items() if name not in {"d", "p", "q", "dp", "dq", "qi", "oth"}}
    try:
        key = jwt.PyJWK(public, algorithm=algorithm).key
    except (jwt.PyJWTError, ValueError):
        log.warning("a key of the issuer cannot be used and is passed over")
        return None
    if algorithm == "RS256" and key.key_size < MIN_RSA_BITS:
        log.warning("an RSA key of the issuer is shorter than %d bits and is passed over", MIN_RSA_BITS)
        return None
    kid = entry.get("kid")
    return VerifyKey(kid=kid if isinstance(kid, str) else None, algorithm=algorithm, key=key)


class KeySet:
    """The keys of one issuer, cached. Safe to ask from many tasks: one read serves them all."""

    def __init__(self, *, source: KeySource, clock: Clock, fresh_s: float = FRESH_S, floor_s: float = FLOOR_S) -> None:
        self._source = source
        self._clock = clock
        self._fresh_s = fresh_s
        self._floor_s = floor_s
        self._keys: tuple[VerifyKey, ...] = ()
        self._read_at_s: float | None = None
        self._tried_at_s: float | None = None
        self._failure: KeysUnavailable | None = None
        self._renewal: asyncio.Task[None] | None = None

    async def key(self, kid: str | None) -> VerifyKey:
        """The key that a token names; without a name, the only one. Raises `NotAuthenticated`, `KeysUnavailable`."""
        found = self._find(kid)
        if found is None or self._age_s() > STALE_S:
            await self._renewed()
            found = self._find(kid)
        elif self._age_s() > self._fresh_s:
            self._begin_renewal()
        if found is None:
            raise NotAuthenticated("the token is signed with a key that its issuer does not list")
        return found

    def _find(self, kid: str | None) -> VerifyKey | None:
        if kid is None:
            return self._keys[0] if len(self._keys) == 1 else None
        return next((key for key in self._keys if key.kid == kid), None)

    def _age_s(self) -> float:
        return float("inf") if self._read_at_s is None else self._clock.wall_s() - self._read_at_s

    def _begin_renewal(self) -> None:
        """At most one at a time, and `FLOOR_S` between two."""
        now_s = self._clock.wall_s()
        if self._renewal is not None and not self._renewal.done():
            return
        if self._tried_at_s is None or now_s - self._tried_at_s >= self._floor_s:
            self._tried_at_s = now_s
            self._renewal = asyncio.create_task(self._renew(), name="issuer's keys")

    async def _renewed(self) -> None:
        self._begin_renewal()
        if self._renewal is not None:
            await asyncio.wait([self._renewal])
        if self._age_s() > STALE_S:
            raise self._failure or KeysUnavailable("the issuer's keys have not been read yet")

    async def _renew(self) -> None:
        try:
            keys = parse_keys(await self._read())
        except KeysUnavailable as error:
            if self._failure is None:
                log.warning("the issuer's keys cannot be renewed: %s", error.detail)
            self._failure = error
            return
        if self._failure is not None:
            log.info("the issuer's keys can be read again")
        self._failure = None
        self._keys = keys
        self._read_at_s = self._clock.wall_s()

    async def _read(self) -> bytes:
        reading = asyncio.ensure_future(self._source.read())
        waiting = asyncio.ensure_future(self._clock.sleep_wall(READ_WITHIN_S))
        try:
            await asyncio.wait([reading, waiting], return_when=asyncio.FIRST_COMPLETED)
        finally:
            waiting.cancel()
            in_time = reading.done() or not reading.cancel()
        if not in_time:
            raise KeysUnavailable(f"the issuer's keys did not come within {READ_WITHIN_S:.0f} s")
        try:
            return reading.result()
        except KeysUnavailable:
            raise
        except Exception as error:
            raise KeysUnavailable(f"the issuer's keys cannot be read: {type(error).__name__}") from error
