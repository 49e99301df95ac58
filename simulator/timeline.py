"""Which faults begin and end when: the scenario's, and those that are put in while the world lives."""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable
from dataclasses import dataclass

from simulator.faults import Fault


@dataclass(frozen=True, slots=True, kw_only=True)
class Injected:
    """A fault with its number and its times, in simulation time since the start; ``until_s`` None: for good."""

    number: int
    fault: Fault
    begins_s: float
    until_s: float | None


class Timeline:
    """Calls ``begin`` and ``end`` as time passes. What begins and ends at one moment does so in the order put in."""

    def __init__(self, *, begin: Callable[[Injected], None], end: Callable[[Injected], None], seed: str) -> None:
        self._begin = begin
        self._end = end
        self._random = random.Random(seed)
        self._due: list[tuple[float, int, int]] = []
        self._known: dict[int, Injected] = {}
        self._active: dict[int, Injected] = {}
        self._number = 0
        self._order = 0
        self.next_s = float("inf")
        """When something happens next."""

    @property
    def active(self) -> tuple[Injected, ...]:
        """What lasts now, oldest first."""
        return tuple(self._active.values())

    @property
    def waiting(self) -> tuple[Injected, ...]:
        """What has not begun."""
        return tuple(each for number, each in self._known.items() if number not in self._active)

    def put(self, fault: Fault, *, now_s: float) -> Injected:
        """Put in a fault, its ``at_s`` counted from ``now_s``; it begins with the next step that is not before it."""
        begins_s = now_s + fault.at_s
        if fault.spread_s > 0:
            begins_s += self._random.uniform(0.0, fault.spread_s)
        until_s = None if fault.for_s is None else begins_s + fault.for_s
        self._number += 1
        injected = Injected(number=self._number, fault=fault, begins_s=begins_s, until_s=until_s)
        self._known[injected.number] = injected
        self._push(begins_s, injected.number)
        if until_s is not None:
            self._push(until_s, injected.number)
        return injected

    def take_out(self, number: int) -> Injected | None:
        """End a fault now, or before it has begun; None if there is none of this number."""
        injected = self._known.pop(number, None)
        if injected is not None and self._active.pop(number, None) is not None:
            self._end(injected)
        return injected

    def step(self, sim_s: float) -> None:
        """Do what is due."""
        while self.next_s <= sim_s:
            _, _, number = heapq.heappop(self._due)
            self.next_s = self._due[0][0] if self._due else float("inf")
            injected = self._known.get(number)
            if injected is None:
                continue
            if number in self._active:
                self.take_out(number)
            else:
                self._active[number] = injected
                self._begin(injected)

    def _push(self, at_s: float, number: int) -> None:
        self._order += 1
        heapq.heappush(self._due, (at_s, self._order, number))
        self.next_s = self._due[0][0]
