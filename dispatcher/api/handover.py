"""Hand-over of command over HTTP: offered, accepted and read back; the giver keeps command until the acceptance."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import JSONResponse

from dispatcher import presentation
from dispatcher.api import examples
from dispatcher.api.bodies import CommandBody
from dispatcher.api.commands import because_of
from dispatcher.api.context import Ctx, Who
from dispatcher.api.ids import FlightId
from dispatcher.api.taskbodies import OfferBody, ReadBackBody

router = APIRouter(prefix="/flights", tags=["hand-over"])


@router.post("/{flight_id}/hand-over", responses=examples.FLIGHT)
async def offer_flight(flight_id: FlightId, ctx: Ctx, person: Who, body: OfferBody | None = None) -> JSONResponse:
    """The pilot in command offers it to a named pilot on duty, or to all; they are told."""
    to = None if body is None else body.to
    flight = await ctx.desk.offer_flight(person.id, flight_id, to, because_of(person, body))
    return ctx.answer(presentation.flight(flight))


@router.post("/{flight_id}/hand-over/accept", responses=examples.FLIGHT)
async def take_flight(flight_id: FlightId, body: ReadBackBody, ctx: Ctx, person: Who) -> JSONResponse:
    """Take it, reading back what it is: 409 with the ``difference`` when that is not so, or with the limit reached."""
    return ctx.answer(presentation.flight(await ctx.desk.take_flight(person.id, flight_id, body.read_back())))


@router.post("/{flight_id}/hand-over/decline", responses=examples.FLIGHT)
async def decline_flight(flight_id: FlightId, ctx: Ctx, person: Who, body: CommandBody | None = None) -> JSONResponse:
    """Say no to an offer, or take one's own back; command stays where it is."""
    flight = await ctx.desk.decline_flight(person.id, flight_id, because_of(person, body))
    return ctx.answer(presentation.flight(flight))
