"""What a flight from a dock takes, as numbers: of a way that was looked for, or of the straight one that bounds it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

from dispatcher.decision.facts import DockFacts, Policy
from dispatcher.decision.reason import Reason, ReasonCode, Risk, RiskCode
from geo.estimates import Estimates
from geo.flight.energy import FlightEstimate, Infeasible
from geo.flight.wind import Wind

NARROW_MARGIN_PERCENT = 5.0
"""Of charge above the reserve: who comes home with less is told of as a risk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """One flight, from lift-off to motors off."""

    infeasible: Infeasible | None
    to_scene_s: float
    watch_possible_s: float
    watch_s: float
    total_s: float
    energy_wh: float
    battery_at_start_percent: float
    battery_on_return_percent: float

    @classmethod
    def of(cls, estimate: FlightEstimate) -> Figures:
        """Of an exact estimate."""
        return cls(
            infeasible=estimate.infeasible,
            to_scene_s=estimate.time_to_scene_s,
            watch_possible_s=estimate.watch_possible_s,
            watch_s=estimate.watch.seconds,
            total_s=estimate.total_s,
            energy_wh=estimate.energy_wh,
            battery_at_start_percent=estimate.battery_at_start_percent,
            battery_on_return_percent=estimate.battery_on_return_percent,
        )

    @classmethod
    def at(cls, estimates: Estimates, index: int, *, charge_percent: float) -> Figures:
        """Of one among many."""
        infeasible = None
        if estimates.blown_away[index]:
            infeasible = Infeasible.WIND_BEATS_AIRCRAFT
        elif estimates.short_of_energy[index]:
            infeasible = Infeasible.ENERGY
        return cls(
            infeasible=infeasible,
            to_scene_s=float(estimates.time_to_scene_s[index]),
            watch_possible_s=float(estimates.watch_possible_s[index]),
            watch_s=float(estimates.watch_s[index]),
            total_s=float(estimates.total_s[index]),
            energy_wh=float(estimates.energy_wh[index]),
            battery_at_start_percent=charge_percent,
            battery_on_return_percent=float(estimates.battery_on_return_percent[index]),
        )

    @property
    def known(self) -> bool:
        """False where the wind leaves nothing to tell."""
        return self.infeasible is not Infeasible.WIND_BEATS_AIRCRAFT


def reserve_percent(dock: DockFacts, policy: Policy) -> float:
    """The greater of the policy's and the dock's."""
    return max(policy.reserve_percent, dock.performance.reserve_percent)


def out_of_range(dock: DockFacts, distance_m: float) -> Reason | None:
    """Where the scene lies beyond the site's limit."""
    if dock.max_range_m is None or distance_m <= dock.max_range_m:
        return None
    metres = float(round(distance_m))
    return Reason(
        code=ReasonCode.OUT_OF_RANGE,
        text=f"the scene is {metres:.0f} m away, the site's limit is {dock.max_range_m:.0f} m",
        value=metres,
        limit=dock.max_range_m,
    )


def out_of_coverage(distance_m: float) -> Reason:
    """Where the spatial index says that nothing from this dock gets there."""
    metres = float(round(distance_m))
    text = f"the scene is {metres:.0f} m away, outside the dock's coverage"
    return Reason(code=ReasonCode.OUT_OF_RANGE, text=text, value=metres)


def physics(
    dock: DockFacts, policy: Policy, figures: Figures, *, distance_m: float, wind: Wind, height_m: float
) -> Reason | None:
    """What the wind or the battery say against the flight; ``wind`` as it blows at ``height_m``."""
    if figures.infeasible is Infeasible.WIND_BEATS_AIRCRAFT:
        return Reason(
            code=ReasonCode.WIND_BEATS_AIRCRAFT,
            text=f"wind {wind.speed_m_s:.1f} m/s from {wind.from_deg:.0f}° at {height_m:.0f} m "
            "leaves no speed on the way out or home",
            value=tenths(wind.speed_m_s),
            age_s=None if dock.weather is None else tenths(dock.weather.age_s),
        )
    if figures.infeasible is Infeasible.ENERGY:
        need = figures.energy_wh / dock.performance.battery_wh * 100
        reserve, have = reserve_percent(dock, policy), figures.battery_at_start_percent
        return Reason(
            code=ReasonCode.OUT_OF_ENERGY,
            text=f"{round(distance_m):.0f} m there and back take {need:.1f} % of the battery; "
            f"charge {have:.1f} %, reserve {reserve:.1f} %",
            value=tenths(need),
            limit=tenths(max(0.0, have - reserve)),
        )
    if figures.watch_possible_s < policy.min_watch_s:
        possible_s = down(figures.watch_possible_s)
        return Reason(
            code=ReasonCode.WATCH_TOO_SHORT,
            text=f"the energy leaves {possible_s:.0f} s on scene, at least {policy.min_watch_s:.0f} s are wanted",
            value=possible_s,
            limit=policy.min_watch_s,
        )
    return None


def battery_risk(margin_percent: float | None) -> list[Risk]:
    """Where little is left above the reserve."""
    if margin_percent is None or margin_percent >= NARROW_MARGIN_PERCENT:
        return []
    text = f"comes home {max(0.0, margin_percent):.1f} % above the reserve"
    return [Risk(code=RiskCode.BATTERY_NEAR_RESERVE, text=text)]


class Told(NamedTuple):
    """The figures of an option in the steps in which they are shown."""

    to_scene_s: float | None = None
    on_scene_s: float | None = None
    watch_s: float | None = None
    battery_percent: float | None = None
    margin_percent: float | None = None
    energy_wh: float | None = None
    flight_s: float | None = None


def told_of(figures: Figures | None, policy: Policy, *, airborne_s: float, reserve: float) -> Told:
    """Nothing where there are none; ``airborne_s``: from the order to lift-off, ``reserve`` in per cent."""
    if figures is None or not figures.known:
        return Told()
    battery = down(figures.battery_on_return_percent)
    return Told(
        to_scene_s=tenths(airborne_s + figures.to_scene_s),
        on_scene_s=down(min(figures.watch_possible_s, policy.watch_cap_s)),
        watch_s=down(figures.watch_s),
        battery_percent=battery,
        margin_percent=tenths(battery - reserve),
        energy_wh=tenths(figures.energy_wh),
        flight_s=tenths(figures.total_s),
    )


def tenths(value: float) -> float:
    """In the step that is shown; never a negative zero."""
    return round(value, 1) + 0.0


def down(value: float) -> float:
    """Whole tenths, never rounded up but by the dust of floats: what is promised must be there."""
    return math.floor(round(value * 10, 6)) / 10
