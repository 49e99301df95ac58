"""What answers about duty are like, for the OpenAPI document."""

from __future__ import annotations

from dispatcher.api.examples import ALARM_EXAMPLE, PILOT_EXAMPLE, Responses, example

_T = "2026-01-31T09:30:00.000Z"
_FLIGHT_ID = "019b2f6e-8f3a-7b1c-b7c2-0a9d4e5f6a02"
_CONTROLLER = {
    "controller": "controller-1",
    "since": _T,
    "until": "2026-01-31T17:30:00.000Z",
    "acknowledged": {
        "what": ["restrictions", "weather"],
        "at": _T,
        "briefing_seq": 1326,
        "airspace_revision": 3,
    },
}
_HANDOVER = {
    "id": "019b2f77-6172-7f80-a192-0e1f2a3b4c0a",
    "by": "controller-1",
    "as": "controller",
    "at": _T,
    "note": "K2 waits for its motor; the fair closes at 23:00",
    "flights": [_FLIGHT_ID],
    "alarms": [],
    "docks_unfit": ["dock-2"],
    "accepted_by": None,
    "accepted_at": None,
}
DUTY: Responses = {
    200: example(
        "Who is on duty", {"deployment": "simulation", "pilots": [PILOT_EXAMPLE], "controllers": [_CONTROLLER]}
    )
}
HANDOVER: Responses = {201: example("The hand-over", {"deployment": "simulation", "handover": _HANDOVER})}
ACCEPTED: Responses = {
    200: example(
        "The hand-over",
        {"deployment": "simulation", "handover": {**_HANDOVER, "accepted_by": "controller-2", "accepted_at": _T}},
    )
}
BRIEFING: Responses = {
    200: example(
        "The briefing",
        {
            "deployment": "simulation",
            "seq": 1326,
            "mission_time": _T,
            "weather": [
                {
                    "dock_id": "dock-1",
                    "name": "Fire station roof",
                    "measured": {
                        "wind_speed_m_s": 4.1,
                        "wind_from_deg": 240.0,
                        "gust_m_s": 6.0,
                        "rain_mm_h": 0.0,
                        "temperature_c": 11.0,
                        "age_s": 3.0,
                    },
                    "limits": {
                        "wind_speed_m_s": 12.0,
                        "gust_m_s": 15.0,
                        "rain_mm_h": 5.0,
                        "temperature_min_c": -10.0,
                        "temperature_max_c": 40.0,
                    },
                    "over": [],
                }
            ],
            "restrictions": {"revision": 3, "digest": "5f1c…", "documents": 2, "zones": 14, "temporary": []},
            "docks_unfit": [{"dock_id": "dock-2", "name": "Water works", "because": ["its agent is not heard"]}],
            "alarms": [ALARM_EXAMPLE],
            "overrides": [
                {
                    "incident_id": "019b2f6e-7b02-7c55-8d0e-3f1f6a2b9c01",
                    "category": "burglary indoors",
                    "rules": ["Indoors"],
                    "by": "supervisor-1",
                    "at": _T,
                    "note": "he is on the roof now",
                    "flight_id": None,
                    "callsign": None,
                }
            ],
            "flights": [
                {
                    "id": _FLIGHT_ID,
                    "callsign": "Kestrel 1",
                    "incident_id": "019b2f6e-7b02-7c55-8d0e-3f1f6a2b9c01",
                    "dock_id": "dock-1",
                    "pilot": "pilot-1",
                    "phase": "on_scene",
                    "in_hand": False,
                    "conditions": [],
                }
            ],
            "incidents_open": 2,
            "handovers": [_HANDOVER],
            "pilots": [PILOT_EXAMPLE],
            "controllers": [_CONTROLLER],
        },
    )
}
