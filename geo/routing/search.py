"""A* over a visibility graph with levels: the fastest way from the start to the target through corners and heights."""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from geo.geodesy import Array
from geo.routing.graph import START, TARGET, ViewGraph
from geo.routing.speed import StraightTimes


@dataclass(frozen=True, slots=True, kw_only=True)
class Vertical:
    """What changes of height cost, in seconds; infinite where they are not allowed."""

    from_home_s: Sequence[float]
    """Up from home, by level."""
    to_watch_s: Sequence[float]
    """To the watch height over the target, by level."""
    between_s: Callable[[int, int, int], float]
    """At a point, from one level to another."""


Step = tuple[int, int]
"""A level and a point of the graph."""


def fastest(graph: ViewGraph, *, times: StraightTimes, vertical: Vertical) -> tuple[float, list[Step]] | None:
    """Seconds and steps from the start to the target; None when there is no way. Of equals, the same one each time."""
    levels = len(vertical.from_home_s)
    count = len(graph.points)
    ahead = graph.points[TARGET] - graph.points
    least = times.least(ahead[:, 0], ahead[:, 1]) + min(vertical.to_watch_s)
    taken = np.full((levels, count), np.inf)
    came: dict[Step, Step] = {}
    done: set[Step] = set()
    waiting: list[tuple[float, int, int]] = []
    for level, climb_s in enumerate(vertical.from_home_s):
        if math.isfinite(climb_s):
            taken[level, START] = climb_s
            heapq.heappush(waiting, (climb_s + float(least[START]), level, START))
    while waiting:
        total_s, level, point = heapq.heappop(waiting)
        if (level, point) in done:
            continue
        done.add((level, point))
        if not math.isfinite(total_s):
            return None
        if point == TARGET:
            return total_s, _back(came, (level, point))
        here_s = float(taken[level, point])
        if point != START:
            for other_level in range(levels):
                if other_level != level:
                    at_s = here_s + vertical.between_s(point, level, other_level)
                    if at_s < taken[other_level, point]:
                        step = (other_level, point)
                        _offer(taken, came, waiting, (level, point), step, at_s, float(least[point]), vertical)
            if not graph.is_corner(level, point) and came[level, point][1] != point:
                continue  # who came here straight and does not change height has no reason to bend
        seen = graph.seen_from(level, point)
        way = graph.points[seen] - graph.points[point]
        arrival = here_s + times.seconds(way[:, 0], way[:, 1])
        better = arrival < taken[level, seen]
        for other, at_s in zip(seen[better].tolist(), arrival[better].tolist(), strict=True):
            _offer(taken, came, waiting, (level, point), (level, other), at_s, float(least[other]), vertical)
    return None


def _offer(
    taken: Array,
    came: dict[Step, Step],
    waiting: list[tuple[float, int, int]],
    origin: Step,
    step: Step,
    at_s: float,
    least_s: float,
    vertical: Vertical,
) -> None:
    level, point = step
    taken[level, point] = at_s
    came[step] = origin
    heapq.heappush(waiting, (at_s + (vertical.to_watch_s[level] if point == TARGET else least_s), level, point))


def _back(came: dict[Step, Step], last: Step) -> list[Step]:
    steps = [last]
    while steps[-1] in came:
        steps.append(came[steps[-1]])
    return steps[::-1]
