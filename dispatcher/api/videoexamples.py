"""What answers about video look like, for the OpenAPI document."""

from __future__ import annotations

from typing import Any

Responses = dict[int | str, dict[str, Any]]

_FLIGHT_ID = "019b2f6e-8f3a-7b1c-b7c2-0a9d4e5f6a02"
_TICKET_ID = "019b2f6e-9d4f-7a11-8c2b-1e2f3a4b5c06"
_SESSION_ID = "5f0c7f0e-6f0e-4c1e-9d53-0d1e2f3a4b5c"
_T = "2026-01-31T09:30:00.000Z"
_MEDIA = f"http://127.0.0.1:8041/v1/flights/{_FLIGHT_ID}"


def _example(description: str, example: Any) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"example": example}}}


VIDEO_TICKET: Responses = {
    200: _example(
        "The ticket, and where it opens what",
        {
            "deployment": "simulation",
            "flight_id": _FLIGHT_ID,
            "expires_at": "2026-01-31T09:35:00.000Z",
            "ticket": "eyJhbGciOiJFZERTQSIs...",
            "ticket_id": _TICKET_ID,
            "provider": "kestrel",
            "whep_url": f"{_MEDIA}/whep",
            "socket_url": f"{_MEDIA.replace('http', 'ws')}/socket",
            "recordings_url": f"{_MEDIA}/recordings",
            "ice_servers": [],
        },
    )
}
VIDEO: Responses = {
    200: _example(
        "The video of the flight",
        {
            "deployment": "simulation",
            "flight_id": _FLIGHT_ID,
            "viewers": [
                {
                    "session_id": _SESSION_ID,
                    "ticket_id": _TICKET_ID,
                    "viewer": "officer-1",
                    "reason": "attending",
                    "via": "whep",
                    "since": _T,
                }
            ],
            "recordings": [
                {
                    "part": 1,
                    "began_at": _T,
                    "mission_began_at": _T,
                    "duration_s": 0.0,
                    "bytes": 0,
                    "complete": False,
                    "because": "",
                    "sha256": None,
                }
            ],
            "exceptions": [{"at": _T, "text": "recording was on, and no picture came for 4.0 s"}],
        },
    )
}
VIDEO_REPORT: Responses = {
    200: _example(
        "The flights that are on, and tickets that are good no more",
        {
            "deployment": "simulation",
            "flights": [
                {
                    "flight_id": _FLIGHT_ID,
                    "dock_id": "dock-1",
                    "aircraft_id": "aircraft-1",
                    "callsign": "Kestrel 1",
                    "recording": True,
                }
            ],
            "withdrawn": [],
        },
    )
}
