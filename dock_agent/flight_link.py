"""The link to the one aircraft, as a protocol: MAVSDK behind it in the product, a fake behind it in tests.

An answer to a command is never its outcome. ``ACKNOWLEDGED`` only says that the autopilot has heard it; whether it does
it is for telemetry to show, and the phase machine waits for that.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from dock_agent.mission import MissionPlan
from dock_agent.readings import AircraftReading


class Command(StrEnum):
    """What may be said to a flying aircraft. There is no kill and no forced arming here, and none may come in."""

    ARM = "arm"
    DISARM = "disarm"
    """On the ground only: the autopilot refuses it in the air."""
    START = "start"
    """Start, or go on with, the mission on board."""
    JUMP = "jump"
    """Go on with the mission at another item."""
    RETURN = "return"
    """The autopilot's own return, along the mission's way home."""
    HOLD = "hold"


SAFETY = frozenset({Command.RETURN, Command.HOLD, Command.JUMP, Command.DISARM})
"""Commands that must never wait behind parameters or transfers."""


class Reply(StrEnum):
    """What came back for a command."""

    ACKNOWLEDGED = "acknowledged"
    DENIED = "denied"
    SILENCE = "silence"
    """No answer in time: it may still be executed, now or later."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A reply and the link's own word for it."""

    reply: Reply
    detail: str = ""


class FlightLink(Protocol):
    """One aircraft. Every call is bounded in wall time; none raises for what the aircraft does or does not do."""

    def reading(self) -> AircraftReading:
        """The latest values, read anew by each call; never waits."""

    async def upload(self, plan: MissionPlan) -> Answer:
        """Put fence and mission on board (fence first); bounded by `UPLOAD_S`."""

    async def command(self, command: Command, *, item: int | None = None) -> Answer:
        """Give one command; ``item`` is the mission item of a jump. Bounded by `COMMAND_S`."""

    async def set_link_loss_return(self, seconds: float) -> Answer:
        """How long the autopilot waits for a lost link before it returns; only on the ground."""


COMMAND_S = 4.0
"""MAVSDK itself gives up on a command after about 2 s; a jump it may repeat for ever."""
UPLOAD_S = 10.0
