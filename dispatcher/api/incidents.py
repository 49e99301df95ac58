"""Incidents over HTTP: taken in once, changed, ended; their options; and the press that sends a drone."""

from __future__ import annotations

import heapq
from typing import Annotated, Any

from fastapi import APIRouter, Body, Header, Query
from starlette.responses import JSONResponse

from contracts.screentext import Line
from dispatcher import presentation
from dispatcher.api import examples
from dispatcher.api.bodies import (
    AmendBody,
    CloseBody,
    CommandBody,
    DeclineBody,
    DispatchBody,
    MergeBody,
    OverrideBody,
    ReportBody,
)
from dispatcher.api.commands import MaybeKey, because_of
from dispatcher.api.context import Context, Ctx, Who
from dispatcher.api.exactly import made_exact
from dispatcher.api.fields import Id
from dispatcher.api.ids import IncidentId, cursor_of
from dispatcher.entities import DecisionView, Incident, IncidentStatus
from dispatcher.errors import NotFound
from dispatcher.feeds.eido import incident_report
from dispatcher.policy import WarningRules
from dispatcher.presentation import Json, view_of
from dispatcher.requests import IncidentReport
from dispatcher.security.person import Person

router = APIRouter(prefix="/incidents", tags=["incidents"])

IdempotencyKey = Annotated[
    Line,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=200,
        description="one for each press; the same press again gives the same flight",
    ),
]


@router.post("", status_code=201, responses=examples.REPORT)
async def report_incident(body: ReportBody, ctx: Ctx, person: Who) -> JSONResponse:
    """Take an incident in, with every dock ranked for it at once.

    Idempotent by source and reference: 201 the first time, 200 again, 409 when it then says something else.
    """
    return await _report(ctx, person, body.report())


@router.post("/eido", status_code=201, responses=examples.REPORT)
async def report_eido(document: Annotated[Any, Body()], ctx: Ctx, person: Who) -> JSONResponse:
    """Take an incident in from a NENA EIDO document (NENA-STA-021) that has an incidentComponent."""
    return await _report(ctx, person, incident_report(document, now=ctx.clock.mission_now()))


@router.get("", responses=examples.INCIDENTS)
async def list_incidents(
    ctx: Ctx,
    person: Who,
    status: IncidentStatus | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    after: Annotated[Line | None, Query(max_length=36, description="`next` of the page before")] = None,
) -> JSONResponse:
    """Incidents, the newest first."""
    before = cursor_of(after)
    matching = (
        entity
        for entity in ctx.desk.state.incidents.values()
        if (status is None or entity.status is status) and (before is None or entity.id.int < before)
    )
    page = heapq.nlargest(limit + 1, matching, key=lambda entity: entity.id.int)
    view = view_of(person.roles)
    return ctx.answer(
        {
            "incidents": [presentation.incident(entity, view) for entity in page[:limit]],
            "next": str(page[limit - 1].id) if len(page) > limit else None,
        }
    )


@router.get("/{incident_id}", responses=examples.INCIDENT)
async def read_incident(incident_id: IncidentId, ctx: Ctx, person: Who) -> JSONResponse:
    """One incident."""
    entity = ctx.desk.state.incidents.get(incident_id)
    if entity is None:
        raise NotFound(f"there is no incident {incident_id}")
    return ctx.answer(presentation.incident(entity, view_of(person.roles)))


@router.patch("/{incident_id}", responses=examples.INCIDENT)
async def amend_incident(incident_id: IncidentId, body: AmendBody, ctx: Ctx, person: Who) -> JSONResponse:
    """Change an open incident. A place that moves under a flight proposes a retask; nothing happens silently."""
    entity = await ctx.desk.amend_incident(person.id, incident_id, body.amendment())
    return ctx.answer(presentation.incident(entity))


@router.post("/{incident_id}/close", responses=examples.INCIDENT)
async def close_incident(incident_id: IncidentId, body: CloseBody, ctx: Ctx, person: Who) -> JSONResponse:
    """Close it with its outcome. A flight that is still out is proposed to return."""
    entity = await ctx.desk.close_incident(person.id, incident_id, body.outcome)
    return ctx.answer(presentation.incident(entity))


@router.post("/{incident_id}/merge", responses=examples.INCIDENT)
async def merge_incident(incident_id: IncidentId, body: MergeBody, ctx: Ctx, person: Who) -> JSONResponse:
    """Make it part of another, which is answered; one flight is kept."""
    entity = await ctx.desk.merge_incident(person.id, incident_id, body.into)
    return ctx.answer(presentation.incident(entity))


@router.post("/{incident_id}/decline", responses=examples.INCIDENT)
async def decline_incident(incident_id: IncidentId, body: DeclineBody, ctx: Ctx, person: Who) -> JSONResponse:
    """No drone for this one, and why."""
    entity = await ctx.desk.decline_incident(person.id, incident_id, body.reason)
    return ctx.answer(presentation.incident(entity))


@router.post("/{incident_id}/override", responses=examples.INCIDENT)
async def override_policy(incident_id: IncidentId, body: OverrideBody, ctx: Ctx, person: Who) -> JSONResponse:
    """Set aside, by name and with a note, what in the policy forbids a flight to it; the press comes after.

    403 names the rule that this person may not set aside, 409 says that none forbids it.
    """
    entity = await ctx.desk.override_policy(person.id, incident_id, person.roles, body.note)
    return ctx.answer(presentation.incident(entity))


@router.get("/{incident_id}/options", responses=examples.OPTIONS)
async def read_options(
    incident_id: IncidentId,
    ctx: Ctx,
    person: Who,
    exact: Annotated[
        list[Line] | None, Query(max_length=20, description="docks whose option is not to be a bound; may be repeated")
    ] = None,
    decision: Annotated[
        Id | None, Query(description="with `exact`: which of the incident's last decisions; else its last")
    ] = None,
) -> JSONResponse:
    """Every dock's option, decided now: eligible and ranked, or the reasons why not. Each look is journalled.

    Of a large fleet the ways of the best eight are looked for; the others are ``bound``: no better than told.
    ``flights`` are those in the air that could be sent there instead, with what it would cost the incident they serve.

    With ``exact`` nothing is decided: the decision that was shown is derived again from the journal, with its own time,
    wind and zones, and these docks' ways looked for as well; ``flights`` are not part of it. 409 where it cannot be.
    """
    if exact:
        return ctx.answer(await made_exact(ctx, incident_id, decision, exact))
    shown = presentation.decision(await ctx.desk.decide(person.id, incident_id))
    policy = ctx.desk.state.policy
    rules = WarningRules() if policy is None else policy.document.warnings
    shown["may_set_aside"] = rules.model_dump(mode="json")
    return ctx.answer({**shown, "flights": [presentation.turn(turn) for turn in ctx.desk.turns_to(incident_id)]})


@router.post("/{incident_id}/dispatch", status_code=201, responses=examples.DISPATCH)
async def dispatch(
    incident_id: IncidentId, body: DispatchBody, key: IdempotencyKey, ctx: Ctx, person: Who
) -> JSONResponse:
    """Send a drone: the decision's best dock, or a named one.

    409 with the ``difference`` when what was on the screen has changed, with every dock's ``reasons`` when none can go.
    A dock that only warnings keep at home is sent by a press that names it and sets each of them aside, or leaves to
    the pilot what is the pilot's; 403 names whose it is.
    """
    flight, created = await ctx.desk.dispatch(person.id, incident_id, body.press(key), roles=person.roles)
    return ctx.answer(presentation.flight(flight), status=201 if created else 200)


@router.post("/{incident_id}/clear-air", status_code=202, responses=examples.CLEAR_AIR)
async def clear_air(
    incident_id: IncidentId, ctx: Ctx, person: Who, body: CommandBody | None = None, key: MaybeKey = None
) -> JSONResponse:
    """One press: every flight over the scene goes down to the policy's height, whoever commands it."""
    given = await ctx.desk.clear_air(person.id, incident_id, because_of(person, body), key)
    shown = [presentation.command(command, flight_id=str(flight.id)) for flight, command in given]
    return ctx.answer({"commands": shown}, status=202)


async def _report(ctx: Context, person: Person, report: IncidentReport) -> JSONResponse:
    entity, created = await ctx.desk.report_incident(person.id, report)
    shown: Json = presentation.incident(entity)
    if entity.status is IncidentStatus.OPEN:
        decision = None if created else _last_decision(ctx, entity)
        decision = decision or await ctx.desk.decide(person.id, entity.id)
        shown |= presentation.decision(decision)
    return ctx.answer(shown, status=201 if created else 200)


def _last_decision(ctx: Context, entity: Incident) -> DecisionView | None:
    """A feed that repeats itself gets what it got; a person who wants it fresh asks for the options."""
    for decision_id in reversed(entity.decision_ids):
        known = ctx.desk.state.decisions.get(decision_id)
        if known is not None and known.incident_revision == entity.revision:
            return known
    return None
