"""Duty over HTTP: who answers for what, from when; what a shift begins with reading; what it leaves to the next."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import JSONResponse

from dispatcher import presentation
from dispatcher.api import dutyexamples, examples
from dispatcher.api.bodies import DutyBody, HandoverBody
from dispatcher.api.context import Ctx, Who
from dispatcher.api.ids import HandoverId
from dispatcher.briefing import briefing
from dispatcher.errors import Forbidden
from dispatcher.events import DutyRole
from dispatcher.security.person import Person
from dispatcher.security.roles import Role

router = APIRouter(prefix="/duty", tags=["duty"])


@router.get("", responses=dutyexamples.DUTY)
async def list_duty(ctx: Ctx) -> JSONResponse:
    """The pilots and controllers on duty, by id."""
    state = ctx.desk.state
    pilots = sorted(state.pilots.values(), key=lambda pilot: pilot.id)
    controllers = sorted(state.controllers.values(), key=lambda controller: controller.id)
    return ctx.answer(
        {
            "pilots": [presentation.pilot(each, state) for each in pilots],
            "controllers": [presentation.controller(each) for each in controllers],
        }
    )


@router.post("", responses=examples.SIGN_ON)
async def change_duty(body: DutyBody, ctx: Ctx, person: Who) -> JSONResponse:
    """Sign on, for as long as the token lasts, or off. Nobody signs off with flights in command.

    ``acknowledges`` says what was read in the briefing: that is journalled with who and when.
    """
    _as(person, body.role)
    controls = body.role is DutyRole.CONTROLLER
    if body.action == "sign_off":
        await (ctx.desk.sign_off_controller(person.id) if controls else ctx.desk.sign_off(person.id))
        return ctx.answer({body.role.value: person.id, "on_duty": False})
    lasts = person.expires_at - ctx.clock.wall_now()
    if controls:
        await ctx.desk.sign_on_controller(person.id, lasts=lasts)
    else:
        most = body.max_flights or ctx.desk.flying.flights_watched
        await ctx.desk.sign_on(person.id, body.accepts, most, lasts=lasts, console=body.console)
    await ctx.desk.acknowledge_briefing(person.id, body.role, body.acknowledges, body.briefing_seq)
    state = ctx.desk.state
    shown = (
        presentation.controller(state.controllers[person.id])
        if controls
        else presentation.pilot(state.pilots[person.id], state)
    )
    return ctx.answer({**shown, "on_duty": True})


@router.get("/briefing", responses=dutyexamples.BRIEFING)
async def read_briefing(ctx: Ctx) -> JSONResponse:
    """What a shift begins with reading: weather, restrictions, docks that cannot launch, open alarms, overrides,
    flights in the air, and what the shift before left.
    """
    return ctx.answer(briefing(ctx.desk.state, now=ctx.clock.mission_now()))


@router.post("/handover", status_code=201, responses=dutyexamples.HANDOVER)
async def hand_over_shift(body: HandoverBody, ctx: Ctx, person: Who) -> JSONResponse:
    """Leave a note to the next shift, with what is open now. Whoever hands over stays on duty until they sign off."""
    _as(person, body.role)
    return ctx.answer(
        {"handover": presentation.handover(await ctx.desk.hand_over_shift(person.id, body.role, body.note))},
        status=201,
    )


@router.post("/handover/{handover_id}/accept", responses=dutyexamples.ACCEPTED)
async def accept_shift(handover_id: HandoverId, ctx: Ctx, person: Who) -> JSONResponse:
    """The next shift has read it and takes over."""
    return ctx.answer({"handover": presentation.handover(await ctx.desk.accept_shift(person.id, handover_id))})


@router.post("/heartbeat", responses=examples.HEARTBEAT)
async def beat(ctx: Ctx, person: Who) -> JSONResponse:
    """A pilot's console is there: send it every 2 to 3 s. From the first one on its silence is an alarm."""
    on_duty = await ctx.desk.heartbeat(person.id)
    return ctx.answer({**presentation.pilot(on_duty, ctx.desk.state), "on_duty": True})


_ROLES = {DutyRole.PILOT: Role.PILOT, DutyRole.CONTROLLER: Role.CONTROLLER}


def _as(person: Person, role: DutyRole) -> None:
    if not person.has_any(frozenset({_ROLES[role]})):
        raise Forbidden(f"to be on duty as a {role} a token needs the role {_ROLES[role]}")
