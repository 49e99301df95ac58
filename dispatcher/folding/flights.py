"""How flights follow from their events: from the press, from commands, and from what agents report."""

from __future__ import annotations

from uuid import UUID

from immutables import Map

from contracts.reports import (
    CommandSettled,
    ConditionChanged,
    FlightFlown,
    OrderAccepted,
    OrderRefused,
    PhaseEntered,
)
from contracts.vocabulary import PHASE_ORDER, Outcome, Phase
from dispatcher import events as ev
from dispatcher.entities import AgentCursor, Command, Flight, Incident, OrderState, PhaseEntry, State
from dispatcher.folding.change import Handlers, change_dock, change_flight, change_incident, replace, voided, without
from dispatcher.record import Recorded

KEPT_BOOTS = 32
"""Of each agent's starts, the newest (their ids sort by time): older ones have nothing left to send."""


def _flight_ordered(state: State, recorded: Recorded, event: ev.FlightOrdered) -> State:
    flight = Flight(
        id=event.flight_id,
        incident_id=event.incident_id,
        incident_revision=event.incident_revision,
        decision_id=event.decision_id,
        dock_id=event.dock_id,
        callsign=event.callsign,
        pilot=event.order.pilot,
        order=event.order,
        order_sequence=event.sequence,
        order_state=OrderState.TO_SEND if event.accepted_beforehand else OrderState.WAITING_FOR_PILOT,
        promise=event.promise,
        phases=(_entry(Phase.ORDERED, recorded, ""),),
        ordered_at=recorded.mission_time,
        ordered_by=recorded.actor,
        event_id=recorded.id,
    )
    presses = state.presses
    if event.idempotency_key is not None:
        presses = presses.set((recorded.actor, event.idempotency_key), flight.id)
    state = replace(
        state,
        flights=state.flights.set(flight.id, flight),
        unfinished=state.unfinished.set(flight.id, None),
        presses=presses,
    )
    state = change_incident(state, event.incident_id, lambda incident: replace(incident, flight_id=flight.id))
    return change_dock(
        state,
        event.dock_id,
        lambda view: replace(view, active_flight_id=flight.id, last_sequence=max(view.last_sequence, event.sequence)),
    )


def _flight_accepted(state: State, _: Recorded, event: ev.FlightAccepted) -> State:
    state = change_flight(
        state,
        event.flight_id,
        lambda flight: replace(
            flight, order=event.order, order_sequence=event.sequence, order_state=OrderState.TO_SEND, pilot=event.pilot
        ),
    )
    flight = state.flights.get(event.flight_id)
    return state if flight is None else _raise_sequence(state, flight.dock_id, event.sequence)


def _order_expired(state: State, _: Recorded, event: ev.OrderExpired) -> State:
    return change_flight(state, event.flight_id, lambda flight: replace(flight, order_state=OrderState.EXPIRED))


def _command_given(state: State, recorded: Recorded, event: ev.CommandGiven) -> State:
    command = Command(
        order_id=event.order_id,
        action=event.action,
        sequence=event.sequence,
        issued_at=recorded.mission_time,
        expires_at=event.expires_at,
        actor=recorded.actor,
        because=event.because,
        event_id=recorded.id,
        idempotency_key=event.idempotency_key,
    )
    state = change_flight(state, event.flight_id, lambda flight: replace(flight, commands=(*flight.commands, command)))
    return _raise_sequence(state, event.dock_id, event.sequence)


def _command_resolved(state: State, _: Recorded, event: ev.CommandResolved) -> State:
    return _settle(state, event.flight_id, event.order_id, event.outcome, event.detail)


def _flight_ended(state: State, recorded: Recorded, event: ev.FlightEnded) -> State:
    return _enter_phase(state, event.flight_id, _entry(event.phase, recorded, event.because))


def _flight_found(state: State, recorded: Recorded, event: ev.FlightFound) -> State:
    return _enter_phase(state, event.flight_id, _entry(event.phase, recorded, event.because))


def _agent_reported(state: State, recorded: Recorded, event: ev.AgentReported) -> State:
    cursor = state.agents.get(event.dock_id)
    boots = (cursor.boots if cursor else Map()).set(event.boot_id, event.counter)
    for old in sorted(boots, key=lambda boot: boot.int)[:-KEPT_BOOTS]:
        boots = boots.delete(old)
    state = replace(
        state,
        agents=state.agents.set(event.dock_id, AgentCursor(boot_id=event.boot_id, counter=event.counter, boots=boots)),
    )
    fact = event.fact
    flight_id: UUID | None = getattr(fact, "flight_id", None)
    flight = None if flight_id is None else state.flights.get(flight_id)
    if flight is None or flight.dock_id != event.dock_id:
        return state
    if isinstance(fact, PhaseEntered):
        entry = PhaseEntry(
            phase=fact.phase,
            mission_time=event.agent_mission_time,
            wall_time=event.agent_wall_time,
            because=fact.because,
        )
        return _enter_phase(state, fact.flight_id, entry)
    if isinstance(fact, OrderAccepted):
        return change_flight(state, fact.flight_id, lambda flight: replace(flight, order_state=OrderState.ACCEPTED))
    if isinstance(fact, OrderRefused):
        return _refused(state, recorded, fact)
    if isinstance(fact, CommandSettled):
        return _settle(state, fact.flight_id, fact.order_id, fact.outcome, fact.detail)
    if isinstance(fact, ConditionChanged):
        change = {fact.condition}
        return change_flight(
            state,
            fact.flight_id,
            lambda flight: replace(
                flight, conditions=flight.conditions | change if fact.active else flight.conditions - change
            ),
        )
    if isinstance(fact, FlightFlown):
        return change_flight(state, fact.flight_id, lambda flight: replace(flight, flown=fact))
    return state


def _refused(state: State, recorded: Recorded, fact: OrderRefused) -> State:
    flight = state.flights.get(fact.flight_id)
    if flight is None or flight.order.order_id != fact.order_id or flight.order_state is OrderState.ACCEPTED:
        return state
    state = change_flight(
        state,
        fact.flight_id,
        lambda known: replace(known, order_state=OrderState.REFUSED, refusal_reasons=tuple(fact.reasons)),
    )
    called_back = any(command.outcome is not Outcome.REFUSED for command in flight.commands)
    phase = Phase.CANCELLED if called_back else Phase.REFUSED
    return _enter_phase(state, fact.flight_id, _entry(phase, recorded, "; ".join(fact.reasons)))


def _entry(phase: Phase, recorded: Recorded, because: str) -> PhaseEntry:
    return PhaseEntry(phase=phase, mission_time=recorded.mission_time, wall_time=recorded.wall_time, because=because)


def _raise_sequence(state: State, dock_id: str, sequence: int) -> State:
    return change_dock(state, dock_id, lambda view: replace(view, last_sequence=max(view.last_sequence, sequence)))


def _enter_phase(state: State, flight_id: UUID, entry: PhaseEntry) -> State:
    flight = state.flights.get(flight_id)
    if flight is None:
        return state
    found_again = flight.phase is Phase.MISSING and entry.phase is not Phase.MISSING
    forward = PHASE_ORDER[entry.phase] > PHASE_ORDER[flight.phase] and not flight.ended
    if not (found_again or forward):
        return state
    flight = replace(flight, phase=entry.phase, phases=(*flight.phases, entry))
    state = replace(state, flights=state.flights.set(flight_id, flight))
    if not flight.ended:
        state = replace(state, unfinished=state.unfinished.set(flight_id, None))
        return change_dock(
            state, flight.dock_id, lambda view: replace(view, active_flight_id=view.active_flight_id or flight_id)
        )
    state = _void_proposals(state, flight)
    state = replace(state, unfinished=without(state.unfinished, flight_id))
    return change_dock(
        state,
        flight.dock_id,
        lambda view: replace(view, active_flight_id=None) if view.active_flight_id == flight_id else view,
    )


def _void_proposals(state: State, flight: Flight) -> State:
    """Nothing can be proposed for a flight that has ended."""

    def change(incident: Incident) -> Incident:
        return replace(incident, proposals=voided(incident.proposals, flight.id))

    for incident_id in {flight.incident_id, flight.order.incident_id}:
        state = change_incident(state, incident_id, change)
    return state


def _settle(state: State, flight_id: UUID, order_id: UUID, outcome: Outcome, detail: str) -> State:
    def change(flight: Flight) -> Flight:
        commands = tuple(
            replace(command, outcome=outcome, detail=detail) if command.order_id == order_id else command
            for command in flight.commands
        )
        return replace(flight, commands=commands)

    return change_flight(state, flight_id, change)


HANDLERS: Handlers = {
    ev.FlightOrdered: _flight_ordered,
    ev.FlightAccepted: _flight_accepted,
    ev.OrderExpired: _order_expired,
    ev.CommandGiven: _command_given,
    ev.CommandResolved: _command_resolved,
    ev.FlightEnded: _flight_ended,
    ev.FlightFound: _flight_found,
    ev.AgentReported: _agent_reported,
}
