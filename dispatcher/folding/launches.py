"""How what the policy says of an incident, and launches that wait for an answer, follow from their events."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from dispatcher import events as ev
from dispatcher.entities import Incident, Judgement, Override, Proposal, ProposalStatus, ProposedLaunch, State
from dispatcher.folding.change import Handlers, change_incident, replace, without
from dispatcher.policy.document import Launch
from dispatcher.policy.stance import Ruling
from dispatcher.record import SYSTEM, Recorded


def _judged(state: State, _: Recorded, event: ev.LaunchJudged) -> State:
    rulings = tuple(
        Ruling(
            rule=ruling.rule,
            kind=ruling.kind,
            line=ruling.line,
            launch=Launch(ruling.launch),
            text=ruling.text,
            override=tuple(ruling.override),
        )
        for ruling in event.rulings
    )
    judged = Judgement(
        grade=event.grade, rank=event.rank, known=event.known, launch=Launch(event.launch), rulings=rulings
    )
    return change_incident(state, event.incident_id, lambda incident: replace(incident, judged=judged))


def _proposed(state: State, recorded: Recorded, event: ev.LaunchProposed) -> State:
    proposal = Proposal(
        id=event.proposal_id,
        incident_id=event.incident_id,
        flight_id=None,
        kind="launch",
        because=event.because,
        proposed_at=recorded.mission_time,
        launch=ProposedLaunch(
            decision_id=event.decision_id,
            incident_revision=event.incident_revision,
            dock_id=event.dock_id,
            callsign=event.callsign,
            rank=event.rank,
            time_to_scene_s=event.time_to_scene_s,
            answer_by=event.answer_by,
            unanswered=event.unanswered,
        ),
    )
    return change_incident(
        state,
        event.incident_id,
        lambda incident: replace(incident, proposals=(*_settled(incident, ProposalStatus.VOID), proposal)),
    )


def _withdrawn(state: State, _: Recorded, event: ev.LaunchWithdrawn) -> State:
    status = ProposalStatus.VOID if event.overtaken else ProposalStatus.WITHDRAWN
    return change_incident(
        state,
        event.incident_id,
        lambda incident: replace(incident, proposals=_settled(incident, status, event.because)),
    )


def _overridden(state: State, recorded: Recorded, event: ev.PolicyOverridden) -> State:
    override = Override(by=recorded.actor, at=recorded.mission_time, rules=tuple(event.rules), note=event.note)
    return change_incident(
        state,
        event.incident_id,
        lambda incident: replace(
            incident,
            overridden=tuple(dict.fromkeys((*incident.overridden, *event.rules))),
            overrides=(*incident.overrides, override),
        ),
    )


def attended(state: State, incident_id: UUID, status: ProposalStatus = ProposalStatus.VOID) -> State:
    """It has a drone, or wants none any more: no launch waits for an answer."""
    state = replace(state, unattended=without(state.unattended, incident_id))
    incident = state.incidents.get(incident_id)
    if incident is None or not any(_waits(proposal) for proposal in incident.proposals):
        return state
    return change_incident(state, incident_id, _with(status))


def flight_ordered(state: State, recorded: Recorded, event: ev.FlightOrdered) -> State:
    """The launch has happened, by itself or by somebody's word; or a press was faster."""
    by_itself = event.proposal_id is not None and recorded.actor == SYSTEM
    return attended(state, event.incident_id, ProposalStatus.LAUNCHED if by_itself else ProposalStatus.VOID)


def started(state: State) -> State:
    """Nobody could see or cancel a countdown while no dispatcher was there: each begins anew, or not at all."""
    for incident_id in state.unattended:
        incident = state.incidents.get(incident_id)
        if incident is not None and any(_waits(proposal) for proposal in incident.proposals):
            state = change_incident(state, incident_id, _with(ProposalStatus.VOID))
    return state


def _with(status: ProposalStatus) -> Callable[[Incident], Incident]:
    return lambda incident: replace(incident, proposals=_settled(incident, status))


def _settled(incident: Incident, status: ProposalStatus, because: str = "") -> tuple[Proposal, ...]:
    return tuple(
        replace(each, status=status, over_because=because) if _waits(each) else each for each in incident.proposals
    )


def _waits(proposal: Proposal) -> bool:
    return proposal.launch is not None and proposal.status is ProposalStatus.OPEN


HANDLERS: Handlers = {
    ev.LaunchJudged: _judged,
    ev.LaunchProposed: _proposed,
    ev.LaunchWithdrawn: _withdrawn,
    ev.PolicyOverridden: _overridden,
}
