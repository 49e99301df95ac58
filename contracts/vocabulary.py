"""The words of the domain that travel on the wire: deployment modes, phases, conditions, outcomes.

They live apart from the messages because the API, the journal and the agent all speak them.
"""

from __future__ import annotations

from enum import StrEnum


class Deployment(StrEnum):
    """What a deployment is for. A label compared for equality: no code may branch on it otherwise."""

    LIVE = "live"
    TRAINING = "training"
    SIMULATION = "simulation"


class Phase(StrEnum):
    """Where a flight is in its life; in order, then the five ends."""

    ORDERED = "ordered"
    PREPARING = "preparing"
    LAUNCHING = "launching"
    EN_ROUTE = "en_route"
    ON_SCENE = "on_scene"
    RETURNING = "returning"
    LANDING = "landing"

    DOCKED = "docked"
    LANDED_AWAY = "landed_away"
    CANCELLED = "cancelled"
    REFUSED = "refused"
    MISSING = "missing"

    @property
    def is_end(self) -> bool:
        """True when nothing follows this phase."""
        return self in ENDS

    @property
    def is_airborne(self) -> bool:
        """True when the aircraft is, or may be, off the ground."""
        return self in AIRBORNE


ENDS = frozenset({Phase.DOCKED, Phase.LANDED_AWAY, Phase.CANCELLED, Phase.REFUSED, Phase.MISSING})
AIRBORNE = frozenset({Phase.LAUNCHING, Phase.EN_ROUTE, Phase.ON_SCENE, Phase.RETURNING, Phase.LANDING})

PHASE_ORDER: dict[Phase, int] = {phase: rank for rank, phase in enumerate(Phase)}
"""Rank of each phase; the ends rank above all others. A flight's phases never go down in rank, but for one that is
turned to another incident: from there they begin anew at `en_route`."""


class Condition(StrEnum):
    """What is true beside the phase."""

    HOLDING = "holding"
    LINK_LOST = "link_lost"
    POSITION_UNKNOWN = "position_unknown"
    DIVERTING = "diverting"
    RELIEF_COMING = "relief_coming"


class Avoidance(StrEnum):
    """What is flown by itself when a crewed aircraft converges."""

    DESCEND = "descend"
    HOLD = "hold"
    RETURN = "return"


class RecordingFrom(StrEnum):
    """The policy's moment from which the camera records."""

    LAUNCH = "launch"
    SCENE = "scene"
    ASKED = "asked"
    """Only when somebody asks for it."""


class Traffic(StrEnum):
    """What the receiver of crewed aircraft says. A receiver that is missing or stale is ``unknown``, never clear."""

    CLEAR = "clear"
    CONVERGING = "converging"
    UNKNOWN = "unknown"


class AlarmKind(StrEnum):
    """What an alarm is about; each needs an action of somebody."""

    TRAFFIC = "traffic"
    TRAFFIC_UNKNOWN = "traffic_unknown"
    LID = "lid"
    CHARGER = "charger"
    ENERGY = "energy"
    WEATHER = "weather"
    CORRIDOR = "corridor"
    """Outside the cleared way or the fence."""
    POSITION = "position"
    MOTOR = "motor"
    PARACHUTE = "parachute"
    AIRCRAFT = "aircraft"
    """The aircraft does not do what it was told, or is not the one expected."""
    PILOT_SILENT = "pilot_silent"
    """The console of the pilot in command is silent: not a lost link of the aircraft."""
    NO_RELIEF = "no_relief"
    """No other drone can be on scene before this one must leave."""
    TOO_NEAR = "too_near"
    """Two of our own flights are not kept apart: see who, by how much, and what to do."""
    DOCK_SILENT = "dock_silent"
    """A dock that was heard is heard no more: nothing can be sent from it, and who is out of it is not reported."""


class Outcome(StrEnum):
    """The three states of a command that has been given, and the one before them."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    UNKNOWN = "unknown"


class DockState(StrEnum):
    """What a dock is doing, as its agent sees it."""

    READY = "ready"
    PREPARING = "preparing"
    FLYING = "flying"
    RECOVERING = "recovering"
    """Landed: the lid closes, the aircraft is checked and connected to the charger."""
    CHARGING = "charging"
    EMPTY = "empty"
    """No aircraft is seated and none of ours is in the air."""
    FAULT = "fault"


class Lid(StrEnum):
    """The lid as measured, or ``unknown`` when the dock does not answer."""

    CLOSED = "closed"
    OPENING = "opening"
    OPEN = "open"
    CLOSING = "closing"
    FAULT = "fault"
    UNKNOWN = "unknown"


class Charger(StrEnum):
    """The charger as measured, or ``unknown`` when the dock does not answer."""

    OFF = "off"
    CHARGING = "charging"
    FULL = "full"
    FAULT = "fault"
    UNKNOWN = "unknown"
