"""Flights over HTTP: their record, their track, and their pilot's acceptance."""

from __future__ import annotations

import heapq
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from starlette.responses import JSONResponse

from contracts.reports import TrackPoint, TrackRecorded
from contracts.screentext import Line
from dispatcher import presentation
from dispatcher.api import examples
from dispatcher.api.bodies import AcceptBody
from dispatcher.api.context import GEOJSON, Context, Ctx, Who
from dispatcher.api.ids import FlightId, cursor_of
from dispatcher.api.track import track_geojson
from dispatcher.entities import Flight
from dispatcher.errors import NotFound
from dispatcher.events import AgentReported, OptionsDecided
from dispatcher.presentation import view_of

router = APIRouter(prefix="/flights", tags=["flights"])


@router.get("", responses=examples.FLIGHTS)
async def list_flights(
    ctx: Ctx,
    person: Who,
    active: bool | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    after: Annotated[Line | None, Query(max_length=36, description="`next` of the page before")] = None,
) -> JSONResponse:
    """Flights, the newest first; with ``active`` those that have (not) ended."""
    state, before = ctx.desk.state, cursor_of(after)
    candidates = state.active_flights() if active else state.flights.values()
    matching = (
        entity
        for entity in candidates
        if (active is None or entity.ended is not active) and (before is None or entity.id.int < before)
    )
    page = heapq.nlargest(limit + 1, matching, key=lambda entity: entity.id.int)
    view = view_of(person.roles)
    return ctx.answer(
        {
            "flights": [presentation.flight(entity, view) for entity in page[:limit]],
            "next": str(page[limit - 1].id) if len(page) > limit else None,
        }
    )


@router.get("/{flight_id}", responses=examples.FLIGHT)
async def read_flight(flight_id: FlightId, ctx: Ctx, person: Who) -> JSONResponse:
    """One flight: promised, flown, phases, commands."""
    return ctx.answer(presentation.flight(flight_of(ctx, flight_id), view_of(person.roles)))


@router.get("/{flight_id}/track", responses=examples.TRACK)
async def read_track(flight_id: FlightId, ctx: Ctx, _: Who) -> JSONResponse:
    """The flown track from the journal, as GeoJSON: a line with times, and a point where each phase began."""
    entity = flight_of(ctx, flight_id)
    return ctx.answer(track_geojson(entity, await track_points(ctx, flight_id)), media_type=GEOJSON)


@router.get("/{flight_id}/decision", responses=examples.OPTIONS)
async def read_decision(flight_id: FlightId, ctx: Ctx) -> JSONResponse:
    """The decision on which it was sent, from the journal: every dock's option or reasons, as they were shown then."""
    entity, state = flight_of(ctx, flight_id), ctx.desk.state
    merged = (each.id for each in state.incidents.values() if each.merged_into == entity.incident_id)
    # It was decided for the incident that it was ordered for, whatever it has been turned to since.
    for incident_id in dict.fromkeys((entity.order.incident_id, entity.incident_id, *merged)):
        async for recorded in ctx.journal.read(stream=f"incident/{incident_id}"):
            event = recorded.event
            if isinstance(event, OptionsDecided) and event.decision_id == entity.decision_id:
                return ctx.answer(presentation.decided(event, at=recorded.mission_time))
    raise NotFound(f"the journal holds no decision {entity.decision_id}")


@router.post("/{flight_id}/accept", responses=examples.FLIGHT)
async def accept_flight(flight_id: FlightId, ctx: Ctx, person: Who, body: AcceptBody | None = None) -> JSONResponse:
    """The named pilot takes it; nothing is armed before.

    ``overrides`` sets aside each warning that the press left to the pilot; 409 names those that still stand.
    """
    given = () if body is None else tuple(each.set_aside() for each in body.overrides)
    flight = await ctx.desk.accept_flight(person.id, flight_id, given=given, roles=person.roles)
    return ctx.answer(presentation.flight(flight))


def flight_of(ctx: Context, flight_id: UUID) -> Flight:
    """The flight, or `NotFound`."""
    entity = ctx.desk.state.flights.get(flight_id)
    if entity is None:
        raise NotFound(f"there is no flight {flight_id}")
    return entity


async def track_points(ctx: Context, flight_id: UUID) -> list[TrackPoint]:
    """The flown track from the journal, as it came in."""
    return [
        point
        async for recorded in ctx.journal.read(stream=f"flight/{flight_id}")
        if isinstance(recorded.event, AgentReported) and isinstance(recorded.event.fact, TrackRecorded)
        for point in recorded.event.fact.points
    ]
