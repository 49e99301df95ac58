"""The aircraft and the strategies that the tests of `geo` and of the decision share."""

from __future__ import annotations

import math

from hypothesis import strategies as st

from geo.flight.performance import Performance
from geo.flight.position import LatLon
from geo.flight.wind import Wind

PATROL = Performance(
    cruise_m_s=15.0,
    climb_m_s=3.0,
    descent_m_s=1.5,
    acceleration_m_s2=5.0,
    battery_wh=150.0,
    hover_power_w=200.0,
    cruise_power_w=190.0,
    climb_power_w=260.0,
)
"""About the demo's type: 40 minutes of hover."""

HOME: LatLon = (52.4081, -1.5106)

bearings = st.floats(min_value=0, max_value=359.99)
winds = st.builds(Wind, speed_m_s=st.floats(min_value=0, max_value=12), from_deg=bearings)
positions = st.tuples(st.floats(min_value=-89.9, max_value=89.9), st.floats(min_value=-180, max_value=180))
"""Anywhere: high latitudes and the antimeridian included."""
performances = st.builds(
    Performance,
    cruise_m_s=st.floats(min_value=5, max_value=25),
    climb_m_s=st.floats(min_value=1, max_value=8),
    descent_m_s=st.floats(min_value=0.5, max_value=6),
    acceleration_m_s2=st.floats(min_value=1, max_value=8),
    battery_wh=st.floats(min_value=50, max_value=800),
    hover_power_w=st.floats(min_value=80, max_value=900),
    cruise_power_w=st.floats(min_value=80, max_value=900),
    climb_power_w=st.floats(min_value=80, max_value=1200),
    reserve_percent=st.floats(min_value=0, max_value=40),
)


def turned(angle_deg: float, by_deg: float) -> float:
    """The smallest turn between two bearings, 0 to 180."""
    return abs(math.remainder(angle_deg - by_deg, 360.0))
