"""How turns follow from their events: proposed, answered, counted down, done; and where a flight is for whom."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from contracts.vocabulary import Condition
from dispatcher import events as ev
from dispatcher.entities import (
    Answer,
    Flight,
    Incident,
    IncidentStatus,
    Leaving,
    Proposal,
    ProposalStatus,
    ProposedTurn,
    State,
    Turned,
)
from dispatcher.folding import launches
from dispatcher.folding.change import Handlers, change_flight, change_incident, replace, voided, without
from dispatcher.record import Recorded


def _proposed(state: State, recorded: Recorded, event: ev.TurnProposed) -> State:
    proposal = Proposal(
        id=event.proposal_id,
        incident_id=event.incident_id,
        flight_id=event.flight_id,
        kind="turn",
        because=event.because,
        proposed_at=recorded.mission_time,
        turn=ProposedTurn(
            from_incident_id=event.from_incident_id,
            callsign=event.callsign,
            rank=event.rank,
            from_rank=event.from_rank,
            homeward=event.homeward,
            gain_s=event.gain_s,
            time_to_scene_s=event.time_to_scene_s,
            watch_s=event.watch_s,
            battery_on_return_percent=event.battery_on_return_percent,
            otherwise_dock_id=event.otherwise_dock_id,
            otherwise_s=event.otherwise_s,
            others_s=event.others_s,
            told=tuple(event.told),
            countdown_s=event.countdown_s,
            answer_by=event.answer_by,
        ),
    )
    state = replace(state, open_turns=state.open_turns.set(event.proposal_id, event.incident_id))
    return change_incident(
        state, event.incident_id, lambda incident: replace(incident, proposals=(*incident.proposals, proposal))
    )


def answered(state: State, proposal_id: UUID) -> State:
    """Accepted or declined: it waits no more; a countdown that follows says so itself."""
    return replace(state, open_turns=without(state.open_turns, proposal_id))


def _withdrawn(state: State, _: Recorded, event: ev.TurnWithdrawn) -> State:
    status = ProposalStatus.WITHDRAWN if event.expired else ProposalStatus.VOID
    return _over(state, event, status, because=event.because)


def _cancelled(state: State, recorded: Recorded, event: ev.TurnCancelled) -> State:
    answer = Answer(verb="cancel", by=recorded.actor, at=recorded.mission_time)
    state = _over(state, event, ProposalStatus.CANCELLED)
    return _change(
        state, event.incident_id, event.proposal_id, lambda each: replace(each, answers=(*each.answers, answer))
    )


def _countdown_began(state: State, recorded: Recorded, event: ev.TurnCountdownBegan) -> State:
    def change(proposal: Proposal) -> Proposal:
        turn = proposal.turn
        if turn is None:
            return proposal
        began = replace(
            turn,
            turns_at=event.turns_at,
            accepted_by=event.pilot,
            accepted_at=recorded.mission_time,
            told=tuple(event.told),
        )
        return replace(proposal, status=ProposalStatus.COUNTDOWN, turn=began)

    leaving = Leaving(proposal_id=event.proposal_id, to_incident_id=event.incident_id, at=event.turns_at)
    state = replace(state, open_turns=state.open_turns.set(event.proposal_id, event.incident_id))
    state = _change(state, event.incident_id, event.proposal_id, change)
    return change_flight(state, event.flight_id, lambda flight: replace(flight, leaving=leaving))


def _turned(state: State, recorded: Recorded, event: ev.FlightTurned) -> State:
    """It leaves one incident, which waits for a drone again unless it has had its watch, and is for another one."""
    left = state.incidents.get(event.from_incident_id)
    turned = Turned(
        from_incident_id=event.from_incident_id,
        to_incident_id=event.incident_id,
        proposal_id=event.proposal_id,
        order_id=event.order_id,
        at=recorded.mission_time,
        accepted_by=event.accepted_by,
        homeward=event.homeward,
        time_to_scene_s=event.time_to_scene_s,
        watch_s=event.watch_s,
        battery_on_return_percent=event.battery_on_return_percent,
        undone=event.undone,
        because=event.because,
        left_watched_from=None if left is None else left.watched_from,
    )

    def change(flight: Flight) -> Flight:
        flown = not event.undone and flight.plan is not None and flight.plan.order_id == event.order_id
        return replace(
            flight,
            incident_id=event.incident_id,
            incident_revision=event.incident_revision,
            accepted_by=event.accepted_by,
            relieves=None,
            leaving=None,
            conditions=flight.conditions - {Condition.RELIEF_COMING},
            turns=(*flight.turns, replace(turned, flown_from=recorded.mission_time if flown else None)),
        )

    if event.flight_id not in state.flights:
        return state
    state = change_flight(state, event.flight_id, change)
    state = _left(state, event)
    state = _arrives(state, event)
    if not event.undone:
        state = _over(state, event, ProposalStatus.ACCEPTED)
    return state


def _left(state: State, event: ev.FlightTurned) -> State:
    def change(incident: Incident) -> Incident:
        others = [
            each
            for each in incident.flight_ids
            if each in state.unfinished and state.flights[each].incident_id == incident.id
        ]
        return replace(
            incident,
            flight_id=others[-1] if others else None,
            relief=None,
            watched_from=incident.watched_from if event.homeward else None,
            relay_ended_because=f"its drone has gone to another incident: {event.because}"[:400],
            proposals=voided(incident.proposals, event.flight_id),
        )

    state = change_incident(state, event.from_incident_id, change)
    state = replace(state, relays=without(state.relays, event.from_incident_id))
    left = state.incidents.get(event.from_incident_id)
    lost = left is not None and left.flight_id is None and left.status is IncidentStatus.OPEN
    if lost and (event.undone or not event.homeward):
        return replace(state, unattended=state.unattended.set(event.from_incident_id, None))
    return state


def _arrives(state: State, event: ev.FlightTurned) -> State:
    turns = state.flights[event.flight_id].turns
    watched_from = turns[-2].left_watched_from if event.undone and len(turns) > 1 else None

    def change(incident: Incident) -> Incident:
        known = event.flight_id in incident.flight_ids
        return replace(
            incident,
            flight_id=event.flight_id,
            flight_ids=incident.flight_ids if known else (*incident.flight_ids, event.flight_id),
            relief=None,
            watched_from=watched_from,
            relay_ended_because=None,
        )

    state = launches.attended(change_incident(state, event.incident_id, change), event.incident_id)
    incident = state.incidents.get(event.incident_id)
    if incident is None or incident.watch_s is None or incident.status is not IncidentStatus.OPEN:
        return state
    # Its pilot has said yes to this call: that asks for the whole of its watch, as a press does.
    return replace(state, relays=state.relays.set(event.incident_id, None))


def plan_flown(flight: Flight, order_id: UUID, at: datetime) -> Flight:
    """Its agent has the way of this order on board: the leg to the other incident has begun."""
    leg = flight.leg
    if leg is None or leg.order_id != order_id or leg.flown_from is not None:
        return flight
    return replace(flight, turns=(*flight.turns[:-1], replace(leg, flown_from=at)))


def flight_over(state: State, flight_id: UUID) -> State:
    """It goes nowhere any more."""
    for proposal_id, incident_id in state.open_turns.items():
        incident = state.incidents.get(incident_id)
        for proposal in incident.proposals if incident is not None else ():
            if proposal.id == proposal_id and proposal.flight_id == flight_id:
                state = _set(state, incident_id, proposal_id, ProposalStatus.VOID)
    return change_flight(state, flight_id, lambda flight: replace(flight, leaving=None))


def started(state: State) -> State:
    """Nobody could see, answer or stop anything while no dispatcher was there: what still holds is proposed anew."""
    for proposal_id, incident_id in state.open_turns.items():
        incident = state.incidents.get(incident_id)
        for proposal in incident.proposals if incident is not None else ():
            if proposal.id == proposal_id and proposal.flight_id is not None:
                state = change_flight(state, proposal.flight_id, lambda flight: replace(flight, leaving=None))
        state = _set(state, incident_id, proposal_id, ProposalStatus.VOID)
    return state


def _over(
    state: State,
    event: ev.TurnWithdrawn | ev.TurnCancelled | ev.FlightTurned,
    status: ProposalStatus,
    *,
    because: str = "",
) -> State:
    state = _set(state, event.incident_id, event.proposal_id, status, because)
    return change_flight(state, event.flight_id, lambda flight: replace(flight, leaving=None))


def _set(state: State, incident_id: UUID, proposal_id: UUID, status: ProposalStatus, because: str = "") -> State:
    state = replace(state, open_turns=without(state.open_turns, proposal_id))
    return _change(
        state, incident_id, proposal_id, lambda proposal: replace(proposal, status=status, over_because=because)
    )


def _change(state: State, incident_id: UUID, proposal_id: UUID, change: Any) -> State:
    return change_incident(
        state,
        incident_id,
        lambda incident: replace(
            incident,
            proposals=tuple(change(each) if each.id == proposal_id else each for each in incident.proposals),
        ),
    )


HANDLERS: Handlers = {
    ev.TurnProposed: _proposed,
    ev.TurnWithdrawn: _withdrawn,
    ev.TurnCancelled: _cancelled,
    ev.TurnCountdownBegan: _countdown_began,
    ev.FlightTurned: _turned,
}
