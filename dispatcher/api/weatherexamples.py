"""What the answers about reported weather look like, for the OpenAPI document."""

from __future__ import annotations

from dispatcher.api.examples import Responses, example

_WIND = {"speed_m_s": 7.2, "from_deg": 240.0, "gust_m_s": None}
WEATHER: Responses = {
    200: example(
        "The stations by name",
        {
            "deployment": "simulation",
            "stations": [
                {
                    "station": "EGBE",
                    "place": {"lat_deg": 52.3697, "lon_deg": -1.47972},
                    "metar": {
                        "text": "METAR EGBE 310920Z 24014KT 9999 -RA BKN018 08/06 Q1004",
                        "at": "2026-01-31T09:20:00.000Z",
                        "age_s": 600.0,
                        "wind": _WIND,
                        "rain_mm_h": 2.5,
                        "storms": False,
                        "temperature_c": 8.0,
                        "visibility_m": 9999.0,
                    },
                    "taf": {
                        "text": "TAF EGBE 310858Z 3109/0109 24014KT 9999 BKN020",
                        "at": "2026-01-31T08:58:00.000Z",
                        "age_s": 1920.0,
                        "periods": [
                            {
                                "start": "2026-01-31T09:00:00.000Z",
                                "end": "2026-02-01T09:00:00.000Z",
                                "change": "FROM",
                                "wind": _WIND,
                                "storms": False,
                            }
                        ],
                    },
                }
            ],
        },
    )
}
REPORTS_TAKEN: Responses = {
    200: example("How many were new", {"deployment": "simulation", "taken": 2, "known_before": 0})
}
DOCK_WEATHER: Responses = {
    200: example(
        "Its last hours",
        {
            "deployment": "simulation",
            "dock_id": "dock-1",
            "every_s": 60.0,
            "complete_from": "2026-01-31T06:12:40.000Z",
            "samples": [
                {
                    "measured_at": "2026-01-31T09:29:58.000Z",
                    "age_s": 2.0,
                    "wind_speed_m_s": 4.1,
                    "wind_from_deg": 240.0,
                    "gust_m_s": 6.3,
                    "rain_mm_h": 0.0,
                    "temperature_c": 11.0,
                }
            ],
        },
    )
}
