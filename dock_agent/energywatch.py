"""The charge in the air: what it takes to come home by the planned way, from what was measured and the wind that blows.

The model promises (`geo.flight.energy`), the battery tells what was really drawn: their ratio over the last minutes
corrects the promise, within bounds, and pulled towards 1 while little has been drawn, because a battery tells whole
percents. Without a fresh weather sample the most that it may have been launched into, or that was last measured, is
assumed, aloft and against it all the way.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from contracts.fleet import AircraftType, Dock
from contracts.position import Weather
from contracts.warnings import TABLE, WarningCode, WarningOverride
from dock_agent.flight import since
from dock_agent.readings import AircraftReading
from geo.flight.energy import drawn_power_w, estimate_return, hang_power_w
from geo.flight.performance import Performance
from geo.flight.plan import FlightPlan, Waypoint, estimate_return_from, legs_between
from geo.flight.position import bearing_deg
from geo.flight.wind import Wind, wind_at

FRESH_S = 1.0
"""Wall seconds after which a position is too old to decide anything but safety with."""
WEATHER_OLD_S = 120.0
"""Mission seconds after which a weather sample says nothing about now."""
CORRECTION_LEAST = 0.9
CORRECTION_MOST = 2.0
_PRIOR_PERCENT = 4.0
"""So much drawn as the model says counts beside what is measured: a percent of rounding then moves little."""
_FORGETS_S = 180.0
"""Mission seconds after which a measurement counts for 1/e."""
_STEP_MOST_S = 10.0
"""Longer gaps between two looks are not measured over."""
EMPTY_PERCENT = 5.0
"""Where PX4 lands by itself, wherever that is (BAT_EMERGEN_THR)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Consumption:
    """What was drawn, measured and as modelled, in percent of the full battery; older draws fade."""

    at: datetime | None = None
    charge_percent: float = 0.0
    measured: float = 0.0
    modelled: float = 0.0

    @property
    def correction(self) -> float:
        """By what the model's energy is to be multiplied."""
        ratio = (self.measured + _PRIOR_PERCENT) / (self.modelled + _PRIOR_PERCENT)
        return max(CORRECTION_LEAST, min(CORRECTION_MOST, ratio))

    def after(
        self, *, now: datetime, charge_percent: float, aircraft: AircraftReading, performance: Performance, wind: Wind
    ) -> Consumption:
        """With what was drawn since the last look."""
        step_s = 0.0 if self.at is None else since(self.at, now)
        if self.at is None or not 0 < step_s <= _STEP_MOST_S:
            return replace(self, at=now, charge_percent=charge_percent)
        north, east = aircraft.velocity_north_m_s or 0.0, aircraft.velocity_east_m_s or 0.0
        power_w = drawn_power_w(
            performance=performance,
            wind=wind,
            north_m_s=north,
            east_m_s=east,
            climb_m_s=aircraft.climb_m_s or 0.0,
        )
        fade = math.exp(-step_s / _FORGETS_S)
        return Consumption(
            at=now,
            charge_percent=charge_percent,
            measured=max(0.0, self.measured * fade + self.charge_percent - charge_percent),
            modelled=self.modelled * fade + power_w * step_s / 36.0 / performance.battery_wh,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What the charge allows, at one moment. Percent of the full battery."""

    home_percent: float
    """The way home and the landing take so much; infinite when the wind does not let it come home."""
    at_home_percent: float
    """Left over home if it turned now; not below 0."""
    must_leave_at: datetime | None
    """Mission time at which the charge forces it home; None when the wind allows no forecast."""
    watch_possible_s: float | None
    """How long it may hang: here, or outbound at the watch position once there; None as above."""
    reserve_percent: float
    charge_percent: float
    correction: float

    @property
    def spare_percent(self) -> float:
        """Above the way home and the reserve; negative: so much is missing."""
        return self.charge_percent - self.reserve_percent - self.home_percent

    @property
    def must_return(self) -> str | None:
        """Why it must come home now; None while it need not."""
        if math.isinf(self.home_percent):
            return "the wind is too strong for the way home: the longer it waits, the worse"
        if self.spare_percent > 0:
            return None
        return (
            f"the battery is at {self.charge_percent:.0f} %: {self.home_percent:.0f} % brings it home, "
            f"{self.reserve_percent:.0f} % is the reserve"
        )

    @property
    def reaches_home(self) -> bool:
        """False when the autopilot would land of itself, with its battery empty, before it is home."""
        return self.charge_percent - self.home_percent > EMPTY_PERCENT


def performance_for(aircraft_type: AircraftType, dock: Dock, *, reserve_percent: float) -> Performance:
    """The aircraft type as the energy model takes it; a reserve below the dock's is raised to it."""
    names = set(Performance.__dataclass_fields__)
    return Performance(
        **aircraft_type.model_dump(include=names),
        reserve_percent=max(reserve_percent, dock.limits.reserve_percent),
        ceiling_agl_m=dock.limits.ceiling_above_home_m,
    )


def wind_for(
    weather: Weather | None,
    *,
    plan: FlightPlan,
    at: Waypoint,
    aircraft_type: AircraftType,
    overrides: Iterable[WarningOverride] = (),
    last: Weather | None = None,
) -> Wind:
    """The wind to reckon with, as it blows where the flight is highest: the measured one while it is fresh.

    Else, from ahead, the strongest of three at the mast: the type's limit, what the order's ``overrides`` let it launch
    into, and the ``last`` sample, however old. A sensor that dies never makes the way home look shorter.
    """
    if weather is not None and weather.age_s <= WEATHER_OLD_S:
        return wind_aloft(weather, plan=plan, at=at)
    strongest_m_s = max(
        aircraft_type.wind_limit_m_s,
        *(
            each.value + TABLE[each.warning].headroom
            for each in overrides
            if each.warning is WarningCode.WIND_OVER_LIMIT
        ),
        *(sample.wind_speed_m_s for sample in (weather, last) if sample is not None),
        0.0,
    )
    ahead = Wind(speed_m_s=strongest_m_s, from_deg=bearing_deg(*at.position, *plan.home))
    return wind_at(ahead, _highest_m(plan, at))


def wind_aloft(weather: Weather, *, plan: FlightPlan, at: Waypoint | None = None) -> Wind:
    """What the dock's mast measures, at the greatest height of the plan or of where the aircraft is.

    By the law that the dispatcher promised with (`geo.flight.wind.wind_at`, its exponent for open country).
    """
    measured = Wind(speed_m_s=weather.wind_speed_m_s, from_deg=weather.wind_from_deg)
    return wind_at(measured, _highest_m(plan, at))


def _highest_m(plan: FlightPlan, at: Waypoint | None) -> float:
    heights_m = [point.alt_above_home_m for point in (*plan.route_out, *plan.route_home)]
    return max(heights_m) if at is None else max(*heights_m, at.alt_above_home_m)


def standing_at(aircraft: AircraftReading) -> Waypoint | None:
    """Where the aircraft is, if that is known freshly enough to decide by."""
    position = aircraft.position
    if position is None or aircraft.position_age_s > FRESH_S:
        return None
    return Waypoint(
        lat_deg=position.lat_deg, lon_deg=position.lon_deg, alt_above_home_m=max(0.0, position.alt_above_home_m)
    )


def forecast(
    *,
    plan: FlightPlan,
    performance: Performance,
    at: Waypoint,
    charge_percent: float,
    wind: Wind,
    now: datetime,
    correction: float = 1.0,
    outbound: bool = False,
) -> Forecast:
    """From ``at``; with ``outbound`` the time it must leave counts from the watch position, which it is flying to."""
    home = estimate_return_from(plan=plan, performance=performance, at=at, wind=wind)
    reserve = performance.reserve_percent
    if home.infeasible is not None:
        return Forecast(
            home_percent=math.inf,
            at_home_percent=0.0,
            must_leave_at=None,
            watch_possible_s=None,
            reserve_percent=reserve,
            charge_percent=charge_percent,
            correction=correction,
        )
    home_percent = home.percent * correction
    spare = charge_percent - reserve - home_percent
    leave_s = 0.0
    if outbound:
        there_s, there_percent = _way_out(plan, performance=performance, at=at, wind=wind)
        from_watch = estimate_return_from(plan=plan, performance=performance, at=plan.watch_position, wind=wind)
        leave_s = there_s
        spare = charge_percent - reserve - (there_percent + from_watch.percent) * correction
    hang_percent_s = hang_power_w(performance=performance, wind=wind) * correction / 36.0 / performance.battery_wh
    possible_s = spare / hang_percent_s
    return Forecast(
        home_percent=home_percent,
        at_home_percent=max(0.0, charge_percent - home_percent),
        must_leave_at=now + timedelta(seconds=max(0.0, leave_s + possible_s)),
        watch_possible_s=max(0.0, possible_s),
        reserve_percent=reserve,
        charge_percent=charge_percent,
        correction=correction,
    )


def _way_out(plan: FlightPlan, *, performance: Performance, at: Waypoint, wind: Wind) -> tuple[float, float]:
    """Seconds and percent from here along the rest of the way out, without landing."""
    fix = plan.corridor_out().locate(*at.position)
    legs = legs_between((at, *plan.route_out[fix.leg :]))
    flown = estimate_return(performance=performance, home=legs, landing_m=0.0, wind=wind)
    landing = estimate_return(performance=performance, home=(), landing_m=0.0, wind=wind)
    return flown.seconds - landing.seconds, flown.percent - landing.percent
