"""The ground as it is shown: the model that is in use, and profiles along a path."""

from __future__ import annotations

import math

from dispatcher.presentation.view import Json
from geo.terrain.elevation import Elevation, Profile


def terrain(entity: Elevation | None) -> Json:
    """The elevation model in use; without one the ground is taken to be as high as each dock."""
    if entity is None:
        return {"loaded": False}
    west, south, east, north = entity.west_south_east_north_deg
    rows, columns = entity.heights_m.shape
    return {
        "loaded": True,
        "digest": entity.digest,
        "sea_level": entity.sea_level,
        "rows": rows,
        "columns": columns,
        "resolution_m": round(entity.resolution_m, 2),
        "known_share": round(entity.known_share, 4),
        "highest_amsl_m": round(entity.highest_m, 1),
        "west_deg": west,
        "south_deg": south,
        "east_deg": east,
        "north_deg": north,
    }


def ground_profile(entity: Profile) -> list[Json]:
    """The points of a profile; null where the ground is not known."""
    return [
        {
            "distance_m": round(distance_m, 1),
            "lat_deg": round(lat_deg, 7),
            "lon_deg": round(lon_deg, 7),
            "ground_amsl_m": round(ground_m, 2) if math.isfinite(ground_m) else None,
        }
        for distance_m, lat_deg, lon_deg, ground_m in zip(
            entity.distance_m.tolist(),
            entity.lat_deg.tolist(),
            entity.lon_deg.tolist(),
            entity.ground_amsl_m.tolist(),
            strict=True,
        )
    ]
