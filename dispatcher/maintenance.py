"""Docks that an engineer has taken out of service, and what a dock and its aircraft have been through. Pure."""

from __future__ import annotations

from dispatcher import events as ev
from dispatcher.entities import DockView, State
from dispatcher.errors import Conflict, NotFound


def hold(state: State, dock_id: str, because: str) -> list[ev.Event]:
    """Nothing is sent from it, or to it, until it is released; the same word again changes nothing."""
    view = _dock(state, dock_id)
    if view.hold is not None and view.hold.because == because:
        return []
    return [ev.DockHeld(dock_id=dock_id, because=because)]


def release(state: State, dock_id: str) -> list[ev.Event]:
    """Back in service; raises `Conflict` where it was not out."""
    if _dock(state, dock_id).hold is None:
        raise Conflict(f"{dock_id} is not held for maintenance")
    return [ev.DockReleased(dock_id=dock_id)]


def held_because(view: DockView) -> str:
    """Why it is out of service, and by whose word, as everybody reads it; empty when it is not."""
    return "" if view.hold is None else f"held for maintenance by {view.hold.by}: {view.hold.because}"


def _dock(state: State, dock_id: str) -> DockView:
    view = state.docks.get(dock_id)
    if view is None:
        raise NotFound(f"there is no dock {dock_id}")
    return view
