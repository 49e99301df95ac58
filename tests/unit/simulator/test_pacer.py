"""Keeping pace, on a clock that the test moves."""

from __future__ import annotations

import pytest

from simulator.pacer import Pacer


class Hand:
    """A clock moved by hand."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


@pytest.mark.parametrize("speed", [1.0, 10.0, 0.5])
def test_steps_come_at_the_speed_asked_for(speed: float) -> None:
    clock = Hand()
    pacer = Pacer(clock=clock, step_s=0.02, speed=speed)
    steps = 0
    for _ in range(1000):
        clock.now_s += 0.007
        steps += pacer.due()
    assert steps * 0.02 == pytest.approx(7.0 * speed, abs=0.03 * speed)
    assert pacer.slipped_s == 0


def test_no_step_is_due_before_its_time() -> None:
    clock = Hand()
    pacer = Pacer(clock=clock, step_s=0.02, speed=1)
    clock.now_s += 0.019
    assert pacer.due() == 0
    clock.now_s += 0.002
    assert pacer.due() == 1


def test_a_long_stall_slips_instead_of_racing() -> None:
    clock = Hand()
    pacer = Pacer(clock=clock, step_s=0.02, speed=1)
    clock.now_s += 10.0
    assert pacer.due() <= 14
    assert pacer.slipped_s == pytest.approx(9.73, abs=0.05)
    clock.now_s += 0.02
    assert pacer.due() == 1
