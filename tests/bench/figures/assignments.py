"""Fifty incidents to two hundred drones: how long the assignment takes, and that nobody finds a cheaper one.

The rival is the same question as a linear programme, solved by HiGHS: its optimum is the exact one (the constraints of
an assignment are totally unimodular), found by a method that shares nothing with ours.
"""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_array

from dispatcher.assigning import Waiting, plan_of
from dispatcher.decision.assignment import Weighing, assign, cost_of
from dispatcher.decision.reserve import Floats, losses
from tests.bench.errors import MeasurementFailed
from tests.bench.figure import Figure, Measured, Say
from tests.bench.rounds import percentile

INCIDENTS, DRONES, PLACES = 50, 200, 400
CASES, EXACT_CASES = 100, 10
WEIGHING = Weighing()


def _case(seed: int) -> tuple[Floats, Floats, Floats]:
    """A city of 20 km: seconds that each incident waits for each drone, a third of them never; and the density's."""
    rng = np.random.default_rng(seed)
    drones, incidents, places = (rng.uniform(0, 20_000, (n, 2)) for n in (DRONES, INCIDENTS, PLACES))

    def times_s(points: Floats) -> Floats:
        away_m = np.hypot(points[:, None, 0] - drones[None, :, 0], points[:, None, 1] - drones[None, :, 1])
        return np.asarray(away_m / 15.0 + 45.0)

    waited_s = times_s(incidents)
    waited_s[rng.random(waited_s.shape) < 1 / 3] = np.inf
    return waited_s, times_s(places), rng.choice([1.0, 2.0, 4.0], INCIDENTS)


def _rows(waited_s: Floats, _: Floats, weights: Floats) -> list[Waiting]:
    """The incidents as the plan at the desk takes them."""
    return [
        Waiting(
            incident_id=str(line),
            grade="",
            rank=0,
            weight=float(weight),
            waited_s=0.0,
            docks={str(column): float(each) for column, each in enumerate(times) if np.isfinite(each)},
        )
        for line, (times, weight) in enumerate(zip(waited_s, weights, strict=True))
    ]


def _reserve(places_s: Floats) -> dict[str, float]:
    lost = losses(costs=WEIGHING.waiting_cost(places_s), share=np.full(PLACES, 1 / PLACES))
    return {str(column): float(each) for column, each in enumerate(lost)}


def _whole(waited_s: Floats, places_s: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Costs and the price of sending nobody, as the dispatcher makes them."""
    lost = losses(costs=WEIGHING.waiting_cost(places_s), share=np.full(PLACES, 1 / PLACES))
    costs = WEIGHING.waiting_cost(waited_s) * weights[:, None] + lost[None, :]
    return costs, weights * WEIGHING.unserved_cost


async def _measure(_folder: Path, say: Say) -> Measured:
    ours, rival = [], []
    for seed in range(CASES):
        case = _case(seed)
        rows = _rows(*case)
        began_s = time.process_time()
        planned = plan_of(rows, {}, weighing=WEIGHING, reserve=_reserve(case[1]))
        ours.append((time.process_time() - began_s) * 1e3)
        costs, unserved = _whole(*case)
        taken = assign(costs, unserved=unserved)
        sent = {int(each.incident_id): int(each.dock_id) for each in planned if each.dock_id is not None}
        shown = np.array([sent.get(line, -1) for line in range(INCIDENTS)])
        if abs(cost_of(shown, costs, unserved=unserved) - cost_of(taken, costs, unserved=unserved)) > 1e-6:
            raise MeasurementFailed(f"case {seed}: the plan is not the assignment of least cost")
        if seed < EXACT_CASES:
            began_s = time.process_time()
            optimum = _optimum(costs, unserved)
            rival.append((time.process_time() - began_s) * 1e3)
            cost = cost_of(taken, costs, unserved=unserved)
            if abs(cost - optimum) > 1e-6 * optimum:
                raise MeasurementFailed(f"case {seed}: the assignment costs {cost}, the optimum is {optimum}")
        await asyncio.sleep(0)
    say(f"p99 of {CASES}: {percentile(ours, 99):.2f} ms; {EXACT_CASES} cost exactly the optimum")
    return Measured(ours=(percentile(ours, 99),), rival=(percentile(rival, 50),))


def _optimum(costs: Floats, unserved: Floats) -> float:
    rows, columns = np.nonzero(np.isfinite(costs))
    prices = np.concatenate([costs[rows, columns], unserved])
    count = len(prices)
    of_incident = csr_array(
        (np.ones(count), (np.concatenate([rows, np.arange(INCIDENTS)]), np.arange(count))), shape=(INCIDENTS, count)
    )
    of_drone = csr_array((np.ones(len(rows)), (columns, np.arange(len(rows)))), shape=(DRONES, count))
    solved = linprog(
        prices, A_eq=of_incident, b_eq=np.ones(INCIDENTS), A_ub=of_drone, b_ub=np.ones(DRONES), method="highs"
    )
    return float(solved.fun)


FIGURE = Figure(
    name="assignment_50_200",
    unit="ms",
    about=f"processor time of the desk's plan for {INCIDENTS} incidents and {DRONES} drones with a reserve over "
    f"{PLACES} places, p99 of {CASES}; rival: the same as a linear programme, whose optimum must be ours",
    measure=_measure,
)
