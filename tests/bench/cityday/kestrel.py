"""Kestrel's policy for a day: all calls that wait are assigned anew whenever something happens.

It is the dispatcher's own `assign`, `lateness_s` and `losses_while_away`; this is only what feeds them. A drone that
charges or comes home counts with the second at which it can go again, so that a call waits for the near one when that
is sooner on scene than the far one that could go now. Known are the docks, the wind, and where and how often calls came
in the other years; not today's calls to come, nor how long each wants its drone.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from dispatcher.decision.assignment import Weighing, assign
from dispatcher.decision.reserve import AWAY_S, CallDensity, Floats, lateness_s, losses_while_away
from tests.bench.cityday.day import Day, Doing, Drone, Move

RESERVE_WEIGHT = 0.7
"""The built-in policy's. It, `LATE_WEIGHT` and `reserve.REACHED` were found on the days of seeds 11 to 60,
which no row shows.
"""


@dataclass
class Kestrel:
    """One policy for one day; where lateness begins follows from the docks."""

    density: CallDensity
    weighing: Weighing = field(default_factory=lambda: Weighing(reserve_weight=RESERVE_WEIGHT))
    waits: bool = True
    _times_s: Floats | None = field(default=None, init=False)

    def moves(self, day: Day) -> Sequence[Move]:
        """See the module."""
        if not day.waiting:
            return []
        calls = sorted(day.waiting)
        times_s = self._prepared(day)
        ready_s = np.array([self._ready_s(day, drone, day.gate_wh) for drone in day.drones])
        lost = losses_while_away(
            times_s=times_s,
            ready_in_s=ready_s - day.now_s,
            share=self.density.share,
            cost=self.weighing.waiting_cost,
        )
        waited_s = np.array([[self._waited_s(day, drone, call) for drone in day.drones] for call in calls])
        kept = self.weighing.reserve_cost(lost, calls=self.density.calls_per_s * AWAY_S)
        costs = self.weighing.waiting_cost(waited_s) + kept
        taken = assign(costs, unserved=np.full(len(calls), 1e6))
        moves, left = [], day.pilots_free()
        for call, column in zip(calls, taken.tolist(), strict=True):
            if column >= 0 and left > 0 and day.may_launch(day.drones[column], call):
                moves.append(Move(column, call))
                left -= 1
        return moves

    def _prepared(self, day: Day) -> Floats:
        """Seconds from order to scene, of each dock to each place of the density."""
        if self._times_s is None:
            physics, places = day.physics, zip(self.density.east_m.tolist(), self.density.north_m.tolist(), strict=True)
            start_s = physics.airborne_s + physics.climb.seconds
            self._times_s = np.array(
                [
                    [start_s + physics.leg(dock, place, short_m=physics.standoff_m).seconds for dock in day.docks]
                    for place in places
                ]
            )
            self.weighing = self.weighing.late_from(lateness_s(times_s=self._times_s, density=self.density))
        return self._times_s

    def _waited_s(self, day: Day, drone: Drone, call: int) -> float:
        """From the call until this drone would be on scene."""
        if not day.reachable(drone.number, call):
            return math.inf
        ready_s = self._ready_s(day, drone, day.launch_wh(drone.number, call))
        asked_s = day.calls[call].at_s
        if ready_s > day.now_s and (not self.waits or ready_s >= asked_s + day.rules.give_up_s):
            return math.inf
        return ready_s + day.flight_of(drone.number, call)[0] - asked_s

    def _ready_s(self, day: Day, drone: Drone, wanted_wh: float) -> float:
        """When it can take off with so much; nobody knows of who is on scene, or on the way there."""
        if drone.doing is Doing.DOCKED:
            return day.now_s + day.physics.charging_s(day.charge_wh(drone), wanted_wh)
        if drone.doing is Doing.HOMEWARD:
            return drone.until_s + day.physics.charging_s(drone.wh, wanted_wh)
        return math.inf
