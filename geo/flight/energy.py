"""How long a flight takes and what it draws from the battery, leg by leg, with wind.

The dispatcher promises with it and the agent's guard turns home with it: one model, two places. Every figure leans to
the safe side where the physics is simplified. Something that cannot be flown is a result with its reason, not an error.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from geo.flight.performance import Performance
from geo.flight.wind import CALM, Wind, airspeed_m_s, ground_speed_m_s

_S_PER_H = 3600.0
OUTLASTS = 1.5
"""No aircraft stays up for more than this times what the model says of its whole battery: the model lies above the dip
that rotary wings have between hover and cruise, and a new battery holds more than is written on it."""


class Infeasible(StrEnum):
    """Why a flight cannot be flown."""

    WIND_BEATS_AIRCRAFT = "wind_beats_aircraft"
    """On one of the legs the wind leaves no speed over ground."""
    ENERGY = "energy"
    """There and back alone, without any watch, would use the reserve."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """A straight stretch: its length over ground, its true bearing and how much higher it ends."""

    distance_m: float
    bearing_deg: float
    rise_m: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Time and energy of one part of a flight; ``speed_m_s`` over ground, 0 where it does not travel."""

    seconds: float
    energy_wh: float
    speed_m_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FlightEstimate:
    """A flight from lift-off to motors off. Times in seconds; percent of the full battery.

    With ``infeasible`` set to the wind, every figure of the flight is 0; set to energy, they are what it would take,
    the watch is 0 and ``battery_on_return_percent`` is cut off at 0.
    """

    infeasible: Infeasible | None
    climb: Stretch
    out: tuple[Stretch, ...]
    watch: Stretch
    home: tuple[Stretch, ...]
    landing: Stretch
    time_to_scene_s: float
    """From lift-off until it hangs at the watch position."""
    watch_possible_s: float
    """What the energy above the reserve allows."""
    spare_wh: float
    """Above the reserve when all but the watch is paid for; negative: so much is missing."""
    total_s: float
    energy_wh: float
    """Of the whole flight with the watch of ``watch.seconds``: what was asked for, or what is possible if less."""
    battery_at_start_percent: float
    battery_on_return_percent: float

    @property
    def feasible(self) -> bool:
        """True when it can be flown without touching the reserve, be the watch ever so short."""
        return self.infeasible is None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnEstimate:
    """The way home from somewhere in the air, landing included."""

    infeasible: Infeasible | None
    seconds: float
    energy_wh: float
    percent: float
    """Of the full battery that it takes."""


_NOTHING = Stretch(seconds=0.0, energy_wh=0.0)


def travel_s(*, distance_m: float, speed_m_s: float, acceleration_m_s2: float) -> float:
    """Time from rest to rest over a distance, speeding up and slowing down at one acceleration."""
    if distance_m <= 0:
        return 0.0
    ramps_m = speed_m_s * speed_m_s / acceleration_m_s2
    if distance_m >= ramps_m:
        return distance_m / speed_m_s + speed_m_s / acceleration_m_s2
    return 2 * math.sqrt(distance_m / acceleration_m_s2)


def ramps_s(*, distance_m: float, speed_m_s: float, acceleration_m_s2: float) -> float:
    """How much of `travel_s` it speeds up or slows down."""
    return 2 * min(speed_m_s / acceleration_m_s2, math.sqrt(max(0.0, distance_m) / acceleration_m_s2))


def hang_power_w(*, performance: Performance, wind: Wind = CALM) -> float:
    """To hang over a point is to fly through the air at the wind's speed: some wind lightens it, a strong one costs."""
    return performance.level_power_w(wind.speed_m_s)


def drawn_power_w(
    *, performance: Performance, wind: Wind, north_m_s: float, east_m_s: float, climb_m_s: float = 0.0
) -> float:
    """What it draws while it moves so over ground, in this wind. No credit is taken for sinking."""
    towards = math.radians(wind.from_deg + 180.0)
    air_m_s = math.hypot(north_m_s - wind.speed_m_s * math.cos(towards), east_m_s - wind.speed_m_s * math.sin(towards))
    rise = max(0.0, climb_m_s) / performance.climb_m_s
    return performance.level_power_w(air_m_s) + rise * max(0.0, performance.climb_power_w - performance.hover_power_w)


def longest_s(*, performance: Performance) -> float:
    """For no longer can it be in the air on one charge: the whole battery, reserve and all, at the least that it draws.

    Leans to the other side than a promise does: for whoever must be sure that an aircraft is down.
    """
    least_w = min(performance.hover_power_w, performance.cruise_power_w)
    return OUTLASTS * performance.battery_wh * _S_PER_H / least_w


def climb_stretch(*, performance: Performance, rise_m: float, wind: Wind = CALM) -> Stretch:
    """From the ground straight up: the first metres slowly, then at climb speed."""
    slow_m = min(max(rise_m, 0.0), performance.near_ground_m)
    rate_m_s = min(performance.takeoff_m_s, performance.climb_m_s)
    seconds = slow_m / rate_m_s + (max(rise_m, 0.0) - slow_m) / performance.climb_m_s + performance.climb_settle_s
    # Lifting costs what it costs however slowly it is done; the rest of the time it hangs.
    lift_w = max(0.0, performance.climb_power_w - performance.hover_power_w)
    lift_ws = lift_w * max(rise_m, 0.0) / performance.climb_m_s
    hang_ws = hang_power_w(performance=performance, wind=wind) * seconds
    return Stretch(seconds=seconds, energy_wh=(lift_ws + hang_ws) / _S_PER_H)


def landing_stretch(*, performance: Performance, drop_m: float, wind: Wind = CALM) -> Stretch:
    """Straight down to the plate, the last metres slowly, until the motors stop. No credit is taken for sinking."""
    slow_m = min(max(drop_m, 0.0), performance.near_ground_m)
    rate_m_s = min(performance.landing_m_s, performance.descent_m_s)
    seconds = slow_m / rate_m_s + (max(drop_m, 0.0) - slow_m) / performance.descent_m_s + performance.touchdown_s
    return Stretch(seconds=seconds, energy_wh=hang_power_w(performance=performance, wind=wind) * seconds / _S_PER_H)


def leg_stretch(*, performance: Performance, leg: Leg, wind: Wind = CALM) -> Stretch | None:
    """One leg, from rest to rest; None when the wind leaves no speed over ground.

    Height is changed on the way, at climb or descent speed, and takes longer than the way where it must.
    """
    seconds = energy_ws = speed_m_s = 0.0
    if leg.distance_m > 0:
        ground = ground_speed_m_s(performance=performance, wind=wind, track_deg=leg.bearing_deg)
        if ground is None:
            return None
        speed_m_s = ground
        seconds = travel_s(distance_m=leg.distance_m, speed_m_s=ground, acceleration_m_s2=performance.acceleration_m_s2)
        air = airspeed_m_s(wind=wind, track_deg=leg.bearing_deg, speed_m_s=ground)
        ramp_s = ramps_s(distance_m=leg.distance_m, speed_m_s=ground, acceleration_m_s2=performance.acceleration_m_s2)
        power_w = performance.level_power_w(air)
        # On the ramps the airspeed lies between the wind's and the leg's: the dearer of the two pays for them.
        dearer_w = max(power_w, hang_power_w(performance=performance, wind=wind))
        energy_ws = power_w * (seconds - ramp_s) + dearer_w * ramp_s
    hang_w = hang_power_w(performance=performance, wind=wind)
    if leg.rise_m != 0:
        rate_m_s = performance.climb_m_s if leg.rise_m > 0 else performance.descent_m_s
        vertical_s = abs(leg.rise_m) / rate_m_s
        if leg.rise_m > 0:
            energy_ws += max(0.0, performance.climb_power_w - performance.hover_power_w) * vertical_s
        if vertical_s > seconds:
            energy_ws += hang_w * (vertical_s - seconds)
            seconds = vertical_s
    if seconds > 0:
        energy_ws += hang_w * performance.leg_settle_s
        seconds += performance.leg_settle_s
    return Stretch(seconds=seconds, energy_wh=energy_ws / _S_PER_H, speed_m_s=speed_m_s)


def estimate_flight(
    *,
    performance: Performance,
    climb_m: float | None,
    out: Sequence[Leg],
    home: Sequence[Leg],
    landing_m: float,
    watch_s: float,
    charge_percent: float = 100.0,
    reserve_percent: float | None = None,
    wind: Wind = CALM,
) -> FlightEstimate:
    """Climb ``climb_m``, fly ``out``, watch for up to ``watch_s``, fly ``home`` and come down ``landing_m``.

    ``climb_m`` None: it is in the air already, where the first leg of ``out`` begins.
    ``reserve_percent`` None is the type's own; a smaller one than the type's is raised to it.
    """
    reserve = max(performance.reserve_percent, reserve_percent or 0.0)
    out_stretches = _stretches(performance, out, wind)
    home_stretches = _stretches(performance, home, wind)
    if out_stretches is None or home_stretches is None or _overpowered(performance, wind):
        return _blown_away(charge_percent)
    climb = _NOTHING if climb_m is None else climb_stretch(performance=performance, rise_m=climb_m, wind=wind)
    landing = landing_stretch(performance=performance, drop_m=landing_m, wind=wind)
    there_and_back_wh = (
        climb.energy_wh
        + sum(leg.energy_wh for leg in out_stretches)
        + sum(leg.energy_wh for leg in home_stretches)
        + landing.energy_wh
    )
    spare_wh = (charge_percent - reserve) / 100 * performance.battery_wh - there_and_back_wh
    hang_w = hang_power_w(performance=performance, wind=wind)
    possible_s = max(0.0, spare_wh) * _S_PER_H / hang_w
    watched_s = min(max(watch_s, 0.0), possible_s)
    watch = Stretch(seconds=watched_s, energy_wh=hang_w * watched_s / _S_PER_H)
    energy_wh = there_and_back_wh + watch.energy_wh
    to_scene_s = climb.seconds + sum(leg.seconds for leg in out_stretches)
    return FlightEstimate(
        infeasible=Infeasible.ENERGY if spare_wh < 0 else None,
        climb=climb,
        out=out_stretches,
        watch=watch,
        home=home_stretches,
        landing=landing,
        time_to_scene_s=to_scene_s,
        watch_possible_s=possible_s,
        spare_wh=spare_wh,
        total_s=to_scene_s + watched_s + sum(leg.seconds for leg in home_stretches) + landing.seconds,
        energy_wh=energy_wh,
        battery_at_start_percent=charge_percent,
        battery_on_return_percent=max(0.0, charge_percent - energy_wh / performance.battery_wh * 100),
    )


def estimate_return(
    *, performance: Performance, home: Sequence[Leg], landing_m: float, wind: Wind = CALM
) -> ReturnEstimate:
    """What it takes to come home from where the first of these legs begins, and to land from ``landing_m``."""
    stretches = _stretches(performance, home, wind)
    if stretches is None or _overpowered(performance, wind):
        return ReturnEstimate(infeasible=Infeasible.WIND_BEATS_AIRCRAFT, seconds=0.0, energy_wh=0.0, percent=0.0)
    landing = landing_stretch(performance=performance, drop_m=landing_m, wind=wind)
    energy_wh = sum(leg.energy_wh for leg in stretches) + landing.energy_wh
    return ReturnEstimate(
        infeasible=None,
        seconds=sum(leg.seconds for leg in stretches) + landing.seconds,
        energy_wh=energy_wh,
        percent=energy_wh / performance.battery_wh * 100,
    )


def _stretches(performance: Performance, legs: Sequence[Leg], wind: Wind) -> tuple[Stretch, ...] | None:
    flown: list[Stretch] = []
    for leg in legs:
        stretch = leg_stretch(performance=performance, leg=leg, wind=wind)
        if stretch is None:
            return None
        flown.append(stretch)
    return tuple(flown)


def _overpowered(performance: Performance, wind: Wind) -> bool:
    """A wind faster than it can fly carries it away even while it hangs."""
    return wind.speed_m_s > performance.top_airspeed_m_s


def _blown_away(charge_percent: float) -> FlightEstimate:
    return FlightEstimate(
        infeasible=Infeasible.WIND_BEATS_AIRCRAFT,
        climb=_NOTHING,
        out=(),
        watch=_NOTHING,
        home=(),
        landing=_NOTHING,
        time_to_scene_s=0.0,
        watch_possible_s=0.0,
        spare_wh=0.0,
        total_s=0.0,
        energy_wh=0.0,
        battery_at_start_percent=charge_percent,
        battery_on_return_percent=charge_percent,
    )
