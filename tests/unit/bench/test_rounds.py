"""Rounds alternate; percentiles are by nearest rank."""

from __future__ import annotations

import pytest

from tests.bench.rounds import alternate, percentile


async def test_ours_and_rival_alternate_and_take_turns_to_go_first() -> None:
    order: list[str] = []
    lines: list[str] = []

    async def ours() -> float:
        order.append("ours")
        return float(len(order))

    async def rival() -> float:
        order.append("rival")
        return float(len(order))

    mine, theirs = await alternate(ours, rival, say=lines.append, unit="ms", rounds=3)
    assert order == ["ours", "rival", "rival", "ours", "ours", "rival"]
    assert (mine, theirs) == ([1.0, 4.0, 5.0], [2.0, 3.0, 6.0])
    assert len(lines) == 3


async def test_there_are_five_rounds_unless_said_otherwise() -> None:
    async def once() -> float:
        return 1.0

    mine, theirs = await alternate(once, once, say=lambda _: None, unit="ms")
    assert (len(mine), len(theirs)) == (5, 5)


@pytest.mark.parametrize(
    ("count", "percent", "expected"), [(20, 95, 19), (21, 95, 20), (100, 95, 95), (1, 95, 1), (20, 100, 20), (3, 50, 2)]
)
def test_a_percentile_is_the_value_at_its_nearest_rank(count: int, percent: float, expected: int) -> None:
    assert percentile([float(number) for number in range(count, 0, -1)], percent) == expected


@pytest.mark.parametrize(("values", "percent"), [([], 95), ([1.0], 0), ([1.0], 101)])
def test_a_percentile_of_nothing_or_beyond_all_is_refused(values: list[float], percent: float) -> None:
    with pytest.raises(ValueError):
        percentile(values, percent)
