"""What can be made to go wrong with one aircraft: plain switches that a scenario or a test sets, and that may be unset.

Nothing here happens by itself; the vehicle, its link and its plan transfer look at these while they work.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, auto

from simulator.identity import Identity


class UploadEnd(Enum):
    """How an upload dies at an item."""

    REQUESTS_STOP = auto()
    """The item is taken and no further one is asked for; the autopilot gives the upload up in time, as always."""
    ERROR = auto()
    """MISSION_ACK with MAV_MISSION_ERROR."""
    SILENCE = auto()
    """Nothing more is said about this upload, ever; later transfers are answered."""
    NO_ACK = auto()
    """All of it is taken, whatever the item, and in force; nobody is told so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadTrouble:
    """Uploads of ``plan_type`` (MAV_MISSION_TYPE; None: any) die at item ``at_item``, counted from 0."""

    at_item: int
    end: UploadEnd
    plan_type: int | None = None


class LateAck(Enum):
    """When a command that is done late is acknowledged."""

    AT_ONCE = auto()
    WHEN_DONE = auto()
    NEVER = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class LateCommand:
    """A command done ``delay_s`` after it came, in seconds of the client's clock (its time-outs run on it)."""

    delay_s: float
    ack: LateAck = LateAck.WHEN_DONE


ANY_COMMAND = 0
"""Key of ``Troubles.late_commands`` for every command that has no entry of its own."""


@dataclass(slots=True, kw_only=True)
class Troubles:
    """Of one aircraft. The defaults are: none."""

    gps_lost: bool = False
    """No satellites. On the ground: not armable; in flight the position is given up after a few seconds."""
    link_lost: bool = False
    """Nothing comes in and nothing goes out."""
    arming_refused: str = ""
    """A preflight check that fails, in its own words; empty: none does."""
    upload: UploadTrouble | None = None
    late_commands: dict[int, LateCommand] = field(default_factory=dict)
    """By MAV_CMD number; ANY_COMMAND for all others."""
    motor_failed: bool = False
    """A motor stands still: in the air it falls (under its parachute, where fitted); on the ground it does not arm."""
    cell_sag_v: float = 0.0
    """Volts that a failing cell lacks; the battery model takes it from here."""
    identity: Identity | None = None
    """Somebody else's aircraft stands here: its system id and uid."""
    position_offset_m: tuple[float, float] = (0.0, 0.0)
    """North, east: how far from where it is it believes to be, and says."""
    clock_ahead_s: float = 0.0
    """By how much its clock (SYSTEM_TIME) is wrong."""
    acks_doubled: bool = False
    """Every COMMAND_ACK goes out twice."""
    adsb_silent: bool = False
    """The ADS-B receiver says nothing any more, and its heartbeat stops."""
    camera_dead: bool = False
    """The camera answers nothing."""
    parachute_stuck: bool = False
    """The parachute does not come out."""
