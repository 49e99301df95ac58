"""How a watch of several flights follows from events: which they are, since when, and who comes to relieve whom."""

from __future__ import annotations

from uuid import UUID

from contracts.vocabulary import PHASE_ORDER, Condition, Phase
from dispatcher import events as ev
from dispatcher.entities import Flight, ForeseenRelief, Incident, PhaseEntry, State
from dispatcher.folding.change import Handlers, change_flight, change_incident, replace, without
from dispatcher.record import SYSTEM, Recorded


def flight_ordered(state: State, flight: Flight) -> State:
    """It belongs to its incident; a press begins a watch of its own, a relief goes on with the one that there is."""
    incident_id, relieved = flight.incident_id, flight.relieves

    def change(incident: Incident) -> Incident:
        incident = replace(incident, flight_id=flight.id, flight_ids=(*incident.flight_ids, flight.id), relief=None)
        return replace(incident, watched_from=None, relay_ended_because=None) if relieved is None else incident

    state = change_incident(state, incident_id, change)
    if relieved is not None:
        return change_flight(
            state,
            relieved,
            lambda known: (
                known if known.ended else replace(known, conditions=known.conditions | {Condition.RELIEF_COMING})
            ),
        )
    incident = state.incidents.get(incident_id)
    if incident is None or incident.watch_s is None or flight.ordered_by == SYSTEM:
        return state  # a relay is part of a press: what launched by itself is relieved by nobody by itself
    return replace(state, relays=state.relays.set(incident_id, None))


def phase_entered(state: State, flight: Flight, entry: PhaseEntry) -> State:
    """The first one on scene begins the watch; a relief that has come, or will not come, is not coming any more."""
    if PHASE_ORDER[entry.phase] < PHASE_ORDER[Phase.ON_SCENE]:
        return state
    if entry.phase is Phase.ON_SCENE and any(each is entry for each in flight.leg_phases):
        state = change_incident(
            state,
            flight.incident_id,
            lambda incident: replace(incident, watched_from=incident.watched_from or entry.mission_time),
        )
    if flight.relieves is None:
        return state
    return change_flight(
        state,
        flight.relieves,
        lambda known: replace(known, conditions=known.conditions - {Condition.RELIEF_COMING}),
    )


def flights_moved(state: State, incident_id: UUID, into: UUID) -> State:
    """What flies for an incident that has become part of another flies for that one now."""
    incident = state.incidents.get(incident_id)
    if incident is None:
        return state
    moved = tuple(flight_id for flight_id in incident.flight_ids if flight_id in state.unfinished)

    def change(other: Incident) -> Incident:
        return replace(
            other,
            flight_id=moved[-1],
            flight_ids=(*other.flight_ids, *moved),
            watched_from=other.watched_from or incident.watched_from,
        )

    if not moved:
        return state
    state = change_incident(state, into, change)
    for flight_id in moved:
        state = change_flight(state, flight_id, lambda flight: replace(flight, incident_id=into))
    target = state.incidents.get(into)
    if target is None or target.watch_s is None:
        return state
    return replace(state, relays=state.relays.set(into, None))


def _foreseen(state: State, _: Recorded, event: ev.ReliefForeseen) -> State:
    relief = ForeseenRelief(
        flight_id=event.flight_id, leaves_at=event.leaves_at, dock_id=event.dock_id, order_at=event.order_at
    )
    return change_incident(state, event.incident_id, lambda incident: replace(incident, relief=relief))


def _relay_ended(state: State, _: Recorded, event: ev.RelayEnded) -> State:
    state = change_incident(
        state,
        event.incident_id,
        lambda incident: replace(incident, relief=None, relay_ended_because=event.because),
    )
    return replace(state, relays=without(state.relays, event.incident_id))


HANDLERS: Handlers = {
    ev.ReliefForeseen: _foreseen,
    ev.RelayEnded: _relay_ended,
}
