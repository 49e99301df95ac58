"""The ground over HTTP: which elevation model is in use, how high the ground is along a path, and around a flight."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import JSONResponse

from contracts.screentext import Line
from dispatcher import presentation
from dispatcher.api import terrainexamples as examples
from dispatcher.api.context import Ctx
from dispatcher.api.flights import flight_of
from dispatcher.api.ids import FlightId
from dispatcher.errors import Invalid, NotFound
from geo.terrain.elevation import Elevation, profile
from geo.terrain.errors import InvalidPathError
from geo.terrain.grid import NEAREST_POLE_DEG, Grid, grid_around, height_amsl_m

router = APIRouter(prefix="/terrain", tags=["airspace"])
flights_router = APIRouter(prefix="/flights", tags=["flights"])
MOST_CORNERS = 50
GROUND_REACH_M = 1_800.0
"""To each side of an aircraft: as far as a camera is drawn to look, and what is flown until it is asked again."""
GROUND_NODES = 61
"""Along a side: one each 60 m."""
_CORNER = re.compile(r"^\s*([+-]?\d{1,2}(?:\.\d{1,12})?)\s*,\s*([+-]?\d{1,3}(?:\.\d{1,12})?)\s*$")


@router.get("", responses=examples.TERRAIN)
async def read_terrain(ctx: Ctx) -> JSONResponse:
    """The elevation model in use, if there is one; its sea level, and what it covers."""
    return ctx.answer(presentation.terrain(ctx.terrain))


@router.get("/profile", responses=examples.PROFILE)
async def read_profile(
    ctx: Ctx,
    path: Annotated[
        Line, Query(max_length=4000, description="corners as latitude,longitude in degrees, separated by semicolons")
    ],
    step_m: Annotated[float, Query(ge=1, le=10_000, description="between two points, at most")] = 25.0,
) -> JSONResponse:
    """The ground along a path, corner to corner; null where it is not known."""
    if ctx.terrain is None:
        raise NotFound("no elevation model is loaded: set KESTREL_TERRAIN_FILE")
    corners = _corners(path)
    try:
        points = profile(ctx.terrain, corners, step_m=step_m)
    except InvalidPathError as wrong:
        raise Invalid.field("/path", wrong.reason) from None
    return ctx.answer({"sea_level": ctx.terrain.sea_level, "points": presentation.ground_profile(points)})


@flights_router.get("/{flight_id}/ground", responses=examples.GROUND)
async def read_ground(flight_id: FlightId, ctx: Ctx) -> JSONResponse:
    """The ground around a flight's aircraft, and at its incident: what a picture's marks are placed with.

    Heights are above mean sea level, those of `grid` from the south to the north and from the west to the east; null
    where the ground is not known. `home_amsl_m` is the plate that `alt_above_home_m` counts from. Without an elevation
    model `source` and `grid` are null: the ground is then taken to be as high as home. Ask again when the aircraft has
    left the middle of the grid, or the incident its place.
    """
    entity, state = flight_of(ctx, flight_id), ctx.desk.state
    scene = state.incidents[entity.incident_id].place
    seen = ctx.telemetry.latest().get(entity.dock_id)
    here = scene if seen is None or seen.flight_id != flight_id else seen
    dock = state.docks.get(entity.dock_id)
    shown = presentation.ground(
        ctx.terrain,
        _grid_around(ctx.terrain, here.lat_deg, here.lon_deg),
        home_amsl_m=None if dock is None else dock.dock.alt_amsl_m,
        scene=scene,
        scene_amsl_m=None if ctx.terrain is None else height_amsl_m(ctx.terrain, scene.lat_deg, scene.lon_deg),
    )
    return ctx.answer({"flight_id": str(flight_id), **shown})


def _grid_around(terrain: Elevation | None, lat_deg: float, lon_deg: float) -> Grid | None:
    if terrain is None or abs(lat_deg) > NEAREST_POLE_DEG:
        return None
    return grid_around(terrain, lat_deg=lat_deg, lon_deg=lon_deg, reach_m=GROUND_REACH_M, nodes=GROUND_NODES)


def _corners(path: str) -> list[tuple[float, float]]:
    corners: list[tuple[float, float]] = []
    for place, text in enumerate(path.split(";")):
        matched = _CORNER.match(text)
        corner = (float(matched[1]), float(matched[2])) if matched is not None else (91.0, 0.0)
        if abs(corner[0]) > 90 or abs(corner[1]) > 180:
            raise Invalid.field("/path", f"corner {place} must be a latitude and a longitude in degrees: 52.4,-1.5")
        corners.append(corner)
    if len(corners) > MOST_CORNERS:
        raise Invalid.field("/path", f"must have at most {MOST_CORNERS} corners")
    return corners
