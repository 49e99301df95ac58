"""The signed envelope that every MQTT message travels in.

The broker is not trusted: expiry, addressee, sequence and signature are checked by whoever acts. The signature covers
the RFC 8785 canonical JSON of all fields but itself. MQTT's own expiry and correlation (version 5) are not used.
"""

from __future__ import annotations

import base64
import json
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import rfc8785
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from contracts.errors import EnvelopeExpired, MalformedEnvelope, WrongAddressee
from contracts.message import Message
from contracts.signing import Keyring, SigningKey
from contracts.topics import DISPATCHER, Channel, Identifier, Topic

MAX_ENVELOPE_BYTES = 256 * 1024
FROM_DISPATCHER = frozenset({Channel.ORDER, Channel.SAFETY, Channel.ACK, Channel.HEARTBEAT})

M = TypeVar("M", bound=Message)


class Envelope(BaseModel):
    """One message on the wire.

    ``sequence`` counts up per sender and addressee and never goes back (over restarts too, for orders).
    ``issued_at`` and ``expires_at`` are mission time, UTC.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    v: int = Field(default=1, ge=1, le=1)
    id: UUID
    force: Identifier
    dock: Identifier
    kind: str = Field(max_length=64)
    key_id: Identifier
    sequence: int = Field(ge=0, le=2**53 - 1)
    issued_at: AwareDatetime
    expires_at: AwareDatetime
    body: dict[str, Any]
    signature: str = Field(default="", max_length=88)

    def signed_bytes(self) -> bytes:
        """The canonical bytes that the signature covers."""
        return rfc8785.dumps(self.model_dump(mode="json", exclude={"signature"}))

    def open_as(self, kind: type[M]) -> M:
        """The body as one kind of message; raises `MalformedEnvelope` naming the field at fault."""
        if self.kind != kind.kind():
            raise MalformedEnvelope(f"expected {kind.kind()}, got {self.kind!r}")
        try:
            return kind.model_validate_json(json.dumps(self.body))
        except ValidationError as error:
            raise MalformedEnvelope(f"{self.kind}: {first_fault(error)}") from None


def first_fault(error: ValidationError) -> str:
    """The first fault of a validation error as ``field: what``, without the offending value."""
    fault = error.errors(include_input=False, include_url=False)[0]
    return f"{'.'.join(str(part) for part in fault['loc']) or 'document'}: {fault['msg']}"


def seal(
    message: Message,
    *,
    topic: Topic,
    key: SigningKey,
    message_id: UUID,
    sequence: int,
    issued_at: datetime,
    expires_at: datetime,
) -> bytes:
    """Sign ``message`` for ``topic``; returns the bytes to publish."""
    unsigned = Envelope(
        id=message_id,
        force=topic.force,
        dock=topic.dock,
        kind=message.kind(),
        key_id=key.key_id,
        sequence=sequence,
        issued_at=issued_at,
        expires_at=expires_at,
        body=message.model_dump(mode="json"),
    )
    signature = base64.b64encode(key.sign(unsigned.signed_bytes())).decode()
    return unsigned.model_copy(update={"signature": signature}).model_dump_json().encode()


def unseal(payload: bytes | bytearray, *, topic: Topic, keyring: Keyring, now: datetime | None = None) -> Envelope:
    """Read, address-check and verify one message; ``now`` (mission time) also checks expiry.

    Raises an `EnvelopeError` of the fitting kind; its reason is fit for a log.
    """
    if len(payload) > MAX_ENVELOPE_BYTES:
        raise MalformedEnvelope(f"{len(payload)} bytes; at most {MAX_ENVELOPE_BYTES}")
    try:
        envelope = Envelope.model_validate_json(bytes(payload))
    except ValidationError as error:
        raise MalformedEnvelope(first_fault(error)) from None
    if (envelope.force, envelope.dock) != (topic.force, topic.dock):
        raise WrongAddressee(f"envelope for {envelope.force}/{envelope.dock} came on {topic}")
    holder = DISPATCHER if topic.channel in FROM_DISPATCHER else topic.dock
    try:
        signature = base64.b64decode(envelope.signature, validate=True)
    except ValueError:  # binascii.Error is one; characters outside ASCII raise it plainly
        raise MalformedEnvelope("signature: not base64") from None
    try:
        signed = envelope.signed_bytes()
    except (rfc8785.CanonicalizationError, RecursionError):
        raise MalformedEnvelope("body: cannot be put in canonical form") from None
    keyring.verify(key_id=envelope.key_id, force=envelope.force, holder=holder, message=signed, signature=signature)
    if now is not None and envelope.expires_at <= now:
        raise EnvelopeExpired(f"{envelope.kind} {envelope.id} expired at {envelope.expires_at.isoformat()}")
    return envelope
