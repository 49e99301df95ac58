"""Video over HTTP: tickets to watch, who watches, what was recorded; and the media process's reports."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path
from pydantic import ConfigDict
from starlette.responses import JSONResponse

from contracts.video import VideoReport
from dispatcher import presentation
from dispatcher.api import videoexamples as examples
from dispatcher.api.bodies import CommandBody
from dispatcher.api.context import Context, Ctx, Who
from dispatcher.api.fields import Body, Id
from dispatcher.api.ids import FlightId
from dispatcher.entities import Flight
from dispatcher.errors import NotFound
from dispatcher.events import ViewReason
from dispatcher.presentation import View, view_of
from dispatcher.presentation.view import instant
from dispatcher.video import VideoDoor

TicketId = Annotated[Id, Path(description="the ticket's id")]


class WatchBody(Body):
    """Why somebody wants to watch."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "commanding"}]})

    reason: ViewReason


def video_router(door: VideoDoor) -> APIRouter:
    """The routes, for where video is."""
    router = APIRouter(tags=["video"])

    @router.post("/flights/{flight_id}/video", responses=examples.VIDEO_TICKET)
    async def watch_flight(flight_id: FlightId, body: WatchBody, ctx: Ctx, person: Who) -> JSONResponse:
        """A ticket to watch it, and where. Who asked, and why, is in the journal; see docs/reference/video.md."""
        door.require()
        field = view_of(person.roles) is View.FIELD
        given = await ctx.desk.give_video_ticket(
            person.id,
            flight_id,
            body.reason,
            live_only=field,
            person_until=person.expires_at,
            link_id=None if person.watch is None else person.watch.link_id,
        )
        issued_s = int(ctx.clock.wall_now().timestamp())
        opened = door.open(given, _flight(ctx, flight_id), issued_s=issued_s, may_play=not field)
        return ctx.answer({"flight_id": str(flight_id), "expires_at": instant(given.opens_until), **opened})

    @router.get("/flights/{flight_id}/video", responses=examples.VIDEO)
    async def read_video(flight_id: FlightId, ctx: Ctx) -> JSONResponse:
        """Who watches it now, what was recorded, and what went wrong with that."""
        return ctx.answer(_shown(_flight(ctx, flight_id)))

    @router.delete("/flights/{flight_id}/video/{ticket_id}", responses=examples.VIDEO)
    async def withdraw_ticket(
        flight_id: FlightId, ticket_id: TicketId, ctx: Ctx, person: Who, body: CommandBody | None = None
    ) -> JSONResponse:
        """Take a ticket back: whoever watches by it is cut off within seconds."""
        because = (body.because if body is not None else None) or ""
        return ctx.answer(_shown(await ctx.desk.withdraw_video_ticket(person.id, flight_id, ticket_id, because)))

    @router.post("/video/report", responses=examples.VIDEO_REPORT)
    async def report_video(body: VideoReport, ctx: Ctx, person: Who) -> JSONResponse:
        """For the media process alone: what it shows and has recorded, answered with the flights that are on."""
        orders = await ctx.desk.video_report(person.id, body)
        return ctx.answer(orders.model_dump(mode="json", exclude={"deployment"}))

    return router


def _shown(flight: Flight) -> presentation.Json:
    return {"flight_id": str(flight.id), **presentation.video(flight.video)}


def _flight(ctx: Context, flight_id: UUID) -> Flight:
    flight = ctx.desk.state.flights.get(flight_id)
    if flight is None:
        raise NotFound(f"there is no flight {flight_id}")
    return flight
