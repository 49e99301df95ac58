"""How the deployment and its docks follow from their events."""

from __future__ import annotations

from dispatcher import events as ev
from dispatcher.entities import DockView, State, Stranger
from dispatcher.folding.change import Handlers, change_dock, replace, without
from dispatcher.record import Recorded


def _started(state: State, _: Recorded, event: ev.DispatcherStarted) -> State:
    return replace(state, deployment=event.deployment, force=event.force, force_name=event.force_name)


def _registered(state: State, _: Recorded, event: ev.DockRegistered) -> State:
    known = state.docks.get(event.dock.id)
    if known is None:
        view = DockView(dock=event.dock, aircraft_type=event.aircraft_type)
    else:
        view = replace(known, dock=event.dock, aircraft_type=event.aircraft_type)
    return replace(state, docks=state.docks.set(event.dock.id, view), strangers=without(state.strangers, event.dock.id))


def _withdrawn(state: State, _: Recorded, event: ev.DockWithdrawn) -> State:
    return replace(state, docks=without(state.docks, event.dock_id))


def _dock_reported(state: State, _: Recorded, event: ev.DockReported) -> State:
    return change_dock(state, event.dock_id, lambda view: replace(view, report=event, silent=False, silent_since=None))


def _dock_silent(state: State, recorded: Recorded, event: ev.DockSilent) -> State:
    return change_dock(
        state, event.dock_id, lambda view: replace(view, silent=True, silent_since=recorded.mission_time)
    )


def _dock_heard(state: State, _: Recorded, event: ev.DockHeardAgain) -> State:
    return change_dock(state, event.dock_id, lambda view: replace(view, silent=False, silent_since=None))


def _stranger(state: State, recorded: Recorded, event: ev.StrangerSeen) -> State:
    seen = Stranger(name=event.name, because=event.because, first_seen=recorded.mission_time)
    return replace(state, strangers=state.strangers.set(event.name, seen))


HANDLERS: Handlers = {
    ev.DispatcherStarted: _started,
    ev.DockRegistered: _registered,
    ev.DockWithdrawn: _withdrawn,
    ev.DockReported: _dock_reported,
    ev.DockSilent: _dock_silent,
    ev.DockHeardAgain: _dock_heard,
    ev.StrangerSeen: _stranger,
}
