"""From an event to its row and back. What is returned from an append went through both, so that live is replay."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import rfc8785
from pydantic import ValidationError

from contracts.envelope import first_fault
from dispatcher.events import EVENT_TYPES, Event
from dispatcher.journal.canonical import canonical
from dispatcher.journal.chain import Header, Link, hash_event, hash_payload
from dispatcher.journal.errors import UnreadableEvent, UnwritableEvent
from dispatcher.journal.upcasters import UPCASTERS, upcast
from dispatcher.record import Draft, Recorded

Row = Mapping[str, Any]
"""One row of the table by column name."""


class PayloadErased(Event):
    """Stands in a record whose payload has been erased; the record still says its type, stream and times."""


def encode(draft: Draft, *, header: Header, previous: bytes, salt: bytes) -> dict[str, Any]:
    """The row of ``draft`` at the place that ``header`` gives it; raises `UnwritableEvent`."""
    try:
        payload = canonical(draft.event.model_dump(mode="json"))
        payload_hash = hash_payload(salt, payload)
        event_hash = hash_event(previous, header, payload_hash)
    except (rfc8785.CanonicalizationError, ValueError, RecursionError) as error:
        raise UnwritableEvent(header.type, f"has no canonical form: {error}") from error
    return {
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
        "payload": payload.decode(),
        "salt": salt,
        "payload_hash": payload_hash,
        "hash": event_hash,
    }


def decode(row: Row) -> Recorded:
    """The event of a row, upcast to this version; raises `UnreadableEvent`."""
    causation_id = row["causation_id"]
    event = _event_of(row)
    try:
        return Recorded(
            seq=row["seq"],
            force=row["force"],
            stream=row["stream"],
            version=row["version"],
            id=UUID(row["id"]),
            type=row["type"],
            schema_version=row["schema_version"],
            mission_time=datetime.fromisoformat(row["mission_time"]),
            wall_time=datetime.fromisoformat(row["wall_time"]),
            actor=row["actor"],
            causation_id=UUID(causation_id) if causation_id is not None else None,
            event=event,
            hash=row["hash"],
        )
    except ValueError as error:
        # Written by something else than a journal; what exactly is at fault, `verify` says.
        raise UnreadableEvent(seq=row["seq"], type_name=row["type"], why=f"header: {error}") from None


def _event_of(row: Row) -> Event:
    kind = EVENT_TYPES.get(row["type"])
    if kind is None:
        raise UnreadableEvent(seq=row["seq"], type_name=row["type"], why="no such type of event in this version")
    payload = row["payload"]
    if payload is None:
        return PayloadErased()
    try:
        if row["schema_version"] == kind.schema_version:
            return kind.model_validate_json(payload)
        known = upcast(
            row["type"],
            json.loads(payload),
            found=row["schema_version"],
            wanted=kind.schema_version,
            upcasters=UPCASTERS,
        )
        return kind.model_validate(known)
    except ValidationError as error:
        raise UnreadableEvent(seq=row["seq"], type_name=row["type"], why=first_fault(error)) from None
    except LookupError as error:
        raise UnreadableEvent(seq=row["seq"], type_name=row["type"], why=str(error)) from error


def link_of(row: Row) -> Link:
    """A row as the chain sees it."""
    payload, salt = row["payload"], row["salt"]
    return Link(
        header=Header(
            seq=row["seq"],
            force=row["force"],
            stream=row["stream"],
            version=row["version"],
            id=row["id"],
            type=row["type"],
            schema_version=row["schema_version"],
            mission_time=row["mission_time"],
            wall_time=row["wall_time"],
            actor=row["actor"],
            causation_id=row["causation_id"],
        ),
        payload=payload.encode() if payload is not None else None,
        salt=bytes(salt) if salt is not None else None,
        payload_hash=bytes(row["payload_hash"]),
        hash=bytes(row["hash"]),
    )


def time_text(moment: datetime) -> str:
    """A moment as the table keeps it: RFC 3339 with microseconds."""
    return moment.isoformat(timespec="microseconds")
