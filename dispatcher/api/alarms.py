"""Alarms over HTTP: what lasts, or nobody has acknowledged, of all flights and docks."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import JSONResponse

from dispatcher import presentation
from dispatcher.api import examples
from dispatcher.api.bodies import ShelveBody
from dispatcher.api.context import Ctx, Who
from dispatcher.api.ids import AlarmId
from dispatcher.causes import causes_of

router = APIRouter(prefix="/alarms", tags=["alarms"])


@router.get("", responses=examples.ALARMS)
async def list_alarms(ctx: Ctx) -> JSONResponse:
    """The newest first, and what they come from: one cause is one line, with its priority and what is to be done.

    One that is over stays until somebody has acknowledged it.
    """
    state = ctx.desk.state
    known = (state.alarm(alarm_id) for alarm_id in state.open_alarms)
    newest = sorted((alarm for alarm in known if alarm is not None), key=lambda alarm: alarm.id.int, reverse=True)
    return ctx.answer(
        {
            "alarms": [presentation.alarm(alarm) for alarm in newest],
            "causes": [presentation.cause(cause) for cause in causes_of(state)],
        }
    )


@router.post("/{alarm_id}/acknowledge", responses=examples.ALARM)
async def acknowledge_alarm(alarm_id: AlarmId, ctx: Ctx, person: Who) -> JSONResponse:
    """I have seen it: by name, and the first one who says so."""
    return ctx.answer(presentation.alarm(await ctx.desk.acknowledge_alarm(person.id, alarm_id)))


@router.post("/{alarm_id}/shelve", responses=examples.SHELVED)
async def shelve_alarm(alarm_id: AlarmId, body: ShelveBody, ctx: Ctx, person: Who) -> JSONResponse:
    """Out of sight until its time is over, then back by itself: shelved (EEMUA 191), by name and with a reason.

    It stays listed, here and on every screen. One of priority 1, about the safety of a flight, is refused,
    and any of a flight in the air. It is back at once when it says something else; other figures alone change nothing.
    """
    return ctx.answer(presentation.alarm(await ctx.desk.shelve_alarm(person.id, alarm_id, body.for_s, body.because)))


@router.post("/{alarm_id}/unshelve", responses=examples.ALARM)
async def unshelve_alarm(alarm_id: AlarmId, ctx: Ctx, person: Who) -> JSONResponse:
    """In sight again before its time."""
    return ctx.answer(presentation.alarm(await ctx.desk.unshelve_alarm(person.id, alarm_id)))
