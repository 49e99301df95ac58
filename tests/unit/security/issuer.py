"""An issuer of tokens for tests: keys of every kind that is believed, and of some that are not."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from dispatcher.security.errors import KeysUnavailable
from dispatcher.security.keyset import KeySet
from dispatcher.security.tokens import JwtAuthenticator
from kestrel.clock import Clock

ISSUER = "https://issuer.example"
FORCE = "test"
RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
"""One for all tests: making one takes long."""


@dataclass
class Issuer:
    """Its keys by id, each with its algorithm."""

    clock: Clock
    keys: dict[str, tuple[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.keys:
            self.add("one", "EdDSA")

    def add(self, kid: str, algorithm: str) -> None:
        """A new key."""
        made: Any
        if algorithm == "EdDSA":
            made = ed25519.Ed25519PrivateKey.generate()
        elif algorithm == "ES256":
            made = ec.generate_private_key(ec.SECP256R1())
        else:
            made = RSA_KEY
        self.keys[kid] = (algorithm, made)

    def jwks(self) -> bytes:
        """The public halves."""
        entries = []
        for kid, (algorithm, key) in self.keys.items():
            maker: Any = {"EdDSA": OKPAlgorithm, "ES256": ECAlgorithm, "RS256": RSAAlgorithm}[algorithm]
            entries.append(maker.to_jwk(key.public_key(), as_dict=True) | {"kid": kid, "alg": algorithm, "use": "sig"})
        return json.dumps({"keys": entries}).encode()

    def claims(self, subject: str, *roles: str, **changes: Any) -> dict[str, Any]:
        """What a token says; a claim that is changed to None is left out."""
        now = self.clock.wall_now()
        claims = {
            "iss": ISSUER,
            "aud": "kestrel",
            "sub": subject,
            "roles": list(roles),
            "force": FORCE,
            "iat": int(now.timestamp()),
            "exp": int((now + timedelta(hours=1)).timestamp()),
        } | changes
        return {name: value for name, value in claims.items() if value is not None}

    def token(self, subject: str, *roles: str, kid: str | None = "one", **changes: Any) -> str:
        """A signed token; ``kid`` None leaves the key's name out of its header."""
        algorithm, key = self.keys[kid or next(iter(self.keys))]
        headers = {} if kid is None else {"kid": kid}
        return jwt.encode(self.claims(subject, *roles, **changes), key, algorithm=algorithm, headers=headers)

    def authenticator(self, source: MemoryKeySource | None = None) -> JwtAuthenticator:
        """One that believes this issuer."""
        keys = KeySet(source=source or MemoryKeySource(issuer=self), clock=self.clock)
        return JwtAuthenticator(keys=keys, issuer=ISSUER, force=FORCE, clock=self.clock)


@dataclass
class MemoryKeySource:
    """A key source that counts how often it is asked, and fails when told to."""

    issuer: Issuer
    reads: int = 0
    failing: bool = False

    async def read(self) -> bytes:
        self.reads += 1
        if self.failing:
            raise KeysUnavailable("the issuer is away")
        return self.issuer.jwks()
