"""Answers to proposals: each is given once, whoever presses, however often and over whatever line.

The same answer of the same person is the same answer: a second press, or one that is sent again because the first was
not answered, gets what the first has come to. Whoever is later with another one, or is somebody else, is told who has
said what, and when. A "no" to a launch is about its incident: one that comes after another dock was announced in its
place stops that one too. Pure: from the state to a proposal, events or a refusal.
"""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from dispatcher import events as ev
from dispatcher import launching
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
    if proposal.status is ProposalStatus.OPEN:
        raise Conflict("no countdown is running: the proposal waits for an answer")
    if not proposal.answers:
        raise Conflict(f"the proposal waits for no answer: it is {proposal.status}{why}")
    raise _answered(proposal, proposal.answers[-1], verb, why)


def late_no(state: State, proposal_id: UUID) -> list[ev.ProposalAnswered]:
    """A "no" to a launch that was overtaken while it was on its way: to it, and to what is announced in its place now.

    Nothing where it was not overtaken, where its incident has had its drone or is over, and where what is announced now
    is for a graver call: that wants an answer of its own.
    """
    proposal = proposal_of(state, proposal_id)
    overtaken = proposal.launch is not None and proposal.status is ProposalStatus.VOID and not proposal.answers
    if proposal.launch is None or not overtaken or proposal.incident_id not in state.unattended:
        return []
    successor = launching.open_launch(state.incidents[proposal.incident_id])
    if successor is not None and successor.launch is not None and successor.launch.rank < proposal.launch.rank:
        return []
    return [
        ev.ProposalAnswered(proposal_id=each.id, incident_id=each.incident_id, accepted=False)
        for each in (proposal, successor)
        if each is not None
    ]


def _answered(proposal: Proposal, last: Answer, verb: Verb, why: str) -> AlreadyAnswered:
    detail = f"{last.by} has {_SAID[last.verb]} it at {last.at:%H:%M:%S} UTC mission time"
    if proposal.status is ProposalStatus.COUNTDOWN:
        detail += ", and its countdown is running: cancel it to stop it"
    elif why:
        detail += f"; it is {proposal.status}{why}"
    elif verb == "cancel":
        detail += ": no countdown is running"
    return AlreadyAnswered(detail, by=last.by, answer=last.verb, at=last.at.isoformat(), became=proposal.status.value)
