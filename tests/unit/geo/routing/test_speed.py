"""Times of many stretches at once are those of the wind triangle, one by one."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.flight.performance import Performance
from geo.flight.wind import Wind, ground_speed_m_s
from geo.routing.speed import StraightTimes
from tests.unit.geo.aircraft import performances, winds


@settings(deadline=None)
@given(performance=performances, wind=winds, seed=st.integers(0, 1000))
def test_each_stretch_takes_its_way_at_the_speed_that_the_wind_leaves(
    performance: Performance, wind: Wind, seed: int
) -> None:
    east_m, north_m = np.random.default_rng(seed).normal(0.0, 2_000.0, (2, 12))
    east_m[0] = north_m[0] = 0.0
    taken = StraightTimes(performance=performance, wind=wind).seconds(east_m, north_m)
    assert taken[0] == 0.0
    for east, north, seconds in zip(east_m[1:].tolist(), north_m[1:].tolist(), taken[1:].tolist(), strict=True):
        track_deg = math.degrees(math.atan2(east, north)) % 360.0
        speed = ground_speed_m_s(performance=performance, wind=wind, track_deg=track_deg)
        if speed is None:
            assert seconds == math.inf
        elif math.isfinite(seconds):
            assert seconds == pytest.approx(math.hypot(east, north) / speed, rel=1e-6)
        else:  # on the edge of what is a speed at all the two may differ by a rounding
            assert speed == pytest.approx(1.0, rel=1e-6)
