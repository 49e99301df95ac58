"""The dispatcher's state as a pure fold of the journal: ``apply(state, recorded) -> state``.

No clock, no I/O, no randomness: the same events give the same state, in the dispatcher, in the live hub, and in a
replay years later. Unknown ids in an event are ignored (the journal is the truth; the fold must never fail on it).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar
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
from contracts.vocabulary import PHASE_ORDER, Deployment, Outcome, Phase
from dispatcher import events as ev
from dispatcher.entities import (
    AgentCursor,
    Command,
    DecisionView,
    DockView,
    Flight,
    Incident,
    IncidentStatus,
    OrderState,
    PhaseEntry,
    PilotOnDuty,
    Proposal,
    ProposalStatus,
    Stranger,
)
from dispatcher.record import Recorded

KEPT_DECISIONS = 16
"""Decisions kept per open incident; older ones are in the journal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """Everything, after the event with sequence ``seq``."""

    seq: int = 0
    deployment: Deployment | None = None
    force: str = ""
    force_name: str = ""
    docks: Map[str, DockView] = field(default_factory=Map)
    incidents: Map[UUID, Incident] = field(default_factory=Map)
    flights: Map[UUID, Flight] = field(default_factory=Map)
    pilots: Map[str, PilotOnDuty] = field(default_factory=Map)
    decisions: Map[UUID, DecisionView] = field(default_factory=Map)
    strangers: Map[str, Stranger] = field(default_factory=Map)
    agents: Map[str, AgentCursor] = field(default_factory=Map)
    references: Map[tuple[str, str], UUID] = field(default_factory=Map)
    """(source, reference) of every incident ever reported."""
    presses: Map[tuple[str, str], UUID] = field(default_factory=Map)
    """(actor, idempotency key) of every dispatch, to its flight."""
    unfinished: Map[UUID, None] = field(default_factory=Map)
    """Flights that have not ended."""

    def active_flights(self) -> list[Flight]:
        """Flights that have not ended, in the order they were ordered."""
        return sorted((self.flights[flight_id] for flight_id in self.unfinished), key=lambda flight: flight.id.int)

    def flights_of_pilot(self, pilot: str) -> int:
        """How many unfinished flights a pilot commands."""
        return sum(1 for flight_id in self.unfinished if self.flights[flight_id].pilot == pilot)


def apply(state: State, recorded: Recorded) -> State:
    """The state after one more event."""
    handler = _HANDLERS.get(type(recorded.event))
    if handler is not None:
        state = handler(state, recorded, recorded.event)
    return replace(state, seq=recorded.seq)


E = TypeVar("E", bound=ev.Event)
_Handler = Callable[[State, Recorded, Any], State]
_HANDLERS: dict[type[ev.Event], _Handler] = {}


def _on(kind: type[E]) -> Callable[[Callable[[State, Recorded, E], State]], Callable[[State, Recorded, E], State]]:
    def register(handler: Callable[[State, Recorded, E], State]) -> Callable[[State, Recorded, E], State]:
        _HANDLERS[kind] = handler
        return handler

    return register


# --- deployment and fleet ---


@_on(ev.DispatcherStarted)
def _started(state: State, _: Recorded, event: ev.DispatcherStarted) -> State:
    return replace(state, deployment=event.deployment, force=event.force, force_name=event.force_name)


@_on(ev.DockRegistered)
def _registered(state: State, _: Recorded, event: ev.DockRegistered) -> State:
    known = state.docks.get(event.dock.id)
    if known is None:
        view = DockView(dock=event.dock, aircraft_type=event.aircraft_type)
    else:
        view = replace(known, dock=event.dock, aircraft_type=event.aircraft_type)
    return replace(
        state, docks=state.docks.set(event.dock.id, view), strangers=_without(state.strangers, event.dock.id)
    )


@_on(ev.DockWithdrawn)
def _withdrawn(state: State, _: Recorded, event: ev.DockWithdrawn) -> State:
    return replace(state, docks=_without(state.docks, event.dock_id))


@_on(ev.DockReported)
def _dock_reported(state: State, _: Recorded, event: ev.DockReported) -> State:
    return _change_dock(state, event.dock_id, lambda view: replace(view, report=event, silent=False))


@_on(ev.DockSilent)
def _dock_silent(state: State, _: Recorded, event: ev.DockSilent) -> State:
    return _change_dock(state, event.dock_id, lambda view: replace(view, silent=True))


@_on(ev.DockHeardAgain)
def _dock_heard(state: State, _: Recorded, event: ev.DockHeardAgain) -> State:
    return _change_dock(state, event.dock_id, lambda view: replace(view, silent=False))


@_on(ev.StrangerSeen)
def _stranger(state: State, recorded: Recorded, event: ev.StrangerSeen) -> State:
    seen = Stranger(name=event.name, because=event.because, first_seen=recorded.mission_time)
    return replace(state, strangers=state.strangers.set(event.name, seen))


# --- incidents ---


@_on(ev.IncidentReported)
def _incident_reported(state: State, recorded: Recorded, event: ev.IncidentReported) -> State:
    incident = Incident(
        id=event.incident_id,
        source=event.source,
        reference=event.reference,
        grade=event.grade,
        category=event.category,
        summary=event.summary,
        place=event.place,
        reported_at=event.reported_at,
        received_at=recorded.mission_time,
        watch_s=event.watch_s,
    )
    return replace(
        state,
        incidents=state.incidents.set(incident.id, incident),
        references=state.references.set((event.source, event.reference), incident.id),
    )


@_on(ev.IncidentAmended)
def _incident_amended(state: State, _: Recorded, event: ev.IncidentAmended) -> State:
    def change(incident: Incident) -> Incident:
        return replace(
            incident,
            revision=event.revision,
            place=event.place or incident.place,
            grade=event.grade if event.grade is not None else incident.grade,
            category=event.category if event.category is not None else incident.category,
            summary=event.summary if event.summary is not None else incident.summary,
        )

    return _change_incident(state, event.incident_id, change)


@_on(ev.IncidentClosed)
def _incident_closed(state: State, _: Recorded, event: ev.IncidentClosed) -> State:
    return _end_incident(
        state,
        event.incident_id,
        lambda incident: replace(
            incident, revision=event.revision, status=IncidentStatus.CLOSED, outcome=event.outcome
        ),
    )


@_on(ev.IncidentDeclined)
def _incident_declined(state: State, _: Recorded, event: ev.IncidentDeclined) -> State:
    return _end_incident(
        state,
        event.incident_id,
        lambda incident: replace(
            incident, revision=event.revision, status=IncidentStatus.DECLINED, decline_reason=event.reason
        ),
    )


@_on(ev.IncidentMerged)
def _incident_merged(state: State, _: Recorded, event: ev.IncidentMerged) -> State:
    state = _end_incident(
        state,
        event.incident_id,
        lambda incident: replace(
            incident, revision=event.revision, status=IncidentStatus.MERGED, merged_into=event.into
        ),
    )
    moved = event.flight_moved
    if moved is None:
        return state
    state = _change_incident(state, event.into, lambda incident: replace(incident, flight_id=moved))
    return _change_flight(state, moved, lambda flight: replace(flight, incident_id=event.into))


@_on(ev.OptionsDecided)
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
    )
    decisions = state.decisions.set(view.id, view)
    kept = (*incident.decision_ids, view.id)
    for old in kept[:-KEPT_DECISIONS]:
        decisions = _without(decisions, old)
    changed = replace(incident, decision_ids=kept[-KEPT_DECISIONS:])
    return replace(state, decisions=decisions, incidents=state.incidents.set(incident.id, changed))


@_on(ev.ProposalMade)
def _proposed(state: State, recorded: Recorded, event: ev.ProposalMade) -> State:
    proposal = Proposal(
        id=event.proposal_id,
        incident_id=event.incident_id,
        flight_id=event.flight_id,
        kind=event.kind,
        because=event.because,
        proposed_at=recorded.mission_time,
    )

    return _change_incident(
        state, event.incident_id, lambda incident: replace(incident, proposals=(*incident.proposals, proposal))
    )


@_on(ev.ProposalAnswered)
def _answered(state: State, _: Recorded, event: ev.ProposalAnswered) -> State:
    status = ProposalStatus.ACCEPTED if event.accepted else ProposalStatus.DISMISSED

    def change(incident: Incident) -> Incident:
        proposals = tuple(
            replace(proposal, status=status) if proposal.id == event.proposal_id else proposal
            for proposal in incident.proposals
        )
        return replace(incident, proposals=proposals)

    return _change_incident(state, event.incident_id, change)


# --- flights ---


@_on(ev.FlightOrdered)
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
    state = _change_incident(state, event.incident_id, lambda incident: replace(incident, flight_id=flight.id))
    return _change_dock(
        state,
        event.dock_id,
        lambda view: replace(view, active_flight_id=flight.id, last_sequence=max(view.last_sequence, event.sequence)),
    )


@_on(ev.FlightAccepted)
def _flight_accepted(state: State, _: Recorded, event: ev.FlightAccepted) -> State:
    state = _change_flight(
        state,
        event.flight_id,
        lambda flight: replace(
            flight, order=event.order, order_sequence=event.sequence, order_state=OrderState.TO_SEND, pilot=event.pilot
        ),
    )
    flight = state.flights.get(event.flight_id)
    return state if flight is None else _raise_sequence(state, flight.dock_id, event.sequence)


@_on(ev.OrderExpired)
def _order_expired(state: State, _: Recorded, event: ev.OrderExpired) -> State:
    return _change_flight(state, event.flight_id, lambda flight: replace(flight, order_state=OrderState.EXPIRED))


@_on(ev.CommandGiven)
def _command_given(state: State, recorded: Recorded, event: ev.CommandGiven) -> State:
    command = Command(
        order_id=event.order_id,
        action=event.action,
        sequence=event.sequence,
        issued_at=recorded.mission_time,
        expires_at=event.expires_at,
        actor=recorded.actor,
        because=event.because,
    )
    state = _change_flight(state, event.flight_id, lambda flight: replace(flight, commands=(*flight.commands, command)))
    return _raise_sequence(state, event.dock_id, event.sequence)


@_on(ev.CommandResolved)
def _command_resolved(state: State, _: Recorded, event: ev.CommandResolved) -> State:
    return _settle(state, event.flight_id, event.order_id, event.outcome, event.detail)


@_on(ev.FlightEnded)
def _flight_ended(state: State, recorded: Recorded, event: ev.FlightEnded) -> State:
    return _enter_phase(state, event.flight_id, _entry(event.phase, recorded, event.because))


@_on(ev.AgentReported)
def _agent_reported(state: State, recorded: Recorded, event: ev.AgentReported) -> State:
    cursor = state.agents.get(event.dock_id)
    boots = (cursor.boots if cursor else Map()).set(event.boot_id, event.counter)
    state = replace(
        state,
        agents=state.agents.set(event.dock_id, AgentCursor(boot_id=event.boot_id, counter=event.counter, boots=boots)),
    )
    fact = event.fact
    if isinstance(fact, PhaseEntered):
        entry = PhaseEntry(
            phase=fact.phase,
            mission_time=event.agent_mission_time,
            wall_time=event.agent_wall_time,
            because=fact.because,
        )
        return _enter_phase(state, fact.flight_id, entry)
    if isinstance(fact, OrderAccepted):
        return _change_flight(state, fact.flight_id, lambda flight: replace(flight, order_state=OrderState.ACCEPTED))
    if isinstance(fact, OrderRefused):
        return _refused(state, recorded, fact)
    if isinstance(fact, CommandSettled):
        return _settle(state, fact.flight_id, fact.order_id, fact.outcome, fact.detail)
    if isinstance(fact, ConditionChanged):
        change = {fact.condition}
        return _change_flight(
            state,
            fact.flight_id,
            lambda flight: replace(
                flight, conditions=flight.conditions | change if fact.active else flight.conditions - change
            ),
        )
    if isinstance(fact, FlightFlown):
        return _change_flight(state, fact.flight_id, lambda flight: replace(flight, flown=fact))
    return state


def _refused(state: State, recorded: Recorded, fact: OrderRefused) -> State:
    flight = state.flights.get(fact.flight_id)
    if flight is None or flight.order.order_id != fact.order_id or flight.order_state is OrderState.ACCEPTED:
        return state
    state = _change_flight(
        state,
        fact.flight_id,
        lambda known: replace(known, order_state=OrderState.REFUSED, refusal_reasons=tuple(fact.reasons)),
    )
    return _enter_phase(state, fact.flight_id, _entry(Phase.REFUSED, recorded, "; ".join(fact.reasons)))


# --- duty ---


@_on(ev.PilotSignedOn)
def _signed_on(state: State, recorded: Recorded, event: ev.PilotSignedOn) -> State:
    pilot = PilotOnDuty(
        id=event.pilot, accepts=event.accepts, max_flights=event.max_flights, since=recorded.mission_time
    )
    return replace(state, pilots=state.pilots.set(pilot.id, pilot))


@_on(ev.PilotSignedOff)
def _signed_off(state: State, _: Recorded, event: ev.PilotSignedOff) -> State:
    return replace(state, pilots=_without(state.pilots, event.pilot))


# --- pieces ---

K = TypeVar("K")
V = TypeVar("V")


def _without(mapping: Map[K, V], key: K) -> Map[K, V]:
    return mapping.delete(key) if key in mapping else mapping


def _entry(phase: Phase, recorded: Recorded, because: str) -> PhaseEntry:
    return PhaseEntry(phase=phase, mission_time=recorded.mission_time, wall_time=recorded.wall_time, because=because)


def _change_dock(state: State, dock_id: str, change: Callable[[DockView], DockView]) -> State:
    view = state.docks.get(dock_id)
    return state if view is None else replace(state, docks=state.docks.set(dock_id, change(view)))


def _change_incident(state: State, incident_id: UUID, change: Callable[[Incident], Incident]) -> State:
    incident = state.incidents.get(incident_id)
    if incident is None:
        return state
    return replace(state, incidents=state.incidents.set(incident_id, change(incident)))


def _end_incident(state: State, incident_id: UUID, change: Callable[[Incident], Incident]) -> State:
    state = _change_incident(state, incident_id, change)
    incident = state.incidents.get(incident_id)
    decisions = state.decisions
    for decision_id in incident.decision_ids if incident else ():
        decisions = _without(decisions, decision_id)
    return replace(state, decisions=decisions)


def _change_flight(state: State, flight_id: UUID, change: Callable[[Flight], Flight]) -> State:
    flight = state.flights.get(flight_id)
    return state if flight is None else replace(state, flights=state.flights.set(flight_id, change(flight)))


def _raise_sequence(state: State, dock_id: str, sequence: int) -> State:
    return _change_dock(state, dock_id, lambda view: replace(view, last_sequence=max(view.last_sequence, sequence)))


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
        return _change_dock(state, flight.dock_id, lambda view: replace(view, active_flight_id=flight_id))
    state = replace(state, unfinished=_without(state.unfinished, flight_id))
    return _change_dock(
        state,
        flight.dock_id,
        lambda view: replace(view, active_flight_id=None) if view.active_flight_id == flight_id else view,
    )


def _settle(state: State, flight_id: UUID, order_id: UUID, outcome: Outcome, detail: str) -> State:
    def change(flight: Flight) -> Flight:
        commands = tuple(
            replace(command, outcome=outcome, detail=detail) if command.order_id == order_id else command
            for command in flight.commands
        )
        return replace(flight, commands=commands)

    return _change_flight(state, flight_id, change)
