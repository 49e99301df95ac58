"""A* over a visibility graph with levels: the fastest way from the start to the target through corners and heights."""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from geo.routing.graph import START, TARGET, ViewGraph
from geo.routing.seeking import Seeking
from geo.routing.speed import StraightTimes


@dataclass(frozen=True, slots=True, kw_only=True)
class Vertical:
    """What changes of height cost, in seconds; infinite where they are not allowed."""

    from_home_s: Sequence[float]
    """Up from home, by level."""
    to_watch_s: Sequence[float]
    """To the watch height over the target, by level."""
    least_between_s: Sequence[Sequence[float]]
    """From one level to another, wherever it is cheapest."""
    between_s: Callable[[int, int, int], float]
    """At a point, from one level to another."""

    def leaving_s(self, level: int) -> float:
        """At least what is still to be paid by who must leave a level."""
        others = [i for i in range(len(self.to_watch_s)) if i != level]
        return min((self.least_between_s[level][i] + self.to_watch_s[i] for i in others), default=math.inf)


Step = tuple[int, int]
"""A level and a point of the graph."""


def fastest(graph: ViewGraph, *, times: StraightTimes, vertical: Vertical) -> Seeking[tuple[float, list[Step]] | None]:
    """Seconds and steps from the start to the target; None when there is no way. Of equals, the same one each time."""
    levels = range(len(vertical.from_home_s))
    if len(levels) == 1 and not graph.zones:
        return _straight(graph, times=times, vertical=vertical)
    ahead = graph.points[TARGET] - graph.points
    straight_on: list[float] = times.least(ahead[:, 0], ahead[:, 1]).tolist()
    leaving_s = [vertical.leaving_s(level) for level in levels]
    staying_s = [min(pair) for pair in zip(vertical.to_watch_s, leaving_s, strict=True)]
    taken = np.full((len(levels), len(graph.points)), np.inf)
    came: dict[Step, Step] = {}
    done: set[Step] = set()
    waiting: list[tuple[float, int, int]] = []

    def offer(origin: Step, step: Step, at_s: float) -> None:
        level, point = step
        if point == TARGET:
            rest_s = vertical.to_watch_s[level]
        elif origin[1] != point and not graph.is_corner(level, point):
            rest_s = leaving_s[level]
        else:
            rest_s = staying_s[level]
        taken[level, point] = at_s
        came[step] = origin
        total_s = at_s + straight_on[point] + rest_s
        if total_s < math.inf:
            heapq.heappush(waiting, (total_s, level, point))

    for level in levels:
        taken[level, START] = vertical.from_home_s[level]
        if taken[level, START] < math.inf:
            first_s = float(taken[level, START] + straight_on[START]) + staying_s[level]
            heapq.heappush(waiting, (first_s, level, START))
    least_s = 0.0
    while waiting:
        total_s, level, point = heapq.heappop(waiting)
        here = (level, point)
        if here in done:
            continue
        done.add(here)
        if point == TARGET:
            return total_s, _back(came, here)
        if total_s > least_s:
            least_s = total_s
            yield least_s
        here_s = float(taken[level, point])
        if point != START:
            for other_level in levels:
                at_least_s = here_s + vertical.least_between_s[level][other_level]
                if other_level != level and at_least_s < taken[other_level, point]:
                    at_s = here_s + vertical.between_s(point, level, other_level)
                    if at_s < taken[other_level, point]:
                        offer(here, (other_level, point), at_s)
            if not graph.is_corner(level, point) and came[here][1] != point:
                continue  # who came here straight and does not change height has no reason to bend
        seen = graph.seen_from(level, point)
        way = graph.points[seen] - graph.points[point]
        arrival = here_s + times.seconds(way[:, 0], way[:, 1])
        better = arrival < taken[level, seen]
        for other, at_s in zip(seen[better].tolist(), arrival[better].tolist(), strict=True):
            offer(here, (level, other), at_s)
    return None


def _straight(graph: ViewGraph, *, times: StraightTimes, vertical: Vertical) -> tuple[float, list[Step]] | None:
    """With nothing in the way, and one level."""
    way = graph.points[TARGET:] - graph.points[START]
    total_s = vertical.from_home_s[0] + float(times.seconds(way[:, 0], way[:, 1])[0]) + vertical.to_watch_s[0]
    return (total_s, [(0, START), (0, TARGET)]) if total_s < math.inf else None


def _back(came: dict[Step, Step], last: Step) -> list[Step]:
    steps = [last]
    while steps[-1] in came:
        steps.append(came[steps[-1]])
    return steps[::-1]
