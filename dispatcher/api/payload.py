"""Camera, light and speaker over HTTP: they move no aircraft, and can be lent apart from the flight."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import JSONResponse

from contracts.tasks import Snapshot
from dispatcher import presentation
from dispatcher.api import examples
from dispatcher.api.bodies import CommandBody
from dispatcher.api.commands import MaybeKey, give
from dispatcher.api.context import Ctx, Who
from dispatcher.api.ids import FlightId
from dispatcher.api.taskbodies import LendBody, LookAtBody, SensorBody, SpeakerBody, SwitchBody, ZoomBody
from dispatcher.presentation import view_of

router = APIRouter(prefix="/flights", tags=["payload"])


@router.post("/{flight_id}/look-at", status_code=202, responses=examples.COMMAND)
async def look_at(
    flight_id: FlightId, ctx: Ctx, person: Who, body: LookAtBody | None = None, key: MaybeKey = None
) -> JSONResponse:
    """Keep the camera (or, without a gimbal, the nose) on a point; ahead at the horizon without one."""
    asked = body or LookAtBody()
    return await give(ctx, person, flight_id, asked.task(), asked, key)


@router.post("/{flight_id}/zoom", status_code=202, responses=examples.COMMAND)
async def zoom(flight_id: FlightId, body: ZoomBody, ctx: Ctx, person: Who, key: MaybeKey = None) -> JSONResponse:
    """How near."""
    return await give(ctx, person, flight_id, body.task(), body, key)


@router.post("/{flight_id}/sensor", status_code=202, responses=examples.COMMAND)
async def select_sensor(
    flight_id: FlightId, body: SensorBody, ctx: Ctx, person: Who, key: MaybeKey = None
) -> JSONResponse:
    """Visible light or heat."""
    return await give(ctx, person, flight_id, body.task(), body, key)


@router.post("/{flight_id}/snapshot", status_code=202, responses=examples.COMMAND)
async def take_snapshot(
    flight_id: FlightId, ctx: Ctx, person: Who, body: CommandBody | None = None, key: MaybeKey = None
) -> JSONResponse:
    """One picture on board."""
    return await give(ctx, person, flight_id, Snapshot(), body, key)


@router.post("/{flight_id}/record", status_code=202, responses=examples.COMMAND)
async def record(flight_id: FlightId, body: SwitchBody, ctx: Ctx, person: Who, key: MaybeKey = None) -> JSONResponse:
    """Begin or end the recording at another moment than the policy's; who did, and why, is in the journal."""
    return await give(ctx, person, flight_id, body.record(), body, key)


@router.post("/{flight_id}/light", status_code=202, responses=examples.COMMAND)
async def switch_light(
    flight_id: FlightId, body: SwitchBody, ctx: Ctx, person: Who, key: MaybeKey = None
) -> JSONResponse:
    """The search light, where one is fitted."""
    return await give(ctx, person, flight_id, body.light(), body, key)


@router.post("/{flight_id}/speaker", status_code=202, responses=examples.COMMAND)
async def speak(flight_id: FlightId, body: SpeakerBody, ctx: Ctx, person: Who, key: MaybeKey = None) -> JSONResponse:
    """A stored announcement, where a speaker is fitted."""
    return await give(ctx, person, flight_id, body.task(), body, key)


@router.post("/{flight_id}/payload/lend", responses=examples.FLIGHT)
async def lend_payload(flight_id: FlightId, body: LendBody, ctx: Ctx, person: Who) -> JSONResponse:
    """Camera, light and speaker to a named person until they are taken back; the flight stays its pilot's."""
    return ctx.answer(presentation.flight(await ctx.desk.lend_payload(person.id, flight_id, body.to)))


@router.post("/{flight_id}/payload/take-back", responses=examples.FLIGHT)
async def take_payload_back(flight_id: FlightId, ctx: Ctx, person: Who) -> JSONResponse:
    """The pilot in command has them again; whoever has them may give them back."""
    flight = await ctx.desk.take_payload_back(person.id, flight_id)
    return ctx.answer(presentation.flight(flight, view_of(person.roles)))
