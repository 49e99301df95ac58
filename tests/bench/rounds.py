"""Rounds in which ours and its rival alternate, so that a slow minute of the machine falls on both; and percentiles."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Sequence

from tests.bench.figure import Say

ROUNDS = 5

Once = Callable[[], Awaitable[float]]


async def alternate(
    ours: Once, rival: Once, *, say: Say, unit: str, rounds: int = ROUNDS
) -> tuple[list[float], list[float]]:
    """Measure both ``rounds`` times; who goes first changes with each round."""
    mine: list[float] = []
    theirs: list[float] = []
    for number in range(rounds):
        for is_ours in (True, False) if number % 2 == 0 else (False, True):
            (mine if is_ours else theirs).append(await (ours() if is_ours else rival()))
        say(f"round {number + 1} of {rounds}: ours {mine[-1]:.4g} {unit}, rival {theirs[-1]:.4g} {unit}")
    return mine, theirs


def percentile(values: Sequence[float], percent: float) -> float:
    """The nearest-rank percentile: the least value that so many percent of all are not above."""
    if not values:
        raise ValueError("no values")
    if not 0 < percent <= 100:
        raise ValueError("percent must be above 0 and at most 100")
    return sorted(values)[math.ceil(percent / 100 * len(values)) - 1]
