"""What the answers about the ground look like, for the OpenAPI document."""

from __future__ import annotations

from dispatcher.api.examples import Responses, example

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
