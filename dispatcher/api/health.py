"""Is it there, and how is it doing."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import JSONResponse

from dispatcher.api import examples
from dispatcher.api.context import Ctx

router = APIRouter(tags=["operation"])


@router.get("/health", responses=examples.HEALTH)
async def read_health(ctx: Ctx) -> JSONResponse:
    """Open to all: that it serves, as what, and in which version. Nothing else."""
    return ctx.answer({"status": "ready", "version": ctx.version})


@router.get("/metrics", responses=examples.METRICS)
async def read_metrics(ctx: Ctx) -> JSONResponse:
    """Counters since the start, by name and labels."""
    values: dict[str, float] = dict(ctx.counters.read())
    state = ctx.desk.state
    values["journal_last_seq"] = state.seq
    values["flights_active"] = len(state.unfinished)
    values["docks"] = len(state.docks)
    values["docks_silent"] = sum(1 for view in state.docks.values() if view.silent)
    values["pilots_on_duty"] = len(state.pilots)
    for gauges in ctx.gauges:
        values |= gauges()
    return ctx.answer({"counters": values})
