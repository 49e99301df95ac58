"""What answers about watch links, notes and looks are like, for the OpenAPI document."""

from __future__ import annotations

from dispatcher.api.examples import NOTE_EXAMPLE, TRACK, Responses, example

_INCIDENT_ID = "019b2f6e-7b02-7c55-8d0e-3f1f6a2b9c01"
_LINK_ID = "019b2f75-4f50-7d6e-8f70-8c9d0e1f2a08"
_T = "2026-01-31T09:30:00.000Z"

_LINK = {
    "id": _LINK_ID,
    "incident_id": _INCIDENT_ID,
    "given_to": "PC 4711, car 12",
    "reason": "attending",
    "given_by": "controller-1",
    "given_at": _T,
    "expires_wall_time": "2026-01-31T13:30:00.000Z",
    "bound_at": None,
    "opened_wall_time": None,
    "declined_devices": 0,
    "declined_at": None,
    "revoked_at": None,
    "revoked_by": None,
    "revoked_because": "",
}
LINK_GIVEN: Responses = {
    201: example(
        "The link, and its token this once",
        {
            "deployment": "simulation",
            "link": _LINK,
            "token": "Zk0q2b1cYw3nXQ8rT5uV7mJ4sH6dL9pA0eG1fB2iCkM",
            "path": "/watch/#Zk0q2b1cYw3nXQ8rT5uV7mJ4sH6dL9pA0eG1fB2iCkM",
        },
    )
}
LINK: Responses = {200: example("The link", {"deployment": "simulation", "link": _LINK})}
LINKS: Responses = {200: example("The links", {"deployment": "simulation", "links": [_LINK]})}
NOTE: Responses = {201: example("The note", {"deployment": "simulation", "note": NOTE_EXAMPLE})}
NOTES: Responses = {200: example("The notes", {"deployment": "simulation", "notes": [NOTE_EXAMPLE]})}
VIEW: Responses = {
    201: example("It is in the journal", {"deployment": "simulation", "viewed": "replay", "reason": "reviewing"})
}
EXPORT: Responses = {
    200: {
        "description": "The file: `application/geo+json`, `application/vnd.google-earth.kml+xml` or `text/csv`",
        "content": {
            "application/geo+json": TRACK[200]["content"]["application/geo+json"],
            "text/csv": {
                "example": "deployment,callsign,mission_time_utc,lat_deg_wgs84,lon_deg_wgs84,alt_m_amsl_egm96,"
                "alt_m_above_dock,battery_percent,phase\r\n"
                "simulation,Kestrel 1,2026-01-31T09:30:00.000Z,52.4050000,-1.5270000,92.0,0.0,100.0,launching\r\n"
            },
            "application/vnd.google-earth.kml+xml": {
                "example": '<kml xmlns="http://www.opengis.net/kml/2.2"><Document>...</Document></kml>'
            },
        },
    }
}
WATCH: Responses = {
    200: example(
        "A session",
        {
            "deployment": "simulation",
            "session": {"token": "kw1.…", "expires_wall_time": "2026-01-31T09:40:00.000Z"},
            "incident_id": _INCIDENT_ID,
            "given_to": "PC 4711, car 12",
            "reason": "attending",
            "link_expires_wall_time": "2026-01-31T13:30:00.000Z",
            "force_name": "Westmarch Police",
            "mission_time": _T,
            "wall_time": _T,
        },
    ),
    410: example(
        "Expired or withdrawn",
        {
            "type": "/problems/link-expired",
            "title": "This link has expired",
            "status": 410,
            "detail": "this link has expired: ask the control room for a new one",
            "instance": "/api/v1/watch",
            "deployment": "simulation",
        },
        "application/problem+json",
    ),
}
