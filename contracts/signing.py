"""Ed25519 keys and the trust file that says whose key may say what.

Keys are 32 raw bytes, base64 in files. A trust file is public: it holds no secret.
"""

from __future__ import annotations

import base64
from typing import Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from pydantic import BaseModel, ConfigDict, Field

from contracts.errors import BadSignature, UnknownKey
from contracts.topics import DISPATCHER, Identifier


class PrivateKeyFile(BaseModel):
    """One holder's secret: written with mode 0600, never logged."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    schema_: Literal["kestrel.key/1"] = Field(default="kestrel.key/1", alias="schema")
    key_id: Identifier
    private_key_b64: str = Field(repr=False)


class TrustedKey(BaseModel):
    """A public key and who holds it: ``dispatcher``, or a dock's id."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key_id: Identifier
    force: Identifier
    holder: Identifier
    public_key_b64: str


class TrustFile(BaseModel):
    """The keys that a process believes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    schema_: Literal["kestrel.trust/1"] = Field(default="kestrel.trust/1", alias="schema")
    keys: list[TrustedKey]


class SigningKey:
    """A private key with its id."""

    __slots__ = ("_private", "key_id")

    def __init__(self, *, key_id: str, private: Ed25519PrivateKey) -> None:
        self.key_id = key_id
        self._private = private

    @classmethod
    def generate(cls, key_id: str) -> SigningKey:
        """A new key from the system's randomness."""
        return cls(key_id=key_id, private=Ed25519PrivateKey.generate())

    @classmethod
    def load(cls, file: PrivateKeyFile) -> SigningKey:
        """The key of a key file."""
        private = Ed25519PrivateKey.from_private_bytes(base64.b64decode(file.private_key_b64, validate=True))
        return cls(key_id=file.key_id, private=private)

    def to_file(self) -> PrivateKeyFile:
        """What goes into a key file."""
        raw = self._private.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
        return PrivateKeyFile(key_id=self.key_id, private_key_b64=base64.b64encode(raw).decode())

    def trusted(self, *, force: str, holder: str) -> TrustedKey:
        """The public half, for a trust file."""
        raw = self._private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        return TrustedKey(key_id=self.key_id, force=force, holder=holder, public_key_b64=base64.b64encode(raw).decode())

    def sign(self, message: bytes) -> bytes:
        """The 64-byte signature of ``message``."""
        return self._private.sign(message)


class Keyring:
    """The public keys that this process believes, by key id."""

    def __init__(self, trust: TrustFile) -> None:
        self._keys: dict[str, tuple[TrustedKey, Ed25519PublicKey]] = {}
        for key in trust.keys:
            public = Ed25519PublicKey.from_public_bytes(base64.b64decode(key.public_key_b64, validate=True))
            self._keys[key.key_id] = (key, public)

    def verify(self, *, key_id: str, force: str, holder: str, message: bytes, signature: bytes) -> None:
        """Raise `UnknownKey` when ``key_id`` may not speak as ``holder``, `BadSignature` when the bytes differ."""
        known = self._keys.get(key_id)
        if known is None:
            raise UnknownKey(f"key {key_id[:48]!r} is not in the trust file")
        trusted, public = known
        if trusted.force != force or trusted.holder != holder:
            raise UnknownKey(f"key {key_id!r} belongs to {trusted.holder!r} and may not speak as {holder[:48]!r}")
        try:
            public.verify(signature, message)
        except InvalidSignature:
            raise BadSignature(f"signature by key {key_id!r} does not match") from None


__all__ = ["DISPATCHER", "Keyring", "PrivateKeyFile", "SigningKey", "TrustFile", "TrustedKey"]
