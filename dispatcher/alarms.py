"""What a person may do about an alarm, and raise over a dock: pure functions to the events that follow."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from contracts.orders import BlockerOrder
from contracts.vocabulary import Deployment
from dispatcher import events as ev
from dispatcher.causes import causes_of
from dispatcher.entities import Alarm, State
from dispatcher.errors import Conflict, NotFound
from dispatcher.identifiers import NewId
from dispatcher.sequence import next_sequence

BLOCKER_VALID = timedelta(minutes=10)
"""For which the dock's agent is told; the dispatcher itself holds to it until somebody says that it has gone."""


def acknowledge(state: State, alarm_id: UUID) -> tuple[Alarm, list[ev.Event]]:
    """Somebody has seen it; who was first stands in the record. With the alarm as it was."""
    alarm = _open(state, alarm_id)
    if alarm.acknowledged_by is not None:
        return alarm, []
    return alarm, [ev.AlarmAcknowledged(alarm_id=alarm_id, flight_id=alarm.flight_id, dock_id=alarm.dock_id)]


def shelve(
    state: State, alarm_id: UUID, *, lasts_s: float, because: str, now: datetime
) -> tuple[Alarm, list[ev.Event]]:
    """Out of sight for so long, mission seconds, and why.

    What is about the safety of a flight never is, nor anything of a flight in the air: `Conflict`.
    """
    alarm = _open(state, alarm_id)
    cause = next(each for each in causes_of(state) if any(one.id == alarm_id for one in each.alarms))
    if cause.aloft:
        raise Conflict(f"an alarm of a flight in the air stays in sight until it is over: {cause.action}")
    if not cause.may_be_shelved:
        raise Conflict(f"an alarm of priority {cause.priority} is about the safety of a flight: {cause.action}")
    until = now + timedelta(seconds=lasts_s)
    shelved = ev.AlarmShelved(
        alarm_id=alarm_id, flight_id=alarm.flight_id, dock_id=alarm.dock_id, until=until, because=because
    )
    return alarm, [shelved]


def unshelve(state: State, alarm_id: UUID, *, now: datetime) -> tuple[Alarm, list[ev.Event]]:
    """In sight again; one that is in sight already stays so."""
    alarm = _open(state, alarm_id)
    if alarm.shelf is None or alarm.shelf.until <= now:
        return alarm, []
    return alarm, [ev.AlarmUnshelved(alarm_id=alarm_id, flight_id=alarm.flight_id, dock_id=alarm.dock_id)]


def _open(state: State, alarm_id: UUID) -> Alarm:
    alarm = state.alarm(alarm_id)
    if alarm is None:
        raise NotFound(f"there is no alarm {alarm_id} that lasts or waits to be acknowledged")
    return alarm


def raise_blocker(
    state: State, dock_id: str, actor: str, text: str, *, deployment: Deployment, now: datetime, new_id: NewId
) -> list[ev.Event]:
    """Something is over a dock; another word takes the one before its place."""
    view = state.docks.get(dock_id)
    if view is None:
        raise NotFound(f"there is no dock {dock_id}")
    if view.blocker is not None and view.blocker.order.raised and view.blocker.order.text == text:
        return []
    return [_ordered(state, dock_id, actor, text, True, deployment, now, new_id)]


def lift_blocker(
    state: State, dock_id: str, actor: str, *, deployment: Deployment, now: datetime, new_id: NewId
) -> list[ev.Event]:
    """It has gone."""
    view = state.docks.get(dock_id)
    if view is None:
        raise NotFound(f"there is no dock {dock_id}")
    if view.blocker is None or not view.blocker.order.raised:
        raise Conflict(f"nobody has raised anything over {dock_id}")
    return [_ordered(state, dock_id, actor, view.blocker.order.text, False, deployment, now, new_id)]


def _ordered(
    state: State,
    dock_id: str,
    actor: str,
    text: str,
    raised: bool,
    deployment: Deployment,
    now: datetime,
    new_id: NewId,
) -> ev.BlockerOrdered:
    order = BlockerOrder(
        order_id=new_id(),
        deployment=deployment,
        raised=raised,
        text=text,
        by=actor,
        issued_at=now,
        expires_at=now + BLOCKER_VALID,
    )
    return ev.BlockerOrdered(dock_id=dock_id, order=order, sequence=next_sequence(state, dock_id, now))
