"""Alarms over HTTP: what lasts, or nobody has acknowledged, of all flights and docks."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import JSONResponse

from dispatcher import presentation
from dispatcher.api import examples
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
