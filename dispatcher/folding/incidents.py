"""How incidents, decisions and proposals follow from their events."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from dispatcher import events as ev
from dispatcher.entities import Answer, DecisionView, Incident, IncidentStatus, Proposal, ProposalStatus, State
from dispatcher.folding import launches, relay, turns, watching
from dispatcher.folding.change import Handlers, change_incident, replace, voided, without
from dispatcher.record import Recorded

KEPT_DECISIONS = 16
"""Decisions kept per open incident; older ones are in the journal."""


def _incident_reported(state: State, recorded: Recorded, event: ev.IncidentReported) -> State:
    incident = Incident(
        id=event.incident_id,
        source=event.source,
        reference=event.reference,
        grade=event.grade,
        category=event.category,
        summary=event.summary,
        place=event.place,
        address=event.address,
        reported_at=event.reported_at,
        received_at=recorded.mission_time,
        watch_s=event.watch_s,
    )
    return replace(
        state,
        incidents=state.incidents.set(incident.id, incident),
        unattended=state.unattended.set(incident.id, None),
        references=state.references.set((event.source, event.reference), incident.id),
    )


def _incident_amended(state: State, _: Recorded, event: ev.IncidentAmended) -> State:
    def change(incident: Incident) -> Incident:
        return replace(
            incident,
            revision=event.revision,
            place=event.place or incident.place,
            address=event.address if event.address is not None else incident.address,
            grade=event.grade if event.grade is not None else incident.grade,
            category=event.category if event.category is not None else incident.category,
            summary=event.summary if event.summary is not None else incident.summary,
        )

    return change_incident(state, event.incident_id, change)


def _incident_closed(state: State, _: Recorded, event: ev.IncidentClosed) -> State:
    return _end_incident(
        state,
        event.incident_id,
        lambda incident: replace(
            incident, revision=event.revision, status=IncidentStatus.CLOSED, outcome=event.outcome
        ),
    )


def _incident_declined(state: State, _: Recorded, event: ev.IncidentDeclined) -> State:
    return _end_incident(
        state,
        event.incident_id,
        lambda incident: replace(
            incident, revision=event.revision, status=IncidentStatus.DECLINED, decline_reason=event.reason
        ),
    )


def _incident_merged(state: State, _: Recorded, event: ev.IncidentMerged) -> State:
    state = _end_incident(
        state,
        event.incident_id,
        lambda incident: replace(
            incident, revision=event.revision, status=IncidentStatus.MERGED, merged_into=event.into
        ),
    )
    state = watching.incident_merged(state, event.incident_id, event.into)
    moved = event.flight_moved
    if moved is None:
        return state
    return launches.attended(relay.flights_moved(state, event.incident_id, event.into), event.into)


def _decided(state: State, recorded: Recorded, event: ev.OptionsDecided) -> State:
    incident = state.incidents.get(event.incident_id)
    if incident is None:
        return state
    view = DecisionView(
        id=event.decision_id,
        incident_id=event.incident_id,
        incident_revision=event.incident_revision,
        grade=incident.grade,
        place=incident.place,
        best_dock_id=event.best_dock_id,
        options=tuple(event.options),
        decided_at=recorded.mission_time,
        seq=recorded.seq,
    )
    decisions = state.decisions.set(view.id, view)
    kept = (*incident.decision_ids, view.id)
    for old in kept[:-KEPT_DECISIONS]:
        decisions = without(decisions, old)
    changed = replace(incident, decision_ids=kept[-KEPT_DECISIONS:])
    return replace(state, decisions=decisions, incidents=state.incidents.set(incident.id, changed))


def _proposed(state: State, recorded: Recorded, event: ev.ProposalMade) -> State:
    proposal = Proposal(
        id=event.proposal_id,
        incident_id=event.incident_id,
        flight_id=event.flight_id,
        kind=event.kind,
        because=event.because,
        proposed_at=recorded.mission_time,
    )

    return change_incident(
        state,
        event.incident_id,
        lambda incident: replace(
            incident, proposals=(*voided(incident.proposals, event.flight_id, event.kind), proposal)
        ),
    )


def _answered(state: State, recorded: Recorded, event: ev.ProposalAnswered) -> State:
    status = ProposalStatus.ACCEPTED if event.accepted else ProposalStatus.DISMISSED
    answer = Answer(verb="accept" if event.accepted else "dismiss", by=recorded.actor, at=recorded.mission_time)

    def change(incident: Incident) -> Incident:
        proposals = tuple(
            replace(proposal, status=status, answers=(*proposal.answers, answer))
            if proposal.id == event.proposal_id
            else proposal
            for proposal in incident.proposals
        )
        return replace(incident, proposals=proposals)

    if event.proposal_id in state.open_turns:
        state = turns.answered(state, event.proposal_id)
    return change_incident(state, event.incident_id, change)


def _end_incident(state: State, incident_id: UUID, change: Callable[[Incident], Incident]) -> State:
    state = launches.attended(change_incident(state, incident_id, change), incident_id)
    incident = state.incidents.get(incident_id)
    decisions = state.decisions
    for decision_id in incident.decision_ids if incident else ():
        decisions = without(decisions, decision_id)
    return replace(state, decisions=decisions, relays=without(state.relays, incident_id))


HANDLERS: Handlers = {
    ev.IncidentReported: _incident_reported,
    ev.IncidentAmended: _incident_amended,
    ev.IncidentClosed: _incident_closed,
    ev.IncidentDeclined: _incident_declined,
    ev.IncidentMerged: _incident_merged,
    ev.OptionsDecided: _decided,
    ev.ProposalMade: _proposed,
    ev.ProposalAnswered: _answered,
}
