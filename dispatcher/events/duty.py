"""Who answers for flights: streams ``duty/{pilot}``."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime

from dispatcher.events.event import Event


class DutyRole(StrEnum):
    """As what somebody is on duty."""

    PILOT = "pilot"
    CONTROLLER = "controller"


class Briefed(StrEnum):
    """What a shift begins with reading."""

    WEATHER = "weather"
    RESTRICTIONS = "restrictions"


class PilotSignedOn(Event):
    pilot: str
    accepts: Literal["beforehand", "ask"]
    max_flights: int
    until: AwareDatetime | None = None
    """Mission time at which duty ends by itself: nobody is on duty for ever because they forgot to sign off."""
    console: bool = False
    """True: a person sits at a console whose heartbeat is watched."""


class PilotSignedOff(Event):
    pilot: str


class ControllerSignedOn(Event):
    """``person`` answers for what is dispatched, until this mission time at the latest."""

    person: str
    until: AwareDatetime | None = None


class ControllerSignedOff(Event):
    person: str


class BriefingAcknowledged(Event):
    """``person`` has read what holds at the beginning of a shift: as it was after event ``seq``."""

    person: str
    role: DutyRole
    what: list[Briefed]
    seq: int
    airspace_revision: int


class ShiftHandedOver(Event):
    """A shift ends: what it leaves to the next one, as it stood."""

    person: str
    role: DutyRole
    handover_id: UUID
    note: str
    flights: list[UUID]
    alarms: list[UUID]
    docks_unfit: list[str]


class ShiftAccepted(Event):
    """``person`` has taken it over."""

    person: str
    handover_id: UUID
