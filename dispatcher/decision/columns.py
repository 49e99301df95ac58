"""The facts of all docks as arrays, and what speaks against each as one number whose bits are reasons.

The gates of `dispatcher.decision.gates` say in words why a dock cannot go; here a thousand docks are asked the same
questions at once. A test holds the bits against the words for any facts.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cached_property
from operator import attrgetter

import numpy as np
import numpy.typing as npt

from contracts.vocabulary import DockState, Lid
from dispatcher.decision.facts import DockFacts, Policy
from dispatcher.decision.gates import BUSY
from dispatcher.decision.reason import ReasonCode
from geo.estimates import Performances
from geo.geodesy import Array

Masks = npt.NDArray[np.uint64]
Flags = npt.NDArray[np.bool_]

BIT = {code: np.uint64(1 << place) for place, code in enumerate(ReasonCode)}
"""The bit of each reason."""
_STATE: dict[DockState | None, float] = {state: float(place) for place, state in enumerate(DockState)}
_LID = {lid: float(place) for place, lid in enumerate(Lid)}
OPEN = _LID[Lid.OPEN]
_FACTS = (
    "lat_deg",
    "lon_deg",
    "alt_amsl_m",
    "min_launch_charge_percent",
    "max_range_m",
    "lid_s",
    "arming_s",
    "registered",
    "maintenance",
    "agent_online",
    "heartbeat_age_s",
    "charge_percent",
    "charge_age_s",
    "seated",
    "aircraft_connected",
)
_WEATHER = ("wind_speed_m_s", "wind_from_deg", "gust_m_s", "rain_mm_h", "temperature_c", "age_s")
_facts, _weather = attrgetter(*_FACTS), attrgetter(*_WEATHER)
_UNKNOWN = (None,) * len(_WEATHER)


class Columns:
    """One array of shape (n,) for each fact; what is not known is not a number."""

    def __init__(self, docks: Sequence[DockFacts]) -> None:
        self.docks = docks
        facts = [_facts(dock) for dock in docks]
        weathers = [_UNKNOWN if dock.weather is None else _weather(dock.weather) for dock in docks]
        named = dict(zip(_FACTS, np.array(facts, dtype=np.float64).reshape(-1, len(_FACTS)).T, strict=True))
        named |= dict(zip(_WEATHER, np.array(weathers, dtype=np.float64).reshape(-1, len(_WEATHER)).T, strict=True))
        named["state"] = np.array([_STATE.get(dock.state, math.nan) for dock in docks], dtype=np.float64)
        named["lid"] = np.array([_LID[dock.lid] for dock in docks], dtype=np.float64)
        self._columns = named

    def __getitem__(self, name: str) -> Array:
        return self._columns[name]

    @cached_property
    def performances(self) -> Performances:
        """Of their aircraft."""
        return Performances([dock.performance for dock in self.docks])

    def against(self, policy: Policy, *, deployment: str) -> Masks:
        """What the gates say of each dock, physics and pilots apart."""
        busy_state = np.isin(self["state"], [_STATE[state] for state in BUSY])
        has_flight = np.array([dock.flight_id is not None for dock in self.docks], dtype=np.bool_)
        with np.errstate(invalid="ignore"):
            heard = (self["agent_online"] > 0) & (self["heartbeat_age_s"] <= policy.heartbeat_max_age_s)
            elsewhere = np.array([dock.deployment not in (None, deployment) for dock in self.docks], dtype=np.bool_)
            mask = np.zeros(len(self.docks), dtype=np.uint64)
            _set(mask, ReasonCode.UNREGISTERED, self["registered"] == 0)
            _set(mask, ReasonCode.WRONG_DEPLOYMENT, elsewhere)
            _set(mask, ReasonCode.MAINTENANCE, self["maintenance"] > 0)
            _set(mask, ReasonCode.AGENT_OFFLINE, ~heard)
            _set(mask, ReasonCode.BUSY, has_flight | busy_state)
            measured = self._measured(policy, away=has_flight | busy_state)
        mask[heard] |= measured[heard]
        return mask

    def _measured(self, policy: Policy, *, away: Flags) -> Masks:
        """Of docks that are heard: the box, the charge, the weather, and what the agent says."""
        state, seated, lid = self["state"], self["seated"], self["lid"]
        mask = np.zeros(len(self.docks), dtype=np.uint64)
        empty = (state == _STATE[DockState.EMPTY]) | (seated == 0)
        _set(mask, ReasonCode.STATE_UNKNOWN, np.isnan(state))
        _set(mask, ReasonCode.DOCK_FAULT, state == _STATE[DockState.FAULT])
        _set(mask, ReasonCode.NO_AIRCRAFT, empty & ~away)
        _set(mask, ReasonCode.PRESENCE_UNKNOWN, ~empty & np.isnan(seated))
        _set(mask, ReasonCode.AIRCRAFT_OFFLINE, self["aircraft_connected"] == 0)
        _set(mask, ReasonCode.LID_FAULT, lid == _LID[Lid.FAULT])
        _set(mask, ReasonCode.LID_UNKNOWN, lid == _LID[Lid.UNKNOWN])
        charge = self["charge_percent"]
        unknown = np.isnan(charge)
        _set(mask, ReasonCode.CHARGE_UNKNOWN, unknown | (self["charge_age_s"] > policy.charge_max_age_s))
        _set(mask, ReasonCode.CHARGE_TOO_LOW, charge < self["min_launch_charge_percent"])
        limits, age_s = self.performances, self["age_s"]
        reported = np.array([dock.weather is not None and dock.weather.report is not None for dock in self.docks])
        oldest_s = np.where(reported, policy.report_max_age_s, policy.weather_max_age_s)
        _set(mask, ReasonCode.WEATHER_UNKNOWN, np.isnan(age_s) | (age_s > oldest_s))
        _set(mask, ReasonCode.WIND_OVER_LIMIT, self["wind_speed_m_s"] > limits["wind_limit_m_s"])
        _set(mask, ReasonCode.GUST_OVER_LIMIT, self["gust_m_s"] > limits["gust_limit_m_s"])
        _set(mask, ReasonCode.RAIN_OVER_LIMIT, self["rain_mm_h"] > limits["rain_limit_mm_h"])
        celsius = self["temperature_c"]
        outside = (celsius < limits["temperature_min_c"]) | (celsius > limits["temperature_max_c"])
        _set(mask, ReasonCode.TEMPERATURE_OUT_OF_LIMITS, outside)
        _set(mask, ReasonCode.AGENT_REFUSES, np.array([bool(dock.blockers) for dock in self.docks], dtype=np.bool_))
        return mask


def codes_of(mask: int) -> list[ReasonCode]:
    """The reasons whose bits are set, in their order."""
    return [code for code, bit in BIT.items() if mask & int(bit)]


def _set(mask: Masks, code: ReasonCode, where: Flags) -> None:
    mask[where] |= BIT[code]
