"""Proposals over HTTP: what would be sensible happens only when somebody says so."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import JSONResponse

from dispatcher import presentation
from dispatcher.api import examples
from dispatcher.api.context import Ctx, Who
from dispatcher.api.ids import ProposalId
from dispatcher.entities import ProposalStatus

router = APIRouter(prefix="/proposals", tags=["proposals"])

MOST_LISTED = 500


@router.get("", responses=examples.PROPOSALS)
async def list_proposals(ctx: Ctx, person: Who, status: ProposalStatus = ProposalStatus.OPEN) -> JSONResponse:
    """What waits for an answer, the soonest to end by itself first; of a launch, with what happens at that moment."""
    found = [
        each for incident in ctx.desk.state.incidents.values() for each in incident.proposals if each.status is status
    ]
    found.sort(key=lambda each: (each.launch is None, each.launch.answer_by if each.launch else each.proposed_at))
    return ctx.answer({"proposals": [presentation.proposal(each) for each in found[:MOST_LISTED]]})


@router.post("/{proposal_id}/accept", responses=examples.PROPOSAL)
async def accept_proposal(proposal_id: ProposalId, ctx: Ctx, person: Who) -> JSONResponse:
    """Do it."""
    return ctx.answer(presentation.proposal(await ctx.desk.answer_proposal(person.id, proposal_id, True)))


@router.post("/{proposal_id}/dismiss", responses=examples.PROPOSAL)
async def dismiss_proposal(proposal_id: ProposalId, ctx: Ctx, person: Who) -> JSONResponse:
    """Leave it."""
    return ctx.answer(presentation.proposal(await ctx.desk.answer_proposal(person.id, proposal_id, False)))
