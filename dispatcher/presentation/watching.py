"""Links and notes as they are shown. A link's token is never: nobody has it but who was given it."""

from __future__ import annotations

from collections.abc import Iterable

from dispatcher.entities import Note, WatchLink
from dispatcher.presentation.view import Json, View, instant

CONTROL_ROOM = "control room"
"""How the field is told who wrote: which person sits there is nobody's business on a street."""


def watch_link(entity: WatchLink) -> Json:
    """A link as the control room sees it; whether it has expired follows from ``expires_wall_time``."""
    return {
        "id": str(entity.id),
        "incident_id": str(entity.incident_id),
        "given_to": entity.given_to,
        "reason": entity.reason.value,
        "given_by": entity.given_by,
        "given_at": instant(entity.given_at),
        "expires_wall_time": instant(entity.expires_wall_time),
        "bound_at": None if entity.bound_at is None else instant(entity.bound_at),
        "opened_wall_time": None if entity.opened_wall_time is None else instant(entity.opened_wall_time),
        "declined_devices": len(entity.declined),
        "declined_at": None if entity.declined_at is None else instant(entity.declined_at),
        "revoked_at": None if entity.revoked_at is None else instant(entity.revoked_at),
        "revoked_by": entity.revoked_by,
        "revoked_because": entity.revoked_because,
    }


def notes(entities: Iterable[Note], view: View) -> list[Json]:
    """The lines that this view sees, oldest first."""
    return [note(each, view) for each in entities if view is View.CONTROL or each.origin != "system"]


def note(entity: Note, view: View = View.CONTROL) -> Json:
    """A line from the field, from the control room, or of Kestrel itself."""
    hidden = view is View.FIELD and entity.origin == "control"
    return {
        "id": str(entity.id),
        "origin": entity.origin,
        "by": CONTROL_ROOM if hidden else entity.by_name,
        "text": entity.text,
        "at": instant(entity.at),
        "wall_time": instant(entity.wall_time),
    }
