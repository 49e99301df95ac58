"""The live protocol apart from I/O: what a client says, what it is told, and with which codes a connection ends.

Client: ``{"type": "auth", "token": ..., "epoch"?, "seq"?}`` first, and again with a fresh token before the old expires;
a pilot's console also ``{"type": "here"}`` every 2 to 3 s, which is its heartbeat.
Server: ``snapshot`` or ``resumed``, then ``changes`` when something has changed, ``tick`` when nothing has for a while.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from enum import IntEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, TypeAdapter, ValidationError

from dispatcher.live.ledger import Key

MAX_CLIENT_FRAME_CHARS = 16 * 1024


class CloseCode(IntEnum):
    """Why a connection is closed, in the range for applications (RFC 6455, section 7.4.2)."""

    PROTOCOL = 4400
    """Something was said that is not in the protocol."""
    NOT_AUTHENTICATED = 4401
    """No token in time, one that is not believed, or one that has expired: sign in and come again."""
    FORBIDDEN = 4403
    """Known, but without a role for this."""
    LINK_OVER = 4410
    """The watch link has been withdrawn, or has expired: ask the control room for a new one."""
    TOO_SLOW = 4408
    """The frames are not taken off fast enough: come again, and resume."""
    TRY_LATER = 4503
    """Tokens cannot be checked at the moment."""


class AuthFrame(BaseModel):
    """The client's first frame."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    type: Literal["auth"]
    token: SecretStr = Field(max_length=8192)
    epoch: Annotated[str, Field(max_length=64)] | None = None
    seq: Annotated[int, Field(strict=True, ge=0)] | None = None


class HereFrame(BaseModel):
    """A console says that somebody sits at it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    type: Literal["here"]


_FRAMES: TypeAdapter[AuthFrame | HereFrame] = TypeAdapter(Annotated[AuthFrame | HereFrame, Field(discriminator="type")])


class ProtocolError(Exception):
    """A frame that is not in the protocol; its text never repeats what was sent."""


def read_auth(text: str | None) -> AuthFrame:
    """The client's frame; raises `ProtocolError`."""
    if text is None:
        raise ProtocolError("text frames only")
    if len(text) > MAX_CLIENT_FRAME_CHARS:
        raise ProtocolError("the frame is too large")
    try:
        return AuthFrame.model_validate_json(text)
    except (ValidationError, RecursionError):
        raise ProtocolError('the only frame is {"type": "auth", "token": ...}') from None


def read_frame(text: str | None) -> AuthFrame | HereFrame:
    """A frame of a client that is known already; raises `ProtocolError`."""
    if text is None:
        raise ProtocolError("text frames only")
    if len(text) > MAX_CLIENT_FRAME_CHARS:
        raise ProtocolError("the frame is too large")
    try:
        return _FRAMES.validate_json(text)
    except (ValidationError, RecursionError):
        raise ProtocolError('the only frames are {"type": "auth", "token": ...} and {"type": "here"}') from None


def snapshot(*, epoch: str, seq: int, deployment: str, mission_time: str, entities: Iterable[str]) -> str:
    """Everything, from ready parts."""
    return (
        f'{{"type":"snapshot","epoch":{json.dumps(epoch)},"seq":{seq},"deployment":{json.dumps(deployment)},'
        f'"mission_time":"{mission_time}","entities":[{",".join(entities)}]}}'
    )


def resumed(*, epoch: str, seq: int, deployment: str, mission_time: str) -> str:
    """The client's own ``seq`` holds; what changed since comes next."""
    return (
        f'{{"type":"resumed","epoch":{json.dumps(epoch)},"seq":{seq},"deployment":{json.dumps(deployment)},'
        f'"mission_time":"{mission_time}"}}'
    )


def changes(
    *, epoch: str, seq: int, mission_time: str, changed: Iterable[str], removed: Iterable[tuple[Key, int]]
) -> str:
    """What has changed, from ready parts."""
    gone = ",".join(f'{{"kind":"{key.kind}","id":{json.dumps(key.id)},"seq":{gone_seq}}}' for key, gone_seq in removed)
    return (
        f'{{"type":"changes","epoch":{json.dumps(epoch)},"seq":{seq},"mission_time":"{mission_time}",'
        f'"changed":[{",".join(changed)}],"removed":[{gone}]}}'
    )


def tick(*, seq: int, mission_time: str) -> str:
    """Nothing has changed, and we are here."""
    return f'{{"type":"tick","seq":{seq},"mission_time":"{mission_time}"}}'
