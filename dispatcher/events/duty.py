"""Who answers for flights: streams ``duty/{pilot}``."""

from __future__ import annotations

from typing import Literal

from pydantic import AwareDatetime

from dispatcher.events.event import Event


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
