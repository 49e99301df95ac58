"""A flight's record for other programs: each that goes out is in the journal first, by whom and why."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from dispatcher.api import watchexamples as examples
from dispatcher.api.context import GEOJSON, Ctx, Who
from dispatcher.api.flights import flight_of, track_points
from dispatcher.api.ids import FlightId
from dispatcher.api.track import track_geojson
from dispatcher.events import ExportFormat, ViewReason
from dispatcher.exporting import flight_csv, flight_kml

KML = "application/vnd.google-earth.kml+xml"
router = APIRouter(prefix="/flights", tags=["flights"])


@router.get("/{flight_id}/export", responses=examples.EXPORT)
async def export_flight(
    flight_id: FlightId,
    ctx: Ctx,
    person: Who,
    form: Annotated[ExportFormat, Query(alias="format", description="`geojson`, `kml` or `csv`")],
    reason: Annotated[ViewReason, Query(description="why it leaves the building")],
) -> Response:
    """The flown track as a file, with times, units and datum in it. Asking for it is journalled, and who cannot be
    journalled gets nothing.
    """
    entity = flight_of(ctx, flight_id)
    await ctx.desk.export_flight(person.id, flight_id, form=form, reason=reason)
    points = await track_points(ctx, flight_id)
    name = {"Content-Disposition": f'attachment; filename="flight-{flight_id}.{form.value}"'}
    if form is ExportFormat.GEOJSON:
        answer: Response = ctx.answer(track_geojson(entity, points), media_type=GEOJSON)
        answer.headers.update(name)
        return answer
    if form is ExportFormat.CSV:
        return Response(
            flight_csv(entity, points, deployment=ctx.deployment), media_type="text/csv; charset=utf-8", headers=name
        )
    flown_for = dict.fromkeys((*(turn.from_incident_id for turn in entity.turns), entity.incident_id))
    known = (ctx.desk.state.incidents.get(each) for each in flown_for)
    incidents = [each for each in known if each is not None]
    return Response(flight_kml(entity, incidents, points, deployment=ctx.deployment), media_type=KML, headers=name)
