"""What the answers about the ground look like, for the OpenAPI document."""

from __future__ import annotations

from dispatcher.api.examples import Responses, example

_FLIGHT_ID = "019b2f6e-8f3a-7b1c-b7c2-0a9d4e5f6a02"

TERRAIN: Responses = {
    200: example(
        "The model in use; `loaded` alone, false, where there is none",
        {
            "deployment": "simulation",
            "loaded": True,
            "digest": "00" * 32,
            "sea_level": "ODN",
            "rows": 900,
            "columns": 1100,
            "resolution_m": 50.0,
            "known_share": 1.0,
            "highest_amsl_m": 214.6,
            "west_deg": -1.86,
            "south_deg": 52.28,
            "east_deg": -1.12,
            "north_deg": 52.61,
        },
    )
}
PROFILE: Responses = {
    200: example(
        "The ground along the path",
        {
            "deployment": "simulation",
            "sea_level": "ODN",
            "points": [
                {"distance_m": 0.0, "lat_deg": 52.4, "lon_deg": -1.52, "ground_amsl_m": 92.31},
                {"distance_m": 22.7, "lat_deg": 52.4001, "lon_deg": -1.5197, "ground_amsl_m": None},
            ],
        },
    )
}
GROUND: Responses = {
    200: example(
        "The ground around it",
        {
            "deployment": "simulation",
            "flight_id": _FLIGHT_ID,
            "source": {"digest": "00" * 32, "sea_level": "ODN", "resolution_m": 50.0},
            "home_amsl_m": 92.0,
            "scene": {"lat_deg": 52.41, "lon_deg": -1.51, "ground_amsl_m": 104.35},
            "grid": {
                "south_deg": 52.3918,
                "west_deg": -1.5425,
                "lat_step_deg": 0.000539,
                "lon_step_deg": 0.000882,
                "ground_amsl_m": [[91.2, 91.8, None], [92.4, 93.1, 93.9], [94.0, 95.2, 96.6]],
            },
        },
    )
}
