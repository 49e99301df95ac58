"""Who is on duty, from the events."""

from __future__ import annotations

from collections.abc import Callable

from dispatcher import events as ev
from dispatcher.entities import Acknowledgement, ControllerOnDuty, Handover, Notice, PilotOnDuty, State
from dispatcher.folding.change import Handlers, replace, without
from dispatcher.record import Recorded

KEPT_NOTICES = 20
KEPT_HANDOVERS = 20


def _signed_on(state: State, recorded: Recorded, event: ev.PilotSignedOn) -> State:
    known = state.pilots.get(event.pilot)
    pilot = PilotOnDuty(
        id=event.pilot,
        accepts=event.accepts,
        max_flights=event.max_flights,
        since=recorded.mission_time,
        until=event.until,
        console=event.console,
        silent_since=known.silent_since if known is not None else None,
        notices=known.notices if known is not None else (),
        acknowledged=known.acknowledged if known is not None else None,
    )
    return replace(state, pilots=state.pilots.set(pilot.id, pilot))


def _signed_off(state: State, _: Recorded, event: ev.PilotSignedOff) -> State:
    return replace(state, pilots=without(state.pilots, event.pilot))


def _silent(state: State, recorded: Recorded, event: ev.PilotSilent) -> State:
    return _change(state, event.pilot, lambda pilot: replace(pilot, silent_since=recorded.mission_time))


def _heard(state: State, _: Recorded, event: ev.PilotHeardAgain) -> State:
    return _change(state, event.pilot, lambda pilot: replace(pilot, silent_since=None))


def _told(state: State, recorded: Recorded, event: ev.PilotTold) -> State:
    notice = Notice(
        id=recorded.id,
        flight_id=event.flight_id,
        by=event.by,
        order_id=event.order_id,
        text=event.text,
        at=recorded.mission_time,
    )
    return _change(state, event.pilot, lambda pilot: replace(pilot, notices=(*pilot.notices, notice)[-KEPT_NOTICES:]))


def _controller_on(state: State, recorded: Recorded, event: ev.ControllerSignedOn) -> State:
    known = state.controllers.get(event.person)
    controller = ControllerOnDuty(
        id=event.person,
        since=recorded.mission_time if known is None else known.since,
        until=event.until,
        acknowledged=None if known is None else known.acknowledged,
    )
    return replace(state, controllers=state.controllers.set(controller.id, controller))


def _controller_off(state: State, _: Recorded, event: ev.ControllerSignedOff) -> State:
    return replace(state, controllers=without(state.controllers, event.person))


def _acknowledged(state: State, recorded: Recorded, event: ev.BriefingAcknowledged) -> State:
    read = Acknowledgement(
        what=tuple(event.what),
        at=recorded.mission_time,
        seq=event.seq,
        airspace_revision=event.airspace_revision,
    )
    if event.role is ev.DutyRole.PILOT:
        return _change(state, event.person, lambda pilot: replace(pilot, acknowledged=read))
    controller = state.controllers.get(event.person)
    if controller is None:
        return state
    return replace(state, controllers=state.controllers.set(controller.id, replace(controller, acknowledged=read)))


def _handed_over(state: State, recorded: Recorded, event: ev.ShiftHandedOver) -> State:
    handover = Handover(
        id=event.handover_id,
        by=event.person,
        role=event.role,
        at=recorded.mission_time,
        note=event.note,
        flights=tuple(event.flights),
        alarms=tuple(event.alarms),
        docks_unfit=tuple(event.docks_unfit),
    )
    return replace(state, handovers=(*state.handovers, handover)[-KEPT_HANDOVERS:])


def _accepted(state: State, recorded: Recorded, event: ev.ShiftAccepted) -> State:
    handovers = tuple(
        replace(each, accepted_by=event.person, accepted_at=recorded.mission_time)
        if each.id == event.handover_id
        else each
        for each in state.handovers
    )
    return replace(state, handovers=handovers)


def _change(state: State, pilot_id: str, change: Callable[[PilotOnDuty], PilotOnDuty]) -> State:
    pilot = state.pilots.get(pilot_id)
    return state if pilot is None else replace(state, pilots=state.pilots.set(pilot_id, change(pilot)))


HANDLERS: Handlers = {
    ev.ControllerSignedOn: _controller_on,
    ev.ControllerSignedOff: _controller_off,
    ev.BriefingAcknowledged: _acknowledged,
    ev.ShiftHandedOver: _handed_over,
    ev.ShiftAccepted: _accepted,
    ev.PilotSilent: _silent,
    ev.PilotHeardAgain: _heard,
    ev.PilotTold: _told,
    ev.PilotSignedOn: _signed_on,
    ev.PilotSignedOff: _signed_off,
}
