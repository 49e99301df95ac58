"""Events of the journal as they are shown."""

from __future__ import annotations

from dispatcher.presentation.view import Json, instant, text
from dispatcher.record import Recorded


def recorded(entry: Recorded) -> Json:
    """An event of the journal with its place in the chain."""
    return {
        "seq": entry.seq,
        "id": str(entry.id),
        "stream": entry.stream,
        "version": entry.version,
        "type": entry.type,
        "schema_version": entry.schema_version,
        "mission_time": instant(entry.mission_time),
        "wall_time": instant(entry.wall_time),
        "actor": entry.actor,
        "causation_id": text(entry.causation_id),
        "payload": entry.event.model_dump(mode="json"),
        "hash": entry.hash.hex(),
    }
