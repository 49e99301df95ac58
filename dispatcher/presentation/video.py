"""A flight's video as it is shown."""

from __future__ import annotations

from dispatcher.entities import FlightVideo
from dispatcher.presentation.view import Json, instant


def video(entity: FlightVideo) -> Json:
    """Who watches now, what was recorded, and what went wrong with that."""
    tickets = entity.tickets
    return {
        "viewers": [
            {
                "session_id": str(viewer.session_id),
                "ticket_id": str(viewer.ticket_id),
                "viewer": tickets[viewer.ticket_id].viewer,
                "reason": tickets[viewer.ticket_id].reason.value,
                "via": viewer.via.value,
                "since": instant(viewer.since),
            }
            for viewer in entity.viewers
            if viewer.ticket_id in tickets
        ],
        "recordings": [
            {
                "part": part.part,
                "began_at": instant(part.began_at),
                "mission_began_at": instant(part.mission_began_at),
                "duration_s": part.duration_s,
                "bytes": part.bytes,
                "complete": part.complete,
                "because": part.because,
                "sha256": part.sha256,
            }
            for part in entity.parts
        ],
        "exceptions": [{"at": instant(each.at), "text": each.text} for each in entity.exceptions],
    }
