"""The ground over HTTP: which elevation model is in use, and how high the ground is along a path."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import JSONResponse

from dispatcher import presentation
from dispatcher.api import terrainexamples as examples
from dispatcher.api.context import Ctx
from dispatcher.errors import Invalid, NotFound
from geo.terrain.elevation import profile
from geo.terrain.errors import InvalidPathError

router = APIRouter(prefix="/terrain", tags=["airspace"])
MOST_CORNERS = 50
_CORNER = re.compile(r"^\s*([+-]?\d{1,2}(?:\.\d{1,12})?)\s*,\s*([+-]?\d{1,3}(?:\.\d{1,12})?)\s*$")


@router.get("", responses=examples.TERRAIN)
async def read_terrain(ctx: Ctx) -> JSONResponse:
    """The elevation model in use, if there is one; its sea level, and what it covers."""
    return ctx.answer(presentation.terrain(ctx.terrain))


@router.get("/profile", responses=examples.PROFILE)
async def read_profile(
    ctx: Ctx,
    path: Annotated[
        str, Query(max_length=4000, description="corners as latitude,longitude in degrees, separated by semicolons")
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
