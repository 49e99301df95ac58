"""Key and trust files on disk: made once, private halves readable by their owner alone."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from contracts.envelope import first_fault
from contracts.signing import Keyring, PrivateKeyFile, SigningKey, TrustFile
from kestrel.errors import FileError

M = TypeVar("M", bound=BaseModel)


def write_private_key(path: Path, key: SigningKey) -> None:
    """Write a private key, mode 0600; refuses to replace one that is there."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    try:
        descriptor = os.open(path, flags, 0o600)
    except FileExistsError:
        raise FileError(path, "a key is there already: move it away first") from None
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(key.to_file().model_dump_json(by_alias=True, indent=2))


def read_private_key(path: Path) -> SigningKey:
    """Read a private key; refuses one that others may read."""
    if path.exists() and path.stat().st_mode & 0o077:
        raise FileError(path, "others may read this private key: chmod 600 it")
    try:
        return SigningKey.load(_read(path, PrivateKeyFile))
    except ValueError:
        raise FileError(path, "not an Ed25519 private key", field="private_key_b64") from None


def read_trust_file(path: Path) -> TrustFile:
    """Read a trust file as it stands."""
    return _read(path, TrustFile)


def read_trust(path: Path) -> Keyring:
    """Read the public keys that this process believes."""
    try:
        return Keyring(read_trust_file(path))
    except ValueError:
        raise FileError(path, "holds something that is not an Ed25519 public key", field="keys") from None


def _read(path: Path, model: type[M]) -> M:
    try:
        return model.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        raise FileError(path, "no such file") from None
    except OSError as error:
        raise FileError(path, f"cannot be read: {error.strerror}") from None
    except ValidationError as error:
        raise FileError(path, first_fault(error)) from None
