"""Tickets to watch: what the dispatcher signs for one person and one flight, and the media process believes.

A ticket is a JWT (RFC 7519) with an Ed25519 signature (EdDSA, RFC 8037) by the dispatcher's key of the trust file, so
that a video server of another make can check it too. It is never logged, and never part of a URL.
"""

from __future__ import annotations

import base64
import binascii
import json
from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from contracts.errors import ContractError
from contracts.signing import DISPATCHER, Keyring, SigningKey
from contracts.topics import Identifier
from contracts.vocabulary import Deployment

MAX_TICKET_CHARS = 4096
LEEWAY_S = 5
"""Between the dispatcher's clock and the media process's."""


class BadTicket(ContractError):
    """The ticket is not believed; says which check failed, never what the ticket held."""


class Ticket(BaseModel):
    """The claims. Times are Unix seconds of wall time."""

    model_config = ConfigDict(extra="ignore", frozen=True, strict=True)

    aud: Literal["kestrel-media"] = "kestrel-media"
    jti: str = Field(min_length=1, max_length=64)
    sub: str = Field(min_length=1, max_length=120)
    """Who watches."""
    force: Identifier
    deployment: Deployment = Field(strict=False)
    flight: UUID = Field(strict=False)
    play: bool = False
    """Recordings may be played."""
    iat: int = Field(ge=0)
    exp: int = Field(ge=0)
    """A session may be opened until then,"""
    until: int = Field(ge=0)
    """and is closed then at the latest."""


class _Header(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, strict=True)

    alg: Literal["EdDSA"]
    kid: str = Field(min_length=1, max_length=48)


def write_ticket(ticket: Ticket, *, key: SigningKey) -> str:
    """The signed ticket."""
    header = {"alg": "EdDSA", "kid": key.key_id, "typ": "JWT"}
    body = f"{_packed(json.dumps(header).encode())}.{_packed(ticket.model_dump_json().encode())}"
    return f"{body}.{_packed(key.sign(body.encode('ascii')))}"


def read_ticket(
    text: str, *, keyring: Keyring, force: str, deployment: Deployment, now: datetime, opening: bool = True
) -> Ticket:
    """The claims of a ticket that is good now: to open a session, or (not ``opening``) to go on. Raises `BadTicket`."""
    if len(text) > MAX_TICKET_CHARS or text.count(".") != 2:
        raise BadTicket("this is not a ticket")
    head, body, signature = text.split(".")
    try:
        header = _Header.model_validate_json(_unpacked(head))
    except (ValidationError, ValueError):
        raise BadTicket("the ticket is not signed as tickets are") from None
    try:
        keyring.verify(
            key_id=header.kid,
            force=force,
            holder=DISPATCHER,
            message=f"{head}.{body}".encode("ascii"),
            signature=_unpacked(signature),
        )
    except (ContractError, ValueError):
        raise BadTicket("the ticket's signature is not the dispatcher's") from None
    try:
        ticket = Ticket.model_validate_json(_unpacked(body))
    except (ValidationError, ValueError):
        raise BadTicket("the ticket does not say what tickets say") from None
    if ticket.force != force:
        raise BadTicket("the ticket is for another force")
    if ticket.deployment is not deployment:
        raise BadTicket("the ticket is for another deployment")
    now_s = now.timestamp()
    if ticket.iat > now_s + LEEWAY_S:
        raise BadTicket("the ticket is not valid yet: check the clocks")
    if now_s >= (min(ticket.exp, ticket.until) if opening else ticket.until) + LEEWAY_S:
        raise BadTicket("the ticket has expired: ask for a new one")
    return ticket


def _packed(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def _unpacked(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error:
        raise ValueError("not base64url") from None
