"""The hash chain: pure arithmetic from values to values.

``hash = SHA-256(previous hash || RFC 8785(header) || SHA-256(salt || canonical payload))``, where the first event's
previous hash is 32 zero bytes. Both outer parts have a fixed length, so nothing can slide between them. The payload is
under the chain only through its salted hash: erase payload and salt together and the chain still verifies, while the
random salt keeps a short payload from being guessed out of what is left.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from dispatcher.journal.canonical import canonical

GENESIS = bytes(32)
"""What stands in for the hash before the first event."""
SALT_BYTES = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """All of an event but its payload, with ids and times in the text form in which the table keeps them."""

    seq: int
    force: str
    stream: str
    version: int
    id: str
    type: str
    schema_version: int
    mission_time: str
    wall_time: str
    actor: str
    causation_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One event as the chain sees it. ``payload`` and ``salt`` are both None once erased."""

    header: Header
    payload: bytes | None
    salt: bytes | None
    payload_hash: bytes
    hash: bytes


def hash_payload(salt: bytes, payload: bytes) -> bytes:
    """The 32 bytes that stand for a canonical payload in the chain."""
    return hashlib.sha256(salt + payload).digest()


def hash_event(previous: bytes, header: Header, payload_hash: bytes) -> bytes:
    """The 32 bytes of an event after the one with hash ``previous``."""
    head = canonical(
        {
            "seq": header.seq,
            "force": header.force,
            "stream": header.stream,
            "version": header.version,
            "id": header.id,
            "type": header.type,
            "schema_version": header.schema_version,
            "mission_time": header.mission_time,
            "wall_time": header.wall_time,
            "actor": header.actor,
            "causation_id": header.causation_id,
        }
    )
    return hashlib.sha256(previous + head + payload_hash).digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyReport:
    """What a walk along the chain found.

    ``head`` is the hash of the last good event. A chain cannot show that its own end was cut off: keep ``events`` and
    ``head`` somewhere else to show that.
    """

    ok: bool
    events: int
    erased: int
    head: bytes
    first_broken_seq: int | None = None
    because: str = ""


class Verifier:
    """Walks the chain one event after another; `report` says what it found so far."""

    def __init__(self) -> None:
        self._head = GENESIS
        self._seq = 0
        self._erased = 0
        self._versions: dict[str, int] = {}
        self._broken: tuple[int, str] | None = None

    def follow(self, link: Link) -> bool:
        """Check the next event; False at the first one that breaks the chain, and ever after."""
        if self._broken is not None:
            return False
        fault = self._fault_of(link)
        if fault:
            self._broken = (self._seq + 1, fault)
            return False
        self._seq += 1
        self._versions[link.header.stream] = link.header.version
        self._erased += link.payload is None
        self._head = link.hash
        return True

    def report(self) -> VerifyReport:
        """What the walk found so far."""
        seq, because = self._broken or (None, "")
        return VerifyReport(
            ok=seq is None,
            events=self._seq,
            erased=self._erased,
            head=self._head,
            first_broken_seq=seq,
            because=because,
        )

    def _fault_of(self, link: Link) -> str:
        header = link.header
        if header.seq != self._seq + 1:
            return f"event {self._seq + 1} is missing: {header.seq} follows"
        if header.version != self._versions.get(header.stream, 0) + 1:
            return f"version {header.version} of stream {header.stream} does not follow its last"
        if (link.payload is None) != (link.salt is None):
            return "payload and salt must be erased together"
        if (
            link.payload is not None
            and link.salt is not None
            and hash_payload(link.salt, link.payload) != link.payload_hash
        ):
            return "the payload is not the one that was recorded"
        if hash_event(self._head, header, link.payload_hash) != link.hash:
            return "the hash does not follow from the event and the one before"
        return ""
