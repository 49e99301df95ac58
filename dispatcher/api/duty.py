"""Duty over HTTP: who is answerable for flights, from when, and how they accept."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import JSONResponse

from dispatcher import presentation
from dispatcher.api import examples
from dispatcher.api.bodies import DutyBody
from dispatcher.api.context import Ctx, Who

router = APIRouter(prefix="/duty", tags=["duty"])


@router.get("", responses=examples.DUTY)
async def list_duty(ctx: Ctx) -> JSONResponse:
    """The pilots on duty, by id."""
    state = ctx.desk.state
    pilots = sorted(state.pilots.values(), key=lambda pilot: pilot.id)
    return ctx.answer({"pilots": [presentation.pilot(each, state) for each in pilots]})


@router.post("", responses=examples.SIGN_ON)
async def change_duty(body: DutyBody, ctx: Ctx, person: Who) -> JSONResponse:
    """Sign on, for as long as the token lasts, or off. Nobody signs off with flights in command."""
    if body.action == "sign_off":
        await ctx.desk.sign_off(person.id)
        return ctx.answer({"pilot": person.id, "on_duty": False})
    lasts = person.expires_at - ctx.clock.wall_now()
    most = body.max_flights or ctx.desk.flying.flights_watched
    on_duty = await ctx.desk.sign_on(person.id, body.accepts, most, lasts=lasts, console=body.console)
    return ctx.answer({**presentation.pilot(on_duty, ctx.desk.state), "on_duty": True})


@router.post("/heartbeat", responses=examples.HEARTBEAT)
async def beat(ctx: Ctx, person: Who) -> JSONResponse:
    """A pilot's console is there: send it every 2 to 3 s. From the first one on its silence is an alarm."""
    on_duty = await ctx.desk.heartbeat(person.id)
    return ctx.answer({**presentation.pilot(on_duty, ctx.desk.state), "on_duty": True})
