"""What nobody can beat, not even who knows the whole day beforehand: a bound for the times to scene.

For a time T it is asked how many calls of a day can have a drone on scene within T at the most (`most_within`). The
bound of a percentile is the least T at which that is enough. It holds for every policy that `day` can run, however it
decides and whatever it knows, for this reason. Let a policy serve n calls within T.

- Each of them is served by one drone, sent from its own dock after the call came at second a. With f =
  ``flight_of(dock, call)`` it is on scene f seconds after the order, so f <= T, and it was ordered at a + T - f at the
  latest.
- It cannot be ordered again before a + f + watch + home + charging, where the last three are at their least. More
  charge at take-off lets it watch longer until it watches as long as is wanted, and until then it comes home with its
  reserve and charges as long as ever; from then on the watch stays and the charging is less. So their sum, as a
  function of the charge at take-off, rises and then falls: it is least with the least charge or with a full one, and
  both are tried.
- So from a + T - f until a + f + that sum, the call's *core* at this dock, the drone is this call's, whichever second
  it was ordered in. Of one dock no two cores overlap, for it has one drone.

Choosing a dock for each of the n calls, such that no cores of one dock overlap, is therefore possible; the most calls
for which it is possible is the answer to a linear programme in whole numbers, and without whole numbers it is at least
as large. That is what is solved (at each moment at which a core begins, a dock's cores that hold it count at most 1
together: intervals overlap only if one holds the other's beginning). Relaxed away, and so the bound's gift to nobody in
particular: pilots, the charge beyond the gate, and everything about the calls that are served later than T.

The percentile of all days together is bounded by the least T at which the days' sums of `most_within` reach it, since
n is at most that sum.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_array

from tests.bench.cityday.day import Day

_DUST = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One call from one dock: from order to scene, and from there until fit for another order, at the least."""

    call: int
    dock: int
    flight_s: float
    busy_s: float


def services_of(day: Day) -> list[Service]:
    """Every call from every dock that reaches it with a full battery."""
    return [
        _service(day, call.number, dock)
        for call in day.calls
        for dock in range(len(day.docks))
        if day.reachable(dock, call.number)
    ]


def _service(day: Day, call: int, dock: int) -> Service:
    physics = day.physics
    flight_s, out_wh, home_wh = day.flight_of(dock, call)
    least_s = math.inf
    for wh in (day.launch_wh(dock, call), physics.aircraft.battery_wh):
        possible_s = (wh - out_wh - home_wh - physics.reserve_wh) / physics.hang_w * 3600
        watch_s = min(day.calls[call].service_s, possible_s)
        left_wh = wh - out_wh - home_wh - watch_s * physics.hang_w / 3600
        least_s = min(least_s, watch_s + physics.charging_s(left_wh, day.gate_wh))
    return Service(call=call, dock=dock, flight_s=flight_s, busy_s=least_s + day.home_s(dock, call))


def most_within(day: Day, services: Sequence[Service], within_s: float) -> float:
    """No policy serves more calls than this within so many seconds."""
    ways = [service for service in services if service.flight_s <= within_s]
    if not ways:
        return 0.0
    came_s = np.array([day.calls[way.call].at_s for way in ways])
    flight_s, busy_s = np.array([way.flight_s for way in ways]), np.array([way.busy_s for way in ways])
    begins, ends = came_s + within_s - flight_s, came_s + flight_s + busy_s
    groups: list[list[int]] = []
    of_call: dict[int, list[int]] = defaultdict(list)
    of_dock: dict[int, list[int]] = defaultdict(list)
    for number, way in enumerate(ways):
        of_call[way.call].append(number)
        if begins[number] < ends[number]:
            of_dock[way.dock].append(number)
    groups.extend(of_call.values())
    for members in of_dock.values():
        own = np.array(members)
        for number in members:
            held = own[(begins[own] <= begins[number]) & (begins[number] < ends[own])]
            if len(held) > 1:
                groups.append(held.tolist())
    counts = np.cumsum([0, *(len(group) for group in groups)])
    columns = np.concatenate([np.asarray(group) for group in groups])
    matrix = csr_array((np.ones(len(columns)), columns, counts), shape=(len(groups), len(ways)))
    solved = linprog(-np.ones(len(ways)), A_ub=matrix, b_ub=np.ones(len(groups)), bounds=(0, 1), method="highs")
    if not solved.success:
        raise ArithmeticError(f"the linear programme of the bound: {solved.message}")
    return float(-solved.fun)


def least_time_s(days: Sequence[tuple[Day, Sequence[Service]]], *, percent: float, calls: int) -> float:
    """The bound of a percentile over the calls of all these days, ``calls`` of them, to half a second below."""
    wanted = math.ceil(percent / 100 * calls)
    low_s, high_s = 0.0, max((service.flight_s for _, services in days for service in services), default=0.0)
    if sum(most_within(day, services, high_s) for day, services in days) < wanted - _DUST:
        # Beyond the longest flight only waiting helps: cores shrink as T grows, but this bound has been high enough.
        return high_s
    while high_s - low_s > 0.5:
        middle_s = (low_s + high_s) / 2
        enough = sum(most_within(day, services, middle_s) for day, services in days) >= wanted - _DUST
        low_s, high_s = (low_s, middle_s) if enough else (middle_s, high_s)
    return low_s
