"""Watches that are longer than one battery: who relieves whom, and when: streams ``incident/{id}``."""

from __future__ import annotations

from uuid import UUID

from pydantic import AwareDatetime, Field

from dispatcher.events.event import Event


class ReliefForeseen(Event):
    """Who would relieve the flight on scene, and when they would be ordered. Nothing is done yet, and it may change."""

    incident_id: UUID
    flight_id: UUID
    """The flight to be relieved."""
    leaves_at: AwareDatetime
    """When it leaves the scene by itself, because its watch or its charge is over."""
    dock_id: str | None
    """None: no dock can, as it stands."""
    order_at: AwareDatetime | None
    """When that dock would be ordered to send its drone."""
    reasons: dict[str, list[str]] = Field(default_factory=dict)
    """Why not, by dock; only where no dock can."""


class RelayEnded(Event):
    """Nobody is relieved by itself any more: a person has called a drone of the chain home."""

    incident_id: UUID
    because: str
