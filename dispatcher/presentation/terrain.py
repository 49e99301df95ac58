"""The ground as it is shown: the model that is in use, profiles along a path, and what lies around a flight."""

from __future__ import annotations

import math

from dispatcher.events import IncidentPlace
from dispatcher.presentation.view import Json
from geo.terrain.elevation import Elevation, Profile
from geo.terrain.grid import Grid


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


def ground(
    model: Elevation | None,
    grid: Grid | None,
    *,
    home_amsl_m: float | None,
    scene: IncidentPlace,
    scene_amsl_m: float | None,
) -> Json:
    """The ground around a flight: from which model, and how high; null where it is not known."""
    return {
        "source": None
        if model is None
        else {"digest": model.digest, "sea_level": model.sea_level, "resolution_m": round(model.resolution_m, 2)},
        "home_amsl_m": home_amsl_m,
        "scene": {
            "lat_deg": scene.lat_deg,
            "lon_deg": scene.lon_deg,
            "ground_amsl_m": None if scene_amsl_m is None else round(scene_amsl_m, 2),
        },
        "grid": None if grid is None else _grid(grid),
    }


def _grid(grid: Grid) -> Json:
    return {
        "south_deg": round(grid.south_deg, 9),
        "west_deg": round(grid.west_deg, 9),
        "lat_step_deg": round(grid.lat_step_deg, 12),
        "lon_step_deg": round(grid.lon_step_deg, 12),
        "ground_amsl_m": [
            [round(height_m, 1) if math.isfinite(height_m) else None for height_m in row]
            for row in grid.heights_amsl_m.tolist()
        ],
    }
