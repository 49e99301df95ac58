"""Crewed traffic over HTTP, as the force's own receiver hears it."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import JSONResponse

from dispatcher import presentation
from dispatcher.api import trafficexamples as examples
from dispatcher.api.context import Ctx

router = APIRouter(prefix="/traffic", tags=["airspace"])


@router.get("", responses=examples.TRAFFIC)
async def read_traffic(ctx: Ctx) -> JSONResponse:
    """The aircraft that say where they are, near the docks. The state is current or unknown: nobody ever knows that the
    air is clear.
    """
    source, now, wall_s = ctx.traffic, ctx.clock.mission_now(), ctx.clock.wall_s()
    age_s = source.age_s()
    shown = [
        presentation.crewed_aircraft(heard, age_s=heard.age_s(wall_s), now=now)
        for heard in sorted(source.aircraft(), key=lambda heard: heard.sighting.address)
    ]
    return ctx.answer(
        {
            **presentation.traffic_feed(source),
            "age_s": None if age_s is None else round(age_s, 1),
            "aircraft": shown,
        }
    )
