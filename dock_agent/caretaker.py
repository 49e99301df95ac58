"""The box between flights: the check after a landing, what a person has seen over it, a lid or charger that fails.

What must not be forgotten over a restart (that a check is owed, that something stands over the dock) is on disk. The
rest is seen again within seconds.
"""

from __future__ import annotations

from datetime import datetime

from contracts.fleet import Dock
from contracts.orders import BlockerOrder
from contracts.vocabulary import AlarmKind, Charger, Lid, Phase
from dock_agent import postflight
from dock_agent.alarms import Alarm
from dock_agent.flight import Flight, since
from dock_agent.readings import AircraftReading, DockReading
from dock_agent.store import Store

LID_DISTRUST_S = 600.0
"""Mission seconds for which a dock whose lid did not open launches nothing: each try would cost an incident as much."""
LID_PATIENCE = 4.0
"""Times its nominal travel that a lid may be on its way."""
HEARING_S = 8.0
"""Wall seconds that are the least for it."""
_OWED, _RAISED = "check_owed", "raised"


class Caretaker:
    """Of one dock. ``look`` once in a while; ``alarms`` and ``blocker`` say what it found."""

    def __init__(self, *, dock: Dock, store: Store) -> None:
        self._dock, self._store = dock, store
        self._owed = store.load_text(_OWED) is not None
        self.raised: str | None = store.load_text(_RAISED)
        """What a person has seen over the dock, and who; None: nothing."""
        self._owed_since: datetime | None = None
        self._open_since: datetime | None = None
        self._shut_at: datetime | None = None
        self.alarms: tuple[Alarm, ...] = ()
        self.distrusted: str | None = None
        """Why the lid is not relied upon for a launch."""

    @property
    def checked(self) -> bool:
        """False from a landing until the check after it has passed."""
        return not self._owed

    def ended(self, flight: Flight, *, hardware: DockReading, now: datetime, factor: float) -> None:
        """A flight is over; to be called within the transaction that says so."""
        if flight.airborne_at is not None:
            self._owed, self._owed_since = True, now
            self._store.save_text(_OWED, str(flight.order.flight_id))
        waited_s = since(flight.lid_from, now)
        stuck = hardware.alive and hardware.lid in (Lid.CLOSED, Lid.OPENING, Lid.FAULT)
        if flight.phase is Phase.REFUSED and flight.armed_at is None and stuck and waited_s > self._dock.lid_s:
            self._shut_at = now

    def take_blocker(self, order: BlockerOrder) -> str:
        """Raise or clear what a person has seen; to be called within a transaction. Returns it in words."""
        if order.raised:
            self.raised = f"{order.text or 'somebody or something'} (raised by {order.by})"
            self._store.save_text(_RAISED, self.raised)
            return f"something is over the dock: {self.raised}"
        was, self.raised = self.raised, None
        self._store.save_text(_RAISED, None)
        return f"the dock is clear again, says {order.by}" + (f"; it was: {was}" if was else "")

    def look(
        self, *, hardware: DockReading, aircraft: AircraftReading, now: datetime, factor: float, flying: bool
    ) -> str | None:
        """See what there is; returns what is worth a note, in words."""
        note = None
        found: list[Alarm] = []
        if self._owed and not flying:
            self._owed_since = self._owed_since or now
            patience_s = max(postflight.PATIENCE_S, postflight.HEARING_S * factor)
            if not postflight.findings(hardware, aircraft):
                self._owed, self._owed_since = False, None
                self._store.save_text(_OWED, None)
                note = f"checked after the flight: seated, lid closed, the charger is {hardware.charger}"
            elif since(self._owed_since, now) > patience_s:
                found += postflight.check_alarms(hardware, aircraft)
        found += self._lid(hardware, now, factor, flying)
        if hardware.alive and hardware.charger is Charger.FAULT:
            text = "the charger reports a fault: have it looked at while there is charge left"
            found.append(Alarm(kind=AlarmKind.CHARGER, text=text, of_dock=True))
        self.alarms = tuple(found)
        return note

    def _lid(self, hardware: DockReading, now: datetime, factor: float, flying: bool) -> list[Alarm]:
        if not hardware.alive or flying:
            # While its drone is out the lid is the flight's to watch.
            self._open_since = None
            return []
        if hardware.lid is Lid.OPEN or (self._shut_at is not None and since(self._shut_at, now) > LID_DISTRUST_S):
            self._shut_at = None
        self.distrusted = None
        if self._shut_at is not None:
            left_min = (LID_DISTRUST_S - since(self._shut_at, now)) / 60
            self.distrusted = f"the lid did not open at the last launch; it is tried again in {left_min:.0f} min"
            return [Alarm(kind=AlarmKind.LID, text="the lid did not open: have it looked at", of_dock=True)]
        if hardware.lid is Lid.FAULT:
            return [Alarm(kind=AlarmKind.LID, text="the lid reports a fault: have it looked at", of_dock=True)]
        open_over_seated = hardware.seated and hardware.lid is not Lid.CLOSED
        self._open_since = (self._open_since or now) if open_over_seated else None
        patience_s = max(LID_PATIENCE * self._dock.lid_s, HEARING_S * factor)
        if self._open_since is not None and since(self._open_since, now) > patience_s:
            text = f"the lid is {hardware.lid} over the seated aircraft: close it by hand, and have it looked at"
            return [Alarm(kind=AlarmKind.LID, text=text, of_dock=True)]
        return []
