"""Many incidents at once: which drone goes to which, so that the whole is best.

Each pair of an incident and a drone has a price in seconds that somebody waits: the time to scene weighted by the
incident's grade, dearer when it is late, and what the next call loses by the drone's absence
(`dispatcher.decision.reserve`). The assignment with the least sum is exact: the rectangular assignment problem, solved
by `scipy.optimize.linear_sum_assignment` (a modified Jonker-Volgenant algorithm without initialisation: Crouse, "On
implementing 2D rectangular assignment algorithms", IEEE Transactions on Aerospace and Electronic Systems 52(4), 2016).
An incident may stay without a drone, at its own price.

Pure: nothing here sends anything.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from dispatcher.decision.errors import InvalidFactError

Floats = NDArray[np.float64]

LATE_WEIGHT = 15.0
"""Of a second beyond what the fleet reaches at its usual load, found on days that no figure shows
(`docs/explanation/assignment.md`).
"""
_NO_GRADES: Mapping[str, float] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighing:
    """What a force thinks a second is worth, and whose. Raises `InvalidFactError` for figures that cannot be."""

    grade_weights: Mapping[str, float] = field(default_factory=lambda: _NO_GRADES)
    """Seconds of an incident of a grade count so many times; of a grade that is not named, once."""
    late_s: float = 240.0
    """From here on a person waits too long: each further second counts `late_weight` times more."""
    late_weight: float = 3.0
    unserved_s: float = 3_600.0
    """An incident without a drone counts as one that waits so long."""
    reserve_weight: float = 1.0
    """Of what the next calls lose; 0: only today's incidents count."""
    reserve_most_s: float = 240.0
    """What the next calls lose counts no more than so many seconds: somebody waits now."""
    gain_s: float = 60.0
    """A drone in the air is proposed for another incident only when the whole gains more than this."""

    def __post_init__(self) -> None:
        for name in ("late_s", "late_weight", "unserved_s", "reserve_weight", "reserve_most_s", "gain_s"):
            value = getattr(self, name)
            if not (math.isfinite(value) and value >= 0):
                raise InvalidFactError(name, value)
        for grade, weight in self.grade_weights.items():
            if not (math.isfinite(weight) and weight > 0):
                raise InvalidFactError(f"grade_weights[{grade!r}]", weight)

    def late_from(self, late_s: float) -> Weighing:
        """The same where it is known what the fleet reaches (`reserve.lateness_s`): lateness weighs `LATE_WEIGHT`."""
        return replace(self, late_s=late_s, late_weight=LATE_WEIGHT)

    def weight(self, grade: str) -> float:
        """Of an incident of this grade."""
        return self.grade_weights.get(grade, 1.0)

    def waiting_cost(self, waited_s: Floats) -> Floats:
        """What it costs that people wait so long, before the grade's weight; infinite stays infinite."""
        late_s = np.where(np.isfinite(waited_s), np.maximum(0.0, waited_s - self.late_s), 0.0)
        return np.asarray(waited_s + self.late_weight * late_s)

    def reserve_cost(self, lost: Floats, *, calls: float) -> Floats:
        """What sending each drone costs the ``calls`` that are expected while it is away (`reserve.losses`)."""
        return np.minimum(self.reserve_weight * calls * lost, self.reserve_most_s)

    @property
    def unserved_cost(self) -> float:
        """Of an incident without a drone, before the grade's weight."""
        return float(self.waiting_cost(np.array([self.unserved_s]))[0])


def assign(costs: Floats, *, unserved: Floats) -> NDArray[np.intp]:
    """For each incident the drone that takes it, or -1; the sum of costs is the least that there is.

    ``costs`` (incidents, drones) in any one unit, infinite where a drone cannot go; ``unserved`` (incidents,) finite:
    the price of sending nobody. Not a number, and minus infinity, raise `InvalidFactError`.
    """
    incidents, drones = costs.shape
    if np.isnan(costs).any() or np.isneginf(costs).any() or not np.isfinite(unserved).all():
        raise InvalidFactError("costs", "not a number")
    if incidents == 0:
        return np.empty(0, dtype=np.intp)
    # Sending nobody is a drone of the incident's own. Whatever is dearer than that may be cut off just above it: the
    # matrix is finite, and no forbidden pair is taken.
    nobody = unserved[:, None]
    prices = np.where(costs < nobody, costs, nobody + 1.0)
    stay = np.where(np.eye(incidents, dtype=bool), nobody, np.inf)
    rows, columns = linear_sum_assignment(np.hstack([prices, stay]))
    taken = np.full(incidents, -1, dtype=np.intp)
    goes = columns < drones
    goes[goes] = costs[rows[goes], columns[goes]] < unserved[rows[goes]]
    taken[rows[goes]] = columns[goes]
    return taken


def cost_of(taken: NDArray[np.intp], costs: Floats, *, unserved: Floats) -> float:
    """The sum that an assignment costs."""
    lines = np.arange(len(taken))
    sent = taken >= 0
    return float(costs[lines[sent], taken[sent]].sum() + unserved[~sent].sum())
