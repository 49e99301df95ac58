"""What straight stretches cost, in time or in energy, and how far a budget goes: arrays of `geo.flight.energy`'s legs.

A cost grows with the length of a stretch: with its root while the aircraft only speeds up and slows down, in a straight
line beyond, where each second may cost less. Costs of stretches add up, stops included, which is what a flight is
promised with.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geo.flight.energy import hang_power_w
from geo.flight.performance import Performance
from geo.flight.wind import STEERAGE_M_S, Wind
from geo.geodesy import Array

Flags = npt.NDArray[np.bool_]
_S_PER_H = 3600.0
_HALVINGS = 40
_LEAST_M = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """What one metre costs in some directions. All of shape (n,); infinite where the wind leaves no speed."""

    out_m_s: Array
    """Speed over ground; 0 where there is none."""
    back_m_s: Array
    out_cost: Array
    """Of each second at speed on the way out."""
    back_cost: Array
    out_ramp_cost: Array
    """Of each second of speeding up and slowing down on the way out; never below that at speed."""
    back_ramp_cost: Array

    def of(self, which: Flags | slice) -> Rates:
        """Those of some of the directions."""
        return Rates(
            out_m_s=self.out_m_s[which],
            back_m_s=self.back_m_s[which],
            out_cost=self.out_cost[which],
            back_cost=self.back_cost[which],
            out_ramp_cost=self.out_ramp_cost[which],
            back_ramp_cost=self.back_ramp_cost[which],
        )


class Legs:
    """Costs of one aircraft in one wind. ``turned_deg`` is the true bearing of the frame's north."""

    def __init__(self, *, performance: Performance, wind: Wind, turned_deg: float, energy: bool) -> None:
        """``energy``: watt-hours there and back; else seconds there."""
        self._performance = performance
        self._energy = energy
        towards = math.radians(wind.from_deg + 180.0 - turned_deg)
        self._wind_east_m_s = wind.speed_m_s * math.sin(towards)
        self._wind_north_m_s = wind.speed_m_s * math.cos(towards)
        self._hang_w = hang_power_w(performance=performance, wind=wind)
        settle = 2 * self._hang_w / _S_PER_H if energy else 1.0
        self.stop_cost = settle * performance.leg_settle_s
        """Of each stretch, however short."""

    def rates(self, east: Array, north: Array) -> Rates:
        """In directions given as unit vectors, shape (n,) each."""
        out_m_s, out_air_m_s = self._speeds(east, north)
        if not self._energy:
            one, none = np.ones_like(out_m_s), np.zeros_like(out_m_s)
            return Rates(
                out_m_s=out_m_s,
                back_m_s=out_m_s,
                out_cost=one,
                back_cost=none,
                out_ramp_cost=one,
                back_ramp_cost=none,
            )
        back_m_s, back_air_m_s = self._speeds(-east, -north)
        either = (out_m_s > 0) & (back_m_s > 0)
        out_w, back_w = self._power_w(out_air_m_s), self._power_w(back_air_m_s)
        return Rates(
            out_m_s=np.where(either, out_m_s, 0.0),
            back_m_s=np.where(either, back_m_s, 0.0),
            out_cost=out_w / _S_PER_H,
            back_cost=back_w / _S_PER_H,
            out_ramp_cost=np.maximum(out_w, self._hang_w) / _S_PER_H,
            back_ramp_cost=np.maximum(back_w, self._hang_w) / _S_PER_H,
        )

    def costs(self, east_m: Array, north_m: Array) -> Array:
        """Of stretches of shape (n,), with their stop; infinite where the wind leaves no speed."""
        way_m = np.hypot(east_m, north_m)
        long_m = np.maximum(way_m, _LEAST_M)
        return self._moved(self.rates(east_m / long_m, north_m / long_m), way_m) + self.stop_cost

    def reach_m(self, direction: Array, left: Array) -> Array:
        """How far a last stretch goes in a direction with a budget, both of shape (n,); 0 with too little of it.

        Directions are counter-clockwise from east, radians.
        """
        return self.reach_at_m(self.rates(np.cos(direction), np.sin(direction)), left)

    def reach_at_m(self, rates: Rates, left: Array) -> Array:
        """The same where the rates in these directions are known."""
        left = left - self.stop_cost
        pushing = self._performance.acceleration_m_s2
        fast_m_s, slow_m_s = np.maximum(rates.out_m_s, rates.back_m_s), np.minimum(rates.out_m_s, rates.back_m_s)
        able = (slow_m_s > 0) & (left > 0)
        with np.errstate(divide="ignore", invalid="ignore"):
            per_m = rates.out_cost / rates.out_m_s + rates.back_cost / rates.back_m_s
            out_more, back_more = 2 * rates.out_ramp_cost - rates.out_cost, 2 * rates.back_ramp_cost - rates.back_cost
            ramps = (out_more * rates.out_m_s + back_more * rates.back_m_s) / pushing
            straight_m = (left - ramps) / per_m
            jump_m = pushing * np.square(left / (2 * (rates.out_ramp_cost + rates.back_ramp_cost)))
        far_m = np.where(straight_m >= fast_m_s * fast_m_s / pushing, straight_m, jump_m)
        between = able & (straight_m < fast_m_s * fast_m_s / pushing) & (jump_m > slow_m_s * slow_m_s / pushing)
        if between.any():
            far_m[between] = self._between_m(rates, left, fast_m_s * fast_m_s / pushing, between)
        return np.asarray(np.where(able, far_m, 0.0))

    def _between_m(self, rates: Rates, left: Array, most_m: Array, which: Flags) -> Array:
        """Where one of the two ways has reached its speed and the other has not: by halving."""
        part = rates.of(which)
        low_m, high_m, wanted = np.zeros(len(part.out_m_s)), most_m[which], left[which]
        for _ in range(_HALVINGS):
            middle_m = (low_m + high_m) / 2
            within = self._moved(part, middle_m) <= wanted
            low_m, high_m = np.where(within, middle_m, low_m), np.where(within, high_m, middle_m)
        return low_m

    def _moved(self, rates: Rates, way_m: Array) -> Array:
        pushing = self._performance.acceleration_m_s2
        out_s = _travel_s(way_m, rates.out_m_s, pushing)
        if not self._energy:
            return out_s
        back_s = _travel_s(way_m, rates.back_m_s, pushing)
        out_ramps_s, back_ramps_s = _ramps_s(way_m, rates.out_m_s, pushing), _ramps_s(way_m, rates.back_m_s, pushing)
        moved = rates.out_cost * (out_s - out_ramps_s) + rates.out_ramp_cost * out_ramps_s
        return np.asarray(moved + rates.back_cost * (back_s - back_ramps_s) + rates.back_ramp_cost * back_ramps_s)

    def _speeds(self, east: Array, north: Array) -> tuple[Array, Array]:
        """Over ground and through the air, along unit vectors: `geo.flight.wind`'s triangle. 0 over ground: none."""
        top, cruise = self._performance.top_airspeed_m_s, self._performance.cruise_m_s
        along = east * self._wind_east_m_s + north * self._wind_north_m_s
        across = east * self._wind_north_m_s - north * self._wind_east_m_s
        spare = np.sqrt(np.maximum(top * top - across * across, 0.0))
        speed = np.minimum(cruise, along + spare)
        able = (np.abs(across) < top) & (speed >= np.maximum(STEERAGE_M_S, along - spare))
        return np.where(able, speed, 0.0), np.hypot(speed - along, across)

    def _power_w(self, airspeed_m_s: Array) -> Array:
        performance = self._performance
        ratio = airspeed_m_s / performance.cruise_m_s
        slow = performance.hover_power_w + (performance.cruise_power_w - performance.hover_power_w) * ratio
        fast = performance.cruise_power_w * (1 + performance.drag_share * (ratio * ratio * ratio - 1))
        return np.where(ratio <= 1, slow, fast)


def _travel_s(way_m: Array, speed_m_s: Array, acceleration_m_s2: float) -> Array:
    ramps_m = speed_m_s * speed_m_s / acceleration_m_s2
    with np.errstate(divide="ignore", invalid="ignore"):
        cruising = way_m / speed_m_s + speed_m_s / acceleration_m_s2
    seconds = np.where(way_m >= ramps_m, cruising, 2 * np.sqrt(way_m / acceleration_m_s2))
    return np.where(speed_m_s > 0, seconds, np.inf)


def _ramps_s(way_m: Array, speed_m_s: Array, acceleration_m_s2: float) -> Array:
    return np.asarray(2 * np.minimum(speed_m_s / acceleration_m_s2, np.sqrt(way_m / acceleration_m_s2)))
