"""Commands in flight over HTTP: each answers with the command at once; its outcome is what telemetry then shows.

The outcome stands in the flight, in its list of commands, and in the live view: confirmed, refused or unknown.
"""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header
from starlette.responses import JSONResponse

from contracts.orders import SafetyAction
from contracts.screentext import Line
from contracts.tasks import Avoid, Resume, Task
from dispatcher import presentation
from dispatcher.api import examples
from dispatcher.api.bodies import CommandBody
from dispatcher.api.context import Context, Ctx, Who
from dispatcher.api.ids import FlightId
from dispatcher.api.taskbodies import (
    AltitudeBody,
    ConfirmBody,
    DivertBody,
    ExtendBody,
    GotoBody,
    NudgeBody,
    OrbitBody,
    RetaskBody,
)
from dispatcher.confirmation import Asked
from dispatcher.entities import Command
from dispatcher.errors import NotFound
from dispatcher.security.person import Person

router = APIRouter(prefix="/flights", tags=["commands"])

MaybeKey = Annotated[Line | None, Header(alias="Idempotency-Key", min_length=1, max_length=200)]


@router.get("/{flight_id}/commands", responses=examples.COMMANDS)
async def list_commands(flight_id: FlightId, ctx: Ctx) -> JSONResponse:
    """All that the flight has been told, the first first, and how each came out."""
    flight = ctx.desk.state.flights.get(flight_id)
    if flight is None:
        raise NotFound(f"there is no flight {flight_id}")
    return ctx.answer({"commands": [presentation.command(each, flight_id=str(flight_id)) for each in flight.commands]})


@router.post("/{flight_id}/return", status_code=202, responses=examples.COMMAND)
async def return_flight(
    flight_id: FlightId, ctx: Ctx, person: Who, body: CommandBody | None = None, key: MaybeKey = None
) -> JSONResponse:
    """Call it home, at any time, whoever commands it: its pilot is told by whom."""
    return await _safety(ctx, person, flight_id, SafetyAction.RETURN, body, key)


@router.post("/{flight_id}/hold", status_code=202, responses=examples.COMMAND)
async def hold_flight(
    flight_id: FlightId, ctx: Ctx, person: Who, body: CommandBody | None = None, key: MaybeKey = None
) -> JSONResponse:
    """Stop and hang there, at any time, whoever commands it: its pilot is told by whom. Before arming: a cancel."""
    return await _safety(ctx, person, flight_id, SafetyAction.HOLD, body, key)


@router.post("/{flight_id}/cancel", status_code=202, responses=examples.COMMAND)
async def cancel_flight(
    flight_id: FlightId, ctx: Ctx, person: Who, body: CommandBody | None = None, key: MaybeKey = None
) -> JSONResponse:
    """Before arming: the lid closes and the flight ends as cancelled. Later it is a return."""
    return await _safety(ctx, person, flight_id, SafetyAction.CANCEL, body, key)


@router.post("/{flight_id}/land", status_code=202, responses=examples.CONFIRM)
async def land_flight(
    flight_id: FlightId, ctx: Ctx, person: Who, body: ConfirmBody | None = None, key: MaybeKey = None
) -> JSONResponse:
    """Come down here, now. The first press is answered with a question; a second one with its token is the command."""
    given = await ctx.desk.land_flight(person.id, flight_id, *_confirming(person, body, key))
    return _confirmed(ctx, given, flight_id)


@router.post("/{flight_id}/parachute", status_code=202, responses=examples.CONFIRM)
async def deploy_parachute(
    flight_id: FlightId, ctx: Ctx, person: Who, body: ConfirmBody | None = None, key: MaybeKey = None
) -> JSONResponse:
    """Where one is fitted, and only when the agent's guards agree that it falls. Asked back once, as a landing is."""
    given = await ctx.desk.deploy_parachute(person.id, flight_id, *_confirming(person, body, key))
    return _confirmed(ctx, given, flight_id)


@router.post("/{flight_id}/resume", status_code=202, responses=examples.COMMAND)
async def resume_flight(
    flight_id: FlightId, ctx: Ctx, person: Who, body: CommandBody | None = None, key: MaybeKey = None
) -> JSONResponse:
    """Go on with the mission on board after a hold, a goto or an orbit."""
    return await give(ctx, person, flight_id, Resume(), body, key)


@router.post("/{flight_id}/goto", status_code=202, responses=examples.COMMAND)
async def goto(flight_id: FlightId, body: GotoBody, ctx: Ctx, person: Who, key: MaybeKey = None) -> JSONResponse:
    """Fly there and hold."""
    return await give(ctx, person, flight_id, body.task(), body, key)


@router.post("/{flight_id}/orbit", status_code=202, responses=examples.COMMAND)
async def orbit(flight_id: FlightId, body: OrbitBody, ctx: Ctx, person: Who, key: MaybeKey = None) -> JSONResponse:
    """Circle a point, looking at it."""
    return await give(ctx, person, flight_id, body.task(), body, key)


@router.post("/{flight_id}/altitude", status_code=202, responses=examples.COMMAND)
async def change_altitude(
    flight_id: FlightId, body: AltitudeBody, ctx: Ctx, person: Who, key: MaybeKey = None
) -> JSONResponse:
    """Climb or descend where it is, and hold."""
    return await give(ctx, person, flight_id, body.task(), body, key)


@router.post("/{flight_id}/nudge", status_code=202, responses=examples.COMMAND)
async def nudge(flight_id: FlightId, body: NudgeBody, ctx: Ctx, person: Who) -> JSONResponse:
    """A short move by held keys: send one about five times a second; a second without one is a hold.

    The command is that of the burst. Only its first and its last nudge are recorded, and none is sent again.
    """
    given = await ctx.desk.nudge(person.id, flight_id, body.task(), because_of(person, body))
    return answer(ctx, given, flight_id)


@router.post("/{flight_id}/extend", status_code=202, responses=examples.COMMAND)
async def extend(flight_id: FlightId, body: ExtendBody, ctx: Ctx, person: Who, key: MaybeKey = None) -> JSONResponse:
    """More time on scene, if the charge allows it."""
    return await give(ctx, person, flight_id, body.task(), body, key)


@router.post("/{flight_id}/retask", status_code=202, responses=examples.COMMAND)
async def retask(flight_id: FlightId, body: RetaskBody, ctx: Ctx, person: Who, key: MaybeKey = None) -> JSONResponse:
    """A new scene, with a new way there and home laid from where it is. Without a watch: the policy's."""
    given = await ctx.desk.retask(person.id, flight_id, body.place.place(), body.watch_s, because_of(person, body), key)
    return answer(ctx, given, flight_id)


@router.post("/{flight_id}/divert", status_code=202, responses=examples.COMMAND)
async def divert(
    flight_id: FlightId, ctx: Ctx, person: Who, body: DivertBody | None = None, key: MaybeKey = None
) -> JSONResponse:
    """Home to another dock: it is asked to open first, and the flight is told once it has.

    409 with every dock's ``reasons`` when none can take it in.
    """
    dock_id = None if body is None else body.dock_id
    given = await ctx.desk.divert(person.id, flight_id, dock_id, because_of(person, body), key)
    return answer(ctx, given, flight_id)


@router.post("/{flight_id}/avoid", status_code=202, responses=examples.COMMAND)
async def avoid(
    flight_id: FlightId, ctx: Ctx, person: Who, body: CommandBody | None = None, key: MaybeKey = None
) -> JSONResponse:
    """Down to the policy's height, whatever it is doing and whoever commands it."""
    return await give(ctx, person, flight_id, Avoid(), body, key)


async def give(
    ctx: Context, person: Person, flight_id: UUID, task: Task, body: CommandBody | None, key: str | None
) -> JSONResponse:
    """A task that needs nothing else."""
    given = await ctx.desk.give_task(person.id, flight_id, task, because_of(person, body), key)
    return answer(ctx, given, flight_id)


def because_of(person: Person, body: CommandBody | None) -> str:
    """Why: what was said, or who asked."""
    return body.because if body is not None and body.because is not None else f"asked for by {person.id}"


def answer(ctx: Context, given: Command, flight_id: UUID) -> JSONResponse:
    """The command, on its way."""
    return ctx.answer({"command": presentation.command(given, flight_id=str(flight_id))}, status=202)


async def _safety(
    ctx: Context, person: Person, flight_id: UUID, action: SafetyAction, body: CommandBody | None, key: str | None
) -> JSONResponse:
    given = await ctx.desk.command_flight(person.id, flight_id, action, because_of(person, body), key)
    return answer(ctx, given, flight_id)


def _confirming(person: Person, body: ConfirmBody | None, key: str | None) -> tuple[str, str | None, UUID | None]:
    return because_of(person, body), key, None if body is None else body.confirmation


def _confirmed(ctx: Context, given: Command | Asked, flight_id: UUID) -> JSONResponse:
    if isinstance(given, Command):
        return answer(ctx, given, flight_id)
    expires_in_s = max(0.0, given.until_wall_s - ctx.clock.wall_s())
    shown = {"token": str(given.token), "says": given.says, "expires_in_s": round(expires_in_s, 1)}
    return ctx.answer({"confirmation": shown}, status=202)
