"""Proposals over HTTP: what would be sensible happens only when somebody says so."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter
from starlette.responses import JSONResponse

from dispatcher import presentation
from dispatcher.api import examples
from dispatcher.api.bodies import CommandBody
from dispatcher.api.commands import because_of
from dispatcher.api.context import Ctx, Who
from dispatcher.api.ids import ProposalId
from dispatcher.entities import Proposal, ProposalStatus

router = APIRouter(prefix="/proposals", tags=["proposals"])

MOST_LISTED = 500


@router.get("", responses=examples.PROPOSALS)
async def list_proposals(ctx: Ctx, person: Who, status: ProposalStatus = ProposalStatus.OPEN) -> JSONResponse:
    """What waits for an answer, the soonest to end by itself first; of a launch, with what happens at that moment.

    ``status=countdown``: turns that their pilots have accepted, and that those who watch are being told of.
    """
    found = [
        each for incident in ctx.desk.state.incidents.values() for each in incident.proposals if each.status is status
    ]
    found.sort(key=_soonest)
    return ctx.answer({"proposals": [presentation.proposal(each) for each in found[:MOST_LISTED]]})


@router.post("/{proposal_id}/accept", responses=examples.PROPOSAL)
async def accept_proposal(proposal_id: ProposalId, ctx: Ctx, person: Who) -> JSONResponse:
    """Do it. A turn is for the pilot in command of its flight alone; it goes at once where nobody watches, else when
    those who do have been told for the policy's countdown.

    An answer is given once. The same one by the same person again is answered with the proposal as it stands now, and
    does nothing; of another, or by somebody else, `already-answered` says who has said what, and when.
    """
    return ctx.answer(presentation.proposal(await ctx.desk.answer_proposal(person.id, proposal_id, True)))


@router.post("/{proposal_id}/dismiss", responses=examples.PROPOSAL)
async def dismiss_proposal(proposal_id: ProposalId, ctx: Ctx, person: Who) -> JSONResponse:
    """Leave it. Given again by the same person it is the same answer, as with accept.

    A launch that was overtaken meanwhile can be left still: what was announced in its place for the same incident is
    left with it, unless that is for a graver call (409 `conflict`).
    """
    return ctx.answer(presentation.proposal(await ctx.desk.answer_proposal(person.id, proposal_id, False)))


@router.post("/{proposal_id}/cancel", responses=examples.PROPOSAL)
async def cancel_proposal(
    proposal_id: ProposalId, ctx: Ctx, person: Who, body: CommandBody | None = None
) -> JSONResponse:
    """Stop the countdown of a turn: the flight stays where it is. Stopped again by the same person it is stopped."""
    given = await ctx.desk.cancel_turn(person.id, proposal_id, because_of(person, body))
    return ctx.answer(presentation.proposal(given))


def _soonest(proposal: Proposal) -> tuple[bool, datetime]:
    if proposal.launch is not None:
        return False, proposal.launch.answer_by
    if proposal.turn is not None:
        return False, proposal.turn.turns_at or proposal.turn.answer_by
    return True, proposal.proposed_at
