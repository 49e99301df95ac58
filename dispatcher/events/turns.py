"""A flight that is proposed for another incident than its own, and turned to it: ``incident/{id}`` of that one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from pydantic import AwareDatetime, Field

from dispatcher.events.event import Event


class TurnProposed(Event):
    """A drone that is out would gain more at another incident: its pilot is asked, until ``answer_by``."""

    proposal_id: UUID
    incident_id: UUID
    """Where it would go."""
    incident_revision: int
    from_incident_id: UUID
    """Where it is, or comes home from."""
    flight_id: UUID
    callsign: str
    rank: int
    """Of the call that it would go to; 0 is served first."""
    from_rank: int
    homeward: bool
    """It is on its way home: nobody loses it."""
    gain_s: float
    """Mission seconds that the graver call gains, no more than all calls together gain in seconds of it."""
    time_to_scene_s: float
    """Its acceptance and the telling of those who watch included."""
    watch_s: float
    battery_on_return_percent: float
    otherwise_dock_id: str | None
    """The dock that would be there soonest; None: no dock can go."""
    otherwise_s: float | None
    others_s: float | None
    """When the incident that it leaves would have another drone on scene; None: nobody else can go."""
    told: list[str]
    """Who would be told, for ``countdown_s``, before it goes."""
    countdown_s: float
    inputs: dict[str, Any] = Field(default_factory=dict)
    """What the plan was made from: `kestrel explain` makes it again (`dispatcher.planrecord`)."""
    because: str
    answer_by: AwareDatetime
    """Mission time."""


class TurnWithdrawn(Event):
    """It is proposed, or counted down, no more: nobody answered (``expired``), or it does not hold any longer."""

    proposal_id: UUID
    incident_id: UUID
    from_incident_id: UUID
    flight_id: UUID
    expired: bool
    because: str


class TurnCountdownBegan(Event):
    """Its pilot has accepted, and somebody watches: all are told that it goes at ``turns_at`` (mission time)."""

    proposal_id: UUID
    incident_id: UUID
    from_incident_id: UUID
    flight_id: UUID
    pilot: str
    told: list[str]
    turns_at: AwareDatetime


class TurnCancelled(Event):
    """Somebody in command has stopped a countdown: the flight stays where it is."""

    proposal_id: UUID
    incident_id: UUID
    from_incident_id: UUID
    flight_id: UUID
    because: str


class FlightTurned(Event):
    """From now on the flight is for another incident; the one that it leaves waits for a drone again.

    It is told by the task of ``order_id``. ``undone``: the agent did not do that, and the flight is where it was.
    """

    incident_id: UUID
    incident_revision: int
    from_incident_id: UUID
    flight_id: UUID
    proposal_id: UUID
    order_id: UUID
    accepted_by: str
    homeward: bool
    """It was on its way home: the incident that it leaves has had its watch."""
    time_to_scene_s: float
    """Promised, from now on."""
    watch_s: float
    battery_on_return_percent: float
    undone: bool = False
    because: str
