"""What the answer about crewed traffic looks like, for the OpenAPI document."""

from __future__ import annotations

from dispatcher.api.examples import Responses, example

TRAFFIC: Responses = {
    200: example(
        "What is heard",
        {
            "deployment": "simulation",
            "state": "current",
            "text": "aircraft that say where they are: there may be others",
            "age_s": 0.4,
            "aircraft": [
                {
                    "id": "40621d",
                    "callsign": "HLE54",
                    "lat_deg": 52.3912,
                    "lon_deg": -1.4988,
                    "alt_amsl_m": 262,
                    "alt_error_m": 50,
                    "on_ground": False,
                    "ground_speed_m_s": 61.7,
                    "track_deg": 312.4,
                    "climb_m_s": -1.3,
                    "category": "A7",
                    "age_s": 0.9,
                    "mission_time": "2026-01-31T09:30:00.000Z",
                }
            ],
        },
    )
}
