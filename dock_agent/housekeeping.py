"""The box while nothing flies: the lid over a seated aircraft is closed and it is charged; so is an empty box's lid."""

from __future__ import annotations

from datetime import datetime

from contracts.reports import DockNoted
from contracts.vocabulary import Charger, Lid
from dock_agent.flight import LINK_LOST_S, since
from dock_agent.hands import Hands
from dock_agent.readings import AircraftReading, DockReading
from dock_agent.turn import HEARING_S

TIDY_S = 2.0
"""Wall seconds between orders to an idle dock to close its lid or to charge."""
LID_PATIENCE = 3.0
"""Times the lid's nominal travel."""


class Housekeeping:
    """Of one dock. ``look`` only while no flight is under way and nobody is expected."""

    def __init__(self, *, lid_s: float, hands: Hands) -> None:
        self._lid_s, self._hands = lid_s, hands
        self._tidied_s = float("-inf")
        self._open_since: datetime | None = None
        self._noted = False

    def reset(self) -> None:
        """A flight has ended: patience begins anew."""
        self._tidied_s, self._open_since, self._noted = float("-inf"), None, False

    def look(
        self,
        *,
        dock: DockReading,
        aircraft: AircraftReading,
        now: datetime,
        wall_s: float,
        factor: float,
        still: bool = False,
    ) -> DockNoted | None:
        """Give what orders are due; a fault worth recording, once. ``now`` is mission time.

        ``still``: the lid must not move, because something is over the dock, or hands are in it.
        """
        if not dock.alive or aircraft.armed or aircraft.in_air:
            self._open_since = None
            return None
        if not dock.seated:
            self._open_since = None
            # Nobody comes: only when its own aircraft is heard to stand somewhere else.
            if dock.seated is False and aircraft.link_age_s <= LINK_LOST_S and aircraft.in_air is False:
                self._shut(dock, wall_s, still)
            return None
        note = self._watch_lid(dock, now, factor)
        if dock.lid is Lid.CLOSED and dock.charger is Charger.OFF and self._due(wall_s):
            self._hands.charge(enabled=True)
        self._shut(dock, wall_s, still)
        return note

    def _watch_lid(self, dock: DockReading, now: datetime, factor: float) -> DockNoted | None:
        if dock.lid is Lid.CLOSED:
            self._open_since, self._noted = None, False
            return None
        self._open_since = self._open_since or now
        patience_s = max(LID_PATIENCE * self._lid_s, HEARING_S * factor)
        if self._noted or not (dock.lid is Lid.FAULT or since(self._open_since, now) > patience_s):
            return None
        self._noted = True
        return DockNoted(severity="fault", text=f"the lid is {dock.lid} over the seated aircraft")

    def _shut(self, dock: DockReading, wall_s: float, still: bool) -> None:
        if not still and dock.lid in (Lid.OPEN, Lid.OPENING) and self._due(wall_s):
            self._hands.move_lid(opened=False)

    def _due(self, wall_s: float) -> bool:
        if wall_s - self._tidied_s < TIDY_S:
            return False
        self._tidied_s = wall_s
        return True
