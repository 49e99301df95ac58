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


def drained(pacer: Pacer) -> list[int]:
    """Batches until nothing is due."""
    batches = []
    while steps := pacer.due():
        batches.append(steps)
    return batches


def test_a_short_stall_is_made_up_for_in_small_batches() -> None:
    clock = Hand()
    pacer = Pacer(clock=clock, step_s=0.02, speed=10)
    clock.now_s += 0.8
    batches = drained(pacer)
    assert sum(batches) == pytest.approx(400, abs=1)
    assert max(batches) == 25
    assert pacer.slipped_s == 0


def test_a_long_stall_slips_instead_of_racing_and_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    clock = Hand()
    pacer = Pacer(clock=clock, step_s=0.02, speed=1)
    with caplog.at_level("INFO"):
        for _ in range(3):
            clock.now_s += 10.0
            assert sum(drained(pacer)) <= 51
        assert pacer.slipped_s == pytest.approx(27.0, abs=0.1)
        for _ in range(1200):
            clock.now_s += 0.01
            pacer.due()
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]
