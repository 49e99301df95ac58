"""Docks that engineers have taken out of service, each by their own word. Pure.

A hold is one person's: hands are in the box until that person says that they are not. So holds of several stand side by
side, and a release takes one's own; another's only by their name, which stands in the record.
"""

from __future__ import annotations

from dispatcher import events as ev
from dispatcher.entities import DockView, State
from dispatcher.errors import Conflict, NotFound


def hold(state: State, dock_id: str, actor: str, because: str) -> list[ev.Event]:
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
    return [ev.DockHeld(dock_id=dock_id, because=because)]


def release(state: State, dock_id: str, actor: str, *, held_by: str | None = None) -> list[ev.Event]:
    """The person's own hold is lifted, or that of ``held_by``; raises `Conflict` where they do not hold it."""
    view = _dock(state, dock_id)
    whose = actor if held_by is None else held_by
    if not view.holds:
        raise Conflict(f"{dock_id} is not held for maintenance")
    if all(each.by != whose for each in view.holds):
        names = ", ".join(each.by for each in view.holds)
        remedy = "" if held_by else ": name whose hold is lifted (held_by), once you know that they are done"
        raise Conflict(f"{dock_id} is held by {names}, not by {whose}{remedy}")
    return [ev.DockReleased(dock_id=dock_id, held_by=whose)]


def held_because(view: DockView) -> str:
    """Why it is out of service, and by whose word, as everybody reads it; empty when it is not."""
    return "; ".join(f"held for maintenance by {each.by}: {each.because}" for each in view.holds)


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
