"""How the deployment and its docks follow from their events."""

from __future__ import annotations

from datetime import timedelta

from contracts.vocabulary import AlarmKind, Charger
from dispatcher import events as ev
from dispatcher.entities import Alarm, DockView, Hold, RaisedBlocker, State, Stranger, ToldMaintenance
from dispatcher.folding import launches, turns
from dispatcher.folding.alarms import end_alarms, raise_alarm
from dispatcher.folding.change import Handlers, change_dock, replace, without
from dispatcher.folding.commands import raise_sequence, settle_blocker
from dispatcher.record import Recorded

LIFTED_AFTER = timedelta(seconds=5)
"""Until then a report without the blocker may be one from before it was raised."""


def _started(state: State, _: Recorded, event: ev.DispatcherStarted) -> State:
    state = turns.started(launches.started(state))
    return replace(state, deployment=event.deployment, force=event.force, force_name=event.force_name)


def _registered(state: State, recorded: Recorded, event: ev.DockRegistered) -> State:
    known = state.docks.get(event.dock.id)
    if known is None:
        view = DockView(dock=event.dock, aircraft_type=event.aircraft_type)
    else:
        state = _at_home_again(state, known)
        view = replace(known, dock=event.dock, aircraft_type=event.aircraft_type, guest_of=None, away_in=None)
    view = replace(view, registered_at=recorded.mission_time)
    return replace(state, docks=state.docks.set(event.dock.id, view), strangers=without(state.strangers, event.dock.id))


def _withdrawn(state: State, _: Recorded, event: ev.DockWithdrawn) -> State:
    return replace(state, docks=without(state.docks, event.dock_id))


def _dock_reported(state: State, recorded: Recorded, event: ev.DockReported) -> State:
    known = state.docks.get(event.dock_id)
    if known is None:
        return state
    if known.away_in is not None and event.aircraft_seated and event.aircraft_connected and event.registered:
        # Somebody has carried it back.
        state = _at_home_again(state, known)
        state = change_dock(state, event.dock_id, lambda view: replace(view, away_in=None))
    blocker = known.blocker
    if blocker is not None and not blocker.settled and _shows(event, blocker):
        state = settle_blocker(state, event.dock_id, blocker.order.order_id)
    state = end_alarms(state, None, event.dock_id, recorded.mission_time, AlarmKind.DOCK_SILENT)
    usage = replace(known.usage, charged_percent=known.usage.charged_percent + _charged_percent(known.report, event))
    return change_dock(
        state,
        event.dock_id,
        lambda view: replace(view, report=event, silent=False, silent_since=None, usage=usage),
    )


def _charged_percent(before: ev.DockReported | None, now: ev.DockReported) -> float:
    """What the charger has put in between two reports, in per cent of the battery."""
    if before is None or before.battery_percent is None or now.battery_percent is None:
        return 0.0
    at_charger = Charger.CHARGING in (before.charger, now.charger) and bool(now.aircraft_seated)
    return max(0.0, now.battery_percent - before.battery_percent) if at_charger else 0.0


def _at_home_again(state: State, known: DockView) -> State:
    """The dock where this one's aircraft stood has its plate free again."""
    if known.away_in is None:
        return state
    return change_dock(state, known.away_in, lambda view: replace(view, guest_of=None))


def _shows(report: ev.DockReported, blocker: RaisedBlocker) -> bool:
    """Whether the agent's own blockers show that it has taken the order. The one that lifts carries the same text."""
    order = blocker.order
    there = any(order.text in each for each in report.blockers)
    return there if order.raised else not there and report.measured_at > order.issued_at + LIFTED_AFTER


def _dock_silent(state: State, recorded: Recorded, event: ev.DockSilent) -> State:
    known = state.docks.get(event.dock_id)
    if known is not None and known.report is not None:
        # One that has never been heard since it was put up is a matter for the briefing, not an alarm.
        alarm = Alarm(
            id=recorded.id,
            kind=AlarmKind.DOCK_SILENT,
            flight_id=None,
            dock_id=event.dock_id,
            raised_at=recorded.mission_time,
            text=f"{known.dock.name} is not heard any more",
            changed_at=recorded.mission_time,
        )
        state = raise_alarm(state, alarm)
    return change_dock(
        state, event.dock_id, lambda view: replace(view, silent=True, silent_since=recorded.mission_time)
    )


def _dock_heard(state: State, recorded: Recorded, event: ev.DockHeardAgain) -> State:
    state = end_alarms(state, None, event.dock_id, recorded.mission_time, AlarmKind.DOCK_SILENT)
    return change_dock(state, event.dock_id, lambda view: replace(view, silent=False, silent_since=None))


def _held(state: State, recorded: Recorded, event: ev.DockHeld) -> State:
    hold = Hold(by=recorded.actor, at=recorded.mission_time, because=event.because)
    return change_dock(
        state, event.dock_id, lambda view: replace(view, holds=(*_without(view.holds, recorded.actor), hold))
    )


def _released(state: State, _: Recorded, event: ev.DockReleased) -> State:
    return change_dock(state, event.dock_id, lambda view: replace(view, holds=_without(view.holds, event.held_by)))


def _maintenance_ordered(state: State, _: Recorded, event: ev.MaintenanceOrdered) -> State:
    told = ToldMaintenance(order=event.order, sequence=event.sequence)
    state = change_dock(state, event.dock_id, lambda view: replace(view, maintenance=told))
    return raise_sequence(state, event.dock_id, event.sequence)


def _without(holds: tuple[Hold, ...], person: str | None) -> tuple[Hold, ...]:
    """None: before holds were a person's, a release lifted whatever there was."""
    return tuple(each for each in holds if person is not None and each.by != person)


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
    ev.DockHeld: _held,
    ev.DockReleased: _released,
    ev.MaintenanceOrdered: _maintenance_ordered,
    ev.StrangerSeen: _stranger,
}
