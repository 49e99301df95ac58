"""The issuer's public keys (RFC 7517): from a file or a URL, read off the event loop, cached, renewed with restraint.

A key decides its own algorithm, so that a token cannot choose one: Ed25519 is EdDSA, P-256 is ES256, RSA is RS256. Any
other key, a symmetric one above all, is passed over. An OIDC provider is a URL of its ``jwks_uri``.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
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
    """A JWKS document behind HTTP(S); no redirects, 5 s, at most 256 KB."""

    def __init__(self, *, url: str, timeout_s: float = 5.0) -> None:
        self._url = url
        self._timeout_s = timeout_s

    async def read(self) -> bytes:
        return await asyncio.to_thread(self._get)

    def _get(self) -> bytes:
        import httpx  # in this thread: it takes its time, and a key file needs none of it

        try:
            with httpx.stream("GET", self._url, timeout=self._timeout_s, follow_redirects=False) as answer:
                if answer.status_code != 200:
                    raise KeysUnavailable(f"the issuer answered {answer.status_code} for its keys")
                document = b""
                for chunk in answer.iter_bytes():
                    document += chunk
                    if len(document) > MAX_BYTES:
                        raise KeysUnavailable("the issuer's key document is over 256 KB")
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
        self._lock = asyncio.Lock()

    async def key(self, kid: str | None) -> VerifyKey:
        """The key that a token names; without a name, the only one. Raises `NotAuthenticated`, `KeysUnavailable`."""
        if self._age_s() > self._fresh_s:
            await self._renew(lambda: self._age_s() <= self._fresh_s)
        found = self._find(kid)
        if found is None:
            await self._renew(lambda: self._find(kid) is not None)
            found = self._find(kid)
        if found is None:
            raise NotAuthenticated("the token is signed with a key that its issuer does not list")
        return found

    def _find(self, kid: str | None) -> VerifyKey | None:
        if kid is None:
            return self._keys[0] if len(self._keys) == 1 else None
        return next((key for key in self._keys if key.kid == kid), None)

    def _age_s(self) -> float:
        return float("inf") if self._read_at_s is None else self._clock.wall_s() - self._read_at_s

    async def _renew(self, satisfied: Callable[[], bool]) -> None:
        async with self._lock:
            now_s = self._clock.wall_s()
            if satisfied():
                return
            if self._tried_at_s is None or now_s - self._tried_at_s >= self._floor_s:
                self._tried_at_s = now_s
                await self._read()
            if self._age_s() > STALE_S:
                raise self._failure or KeysUnavailable("the issuer's keys have not been read yet")

    async def _read(self) -> None:
        try:
            keys = parse_keys(await self._source.read())
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
