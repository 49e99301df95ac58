"""The deployment and its fleet: streams ``force/{force}`` and ``dock/{id}``."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from pydantic import AwareDatetime

from contracts.fleet import AircraftType, Dock
from contracts.orders import MaintenanceOrder
from contracts.position import Percent, Place, Weather
from contracts.vocabulary import Charger, Deployment, DockState, Lid, Traffic
from dispatcher.events.event import Event


class DispatcherStarted(Event):
    """A dispatcher process took the journal over."""

    boot_id: UUID
    deployment: Deployment
    force: str
    force_name: str


class DockRegistered(Event):
    """A dock of the fleet file, new or changed. Version 3 knows that no name in it holds what is not seen."""

    schema_version: ClassVar[int] = 3

    dock: Dock
    aircraft_type: AircraftType


class DockWithdrawn(Event):
    """A dock that is no longer in the fleet file."""

    dock_id: str


class DockReported(Event):
    """The dock as its agent last said, when something that matters to a decision has changed (or a minute passed)."""

    dock_id: str
    state: DockState
    flight_id: UUID | None
    lid: Lid
    aircraft_seated: bool | None
    charger: Charger
    battery_percent: Percent | None
    weather: Weather | None
    aircraft_connected: bool
    aircraft_system_id: int | None
    aircraft_uid: str | None
    aircraft_position: Place | None
    blockers: list[str]
    registered: bool
    """False: what stands there is not what the fleet file says; never ranked."""
    unregistered_because: str = ""
    measured_at: AwareDatetime
    """Mission time of the agent's status."""
    traffic: Traffic = Traffic.UNKNOWN
    receiving_flight_id: UUID | None = None
    picture_age_s: float | None = None
    """Of the dock's camera picture at ``measured_at``; None: there is no camera."""
    checked_after_flight: bool = True
    maintenance_order_id: UUID | None = None
    """The order about maintenance that the agent goes by; None: it has never had one."""


class DockSilent(Event):
    """No heartbeat from the dock's agent for longer than the limit."""

    dock_id: str
    silent_s: float


class DockHeardAgain(Event):
    """The agent of a silent dock is heard again."""

    dock_id: str


class DockHeld(Event):
    """An engineer has taken the dock out of service: nothing is sent from it, or to it, until they have released it.

    So has the system itself, where a missing drone was seen in its box: until an engineer or a pilot lifts that.

    Whoever else holds it does so beside them; another word of the same person takes the one before its place.
    """

    dock_id: str
    because: str


class DockReleased(Event):
    """A person's hold is lifted, by them or by who else says so; without another it is back in service.

    Version 2 says whose; before, it was everybody's.
    """

    schema_version: ClassVar[int] = 2

    dock_id: str
    held_by: str | None


class MaintenanceOrdered(Event):
    """The dock's agent is told who holds it (``order.holds``): after each hold and release, and anew in time."""

    dock_id: str
    order: MaintenanceOrder
    sequence: int


class StrangerSeen(Event):
    """Something speaks for a dock that is not in the fleet file, or that signs with a wrong key."""

    name: str
    because: str
