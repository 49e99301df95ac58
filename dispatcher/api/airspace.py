"""Airspace over HTTP: documents of zones in any of five formats, zones drawn for a time, and all of it back out.

What takes long with a large document (reading it, writing it) is done on a thread, a zone at a time.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from contracts.screentext import Line, Text
from dispatcher import presentation
from dispatcher.airspace import NAME_IN_WORDS, read_document
from dispatcher.api import airspaceexamples as examples
from dispatcher.api.context import GEOJSON, Context, Ctx, Who
from dispatcher.api.zonebodies import ZoneBody
from dispatcher.entities import AirspaceDocument
from dispatcher.errors import Invalid, NotFound
from geo.airspace.ed269_export import write_ed269
from geo.airspace.ed318_export import write_ed318
from geo.airspace.export import Export

router = APIRouter(prefix="/airspace", tags=["airspace"])
FINDINGS = "Kestrel-Findings"
"""Header: how many things could not be said in an exported document as they are."""
Name = Annotated[Line, Query(min_length=1, max_length=200, description=f"of the document: {NAME_IN_WORDS}")]


class Shape(StrEnum):
    """How the zones are wanted."""

    SUMMARY = "summary"
    GEOJSON = "geojson"
    ED269 = "ed269"
    ED318 = "ed318"


@router.get("", responses=examples.AIRSPACE)
async def read_airspace(
    ctx: Ctx,
    shape: Annotated[
        Shape,
        Query(
            alias="format",
            description="summary: what is loaded and what was found in it; geojson: for a map; ed269, ed318: a valid "
            "document",
        ),
    ] = Shape.SUMMARY,
    document: Annotated[Line | None, Query(max_length=200, description="one document alone")] = None,
    country: Annotated[
        str, Query(pattern="^[A-Z]{3}$", description="ISO 3166-1, of zones that say none, in ED-269 and ED-318")
    ] = "GBR",
    findings: Annotated[
        bool, Query(description="what could not be said in the export as it is, instead of the export")
    ] = False,
) -> Response:
    """All zones in force, or those of one document. The header Kestrel-Findings of an export counts what the format
    could not say as it is; `findings=true` tells it.
    """
    airspace = ctx.desk.state.airspace
    documents = airspace.in_order if document is None else (_document_of(ctx, document),)
    if shape is Shape.SUMMARY:
        most = None if document is not None else presentation.SHOWN_FINDINGS
        shown = [presentation.airspace_document(each, most_findings=most) for each in documents]
        return ctx.answer({**presentation.airspace(airspace), "documents": shown})
    now = ctx.clock.mission_now()
    if shape is Shape.GEOJSON:
        head = {"deployment": ctx.deployment, "type": "FeatureCollection", "revision": airspace.revision}
        text = await asyncio.to_thread(_geojson, documents, now, head)
        return Response(text, media_type=GEOJSON)
    title = f"{ctx.desk.state.force_name or 'Kestrel'}: {document or 'all zones'}"
    export, written = await asyncio.to_thread(_export, shape, documents, title, now, country)
    if findings:
        told = [presentation.exported_finding(each) for each in export.findings]
        return ctx.answer({"format": shape.value, "findings": told})
    media_type = GEOJSON if shape is Shape.ED318 else "application/json"
    return Response(written, media_type=media_type, headers={FINDINGS: str(len(export.findings))})


@router.post(
    "",
    responses=examples.AIRSPACE_LOADED,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
async def load_airspace(
    request: Request,
    name: Name,
    ctx: Ctx,
    person: Who,
    dry_run: Annotated[bool, Query(description="say what would be loaded, and load nothing")] = False,
) -> JSONResponse:
    """Load ED-269, ED-318, AIXM 5.1, GeoJSON or KML, at most 10 MB, as it is: which of them it is is seen from what is
    in it. A document of the same name is replaced. What cannot be read is left out and told, with its reason.
    """
    data = await request.body()
    if not data:
        raise Invalid("send the document as the body")
    loaded = await asyncio.to_thread(read_document, data, name=name, origin="api")
    if dry_run:
        told = [presentation.airspace_finding(each) for each in loaded.findings]
        shown = {
            "name": loaded.name,
            "format": loaded.format,
            "features": loaded.features,
            "zones": len(loaded.zones),
            "findings": told,
            "findings_in_all": len(told) + loaded.findings_left_out,
        }
        return ctx.answer({**shown, "dry_run": True, "changed": False})
    document, changed = await ctx.desk.load_airspace(person.id, loaded)
    shown = presentation.airspace_document(document, most_findings=None)
    return ctx.answer({**shown, "dry_run": False, "changed": changed}, status=201 if changed else 200)


@router.post("/zones", responses=examples.ZONE_DRAWN)
async def draw_zone(body: ZoneBody, ctx: Ctx, person: Who) -> JSONResponse:
    """Draw a zone for a time; it is in force at once, and withdrawn by itself at its end."""
    document = await ctx.desk.draw_zone(person.id, body.drawing())
    return ctx.answer(presentation.airspace_document(document), status=201)


@router.delete("/zones/{name}", responses=examples.AIRSPACE_WITHDRAWN)
async def lift_zone(
    name: Line, ctx: Ctx, person: Who, because: Annotated[Text, Query(max_length=400)] = ""
) -> JSONResponse:
    """Lift a drawn zone before its end."""
    await ctx.desk.lift_zone(person.id, name, because)
    return ctx.answer(presentation.airspace(ctx.desk.state.airspace))


@router.delete("/{name}", responses=examples.AIRSPACE_WITHDRAWN)
async def withdraw_airspace(
    name: Line, ctx: Ctx, person: Who, because: Annotated[Text, Query(max_length=400)] = ""
) -> JSONResponse:
    """Withdraw a document. One that is read from a file comes back at the next start, until the settings name it no
    longer.
    """
    await ctx.desk.withdraw_airspace(person.id, name, because)
    return ctx.answer(presentation.airspace(ctx.desk.state.airspace))


def _document_of(ctx: Context, name: str) -> AirspaceDocument:
    document = ctx.desk.state.airspace.documents.get(name)
    if document is None:
        raise NotFound(f"no airspace document is called {name}")
    return document


def _geojson(documents: Iterable[AirspaceDocument], now: datetime, head: dict[str, object]) -> str:
    # A feature at a time: the interpreter is let go in between, and the event loop waits for none of it.
    features = ",".join(
        json.dumps(feature, ensure_ascii=False, separators=(",", ":"))
        for document in documents
        for feature in presentation.zone_features(document, now=now)
    )
    return json.dumps(head, ensure_ascii=False)[:-1] + f', "features": [{features}]}}'


def _export(
    shape: Shape, documents: Iterable[AirspaceDocument], title: str, now: datetime, country: str
) -> tuple[Export, bytes]:
    zones = [zone for document in documents for zone in document.zones]
    if shape is Shape.ED269:
        export = write_ed269(zones, title=title, issued_at=now, country=country)
    else:
        export = write_ed318(zones, title=title, issued_at=now, country=country, provider=title.partition(":")[0])
    return export, export.as_bytes()
