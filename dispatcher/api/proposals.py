"""Proposals over HTTP: what would be sensible happens only when somebody says so."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import JSONResponse

from dispatcher import presentation
from dispatcher.api import examples
from dispatcher.api.context import Ctx, Who
from dispatcher.api.ids import ProposalId

router = APIRouter(prefix="/proposals", tags=["proposals"])


@router.post("/{proposal_id}/accept", responses=examples.PROPOSAL)
async def accept_proposal(proposal_id: ProposalId, ctx: Ctx, person: Who) -> JSONResponse:
    """Do it."""
    return ctx.answer(presentation.proposal(await ctx.desk.answer_proposal(person.id, proposal_id, True)))


@router.post("/{proposal_id}/dismiss", responses=examples.PROPOSAL)
async def dismiss_proposal(proposal_id: ProposalId, ctx: Ctx, person: Who) -> JSONResponse:
    """Leave it."""
    return ctx.answer(presentation.proposal(await ctx.desk.answer_proposal(person.id, proposal_id, False)))
