"""Docks over HTTP: what stands where and in which state, what claims to be one and is not, and what they cover."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from contracts.screentext import Line
from dispatcher import presentation
from dispatcher.api import examples
from dispatcher.api.bodies import CommandBody
from dispatcher.api.commands import because_of
from dispatcher.api.context import Context, Ctx, Who
from dispatcher.api.coverage import coverage_response
from dispatcher.api.ids import DockId
from dispatcher.api.taskbodies import BlockerBody, HoldBody
from dispatcher.api.weatherexamples import DOCK_WEATHER
from dispatcher.coverage.surveyor import Surveyor
from dispatcher.dockweather import EVERY, KEPT
from dispatcher.entities import DockView
from dispatcher.errors import NotFound
from dispatcher.presentation import Json
from dispatcher.presentation.view import instant
from dispatcher.security.roles import Role

HeldBy = Annotated[Line | None, Query(min_length=1, max_length=120, description="whose hold is lifted; else one's own")]


def docks_router(surveyor: Surveyor) -> APIRouter:
    """The routes; the surveyor keeps the newest coverage."""
    router = APIRouter(prefix="/docks", tags=["docks"])

    @router.get("", responses=examples.DOCKS)
    async def list_docks(ctx: Ctx) -> JSONResponse:
        """All docks of the fleet file, by id; and whatever speaks for a dock that is not in it."""
        state = ctx.desk.state
        docks = sorted(state.docks.values(), key=lambda view: view.dock.id)
        strangers = sorted(state.strangers.values(), key=lambda stranger: stranger.name)
        return ctx.answer(
            {
                "docks": [_dock(ctx, view) for view in docks],
                "unregistered": [presentation.stranger(stranger) for stranger in strangers],
            }
        )

    @router.get("/coverage", responses=examples.COVERAGE)
    async def read_coverage(ctx: Ctx, request: Request) -> Response:
        """Where each dock's drone can be so many seconds after the press, around zones; the union of all, and the gaps.

        `kind` is `time`, `energy` (as far as the battery goes), `union` or `gap`; zones are gaps too. The header Age
        says for how many seconds it has been so, Kestrel-Coverage whether something has changed since (`outdated`).
        """
        return await coverage_response(ctx, surveyor, request)

    @router.get("/{dock_id}/picture", responses=examples.PICTURE, response_class=Response)
    async def read_picture(dock_id: DockId, ctx: Ctx) -> Response:
        """The dock camera's last picture of before a lid opened or of a landing. 404 while none has come.

        `Age` is in mission seconds, `Kestrel-Picture-Taken` when it was taken, `Kestrel-Picture-When` of what moment it
        is, `Kestrel-Picture-SHA256` its hash, `Kestrel-Picture-On-Record` whether the last one on record has this hash.
        """
        return picture_response(ctx, dock_id)

    @router.get("/{dock_id}/weather", responses=DOCK_WEATHER)
    async def read_weather(dock_id: DockId, ctx: Ctx) -> JSONResponse:
        """What it has measured in the last 12 hours of mission time, a sample each minute, the first first.

        A sample is the last measurement of its minute, with that minute's strongest gust and rain; a minute without one
        was not measured. They are kept in memory: `complete_from` is when the dispatcher began, where that is later
        than the 12 hours; nothing is known of before.
        """
        return ctx.answer(_weather(ctx, dock_id))

    @router.post("/{dock_id}/blockers", responses=examples.DOCK)
    async def raise_blocker(dock_id: DockId, body: BlockerBody, ctx: Ctx, person: Who) -> JSONResponse:
        """A person or an object is over the dock: nothing is sent from it, or to it, until that is lifted."""
        return ctx.answer(_dock(ctx, await ctx.desk.raise_blocker(person.id, dock_id, body.text)))

    @router.delete("/{dock_id}/blockers", responses=examples.DOCK)
    async def lift_blocker(dock_id: DockId, ctx: Ctx, person: Who) -> JSONResponse:
        """It has gone."""
        return ctx.answer(_dock(ctx, await ctx.desk.lift_blocker(person.id, dock_id)))

    @router.post("/{dock_id}/hold", responses=examples.DOCK)
    async def hold_dock(dock_id: DockId, body: HoldBody, ctx: Ctx, person: Who) -> JSONResponse:
        """Take it out of service for maintenance: it is chosen for no flight, and takes in none, until it is released.

        409 while a flight may still start or land there, which is named: cancel it, or wait. Holds of several people
        stand side by side. `agent.knows_holds` says whether the dock's own agent has taken it yet.
        """
        return ctx.answer(_dock(ctx, await ctx.desk.hold_dock(person.id, dock_id, body.because)))

    @router.delete("/{dock_id}/hold", responses=examples.DOCK)
    async def release_dock(dock_id: DockId, ctx: Ctx, person: Who, held_by: HeldBy = None) -> JSONResponse:
        """One's own hold is over; another's only by their name in `held_by`, and the record says so.

        It is back in service once nobody holds it. 409 where that person does not. A pilot lifts the hold of `system`
        alone, which stands where a missing drone is seen in its box again.
        """
        engineer = Role.ENGINEER in person.roles
        return ctx.answer(_dock(ctx, await ctx.desk.release_dock(person.id, dock_id, held_by, engineer=engineer)))

    @router.delete("/{dock_id}/expected", responses=examples.DOCK)
    async def withdraw_receive(dock_id: DockId, ctx: Ctx, person: Who, body: CommandBody | None = None) -> JSONResponse:
        """The flight that it waits for does not come: its lid closes and it is free again. 409 while it is on its way.

        For one that has ended elsewhere, or refused to come, the dispatcher does this by itself.
        """
        return ctx.answer(_dock(ctx, await ctx.desk.withdraw_receive(person.id, dock_id, because_of(person, body))))

    return router


def picture_response(ctx: Context, dock_id: str) -> Response:
    """The picture with its age and whether it is the one on record."""
    view, picture = ctx.desk.state.docks.get(dock_id), ctx.pictures.latest(dock_id)
    if view is None:
        raise NotFound(f"there is no dock {dock_id}")
    if picture is None:
        raise NotFound(f"no picture of {dock_id} has come yet: it is taken before the lid opens and at a landing")
    age_s = max(0.0, (ctx.clock.mission_now() - picture.taken_at).total_seconds())
    headers = {
        "Age": f"{age_s:.0f}",
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "Kestrel-Deployment": ctx.deployment,
        "Kestrel-Picture-Taken": instant(picture.taken_at),
        "Kestrel-Picture-When": picture.when,
        "Kestrel-Picture-SHA256": picture.sha256,
        "Kestrel-Picture-On-Record": "true" if picture.sha256 == view.picture_sha256 else "false",
    }
    return Response(picture.image, media_type=picture.media_type, headers=headers)


def _weather(ctx: Context, dock_id: str) -> Json:
    if dock_id not in ctx.desk.state.docks:
        raise NotFound(f"there is no dock {dock_id}")
    now = ctx.clock.mission_now()
    return {
        "dock_id": dock_id,
        "every_s": EVERY.total_seconds(),
        "complete_from": instant(max(now - KEPT, ctx.desk.dock_weather.began_at)),
        "samples": [presentation.dock_sample(each, now=now) for each in ctx.desk.dock_weather.of(dock_id, now)],
    }


def _dock(ctx: Context, view: DockView) -> Json:
    state = ctx.desk.state
    flight = None if view.active_flight_id is None else state.flights.get(view.active_flight_id)
    shown = presentation.dock(
        view,
        telemetry=ctx.telemetry.latest().get(view.dock.id),
        phase=None if flight is None else flight.phase.value,
    )
    if view.report is not None:
        age_s = (ctx.clock.mission_now() - view.report.measured_at).total_seconds()
        shown["agent"]["age_s"] = round(max(0.0, age_s), 1)
    else:
        shown["agent"]["age_s"] = None
    return shown
