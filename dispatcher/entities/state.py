"""Everything that the dispatcher knows."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from immutables import Map

from contracts.vocabulary import Deployment
from dispatcher.entities.airspace import Airspace
from dispatcher.entities.alarm import Alarm
from dispatcher.entities.dock import AgentCursor, DockView, Stranger
from dispatcher.entities.flight import Flight
from dispatcher.entities.incident import DecisionView, Incident
from dispatcher.entities.pilot import ControllerOnDuty, Handover, PilotOnDuty
from dispatcher.entities.watching import WatchLink
from dispatcher.entities.weather import ReportedWeather
from dispatcher.policy.stance import PolicyInForce


@dataclass(frozen=True, kw_only=True)
class State:
    """Everything, after the event with sequence ``seq``."""

    seq: int = 0
    deployment: Deployment | None = None
    force: str = ""
    force_name: str = ""
    policy: PolicyInForce | None = None
    """None: from before policies were journalled."""
    docks: Map[str, DockView] = field(default_factory=Map)
    incidents: Map[UUID, Incident] = field(default_factory=Map)
    flights: Map[UUID, Flight] = field(default_factory=Map)
    pilots: Map[str, PilotOnDuty] = field(default_factory=Map)
    controllers: Map[str, ControllerOnDuty] = field(default_factory=Map)
    handovers: tuple[Handover, ...] = ()
    """The latest, oldest first."""
    decisions: Map[UUID, DecisionView] = field(default_factory=Map)
    strangers: Map[str, Stranger] = field(default_factory=Map)
    agents: Map[str, AgentCursor] = field(default_factory=Map)
    references: Map[tuple[str, str], UUID] = field(default_factory=Map)
    """(source, reference) of every incident ever reported."""
    presses: Map[tuple[str, str], UUID] = field(default_factory=Map)
    """(actor, idempotency key) of every dispatch, to its flight."""
    unfinished: Map[UUID, None] = field(default_factory=Map)
    """Flights that have not ended."""
    missing: Map[UUID, None] = field(default_factory=Map)
    """Flights of which nobody knows what became of them."""
    relays: Map[UUID, None] = field(default_factory=Map)
    """Open incidents that somebody pressed dispatch for and that say how long a watch they want."""
    unattended: Map[UUID, None] = field(default_factory=Map)
    """Open incidents to which no drone has been sent yet."""
    open_turns: Map[UUID, UUID] = field(default_factory=Map)
    """Turns that wait for an answer or for the end of their countdown, to the incident that they would go to."""
    open_alarms: Map[UUID, UUID | str] = field(default_factory=Map)
    """Alarms that last or that nobody has acknowledged, to the flight or dock that has them."""
    weather: ReportedWeather = field(default_factory=ReportedWeather)
    airspace: Airspace = field(default_factory=Airspace)
    links: Map[UUID, WatchLink] = field(default_factory=Map)
    link_tokens: Map[str, UUID] = field(default_factory=Map)
    """The SHA-256 of every link's token, to the link."""
    watched: Map[UUID, UUID] = field(default_factory=Map)
    """Sessions in which somebody watches a flight's video now, to the flight."""
    withdrawn_tickets: Map[UUID, datetime] = field(default_factory=Map)
    """Tickets to watch that were withdrawn, to when (wall time) they would have ended by themselves."""

    def callsign_of(self, dock_id: str) -> str:
        """What people call the drone of a dock; the dock's own id where there is none such."""
        view = self.docks.get(dock_id)
        return dock_id if view is None else view.dock.aircraft.callsign

    def active_flights(self) -> list[Flight]:
        """Flights that have not ended, in the order they were ordered."""
        return sorted((self.flights[flight_id] for flight_id in self.unfinished), key=lambda flight: flight.id.int)

    def flights_of_pilot(self, pilot: str) -> int:
        """How many unfinished flights a pilot commands."""
        return sum(1 for flight_id in self.unfinished if self.flights[flight_id].pilot == pilot)

    def flights_in_hand(self, pilot: str) -> list[Flight]:
        """The unfinished flights that a pilot flies by hand."""
        return [flight for flight in self._flights_of(pilot) if flight.in_hand]

    def flights_watched(self, pilot: str) -> list[Flight]:
        """The unfinished flights of a pilot that fly by their mission: in transit or on watch."""
        return [flight for flight in self._flights_of(pilot) if not flight.in_hand]

    def _flights_of(self, pilot: str) -> list[Flight]:
        return [flight for flight in self.active_flights() if flight.pilot == pilot]

    def alarm(self, alarm_id: UUID) -> Alarm | None:
        """An alarm that lasts, or that nobody has acknowledged."""
        home = self.open_alarms.get(alarm_id)
        owner = self.flights.get(home) if isinstance(home, UUID) else self.docks.get(home or "")
        return next((each for each in owner.alarms if each.id == alarm_id), None) if owner is not None else None
