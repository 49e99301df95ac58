"""Docks that engineers have taken out of service, each by their own word. Pure.

A hold is one person's: hands are in the box until that person says that they are not. So holds of several stand side by
side, and a release takes one's own; another's only by their name, which stands in the record. The dock's agent is told
of all of them at each change, in an order of its own (`MaintenanceOrdered`): it refuses what slips past the dispatcher.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from contracts.orders import MaintenanceHold, MaintenanceOrder
from contracts.vocabulary import Deployment
from dispatcher import events as ev
from dispatcher.entities import DockView, Hold, State
from dispatcher.errors import Conflict, Forbidden, NotFound
from dispatcher.identifiers import NewId
from dispatcher.record import SYSTEM
from dispatcher.sequence import next_sequence

ORDER_VALID = timedelta(days=30)
"""For which an order about it can be told: a dock under repair may be without power for long. It is renewed in time."""
MOST_TOLD = 40
"""Holds that an order can carry; one is enough to keep the dock out of service."""


def hold(
    state: State,
    dock_id: str,
    actor: str,
    because: str,
    *,
    deployment: Deployment,
    now: datetime,
    new_id: NewId,
) -> list[ev.Event]:
    """Nothing is sent from it, or to it, until everybody who holds it has released it; the same word changes nothing.

    Raises `Conflict`, naming the flight, while one may still start or land there: nobody is to rely on a hold that a
    lid and rotors do not know of.
    """
    view = _dock(state, dock_id)
    own = next((each for each in view.holds if each.by == actor), None)
    if own is not None and own.because == because:
        return []
    if own is None:
        _check_still(state, view)
    told = _holds([*(each for each in view.holds if each.by != actor), Hold(by=actor, at=now, because=because)])
    ordered = _ordered(state, dock_id, told, deployment=deployment, now=now, new_id=new_id)
    return [ev.DockHeld(dock_id=dock_id, because=because), ordered]


def hold_found(
    state: State, found: ev.FlightFound, *, deployment: Deployment, now: datetime, new_id: NewId
) -> list[ev.Event]:
    """Held by the system itself where a missing drone stands in its box and no agent has said how it came there.

    An engineer or a pilot lifts it by its name once somebody has looked at the drone; nothing launches it before.
    """
    flight = state.flights.get(found.flight_id)
    if found.evidence is None or flight is None:
        return []
    because = f"{flight.callsign} was missing and stands in its box again: look it over before it flies"
    return hold(state, flight.dock_id, SYSTEM, because, deployment=deployment, now=now, new_id=new_id)


def release(
    state: State,
    dock_id: str,
    actor: str,
    *,
    held_by: str | None = None,
    engineer: bool = True,
    deployment: Deployment,
    now: datetime,
    new_id: NewId,
) -> list[ev.Event]:
    """The person's own hold is lifted, or that of ``held_by``; raises `Conflict` where they do not hold it.

    Who is no ``engineer`` lifts the system's own alone: raises `Forbidden` for a person's.
    """
    view = _dock(state, dock_id)
    whose = actor if held_by is None else held_by
    if not engineer and whose != SYSTEM:
        raise Forbidden("a hold of a person is lifted by an engineer; a pilot lifts that of system (held_by) alone")
    if not view.holds:
        unknown = view.maintenance is None and not view.agent_knows_holds
        remedy = (
            ", but its agent goes by a word that is not in this journal: hold it, then release it" if unknown else ""
        )
        raise Conflict(f"{dock_id} is not held for maintenance{remedy}")
    if all(each.by != whose for each in view.holds):
        names = ", ".join(each.by for each in view.holds)
        remedy = "" if held_by else ": name whose hold is lifted (held_by), once you know that they are done"
        raise Conflict(f"{dock_id} is held by {names}, not by {whose}{remedy}")
    told = _holds([each for each in view.holds if each.by != whose])
    ordered = _ordered(state, dock_id, told, deployment=deployment, now=now, new_id=new_id)
    return [ev.DockReleased(dock_id=dock_id, held_by=whose), ordered]


def untold(state: State, *, deployment: Deployment, now: datetime, new_id: NewId) -> list[ev.Event]:
    """What agents are to be told: holds of before they were told of any, and what was not heard in all its time."""
    return [
        _ordered(state, dock_id, _holds(view.holds), deployment=deployment, now=now, new_id=new_id)
        for dock_id, view in state.docks.items()
        if _holds(view.holds) != ([] if view.maintenance is None else view.maintenance.order.holds)
        or (view.maintenance is not None and not view.agent_knows_holds and view.maintenance.order.expires_at <= now)
    ]


def _holds(holds: Sequence[Hold]) -> list[MaintenanceHold]:
    return [MaintenanceHold(by=each.by[:120], because=each.because[:200]) for each in holds[:MOST_TOLD]]


def _ordered(
    state: State,
    dock_id: str,
    holds: list[MaintenanceHold],
    *,
    deployment: Deployment,
    now: datetime,
    new_id: NewId,
) -> ev.MaintenanceOrdered:
    order = MaintenanceOrder(
        order_id=new_id(), deployment=deployment, holds=holds, issued_at=now, expires_at=now + ORDER_VALID
    )
    return ev.MaintenanceOrdered(dock_id=dock_id, order=order, sequence=next_sequence(state, dock_id, now))


def held_because(view: DockView) -> str:
    """Why it is out of service, and by whose word, as everybody reads it; empty when it is not."""
    return "; ".join(each.words for each in _holds(view.holds))


def beside_holds(view: DockView, blockers: Sequence[str]) -> list[str]:
    """An agent's blockers without that it is held, which is said by the holds; one that is told late says it itself."""
    said = held_because(view) if view.holds else None
    return [text for text in blockers if text != said]


def check_not_held(state: State, dock_id: str) -> None:
    """Raises `Conflict` while anybody holds it."""
    view = state.docks.get(dock_id)
    if view is not None and view.holds:
        raise Conflict(f"{dock_id} is {held_because(view)}: nothing is sent from it until it is released")


def _check_still(state: State, view: DockView) -> None:
    dock_id = view.dock.id
    flight = None if view.active_flight_id is None else state.flights.get(view.active_flight_id)
    if flight is not None and not (flight.phase.is_airborne and flight.diverted_to not in (None, dock_id)):
        out = flight.phase.is_airborne
        now = f"is out and comes home to {dock_id}" if out else f"may still start from {dock_id}"
        remedy = "wait until it is home" if out else "cancel it, or wait until it is home again"
        raise Conflict(f"{flight.callsign} {now}: {remedy}", flight_id=str(flight.id), phase=flight.phase.value)
    coming = None if view.expected_flight_id is None else state.flights.get(view.expected_flight_id)
    if coming is not None:
        raise Conflict(
            f"{coming.callsign} has been sent to {dock_id}: divert it elsewhere, or wait until it has landed",
            flight_id=str(coming.id),
            phase=coming.phase.value,
        )


def _dock(state: State, dock_id: str) -> DockView:
    view = state.docks.get(dock_id)
    if view is None:
        raise NotFound(f"there is no dock {dock_id}")
    return view
