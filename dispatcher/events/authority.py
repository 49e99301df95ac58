"""Who commands what: hand-overs, lent payload, silent consoles, what pilots are told.

Streams ``flight/{id}`` and ``duty/{pilot}``.
"""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict

from contracts.vocabulary import Phase
from dispatcher.events.event import Event


class ReadBack(BaseModel):
    """What a pilot who takes a flight says it is: it must be so."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    callsign: str
    phase: Phase


class HandOverOffered(Event):
    """A flight is offered to a pilot, or to all on duty; the giver keeps command until somebody accepts."""

    flight_id: UUID
    offer_id: UUID
    giver: str
    to: str | None
    """None: any other pilot on duty."""
    expires_at: AwareDatetime | None
    because: str


class HandOverAccepted(Event):
    """``pilot`` has read the flight back and is in command from now."""

    flight_id: UUID
    offer_id: UUID
    pilot: str
    read_back: ReadBack


class HandOverEnded(Event):
    """The offer is over, and command stays where it was."""

    flight_id: UUID
    offer_id: UUID
    how: Literal["declined", "withdrawn", "expired"]
    because: str


class PayloadLent(Event):
    """Camera, light and speaker are ``to``'s until taken back; the flight stays its pilot's."""

    flight_id: UUID
    to: str


class PayloadTakenBack(Event):
    """The pilot in command has the payload again."""

    flight_id: UUID
    lent_to: str


class PilotTold(Event):
    """The pilot in command is told what somebody else did with a flight of theirs."""

    pilot: str
    flight_id: UUID
    by: str
    order_id: UUID | None
    text: str


class PilotSilent(Event):
    """The console of a pilot is silent: not a lost link of an aircraft."""

    pilot: str
    silent_s: float
    """Wall seconds."""


class PilotHeardAgain(Event):
    """The console of a silent pilot is heard again."""

    pilot: str
