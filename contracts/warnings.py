"""What keeps an aircraft from being launched, and which of it a person may set aside for one launch.

One table for the dispatcher and for the agent. A *blocker* is set aside by nobody. An *aircraft* warning is about what
the aircraft is built for, an *operations* warning about what the flight is good for; who may set which aside is the
force's policy. What is not in the table is a blocker.

A warning is set aside as it was shown: it yields to that figure and to a headroom beyond it, and to nothing worse; and
for the incident of its launch: a flight that is turned to another one leaves it behind.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from contracts.screentext import Said


class Concern(StrEnum):
    """Whose matter it is that something keeps an aircraft at home."""

    BLOCKER = "blocker"
    """Nobody's to set aside."""
    AIRCRAFT = "aircraft"
    """What the aircraft is built for: by the policy's first word the pilot's."""
    OPERATIONS = "operations"
    """What the flight is good for: by the policy's first word the controller's."""


class WarningCode(StrEnum):
    """What may be set aside, by the name that the decision and the agent give it."""

    WIND_OVER_LIMIT = "wind_over_limit"
    GUST_OVER_LIMIT = "gust_over_limit"
    RAIN_OVER_LIMIT = "rain_over_limit"
    TEMPERATURE_OUT_OF_LIMITS = "temperature_out_of_limits"
    CHARGE_TOO_LOW = "charge_too_low"
    WATCH_TOO_SHORT = "watch_too_short"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the table; ``headroom`` in the warning's own unit."""

    concern: Concern
    headroom: float = 0.0
    unit: str = ""


_BLOCKER = Line(concern=Concern.BLOCKER)

TABLE: Mapping[str, Line] = MappingProxyType(
    {
        # Is it the dock of the fleet file, is it heard, is it free?
        "unregistered": _BLOCKER,
        "wrong_deployment": _BLOCKER,
        "maintenance": _BLOCKER,
        "agent_offline": _BLOCKER,
        "busy": _BLOCKER,
        # The box. What is not known of it counts against it.
        "state_unknown": _BLOCKER,
        "dock_fault": _BLOCKER,
        "no_aircraft": _BLOCKER,
        "presence_unknown": _BLOCKER,
        "aircraft_offline": _BLOCKER,
        "lid_fault": _BLOCKER,
        "lid_unknown": _BLOCKER,
        # The least charge to launch with is a custom; the way there and back with the reserve is physics.
        "charge_unknown": _BLOCKER,
        "charge_too_low": Line(concern=Concern.AIRCRAFT, headroom=3.0, unit="%"),
        # Limits of the type are what its maker stands for. Unknown weather leaves nothing to reckon with.
        "weather_unknown": _BLOCKER,
        "wind_over_limit": Line(concern=Concern.AIRCRAFT, headroom=1.5, unit="m/s"),
        "gust_over_limit": Line(concern=Concern.AIRCRAFT, headroom=2.0, unit="m/s"),
        "rain_over_limit": Line(concern=Concern.AIRCRAFT, headroom=1.0, unit="mm/h"),
        "temperature_out_of_limits": Line(concern=Concern.AIRCRAFT, headroom=2.0, unit="°C"),
        # The way, and the physics of it.
        "scene_in_zone": _BLOCKER,
        "no_way": _BLOCKER,
        "above_ceiling": _BLOCKER,
        "wind_beats_aircraft": _BLOCKER,
        "out_of_range": _BLOCKER,
        "out_of_energy": _BLOCKER,
        "no_height_free": _BLOCKER,
        # A short look may be worth the flight: nothing about it is unsafe.
        "watch_too_short": Line(concern=Concern.OPERATIONS, headroom=15.0, unit="s"),
        # All else that the agent will not launch for, and nobody to answer for the flight.
        "agent_refuses": _BLOCKER,
        "no_pilot_free": _BLOCKER,
    }
)
"""Every reason that keeps a dock's aircraft at home."""


def concern_of(code: str) -> Concern:
    """Whose matter it is; what is not in the table is a blocker."""
    return TABLE.get(code, _BLOCKER).concern


def only_warnings(option: Mapping[str, Any]) -> bool:
    """Whether nothing but warnings keeps the dock of an option (as it is journalled) at home, on figures that hold."""
    reasons = option.get("reasons") or []
    reckoned = option.get("time_to_scene_s") is not None and not option.get("bound")
    return bool(reasons) and reckoned and all(concern_of(each["code"]) is not Concern.BLOCKER for each in reasons)


class WarningOverride(BaseModel):
    """A warning that somebody has set aside for one launch; travels in that launch's order and in nothing else."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    warning: WarningCode
    text: Said = Field(min_length=1, max_length=400)
    """As it was shown."""
    value: float
    """The figure that it was set aside at, in the warning's unit."""
    limit: float
    note: Said = Field(min_length=1, max_length=400)
    by: Said = Field(min_length=1, max_length=120)
    at: AwareDatetime
    """Mission time."""


def yields(code: WarningCode, *, shown: float, value: float, limit: float) -> bool:
    """Whether a warning that was set aside at ``shown`` covers ``value``: on the same side of the limit, and no further
    beyond it than it was then and its headroom.
    """
    side = 1.0 if value >= limit else -1.0
    beyond, beyond_then = side * (value - limit), side * (shown - limit)
    return beyond_then > 0 and beyond <= beyond_then + TABLE[code].headroom


def set_aside(overrides: Iterable[WarningOverride], code: WarningCode, *, value: float, limit: float) -> bool:
    """Whether one of these covers the warning at this figure against the limit that holds here."""
    return any(each.warning is code and yields(code, shown=each.value, value=value, limit=limit) for each in overrides)
