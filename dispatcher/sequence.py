"""The numbers of what a dock is told: each above all before."""

from __future__ import annotations

from datetime import datetime

from dispatcher.state import State


def next_sequence(state: State, dock_id: str, now: datetime) -> int:
    """The next order sequence of a dock: above all before, also above those of a journal that is no longer there."""
    view = state.docks.get(dock_id)
    return max((view.last_sequence if view else 0) + 1, int(now.timestamp() * 1000))
