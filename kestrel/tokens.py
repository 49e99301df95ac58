"""Bearer tokens of the local issuer: an ES256 key on disk, its public half as a JWKS, and the claims of each role.

The dispatcher verifies tokens by issuer, audience and key set alone, so an identity provider takes this one's place by
configuration (RFC 7517, RFC 7519, RFC 7518 section 3.4).
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256, Hash
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from jwt.algorithms import ECAlgorithm

from kestrel.errors import FileError

AUDIENCE = "kestrel"
ALGORITHM = "ES256"
LIFETIME = timedelta(hours=12)
"""A shift."""


class Role(StrEnum):
    """Who somebody is to Kestrel."""

    CONTROLLER = "controller"
    PILOT = "pilot"
    OFFICER = "officer"
    SUPERVISOR = "supervisor"
    ENGINEER = "engineer"
    MEDIA = "media"
    """The media process, which is no person."""


class TokenKey:
    """The issuer's private key."""

    __slots__ = ("_private", "key_id")

    def __init__(self, *, private: ec.EllipticCurvePrivateKey) -> None:
        self._private = private
        digest = Hash(SHA256())
        digest.update(private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
        self.key_id = digest.finalize().hex()[:16]

    @classmethod
    def load_or_make(cls, path: Path) -> TokenKey:
        """The key in ``path``; made there, mode 0600, when there is none. Raises `FileError`."""
        try:
            private = load_pem_private_key(path.read_bytes(), password=None)
        except FileNotFoundError:
            return cls._make(path)
        except (OSError, ValueError) as error:
            raise FileError(path, f"not a private key that can be read: {error}") from None
        if path.stat().st_mode & 0o077:
            raise FileError(path, "others may read this private key: chmod 600 it")
        if not isinstance(private, ec.EllipticCurvePrivateKey) or not isinstance(private.curve, ec.SECP256R1):
            raise FileError(path, "not a P-256 key: move it away and one is made")
        return cls(private=private)

    @classmethod
    def _make(cls, path: Path) -> TokenKey:
        private = ec.generate_private_key(ec.SECP256R1())
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        return cls(private=private)

    def jwks(self) -> dict[str, list[dict[str, Any]]]:
        """The public half as a JSON Web Key Set."""
        jwk = ECAlgorithm.to_jwk(self._private.public_key(), as_dict=True)
        return {"keys": [jwk | {"kid": self.key_id, "use": "sig", "alg": ALGORITHM}]}

    def mint(
        self,
        *,
        issuer: str,
        subject: str,
        roles: Sequence[Role],
        force: str,
        now: datetime,
        lifetime: timedelta = LIFETIME,
    ) -> str:
        """A signed token for ``subject``; ``now`` is wall time."""
        claims = {
            "iss": issuer,
            "aud": AUDIENCE,
            "sub": subject,
            "roles": [str(role) for role in roles],
            "force": force,
            "iat": int(now.timestamp()),
            "exp": int((now + lifetime).timestamp()),
        }
        return jwt.encode(claims, self._private, algorithm=ALGORITHM, headers={"kid": self.key_id})
