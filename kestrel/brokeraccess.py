"""Who may use the embedded broker, and for which topics: two plug-ins of `amqtt` and the accounts file they read.

The rules are those of docs/how-to/mosquitto.md: a dock speaks and hears for itself alone, the dispatcher speaks on the
channels that are its own and hears its force. Signatures in our envelope are the protection that counts; this keeps an
honest mistake (two docks with one id) and a curious neighbour out.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from amqtt.contexts import Action
from amqtt.plugins.base import BaseAuthPlugin, BaseTopicPlugin
from amqtt.session import Session
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from contracts.envelope import FROM_DISPATCHER, first_fault
from contracts.topics import DISPATCHER, ROOT, Channel
from kestrel.errors import FileError

SCRYPT = {"n": 2**12, "r": 8, "p": 1}
"""Cost of a password check (RFC 7914): 4 MiB, some milliseconds; the passwords are random, 192 bits."""


TO_ONE_DOCK = FROM_DISPATCHER - {Channel.HEARTBEAT}
"""What the dispatcher says to one dock alone."""


class Account(BaseModel):
    """One user: the scrypt hash of the password, and filters for what may be published and subscribed to."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    username: str = Field(min_length=1, max_length=64)
    salt_b64: str
    hash_b64: str
    publish: list[str]
    subscribe: list[str]


class AccountsFile(BaseModel):
    """All users of the broker."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    accounts: list[Account]


def new_password() -> str:
    """192 random bits, URL-safe."""
    return secrets.token_urlsafe(24)


def dispatcher_account(*, force: str, password: str) -> Account:
    """The dispatcher of a force."""
    return _account(
        username=DISPATCHER,
        password=password,
        publish=[f"{ROOT}/{force}/+/{channel}" for channel in sorted(TO_ONE_DOCK)] + [_heartbeat(force)],
        subscribe=[f"{ROOT}/{force}/#"],
    )


def dock_account(*, force: str, dock: str, password: str) -> Account:
    """The agent of one dock."""
    return _account(
        username=dock,
        password=password,
        publish=[f"{ROOT}/{force}/{dock}/{channel}" for channel in sorted(set(Channel) - FROM_DISPATCHER)],
        subscribe=[f"{ROOT}/{force}/{dock}/{channel}" for channel in sorted(TO_ONE_DOCK)] + [_heartbeat(force)],
    )


def _heartbeat(force: str) -> str:
    return f"{ROOT}/{force}/{DISPATCHER}/{Channel.HEARTBEAT}"


def write_accounts(path: Path, accounts: Iterable[Account]) -> None:
    """Write the accounts file, mode 0600, replacing what is there."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(AccountsFile(accounts=list(accounts)).model_dump_json(indent=2))


def read_accounts(path: Path) -> dict[str, Account]:
    """The accounts by name; raises `FileError`."""
    try:
        accounts = AccountsFile.model_validate_json(path.read_bytes()).accounts
    except OSError as error:
        raise FileError(path, f"cannot be read: {error.strerror}") from None
    except ValidationError as error:
        raise FileError(path, first_fault(error)) from None
    return {account.username: account for account in accounts}


def allows(filters: Iterable[str], wanted: str) -> bool:
    """True when one of ``filters`` covers ``wanted``, a topic or a filter: never wider than what was granted."""
    return any(_covers(granted.split("/"), wanted.split("/")) for granted in filters)


def _covers(granted: list[str], wanted: list[str]) -> bool:
    for index, level in enumerate(granted):
        if level == "#":
            return True
        if index >= len(wanted) or wanted[index] == "#":
            return False
        if level not in ("+", wanted[index]):
            return False
    return len(granted) == len(wanted)


def _account(*, username: str, password: str, publish: list[str], subscribe: list[str]) -> Account:
    salt = secrets.token_bytes(16)
    return Account(
        username=username,
        salt_b64=base64.b64encode(salt).decode(),
        hash_b64=base64.b64encode(_hash(password, salt)).decode(),
        publish=publish,
        subscribe=subscribe,
    )


def _hash(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, dklen=32, **SCRYPT)


def password_fits(account: Account, password: str) -> bool:
    """Compare in constant time."""
    try:
        salt, expected = (base64.b64decode(text, validate=True) for text in (account.salt_b64, account.hash_b64))
    except binascii.Error:
        return False
    return hmac.compare_digest(_hash(password, salt), expected)


@dataclass
class AccessConfig:
    """What both plug-ins are told."""

    accounts_file: str = ""


class AccountAuth(BaseAuthPlugin):  # type: ignore[misc] # amqtt has no types
    """Lets in who is in the accounts file, and nobody without a name."""

    Config = AccessConfig

    def __init__(self, context: Any) -> None:
        super().__init__(context)
        self._accounts = read_accounts(Path(self.config.accounts_file))

    async def authenticate(self, *, session: Session) -> bool | None:
        account = self._accounts.get(session.username or "")
        if account is None or not password_fits(account, session.password or ""):
            self.context.logger.warning("connection refused: unknown user or wrong password")
            return False
        return True


class AccountTopics(BaseTopicPlugin):  # type: ignore[misc] # amqtt has no types
    """Holds each user to the topics of its account."""

    Config = AccessConfig

    def __init__(self, context: Any) -> None:
        super().__init__(context)
        self._accounts = read_accounts(Path(self.config.accounts_file))

    async def topic_filtering(
        self, *, session: Session | None = None, topic: str | None = None, action: Action | None = None
    ) -> bool | None:
        account = self._accounts.get((session.username if session else None) or "")
        if account is None or not topic:
            return False
        return allows(account.publish if action is Action.PUBLISH else account.subscribe, topic)
