"""A planner that was told the next calls: not a policy that anybody could have, but what foresight alone would gain.

For each call that waits it tries the drones that would be there soonest, plays the next calls of the day as they will
come, each to whoever is there first, and takes what is best in sum. It knows where and when those calls come and how
long each wants its drone. What it gains over Kestrel is what Kestrel lacks in knowledge, not in care: the bound knows
as much, and neither flies nor charges in full.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from dispatcher.decision.assignment import Floats, Weighing, assign
from tests.bench.cityday.day import Day, Doing, Drone, Move

AHEAD = 8
"""Calls that it was told of."""
TRIED = 4
"""Drones for each call, and calls that wait."""


@dataclass
class _Leg:
    """One call from every dock, shape (drones,): as `Day.flight_of` and `Day.home_s`; infinite out of reach."""

    flight_s: Floats
    out_wh: Floats
    home_wh: Floats
    home_s: Floats
    launch_wh: Floats


@dataclass
class _Fleet:
    """When each drone is docked, and with how much; shape (drones,)."""

    docked_s: Floats
    wh: Floats

    def copy(self) -> _Fleet:
        return _Fleet(self.docked_s.copy(), self.wh.copy())


@dataclass
class Knowing:
    """One planner for one day."""

    weighing: Weighing = field(default_factory=lambda: Weighing(late_s=300.0, late_weight=3.0))
    _legs: dict[int, _Leg] = field(default_factory=dict, init=False)

    def moves(self, day: Day) -> Sequence[Move]:
        """See the module."""
        if not day.waiting:
            return []
        calls, fleet = sorted(day.waiting), self._fleet(day)
        coming = [call.number for call in day.calls if call.at_s > day.now_s][:AHEAD]
        waits_s = np.array([self._there_s(day, fleet, call) - day.calls[call].at_s for call in calls])
        plan = assign(self.weighing.waiting_cost(waits_s), unserved=np.full(len(calls), 1e6)).tolist()
        for place in range(min(len(calls), TRIED)):
            soonest = [drone for drone in np.argsort(waits_s[place])[:TRIED].tolist() if drone != plan[place]]
            able = [drone for drone in soonest if math.isfinite(waits_s[place][drone])]
            plans = [plan, *(_with(plan, place, drone) for drone in able)]
            plan = min(plans, key=lambda each: self._cost(day, fleet, calls, each, coming))
        moves, left = [], day.pilots_free()
        for call, drone in zip(calls, plan, strict=True):
            if drone >= 0 and left > 0 and day.may_launch(day.drones[drone], call):
                moves.append(Move(drone, call))
                left -= 1
        return moves

    def _fleet(self, day: Day) -> _Fleet:
        docked, wh = zip(*(self._docked(day, drone) for drone in day.drones), strict=True)
        return _Fleet(np.array(docked), np.array(wh))

    def _docked(self, day: Day, drone: Drone) -> tuple[float, float]:
        """When it is docked, and what it has then: it was told how long each call wants it."""
        if drone.doing is Doing.DOCKED:
            return day.now_s, day.charge_wh(drone)
        if drone.doing is Doing.HOMEWARD or drone.call is None:
            return drone.until_s, drone.wh
        home_wh, home_s = day.flight_of(drone.number, drone.call)[2], day.home_s(drone.number, drone.call)
        watch_s = 0.0
        if drone.doing is Doing.OUTWARD:
            watch_s = self._watch_s(day, drone.call, drone.wh - home_wh)
        return drone.until_s + watch_s + home_s, drone.wh - home_wh - watch_s * day.physics.hang_w / 3600

    def _watch_s(self, day: Day, call: int, over_home_wh: float) -> float:
        possible_s = (over_home_wh - day.physics.reserve_wh) / day.physics.hang_w * 3600
        return min(day.calls[call].service_s, max(0.0, possible_s))

    def _there_s(self, day: Day, fleet: _Fleet, call: int) -> Floats:
        """When each drone would be on scene."""
        leg = self._leg(day, call)
        return np.asarray(self._off_s(day, fleet, leg, day.now_s) + leg.flight_s)

    def _off_s(self, day: Day, fleet: _Fleet, leg: _Leg, since_s: float) -> Floats:
        """When each could be ordered, not before ``since_s``."""
        charging_s = np.maximum(0.0, leg.launch_wh - fleet.wh) / day.physics.charged_wh(0.0, 1.0)
        return np.asarray(np.maximum(since_s, fleet.docked_s + charging_s))

    def _cost(self, day: Day, fleet: _Fleet, calls: Sequence[int], plan: Sequence[int], coming: Sequence[int]) -> float:
        """What all these calls wait, and the next ones after them."""
        fleet = fleet.copy()
        chosen = [(call, drone) for call, drone in zip(calls, plan, strict=True) if drone >= 0]
        rest = [(call, -1) for call, drone in zip(calls, plan, strict=True) if drone < 0]
        waits_s = [self._serve(day, fleet, call, drone) for call, drone in (*chosen, *rest, *((c, -1) for c in coming))]
        return float(self.weighing.waiting_cost(np.array(waits_s)).sum())

    def _serve(self, day: Day, fleet: _Fleet, call: int, drone: int) -> float:
        """Send a drone (-1: whoever is there first) as soon as it can go; how long the call waits."""
        leg, asked_s = self._leg(day, call), day.calls[call].at_s
        off_s = self._off_s(day, fleet, leg, max(day.now_s, asked_s))
        if drone < 0:
            drone = int(np.argmin(off_s + leg.flight_s))
        gone_s = float(off_s[drone])
        if not gone_s + leg.flight_s[drone] < math.inf:
            return 0.0  # no dock reaches it, whatever is decided
        if gone_s >= asked_s + day.rules.give_up_s:
            return self.weighing.unserved_s
        wh = day.physics.charged_wh(float(fleet.wh[drone]), gone_s - float(fleet.docked_s[drone]))
        over_home_wh = wh - float(leg.out_wh[drone]) - float(leg.home_wh[drone])
        watch_s = self._watch_s(day, call, over_home_wh)
        there_s = gone_s + float(leg.flight_s[drone])
        fleet.docked_s[drone] = there_s + watch_s + float(leg.home_s[drone])
        fleet.wh[drone] = over_home_wh - watch_s * day.physics.hang_w / 3600
        return there_s - asked_s

    def _leg(self, day: Day, call: int) -> _Leg:
        if call not in self._legs:
            able = [day.reachable(drone.number, call) for drone in day.drones]
            flights = np.array([day.flight_of(drone.number, call) for drone in day.drones])
            self._legs[call] = _Leg(
                flight_s=np.where(able, flights[:, 0], np.inf),
                out_wh=flights[:, 1],
                home_wh=flights[:, 2],
                home_s=np.array([day.home_s(drone.number, call) for drone in day.drones]),
                launch_wh=np.array([day.launch_wh(drone.number, call) for drone in day.drones]),
            )
        return self._legs[call]


def _with(plan: Sequence[int], place: int, drone: int) -> list[int]:
    """This drone for that call; who had it takes the other's."""
    changed = list(plan)
    if drone in changed:
        changed[changed.index(drone)] = changed[place]
    changed[place] = drone
    return changed
