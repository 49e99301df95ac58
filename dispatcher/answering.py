"""Answers to proposals: each is given once, whoever presses, however often and over whatever line.

The same answer of the same person is the same answer: a second press, or one that is sent again because the first was
not answered, gets what the first has come to. Whoever is later with another one, or is somebody else, is told who has
said what, and when. Pure: from the state to a proposal or a refusal.
"""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from dispatcher.entities import Answer, Proposal, ProposalStatus, State
from dispatcher.errors import AlreadyAnswered, Conflict
from dispatcher.incidents import proposal_of

Verb = Literal["accept", "dismiss", "cancel"]

_SAID = {"accept": "accepted", "dismiss": "dismissed", "cancel": "stopped"}


def verb_of(accepted: bool) -> Verb:
    """What the event of an answer says, as a word."""
    return "accept" if accepted else "dismiss"


def to_answer(state: State, proposal_id: UUID, actor: str, verb: Verb) -> tuple[Proposal, bool]:
    """The proposal, and True where this person has given it this answer before: then nothing is left to be done.

    `NotFound`, `AlreadyAnswered`, or `Conflict` where nobody has answered and it waits no more.
    """
    proposal = proposal_of(state, proposal_id)
    if any((given.verb, given.by) == (verb, actor) for given in proposal.answers):
        return proposal, True
    if proposal.status is (ProposalStatus.COUNTDOWN if verb == "cancel" else ProposalStatus.OPEN):
        return proposal, False
    why = f": {proposal.over_because}" if proposal.over_because else ""
    if not proposal.answers:
        raise Conflict(f"the proposal waits for no answer: it is {proposal.status}{why}")
    raise _answered(proposal, proposal.answers[-1], verb, why)


def _answered(proposal: Proposal, last: Answer, verb: Verb, why: str) -> AlreadyAnswered:
    detail = f"{last.by} has {_SAID[last.verb]} it at {last.at:%H:%M:%S} UTC mission time"
    if proposal.status is ProposalStatus.COUNTDOWN:
        detail += ", and its countdown is running: cancel it to stop it"
    elif why:
        detail += f"; it is {proposal.status}{why}"
    elif verb == "cancel":
        detail += ": no countdown is running"
    return AlreadyAnswered(detail, by=last.by, answer=last.verb, at=last.at.isoformat(), became=proposal.status.value)
