"""The plan for many incidents at once over HTTP: who should go where as it stands now. Nothing is sent by looking."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import JSONResponse

from dispatcher import presentation
from dispatcher.api import examples
from dispatcher.api.context import Ctx

router = APIRouter(prefix="/assignments", tags=["incidents"])


@router.get("", responses=examples.ASSIGNMENTS)
async def read_assignments(ctx: Ctx) -> JSONResponse:
    """Every open incident without a drone, the gravest first, with the drone that the plan has for it and why.

    Drones in docks and drones on lesser calls compete by grade and time. It is a plan: a press dispatches, and a flight
    turns when its pilot sends it.
    """
    planned = await ctx.desk.assignments()
    return ctx.answer({"assignments": [presentation.planned(each) for each in planned]})
