"""`geo.flight.energy` for many straight flights at once: the same model, term by term, over arrays.

A fleet of a thousand is estimated in a millisecond. Each flight climbs, goes one leg out, changes to its watch height,
watches, and comes back the same way. A test holds every figure against the scalar model.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from geo.flight.performance import Performance
from geo.flight.wind import STEERAGE_M_S
from geo.geodesy import Array

Flags = npt.NDArray[np.bool_]
_S_PER_H = 3600.0
_NUMBERS = tuple(field.name for field in fields(Performance) if field.name != "airspeed_max_m_s")


class Performances:
    """The figures of many aircraft; each attribute of `Performance` that is a number as an array of shape (n,)."""

    def __init__(self, performances: Sequence[Performance]) -> None:
        places: dict[int, int] = {}
        kinds: list[Performance] = []
        index = []
        for each in performances:
            place = places.get(id(each))
            if place is None:
                place = places[id(each)] = len(kinds)
                kinds.append(each)
            index.append(place)
        taken = np.array(index, dtype=np.intp)
        table = np.array([[getattr(kind, name) for name in _NUMBERS] for kind in kinds], dtype=np.float64)
        self._columns = table.reshape(len(kinds), len(_NUMBERS)).T[:, taken]
        self.top_airspeed_m_s: Array = np.array([kind.top_airspeed_m_s for kind in kinds], dtype=np.float64)[taken]

    def __getitem__(self, name: str) -> Array:
        column: Array = self._columns[_NUMBERS.index(name)]
        return column

    def level_power_w(self, airspeed_m_s: Array) -> Array:
        """As `Performance.level_power_w`."""
        ratio = np.abs(airspeed_m_s) / self["cruise_m_s"]
        hover, cruise = self["hover_power_w"], self["cruise_power_w"]
        slow = hover + (cruise - hover) * ratio
        fast = cruise * (1 + self["drag_share"] * (ratio**3 - 1))
        return np.where(ratio <= 1, slow, fast)


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimates:
    """As `geo.flight.energy.FlightEstimate`, shape (n,) each. Where ``blown_away``, the rest says nothing."""

    blown_away: Flags
    short_of_energy: Flags
    time_to_scene_s: Array
    watch_possible_s: Array
    watch_s: Array
    total_s: Array
    energy_wh: Array
    battery_on_return_percent: Array


def estimate_flights(
    *,
    performances: Performances,
    climb_m: Array,
    way_m: Array,
    bearing_deg: Array,
    homeward_deg: Array,
    rise_m: Array,
    wind_m_s: Array,
    wind_from_deg: Array,
    watch_s: float,
    charge_percent: Array,
    reserve_percent: Array,
) -> Estimates:
    """Straight flights: up ``climb_m``, ``way_m`` along ``bearing_deg``, ``rise_m`` to the watch, and back.

    ``reserve_percent`` is taken as it is; a charge that is not a number makes figures that are none.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        hang_w = performances.level_power_w(wind_m_s)
        out = _leg(performances, hang_w, way_m, bearing_deg, wind_m_s, wind_from_deg)
        home = _leg(performances, hang_w, way_m, homeward_deg, wind_m_s, wind_from_deg)
        up = _change(performances, hang_w, rise_m)
        down = _change(performances, hang_w, -rise_m)
        climb_s, climb_wh = _climb(performances, hang_w, climb_m)
        landing_s, landing_wh = _landing(performances, hang_w, climb_m)
        there_and_back_wh = climb_wh + out[1] + up[1] + down[1] + home[1] + landing_wh
        spare_wh = (charge_percent - reserve_percent) / 100 * performances["battery_wh"] - there_and_back_wh
        possible_s = np.maximum(0.0, spare_wh) * _S_PER_H / hang_w
        watched_s = np.minimum(max(watch_s, 0.0), possible_s)
        energy_wh = there_and_back_wh + hang_w * watched_s / _S_PER_H
        to_scene_s = climb_s + out[0] + up[0]
        left = charge_percent - energy_wh / performances["battery_wh"] * 100
        return Estimates(
            blown_away=out[2] | home[2] | (wind_m_s > performances.top_airspeed_m_s),
            short_of_energy=spare_wh < 0,
            time_to_scene_s=to_scene_s,
            watch_possible_s=possible_s,
            watch_s=watched_s,
            total_s=to_scene_s + watched_s + down[0] + home[0] + landing_s,
            energy_wh=energy_wh,
            battery_on_return_percent=np.maximum(0.0, left),
        )


def _leg(
    performances: Performances, hang_w: Array, way_m: Array, track_deg: Array, wind_m_s: Array, from_deg: Array
) -> tuple[Array, Array, Flags]:
    """Seconds, Wh, and whether the wind leaves no speed."""
    angle = np.radians(from_deg + 180.0 - track_deg)
    along, across = wind_m_s * np.cos(angle), wind_m_s * np.sin(angle)
    top, cruise = performances.top_airspeed_m_s, performances["cruise_m_s"]
    spare = np.sqrt(np.maximum(0.0, top * top - across * across))
    speed = np.minimum(cruise, along + spare)
    goes = way_m > 0
    lost = goes & ((np.abs(across) >= top) | ~(speed >= np.maximum(STEERAGE_M_S, along - spare)))
    speed = np.where(lost, 1.0, speed)
    acceleration = performances["acceleration_m_s2"]
    ramps_m = speed * speed / acceleration
    seconds = np.where(way_m >= ramps_m, way_m / speed + speed / acceleration, 2 * np.sqrt(way_m / acceleration))
    ramp_s = 2 * np.minimum(speed / acceleration, np.sqrt(way_m / acceleration))
    power_w = performances.level_power_w(np.hypot(speed - along, across))
    settle_s = performances["leg_settle_s"]
    moving_ws = power_w * (seconds - ramp_s) + np.maximum(power_w, hang_w) * ramp_s
    total_wh = (moving_ws + hang_w * settle_s) / _S_PER_H
    return np.where(goes, seconds + settle_s, 0.0), np.where(goes, total_wh, 0.0), lost


def _change(performances: Performances, hang_w: Array, rise_m: Array) -> tuple[Array, Array]:
    """Seconds and Wh of a change of height without a way."""
    rate_m_s = np.where(rise_m > 0, performances["climb_m_s"], performances["descent_m_s"])
    seconds = np.abs(rise_m) / rate_m_s
    more_w = np.maximum(0.0, performances["climb_power_w"] - performances["hover_power_w"])
    settle_s = np.where(rise_m != 0, performances["leg_settle_s"], 0.0)
    energy_ws = hang_w * (seconds + settle_s) + np.where(rise_m > 0, more_w * seconds, 0.0)
    return seconds + settle_s, energy_ws / _S_PER_H


def _climb(performances: Performances, hang_w: Array, rise_m: Array) -> tuple[Array, Array]:
    high_m = np.maximum(rise_m, 0.0)
    slow_m = np.minimum(high_m, performances["near_ground_m"])
    rate_m_s = np.minimum(performances["takeoff_m_s"], performances["climb_m_s"])
    seconds = slow_m / rate_m_s + (high_m - slow_m) / performances["climb_m_s"] + performances["climb_settle_s"]
    lift_w = np.maximum(0.0, performances["climb_power_w"] - performances["hover_power_w"])
    return seconds, (lift_w * high_m / performances["climb_m_s"] + hang_w * seconds) / _S_PER_H


def _landing(performances: Performances, hang_w: Array, drop_m: Array) -> tuple[Array, Array]:
    high_m = np.maximum(drop_m, 0.0)
    slow_m = np.minimum(high_m, performances["near_ground_m"])
    rate_m_s = np.minimum(performances["landing_m_s"], performances["descent_m_s"])
    seconds = slow_m / rate_m_s + (high_m - slow_m) / performances["descent_m_s"] + performances["touchdown_s"]
    return seconds, hang_w * seconds / _S_PER_H
