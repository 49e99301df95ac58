"""Reported weather over HTTP: METARs and TAFs that a feed brings, and what is known of each station."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import ConfigDict, Field
from starlette.responses import JSONResponse

from contracts.screentext import Text
from dispatcher import presentation
from dispatcher.api import weatherexamples as examples
from dispatcher.api.context import Ctx, Who
from dispatcher.api.fields import Body
from dispatcher.errors import Invalid
from dispatcher.events import WeatherReport
from dispatcher.feeds.aviation import MOST_CHARACTERS, NotAReport, read_report

router = APIRouter(prefix="/weather", tags=["weather"])
MOST_REPORTS = 200


class ReportsBody(Body):
    """Reports as they were sent out, each as one text."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "reports": [
                        "METAR EGBE 310920Z 24014KT 9999 -RA BKN018 08/06 Q1004",
                        "TAF EGBB 310858Z 3109/0109 24014KT 9999 BKN020 TEMPO 3112/3116 27022G36KT SHRA",
                    ]
                }
            ]
        }
    )

    reports: Annotated[
        list[Annotated[Text, Field(min_length=1, max_length=MOST_CHARACTERS)]],
        Field(min_length=1, max_length=MOST_REPORTS, description="METAR, SPECI or TAF"),
    ]


@router.get("", responses=examples.WEATHER)
async def read_weather(ctx: Ctx) -> JSONResponse:
    """The newest METAR and TAF of each station, with their ages."""
    now, stations = ctx.clock.mission_now(), ctx.desk.state.weather.stations
    shown = [presentation.station_weather(stations[name], now=now) for name in sorted(stations)]
    return ctx.answer({"stations": shown})


@router.post("/reports", responses=examples.REPORTS_TAKEN)
async def take_reports(body: ReportsBody, ctx: Ctx, person: Who) -> JSONResponse:
    """Take reports; those that are newer than what is known are journalled. One that cannot be read refuses all."""
    reports = await asyncio.to_thread(_read, body.reports, ctx.clock.mission_now())
    taken = await ctx.desk.take_reports(person.id, reports)
    return ctx.answer({"taken": taken, "known_before": len(reports) - taken})


def _read(texts: list[str], now: datetime) -> list[WeatherReport]:
    reports: list[WeatherReport] = []
    faults: list[dict[str, str]] = []
    for place, text in enumerate(texts):
        try:
            reports.append(read_report(text, now=now))
        except NotAReport as why:
            faults.append({"pointer": f"/reports/{place}", "detail": str(why)})
    if faults:
        first = faults[0]
        raise Invalid(f"{first['pointer'].lstrip('/')}: {first['detail']}", errors=faults[:50])
    return reports
