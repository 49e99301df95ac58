"""The link to the one aircraft, as a protocol: MAVSDK behind it in the product, a fake behind it in tests.

An answer to a command is never its outcome. ``ACKNOWLEDGED`` only says that the autopilot has heard it; whether it does
it is for telemetry to show, and the phase machine waits for that.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from contracts.tasks import Light, Record, SelectSensor, Snapshot, Speaker, Zoom
from dock_agent.mission import MissionPlan, OnBoard
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
    LAND = "land"
    """Come down here."""
    GOTO = "goto"
    """Fly to a target and hold there. A hold does not end one that is under way: a goto to where it is does."""
    ORBIT = "orbit"
    """Circle a target, nose to it."""
    LOOK = "look"
    """Keep the camera (without a gimbal: the nose) on a target; ahead at the horizon without one."""
    PARACHUTE = "parachute"
    """Deploy the parachute; only where the type has one."""


SAFETY = frozenset({Command.RETURN, Command.HOLD, Command.LAND, Command.JUMP, Command.DISARM, Command.GOTO})
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A point in the air (WGS84, metres AMSL), and for an orbit its circle: ``radius_m`` is negative anticlockwise."""

    lat_deg: float
    lon_deg: float
    alt_amsl_m: float
    yaw_deg: float | None = None
    """The nose's true heading there; None: as it is."""
    radius_m: float = 0.0
    speed_m_s: float = 0.0


PayloadAct = Zoom | SelectSensor | Snapshot | Record | Light | Speaker
"""What is asked of the payload; it moves no aircraft and no camera."""


class FlightLink(Protocol):
    """One aircraft. Every call is bounded in wall time; none raises for what the aircraft does or does not do."""

    def reading(self) -> AircraftReading:
        """The latest values, read anew by each call; never waits."""

    async def upload(self, plan: MissionPlan) -> Answer:
        """Put fence and mission on board (fence first); bounded by twice `UPLOAD_S`."""

    async def download(self) -> OnBoard | None:
        """What is on board; None when that could not be read. Bounded by twice `UPLOAD_S`."""

    def stop_transfer(self) -> None:
        """Give up the upload or download under way; what is on board afterwards is unknown."""

    async def command(self, command: Command, *, item: int | None = None, target: Target | None = None) -> Answer:
        """Give one command; ``item`` is a jump's, ``target`` a goto's, orbit's or look's. Bounded by `COMMAND_S`."""

    async def payload(self, act: PayloadAct) -> Answer:
        """Ask something of camera, light or speaker. Bounded by `COMMAND_S`."""

    async def set_link_loss_return(self, seconds: float) -> Answer:
        """How long the autopilot waits for a lost link before it returns; only on the ground."""


COMMAND_S = 4.0
"""MAVSDK itself gives up on a command after about 2 s; a jump it may repeat for ever."""
UPLOAD_S = 10.0
