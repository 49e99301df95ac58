"""The order of options is total, and the same whatever order they come in."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import RankingError
from geo.ranking import rank_key, ranked, steps


@dataclass(frozen=True)
class Entry:
    dock_id: str
    time_to_scene_s: float
    energy_wh: float


entries = st.lists(
    st.builds(
        Entry,
        dock_id=st.text(min_size=1, max_size=4),
        time_to_scene_s=st.floats(0, 5).map(lambda value: round(value, 2)),
        energy_wh=st.floats(0, 2).map(lambda value: round(value, 2)),
    ),
    unique_by=lambda entry: entry.dock_id,
    max_size=12,
)


@given(entries=entries, random=st.randoms(use_true_random=False))
def test_ranking_does_not_depend_on_the_order_of_the_options(entries: list[Entry], random: object) -> None:
    shuffled = list(entries)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert ranked(shuffled) == ranked(entries)
    keys = [rank_key(entry) for entry in ranked(entries)]
    assert keys == sorted(keys)
    assert len(set(keys)) == len(keys)


def test_what_reads_the_same_on_the_screen_is_a_tie() -> None:
    slow_but_thrifty = Entry("dock-b", 61.23, 20.0)
    soonest = Entry("dock-a", 61.19, 30.0)
    assert ranked([soonest, slow_but_thrifty]) == [slow_but_thrifty, soonest]
    assert ranked([Entry("dock-b", 61.21, 20.01), Entry("dock-a", 61.24, 19.99)])[0].dock_id == "dock-a"
    assert ranked([Entry("dock-a", 61.3, 1.0), Entry("dock-b", 61.2, 50.0)])[0].dock_id == "dock-b"


def test_halves_go_up_and_float_dust_does_not_matter() -> None:
    assert steps(0.25, 0.1, "x") == 3
    assert steps(0.1 + 0.2, 0.1, "x") == 3
    assert steps(-0.04, 0.1, "x") == 0


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_cannot_be_compared_is_refused(value: float) -> None:
    with pytest.raises(RankingError) as caught:
        ranked([Entry("dock-1", value, 1.0)])
    assert caught.value.field == "time_to_scene_s"
