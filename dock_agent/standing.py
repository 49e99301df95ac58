"""What the agent knows of its dock at one moment: what the guards judge and the status tells."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from contracts.fleet import AircraftType, Dock
from contracts.vocabulary import Deployment
from dock_agent.lookout import NO_WATCH, Watch
from dock_agent.readings import AircraftReading, DockReading


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One dock, its aircraft, and what was said of them."""

    dock: Dock
    aircraft_type: AircraftType
    deployment: Deployment
    aircraft: AircraftReading
    hardware: DockReading
    flight_id: UUID | None
    last_sequence: int
    """Of the orders handled so far."""
    barred: bool = False
    """True when this order's flight was cancelled before the order arrived."""
    watch: Watch = NO_WATCH
    """What the look-out has seen."""
    checked: bool = True
    """False from a landing until the check after it has passed (`dock_agent.postflight`)."""
    distrusted: str | None = None
    """Why the lid is not relied upon for a launch; None: it is."""
    expecting: str | None = None
    """Another dock's aircraft that will land here."""
    receiving_flight_id: UUID | None = None
    raised: str | None = None
    """What a person has seen over the dock and raised as a blocker, and who; None: nothing."""
    held: str | None = None
    """Why it is out of service for maintenance, and by whose word; None: it is in service."""
    maintenance_order_id: UUID | None = None
    """By which order it is known."""
    picture_age_s: float | None = None
    """Of the dock camera's picture, in mission seconds; None where there is no camera."""
