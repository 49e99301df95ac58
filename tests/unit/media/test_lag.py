from __future__ import annotations

import pytest

from media.h264 import CLOCK_HZ
from media.lag import Lag


def late(times_s: list[tuple[float, float]]) -> list[float]:
    """Of pictures taken and come at these times, by two clocks that have nothing to do with each other."""
    lag = Lag()
    return [lag.late_s(round(taken_s * CLOCK_HZ), now_s=1000.0 + came_s) for taken_s, came_s in times_s]


def test_pictures_that_come_as_they_are_taken_are_not_late() -> None:
    assert late([(0.1 * n, 0.1 * n) for n in range(20)]) == pytest.approx([0.0] * 20, abs=1e-3)


def test_what_a_link_holds_back_is_late_by_so_much_and_then_not_any_more() -> None:
    held = [(1.0, 1.0), (1.1, 2.5), (1.2, 2.5), (2.5, 2.5)]
    assert late(held) == pytest.approx([0.0, 1.4, 1.3, 0.0], abs=1e-3)


def test_a_first_picture_that_was_late_is_no_measure_for_the_others() -> None:
    assert late([(0.0, 0.8), (1.0, 1.0), (2.0, 2.8)]) == pytest.approx([0.0, 0.0, 0.8], abs=1e-3)


def test_a_cameras_clock_that_is_a_little_slow_makes_nothing_late() -> None:
    slow = 1 - 1.5e-4
    assert max(late([(60.0 * n * slow, 60.0 * n) for n in range(120)])) < 0.02
