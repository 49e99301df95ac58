"""How flights follow from their events: from the press, from commands, and from what agents report."""

from __future__ import annotations

from uuid import UUID

from immutables import Map

from contracts.reports import (
    AlarmChanged,
    CommandSettled,
    ConditionChanged,
    DockNoted,
    FlightFlown,
    OrderAccepted,
    OrderRefused,
    PayloadChanged,
    PhaseEntered,
    PlanChanged,
)
from contracts.vocabulary import PHASE_ORDER, Outcome, Phase
from dispatcher import events as ev
from dispatcher.entities import (
    Acceptance,
    AgentCursor,
    DockView,
    Fault,
    Flight,
    Incident,
    OrderState,
    PhaseEntry,
    State,
)
from dispatcher.folding import launches, relay, turns
from dispatcher.folding.alarms import alarm_reported, end_alarms
from dispatcher.folding.change import Handlers, change_dock, change_flight, change_incident, replace, voided, without
from dispatcher.folding.commands import (
    leave_unanswered,
    no_longer_expected,
    raise_sequence,
    settle,
    settle_receive,
    settle_withdrawal,
)
from dispatcher.record import Recorded

_SAFELY_OVER = frozenset({Phase.DOCKED, Phase.CANCELLED, Phase.REFUSED})
"""Ends after which nothing of the flight needs anybody: its alarms are over."""
_BEFORE_A_TURN = frozenset({Phase.ON_SCENE, Phase.RETURNING})
KEPT_FAULTS = 20
"""Of each dock, the newest; all of them stand in the journal."""
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
        mark=_free_mark(state),
        pilot=event.order.pilot,
        order=event.order,
        order_sequence=event.sequence,
        order_state=OrderState.TO_SEND if event.accepted_beforehand else OrderState.WAITING_FOR_PILOT,
        promise=event.promise,
        phases=(_entry(Phase.ORDERED, recorded, ""),),
        ordered_at=recorded.mission_time,
        ordered_by=recorded.actor,
        event_id=recorded.id,
        relieves=event.relieves,
        accepted_by=event.accepted_by,
        acceptance=(
            Acceptance(by=event.order.pilot, at=recorded.mission_time, beforehand=True)
            if event.accepted_beforehand
            else None
        ),
        warnings_left=tuple(event.warnings_left),
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
    state = launches.flight_ordered(relay.flight_ordered(state, flight), recorded, event)
    return change_dock(
        state,
        event.dock_id,
        lambda view: replace(view, active_flight_id=flight.id, last_sequence=max(view.last_sequence, event.sequence)),
    )


def _free_mark(state: State) -> int:
    """The lowest that no flight carries which is out, or which nobody has found."""
    carried = {state.flights[flight_id].mark for flight_id in (*state.unfinished, *state.missing)}
    return next(mark for mark in range(len(carried) + 1) if mark not in carried)


def _flight_accepted(state: State, recorded: Recorded, event: ev.FlightAccepted) -> State:
    state = change_flight(
        state,
        event.flight_id,
        lambda flight: replace(
            flight,
            order=event.order,
            order_sequence=event.sequence,
            order_state=OrderState.TO_SEND,
            pilot=event.pilot,
            acceptance=Acceptance(by=event.pilot, at=recorded.mission_time, beforehand=False),
            warnings_left=(),
        ),
    )
    flight = state.flights.get(event.flight_id)
    return state if flight is None else raise_sequence(state, flight.dock_id, event.sequence)


def _order_expired(state: State, _: Recorded, event: ev.OrderExpired) -> State:
    return change_flight(state, event.flight_id, lambda flight: replace(flight, order_state=OrderState.EXPIRED))


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
    if isinstance(fact, AlarmChanged) and (flight_id is None or (flight and flight.dock_id == event.dock_id)):
        return alarm_reported(state, recorded, fact, event.dock_id, event.agent_mission_time)
    if isinstance(fact, DockNoted) and fact.severity != "info":
        fault = Fault(at=event.agent_mission_time, severity=fact.severity, text=fact.text)
        state = change_dock(
            state, event.dock_id, lambda view: replace(view, faults=(*view.faults, fault)[-KEPT_FAULTS:])
        )
    if isinstance(fact, DockNoted) and fact.picture_sha256 is not None:
        sha256 = fact.picture_sha256
        return change_dock(state, event.dock_id, lambda view: replace(view, picture_sha256=sha256))
    if flight is None:
        return state
    if flight.dock_id != event.dock_id:
        if isinstance(fact, CommandSettled):
            state = settle_withdrawal(state, event.dock_id, fact.order_id, fact.outcome)
            flight = state.flights.get(flight.id, flight)
        asked = flight.diversion is not None and flight.diversion.to_dock_id == event.dock_id
        if asked and isinstance(fact, CommandSettled):
            return settle_receive(state, flight, fact.order_id, fact.outcome, fact.detail)
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
        return settle(state, fact.flight_id, fact.order_id, fact.outcome, fact.detail)
    if isinstance(fact, ConditionChanged):
        change = {fact.condition}
        return change_flight(
            state,
            fact.flight_id,
            lambda flight: replace(
                flight, conditions=flight.conditions | change if fact.active else flight.conditions - change
            ),
        )
    if isinstance(fact, PlanChanged):
        at = event.agent_mission_time
        return change_flight(
            state,
            fact.flight_id,
            lambda flight: turns.plan_flown(replace(flight, plan=fact, plan_at=at), fact.order_id, at),
        )
    if isinstance(fact, PayloadChanged):
        return change_flight(
            state, fact.flight_id, lambda flight: replace(flight, payload=flight.payload.set(fact.what, fact.value))
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
    called_back = any(each.is_safety and each.outcome is not Outcome.REFUSED for each in flight.commands)
    phase = Phase.CANCELLED if called_back else Phase.REFUSED
    return _enter_phase(state, fact.flight_id, _entry(phase, recorded, "; ".join(fact.reasons)))


def _entry(phase: Phase, recorded: Recorded, because: str) -> PhaseEntry:
    return PhaseEntry(phase=phase, mission_time=recorded.mission_time, wall_time=recorded.wall_time, because=because)


def _enter_phase(state: State, flight_id: UUID, entry: PhaseEntry) -> State:
    flight = state.flights.get(flight_id)
    if flight is None:
        return state
    found_again = flight.phase is Phase.MISSING and entry.phase is not Phase.MISSING
    forward = PHASE_ORDER[entry.phase] > PHASE_ORDER[flight.phase] and not flight.ended
    anew = entry.phase is Phase.EN_ROUTE and flight.phase in _BEFORE_A_TURN and flight.begins_anew
    if not (found_again or forward or anew):
        return state
    flight = replace(flight, phase=entry.phase, phases=(*flight.phases, entry))
    lost = flight.phase is Phase.MISSING
    state = replace(
        state,
        flights=state.flights.set(flight_id, flight),
        missing=state.missing.set(flight_id, None) if lost else without(state.missing, flight_id),
    )
    state = relay.phase_entered(state, flight, entry)
    if not flight.ended:
        state = replace(state, unfinished=state.unfinished.set(flight_id, None))
        return change_dock(
            state, flight.dock_id, lambda view: replace(view, active_flight_id=view.active_flight_id or flight_id)
        )
    state = _used(state, flight)
    state = turns.flight_over(_void_proposals(state, flight), flight.id)
    state = replace(state, unfinished=without(state.unfinished, flight_id))
    state = change_flight(state, flight_id, lambda known: replace(known, hand_over=None, payload_with=None))
    if entry.phase in _SAFELY_OVER:
        state = end_alarms(state, flight_id, flight.dock_id, entry.mission_time)
    state = _after_diversion(leave_unanswered(state, flight_id), flight)
    return change_dock(
        state,
        flight.dock_id,
        lambda view: replace(view, active_flight_id=None) if view.active_flight_id == flight_id else view,
    )


def _used(state: State, flight: Flight) -> State:
    """What the flight adds to the hours of its aircraft; of a missing one nobody knows when it came down."""
    up = next((entry for entry in flight.phases if entry.phase is Phase.EN_ROUTE), None)
    if up is None or flight.phase is Phase.MISSING:
        return state
    flown_s = max(0.0, (flight.phases[-1].mission_time - up.mission_time).total_seconds())

    def add(view: DockView) -> DockView:
        usage = replace(view.usage, flights=view.usage.flights + 1, flown_s=view.usage.flown_s + flown_s)
        return replace(view, usage=usage)

    return change_dock(state, flight.dock_id, add)


def _after_diversion(state: State, flight: Flight) -> State:
    """No dock waits for it any more; one that it has landed in has a stranger's aircraft, and its own stands empty."""
    for diversion in flight.diversions:
        state = no_longer_expected(state, flight.id, diversion.to_dock_id)
    there = flight.diverted_to
    if there is None or flight.phase is not Phase.DOCKED:
        return state
    state = change_dock(state, there, lambda view: replace(view, guest_of=flight.dock_id))
    return change_dock(state, flight.dock_id, lambda view: replace(view, away_in=there))


def _void_proposals(state: State, flight: Flight) -> State:
    """Nothing can be proposed for a flight that has ended."""

    def change(incident: Incident) -> Incident:
        return replace(incident, proposals=voided(incident.proposals, flight.id))

    for incident_id in {flight.incident_id, flight.order.incident_id, *(each.to_incident_id for each in flight.turns)}:
        state = change_incident(state, incident_id, change)
    return state


HANDLERS: Handlers = {
    ev.FlightOrdered: _flight_ordered,
    ev.FlightAccepted: _flight_accepted,
    ev.OrderExpired: _order_expired,
    ev.FlightEnded: _flight_ended,
    ev.FlightFound: _flight_found,
    ev.AgentReported: _agent_reported,
}
