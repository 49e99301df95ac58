"""The situation at a moment of the past, folded from the journal by the checker's own rules.

It shares no code with the dispatcher's fold on purpose: two readings of one record that agree are worth more than one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from kestrel.journalfile import Entry
from kestrel.pastzones import PastZone, zones_of

ENDS = frozenset({"docked", "landed_away", "cancelled", "refused", "missing"})


@dataclass(slots=True)
class PastDock:
    """A dock as the journal knew it."""

    lat_deg: float
    lon_deg: float
    limits: dict[str, float]
    aircraft: dict[str, Any]
    withdrawn: bool = False
    silent: bool = False
    held: dict[str, str] = field(default_factory=dict)
    """Who has taken it out of service, and why."""
    report: dict[str, Any] | None = None
    reported_at: datetime | None = None
    """Mission time."""
    heard_at: datetime | None = None
    """Wall time of the last word of its agent in the journal."""


@dataclass(slots=True)
class PastFlight:
    """A flight as the journal knew it; ``phases`` in the order of their recording."""

    flight_id: str
    incident_id: str
    dock_id: str
    pilot: str
    ordered_seq: int
    phases: list[str] = field(default_factory=lambda: ["ordered"])
    turns: int = 0
    """How often it was turned to another incident: its phases may begin anew so often."""
    ended: str | None = None


@dataclass(slots=True)
class PastIncident:
    """An incident as the journal knew it."""

    incident_id: str
    source: str
    reference: str
    lat_deg: float
    lon_deg: float
    watch_s: float | None
    status: str = "open"
    last_decision: dict[str, Any] | None = None
    last_decision_seq: int = 0
    refusal_seq: int | None = None


@dataclass(slots=True)
class Hindsight:
    """Everything that bears on a decision; `apply` events in order."""

    docks: dict[str, PastDock] = field(default_factory=dict)
    flights: dict[str, PastFlight] = field(default_factory=dict)
    incidents: dict[str, PastIncident] = field(default_factory=dict)
    zones: dict[str, tuple[PastZone, ...]] = field(default_factory=dict)
    """By document, those that are loaded."""
    announced: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Launches that wait for an answer, by their proposals' ids."""
    reserve_percent: float = 20.0
    """Of the policy that holds."""
    pilots: dict[str, int] = field(default_factory=dict)
    """Pilots on duty, and how many flights each takes."""

    def flight_at(self, dock_id: str) -> PastFlight | None:
        """The flight that has the dock, if any."""
        return next((f for f in self.flights.values() if f.dock_id == dock_id and f.ended is None), None)

    def flights_of(self, pilot: str) -> int:
        """How many flights a pilot has in command."""
        return sum(1 for flight in self.flights.values() if flight.pilot == pilot and flight.ended is None)

    def apply(self, entry: Entry) -> None:
        """Take the next event in."""
        handler = getattr(self, f"_on_{entry.type}", None)
        if handler is not None and entry.payload is not None:
            handler(entry, entry.payload)

    def _on_PolicyLoaded(self, _: Entry, event: dict[str, Any]) -> None:  # noqa: N802 - the event's name
        self.reserve_percent = event["content"]["flights"]["reserve_percent"]

    def _on_DispatcherStarted(self, _: Entry, __: dict[str, Any]) -> None:  # noqa: N802
        self.announced.clear()

    def _on_LaunchProposed(self, _: Entry, event: dict[str, Any]) -> None:  # noqa: N802
        self.announced[event["proposal_id"]] = event

    def _on_LaunchWithdrawn(self, _: Entry, event: dict[str, Any]) -> None:  # noqa: N802
        self.announced.pop(event["proposal_id"], None)

    def _on_ProposalAnswered(self, _: Entry, event: dict[str, Any]) -> None:  # noqa: N802
        self.announced.pop(event["proposal_id"], None)

    def _on_DockRegistered(self, _: Entry, event: dict[str, Any]) -> None:  # noqa: N802 - the event's name
        dock = event["dock"]
        known = self.docks.get(dock["id"])
        self.docks[dock["id"]] = PastDock(
            lat_deg=dock["lat_deg"],
            lon_deg=dock["lon_deg"],
            limits=dock["limits"],
            aircraft=event["aircraft_type"],
            held=known.held if known else {},
            report=known.report if known else None,
            reported_at=known.reported_at if known else None,
        )

    def _on_DockWithdrawn(self, _: Entry, event: dict[str, Any]) -> None:  # noqa: N802
        self.docks[event["dock_id"]].withdrawn = True

    def _on_DockReported(self, entry: Entry, event: dict[str, Any]) -> None:  # noqa: N802
        if (dock := self.docks.get(event["dock_id"])) is not None:
            dock.report, dock.reported_at, dock.silent = event, entry.mission_time, False
            dock.heard_at = entry.wall_time

    def _on_DockSilent(self, _: Entry, event: dict[str, Any]) -> None:  # noqa: N802
        if (dock := self.docks.get(event["dock_id"])) is not None:
            dock.silent = True

    def _on_DockHeld(self, entry: Entry, event: dict[str, Any]) -> None:  # noqa: N802
        if (dock := self.docks.get(event["dock_id"])) is not None:
            dock.held[entry.actor] = event["because"]

    def _on_DockReleased(self, _: Entry, event: dict[str, Any]) -> None:  # noqa: N802
        if (dock := self.docks.get(event["dock_id"])) is not None:
            # Before holds were a person's, a release lifted whatever there was.
            whose = event.get("held_by")
            dock.held = {} if whose is None else {by: why for by, why in dock.held.items() if by != whose}

    def _on_DockHeardAgain(self, _: Entry, event: dict[str, Any]) -> None:  # noqa: N802
        if (dock := self.docks.get(event["dock_id"])) is not None:
            dock.silent = False

    def _on_IncidentReported(self, _: Entry, event: dict[str, Any]) -> None:  # noqa: N802
        self.incidents[event["incident_id"]] = PastIncident(
            incident_id=event["incident_id"],
            source=event["source"],
            reference=event["reference"],
            lat_deg=event["place"]["lat_deg"],
            lon_deg=event["place"]["lon_deg"],
            watch_s=event["watch_s"],
        )

    def _on_IncidentAmended(self, _: Entry, event: dict[str, Any]) -> None:  # noqa: N802
        if event.get("place"):
            incident = self.incidents[event["incident_id"]]
            incident.lat_deg, incident.lon_deg = event["place"]["lat_deg"], event["place"]["lon_deg"]

    def _on_IncidentClosed(self, _: Entry, event: dict[str, Any]) -> None:  # noqa: N802
        self.incidents[event["incident_id"]].status = "closed"

    def _on_IncidentMerged(self, _: Entry, event: dict[str, Any]) -> None:  # noqa: N802
        self.incidents[event["incident_id"]].status = "merged"

    def _on_IncidentDeclined(self, entry: Entry, event: dict[str, Any]) -> None:  # noqa: N802
        incident = self.incidents[event["incident_id"]]
        incident.status, incident.refusal_seq = "declined", entry.seq

    def _on_OptionsDecided(self, entry: Entry, event: dict[str, Any]) -> None:  # noqa: N802
        incident = self.incidents[event["incident_id"]]
        incident.last_decision, incident.last_decision_seq = event, entry.seq

    def _on_FlightOrdered(self, entry: Entry, event: dict[str, Any]) -> None:  # noqa: N802
        self.flights[event["flight_id"]] = PastFlight(
            flight_id=event["flight_id"],
            incident_id=event["incident_id"],
            dock_id=event["dock_id"],
            pilot=event["order"]["pilot"],
            ordered_seq=entry.seq,
        )

    def _on_FlightTurned(self, _: Entry, event: dict[str, Any]) -> None:  # noqa: N802
        flight = self.flights[event["flight_id"]]
        flight.incident_id = event["incident_id"]
        flight.turns += 0 if event["undone"] else 1

    def _on_FlightAccepted(self, _: Entry, event: dict[str, Any]) -> None:  # noqa: N802
        self.flights[event["flight_id"]].pilot = event["pilot"]

    def _on_FlightEnded(self, _: Entry, event: dict[str, Any]) -> None:  # noqa: N802
        self._end(event["flight_id"], event["phase"])

    def _on_AgentReported(self, entry: Entry, event: dict[str, Any]) -> None:  # noqa: N802
        fact = event["fact"]
        if (dock := self.docks.get(event["dock_id"])) is not None:
            dock.heard_at = entry.wall_time
        if fact["type"] == "order_refused":
            self._end(fact["flight_id"], "refused")
        elif fact["type"] == "phase_entered":
            self._end(fact["flight_id"], fact["phase"])

    def _on_AirspaceLoaded(self, _: Entry, event: dict[str, Any]) -> None:  # noqa: N802
        self.zones[event["name"]] = tuple(zones_of(event["zones"]))

    def _on_ZoneDrawn(self, _: Entry, event: dict[str, Any]) -> None:  # noqa: N802
        # It has an end of its own: it is withdrawn by an event, so no time is reckoned with here.
        self.zones[event["name"]] = tuple(zones_of([event["zone"]]))

    def _on_AirspaceWithdrawn(self, _: Entry, event: dict[str, Any]) -> None:  # noqa: N802
        self.zones.pop(event["name"], None)

    def _end(self, flight_id: str, phase: str) -> None:
        flight = self.flights.get(flight_id)
        if flight is None:
            return
        if flight.phases[-1] != phase:
            flight.phases.append(phase)
        flight.ended = phase if phase in ENDS else None  # one that was missing may be found again

    def _on_PilotSignedOn(self, _: Entry, event: dict[str, Any]) -> None:  # noqa: N802
        self.pilots[event["pilot"]] = event["max_flights"]

    def _on_PilotSignedOff(self, _: Entry, event: dict[str, Any]) -> None:  # noqa: N802
        self.pilots.pop(event["pilot"], None)
